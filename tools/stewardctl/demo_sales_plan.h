#pragma once
// deploy/demo/sales: the four files, and the line of business that follows from a won opportunity. The rules stand in that folder's README.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace stewardctl {

struct SalesAgent {
  std::string name, manager, region;  // as in the file
};
struct SalesAccount {
  std::string name, sector, location;
  double revenue = 0;  // millions of USD
};
struct SalesPayment {
  absl::CivilDay day;
  int instalment = 0;
  bool refund = false;
  int64_t cents = 0;
};
// One row of sales_pipeline.csv; days are moved.
struct SalesRow {
  std::string id, agent, product, account,
      stage;          // stage: `prospecting`, `engaging`, `won`, `lost`
  int64_t place = 0;  // rows before it in the file
  absl::CivilDay opened;
  std::optional<absl::CivilDay> closed;
  int64_t cents = 0;
  // Of a won one; unset = after `until`.
  std::optional<absl::CivilDay> delivered, accepted;
  std::vector<SalesPayment> payments;  // in the order of their days
};
struct SalesFiles {
  std::vector<SalesAgent> agents;
  std::vector<SalesAccount> accounts;         // highest revenue first
  std::map<std::string, std::string> series;  // by product
  std::vector<SalesRow> rows;
};

// `until` is the last day of which something is known. INVALID_ARGUMENT names file, line and column. `limit` rows at most; 0 = all.
absl::StatusOr<SalesFiles> ReadSales(const std::string& folder, int64_t shift_days,
                                     absl::CivilDay until, int64_t limit);

// Whole weeks that take the last day of the files to the last Sunday before `today`.
int64_t SalesShift(absl::CivilDay today);

// `Maxwell & Sons` -> `maxwell-sons`.
std::string Slug(std::string_view text);
// The first 8 bytes of SHA-256 of the text after `steward/`.
uint64_t SalesNumber(const std::string& text);

}  // namespace stewardctl
