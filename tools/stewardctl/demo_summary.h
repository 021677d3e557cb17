#pragma once
// What came of a replay: tickets, clocks, promises met and breached.

#include <map>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "steward/sla/v1/sla.pb.h"
#include "tools/stewardctl/demo_history.h"

namespace stewardctl {

// A promise that ended after it was due, or is overdue.
struct Overrun {
  std::string ticket, external_id, policy;
  steward::Time due;
  bool open = false;
  steward::Duration by;
};

// Of the clocks of the replayed tickets.
struct Promises {
  int clocks = 0, met = 0, breached = 0, open = 0, cancelled = 0;  // an open one may be breached
  std::vector<Overrun> worst;                                      // longest first
};
// `numbers`: the file's number by ticket name.
Promises CountPromises(const std::vector<steward::sla::v1::Clock>& clocks,
                       const std::map<std::string, std::string>& numbers, steward::Time now,
                       size_t worst);

struct ReplaySummary {
  int fresh = 0, unchanged = 0, failed = 0, left_open = 0, moved_rows = 0, rows = 0;
  std::vector<BadRow> problems;  // bad rows, and tickets that were refused
  Promises promises;
  int escalations = 0, without_clock = 0;
  steward::Duration shift, took;
  steward::Time first, last;  // of the shifted time line
};
std::string SummaryTable(const ReplaySummary& summary, bool color);
// One object; on one line or indented.
std::string SummaryJson(const ReplaySummary& summary, bool line);

}  // namespace stewardctl
