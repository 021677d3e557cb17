#pragma once
// Collects the faults of a request while it is read, so that one answer names all of them.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace steward::rpc {

class Faults {
 public:
  static constexpr size_t kCodeLength = 64;

  // Fields are named below `path`; empty = as they are given.
  explicit Faults(std::string_view path = "")
      : path_(path.empty() ? "" : std::string(path) + ".") {}

  // The fields of a refusal that names them already. Any other error is kept too: it is answered once no field is at fault.
  void Add(const absl::Status& status) {
    if (status.ok()) {
      return;
    }
    std::optional<Refusal> refusal = RefusalOf(status);
    if (!refusal || refusal->fields.empty()) {
      if (other_.ok()) {
        other_ = status;
      }
      return;
    }
    for (FieldViolation& field : refusal->fields) {
      fields_.push_back(std::move(field));
    }
  }
  void Add(const std::string& field, std::string description) {
    fields_.push_back({path_ + field, std::move(description)});
  }
  std::string Text(const std::string& field, const std::string& value, size_t max) {
    Add(CheckText(path_ + field, value, max));
    return value;
  }
  // One line; by default of a code's length, which goes into events.
  std::string Line(const std::string& field, const std::string& value, size_t max = kCodeLength) {
    if (value.find_first_of("\r\n\t") != std::string::npos) {
      Add(field, "is one line: no line breaks or tabs");
    }
    return Text(field, value, max);
  }
  // `{collection}/{id}`, or empty.
  std::string Name(const std::string& field, std::string_view collection,
                   const std::string& value) {
    if (!value.empty()) {
      Add(CheckName(path_ + field, collection, value));
    }
    return value;
  }
  absl::Status status() const { return fields_.empty() ? other_ : FieldsInvalid(fields_); }

 private:
  std::string path_;
  std::vector<FieldViolation> fields_;
  absl::Status other_;  // the first one that names no field
};

}  // namespace steward::rpc
