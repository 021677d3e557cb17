#pragma once
// Files of rows, CSV or JSON lines, read into one message a row. A row at fault is reported with its line, field and reason, and the
// others go on.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/base/time.h"

namespace stewardctl {

struct RowFault {
  int line = 0;  // of the file, where the row begins
  std::string field, reason;
  friend bool operator==(const RowFault&, const RowFault&) = default;
};

// What a row is read into: its columns are fields below `resource` of the request, but for those of the request itself.
struct RowShape {
  const google::protobuf::Message* request = nullptr;  // default instance: CreateLeadRequest
  std::string resource;                                // `lead`
  std::vector<std::string> own;                        // `rule`, `owner`
};
struct Row {
  int line = 0;
  std::unique_ptr<google::protobuf::Message> request;
};
struct Rows {
  std::vector<Row> good;
  std::vector<RowFault> faults;
  int total = 0;
};

// By the file's name: `.csv` with a header of field paths (`external_id,person.phone`), or `.jsonl` with one object a line.
// INVALID_ARGUMENT when it cannot be divided into rows, or a column is no field.
absl::StatusOr<Rows> ReadRows(const std::string& file, std::string_view text, const RowShape& shape,
                              steward::Time now);

// `requests[3].lead.source` -> 3 and `source`; -1 when the field is of no row.
struct FieldOfRow {
  int row = -1;
  std::string field;
};
FieldOfRow SplitField(std::string_view field, const std::string& resource);

// A UUID that is the same for the same bytes, so that a repeated import finds its first answer.
std::string RequestIdFor(const google::protobuf::Message& request);

}  // namespace stewardctl
