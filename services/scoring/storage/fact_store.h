#pragma once
// Facts, their daily sums, and the state of the aggregates that they come from.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/pg/tx.h"
#include "services/scoring/domain/fact.h"

namespace steward::scoring {

// Whoever writes facts and their sums holds it exclusively.
inline constexpr char kSumsLock[] = "scoring/measure_day";

// The event that a fact or a taking back belongs to.
struct FactKey {
  Uuid event_id;
  std::string aggregate;
  int64_t version = 0;
  Time occurred_at;
  absl::CivilDay day;
};

// Gathers rows and queues them in order. Both statements add to measure_day what they add to fact, so the sums follow in the same
// transaction; a row that is there already adds nothing.
class FactWriter {
 public:
  explicit FactWriter(pg::Tx& tx) : tx_(tx) {}
  void Add(const FactKey& key, const std::vector<Step>& steps);
  // What is still gathered, and that the sums of these measures changed. Last.
  void Finish();

 private:
  struct Row {
    FactKey key;
    Fact fact;
    int part;
  };
  void Queue(const FactKey& key, const TakeBack& back, int from_part);
  void QueueRows();
  pg::Tx& tx_;
  std::vector<Row> rows_;
  std::set<std::string> measures_;
};

pg::Pending QueueLoadSources(pg::Tx& tx, const std::vector<std::string>& aggregates);
std::map<std::string, Source> ReadSources(const pg::Result& result);
struct VersionedSource {
  int64_t version = 0;
  Source source;
};
void QueueSources(pg::Tx& tx, const std::map<std::string, VersionedSource>& sources);

// Reckons all sums anew from the facts and writes those that are not as stored. In a transaction that holds kSumsLock.
struct SumChanges {
  int64_t removed = 0, corrected = 0, added = 0;
};
absl::StatusOr<SumChanges> RebuildDays(pg::Tx& tx);
// The same in a transaction of its own, however long it takes. Facts wait meanwhile, readers see the sums of before until it is done.
absl::StatusOr<SumChanges> RebuildSums(pg::Connection& db);

}  // namespace steward::scoring
