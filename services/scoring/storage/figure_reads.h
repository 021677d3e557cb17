#pragma once
// What a figure of a subject over some days is reckoned from.

#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/decimal.h"
#include "services/scoring/storage/measure_reads.h"

namespace steward::scoring {

// Every sum of the subject over these days; `day` is not set.
absl::StatusOr<std::vector<DaySum>> ReadSums(pg::Connection& db, const std::string& subject,
                                             const Days& days, Duration timeout);

// Customers with standing facts of a measure in these days; `first` of them have their first one ever there, of this subject.
struct CustomerCount {
  int64_t all = 0;
  int64_t first = 0;
};
absl::StatusOr<CustomerCount> CountCustomers(pg::Connection& db, const FactQuery& query,
                                             Duration timeout);

// Standing values of a measure, one for each aggregate.
absl::StatusOr<std::vector<int64_t>> ReadValues(pg::Connection& db, const FactQuery& query,
                                                Duration timeout);

struct Given {
  std::string source, external_id;
  int64_t version = 0;
  std::string kpi, subject;
  absl::CivilDay day;
  Decimal value;
  std::string rater, evidence, recorder;
  Time record_time;
};
// The latest version of each measurement, by day.
absl::StatusOr<std::vector<Given>> ReadGiven(pg::Connection& db, const std::string& kpi,
                                             const std::string& subject, const Days& days,
                                             Duration timeout);
absl::StatusOr<Given> ReadGivenRow(const pg::Result& rows, int row);

}  // namespace steward::scoring
