#pragma once
// Data of a service that ships in protobuf's text form, so that its schema is the API's.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/base/status.h"

namespace steward::service {

// INVALID_ARGUMENT names line, column and the first fault.
[[nodiscard]] absl::Status ParseTextData(std::string_view text, google::protobuf::Message* data);
// The file's bytes; INVALID_ARGUMENT when it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& file);

// What `parse` makes of the file, or of `shipped` for an empty path. A fault begins with the file's name.
template <class T>
absl::StatusOr<T> LoadTextData(const std::string& file, std::string_view shipped,
                               absl::StatusOr<T> (*parse)(std::string_view)) {
  if (file.empty()) {
    return parse(shipped);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  absl::StatusOr<T> data = parse(text);
  if (!data.ok()) {
    return absl::InvalidArgumentError(file + ": " + std::string(FromAbsl(data.status().message())));
  }
  return data;
}

}  // namespace steward::service
