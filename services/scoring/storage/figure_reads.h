#pragma once
// What a figure of a subject over some days is reckoned from.

#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/decimal.h"
#include "services/scoring/storage/measure_reads.h"

namespace steward::scoring {

// Every sum of the subject over these days; `day` is not set.
pg::Pending QueueSums(pg::Tx& tx, const std::string& subject, const Days& days);
std::vector<DaySum> ReadSums(const pg::Result& rows);

// Customers with standing facts of a measure in these days; `first` of them have their first one ever there, of this subject.
struct CustomerCount {
  int64_t all = 0;
  int64_t first = 0;
};
pg::Pending QueueCustomers(pg::Tx& tx, const FactQuery& query);
CustomerCount ReadCustomers(const pg::Result& rows);

// Standing values of a measure, one for each aggregate.
pg::Pending QueueValues(pg::Tx& tx, const FactQuery& query);
std::vector<int64_t> ReadValues(const pg::Result& rows);

// Facts of a query that were there at an instant (nullopt = all), and those that came later.
struct FactCount {
  int64_t before = 0, later = 0;
};
pg::Pending QueueFactCount(pg::Tx& tx, const FactQuery& query, std::optional<Time> until);
FactCount ReadFactCount(const pg::Result& rows);

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
pg::Pending QueueGiven(pg::Tx& tx, const std::string& kpi, const std::string& subject,
                       const Days& days);
absl::StatusOr<std::vector<Given>> ReadGiven(const pg::Result& rows);
absl::StatusOr<Given> ReadGivenRow(const pg::Result& rows, int row);

}  // namespace steward::scoring
