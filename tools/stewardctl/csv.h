#pragma once
// CSV files (RFC 4180): quoted cells may hold commas, quotes and line breaks.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace stewardctl {

struct CsvRow {
  int line = 0;  // of the file, where the row begins; the header is line 1
  std::vector<std::string> cells;
};

struct Csv {
  std::vector<std::string> header;
  std::vector<CsvRow> rows;  // not checked: a row may have more or fewer cells than the header
  std::optional<size_t> Column(std::string_view name) const;
};

// Empty lines are skipped, and a byte order mark. INVALID_ARGUMENT: no header, a column twice, a quote that never ends.
absl::StatusOr<Csv> ParseCsv(std::string_view text);

}  // namespace stewardctl
