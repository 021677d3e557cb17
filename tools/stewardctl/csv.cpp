#include "tools/stewardctl/csv.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/status.h"

namespace stewardctl {
namespace {

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(steward::ToAbsl(text));
}

// Reads one row after another.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool AtEnd() const { return at_ >= text_.size(); }

  absl::StatusOr<CsvRow> Next() {
    CsvRow row{line_, {}};
    while (true) {
      ASSIGN_OR_RETURN(std::string cell, Cell());
      row.cells.push_back(std::move(cell));
      if (!Skip(',')) {
        break;
      }
    }
    Skip('\r');
    Skip('\n');
    ++line_;
    return row;
  }

 private:
  bool Skip(char c) {
    const bool there = !AtEnd() && text_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }

  absl::StatusOr<std::string> Cell() {
    const bool quoted = Skip('"');
    return quoted ? Quoted() : absl::StatusOr<std::string>(Plain());
  }

  std::string Plain() {
    const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    return std::string(text_.substr(std::exchange(at_, end), end - at_));
  }

  absl::StatusOr<std::string> Quoted() {
    const int begin = line_;
    std::string cell;
    while (!AtEnd()) {
      const char c = text_[at_++];
      if (c == '"' && !Skip('"')) {
        return cell + Plain();
      }
      line_ += c == '\n' ? 1 : 0;
      cell += c;
    }
    return Invalid("line " + std::to_string(begin) + ": a quote begins here and never ends");
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::optional<size_t> Csv::Column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt : std::optional<size_t>(found - header.begin());
}

absl::StatusOr<Csv> ParseCsv(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Csv csv;
  Reader reader(text);
  while (!reader.AtEnd()) {
    ASSIGN_OR_RETURN(CsvRow row, reader.Next());
    if (row.cells.size() == 1 && row.cells[0].empty()) {
      continue;
    }
    if (csv.header.empty()) {
      csv.header = std::move(row.cells);
    } else {
      csv.rows.push_back(std::move(row));
    }
  }
  if (csv.header.empty()) {
    return Invalid("there is no header");
  }
  std::set<std::string> names;
  for (const std::string& name : csv.header) {
    if (!names.insert(name).second) {
      return Invalid("the header names column `" + name + "` twice");
    }
  }
  return csv;
}

}  // namespace stewardctl
