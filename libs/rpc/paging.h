#pragma once
// Page tokens, filters and orders of list methods (AIP-132, 158, 160: a documented subset).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace steward::rpc {

// 0 = 50, above 200 = 200, negative = INVALID_ARGUMENT naming `page_size`.
absl::StatusOr<int> PageSize(int requested);

// Opaque, URL-safe, bound to the query by an HMAC: a token of another method, filter or order is INVALID_ARGUMENT
// with reason PAGE_TOKEN_INVALID. `query` = method + everything that must stay the same; `cursor` = the keyset position.
class PageTokens {
 public:
  explicit PageTokens(std::string secret) : secret_(std::move(secret)) {}
  std::string Make(std::string_view query, const std::vector<std::string>& cursor) const;
  // Empty token = empty cursor.
  absl::StatusOr<std::vector<std::string>> Read(std::string_view query,
                                                std::string_view token) const;

 private:
  std::string secret_;
};

// INVALID_ARGUMENT, reason PAGE_TOKEN_INVALID: what a token holds is not a place in this list (another release wrote it).
absl::Status BadPageToken();
absl::StatusOr<int64_t> CursorNumber(const std::string& text);
// Where a page of a history ended: a version may have several changes.
struct HistoryCursor {
  int64_t version = 0;
  int64_t part = 0;  // changes of that version already shown
};
absl::StatusOr<HistoryCursor> ReadHistoryCursor(const std::vector<std::string>& cursor);

// `a = "x" AND b != "y" AND c >= "2026-01-01T00:00:00Z"`. Values quoted or bare words; joined by AND only.
struct FilterTerm {
  std::string field;
  std::string op;  // = != < <= > >=
  std::string value;
};
// `fields` maps each allowed field to its allowed operators, for example {"kind", "= !="}. Errors name `filter`
// and the term, and list what is allowed.
absl::StatusOr<std::vector<FilterTerm>> ParseFilter(
    std::string_view filter, const std::map<std::string, std::string>& fields);
// Narrows a range, both ends inclusive, by a term whose value is a time; INVALID_ARGUMENT naming `filter` when it is none.
[[nodiscard]] absl::Status NarrowTime(const FilterTerm& term, Time& from, Time& to);

}  // namespace steward::rpc
