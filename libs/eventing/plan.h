#pragma once
// Internal: what to do with each record of a batch. Pure: given what the database has seen and parked.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/eventing/envelope.h"

namespace steward::eventing {

// The last version of an aggregate that was applied.
struct Seen {
  int64_t version = 0;
  Uuid event_id;
};

// The lowest parked record of an aggregate; version 0 = one whose version is not readable.
struct ParkedHead {
  int64_t version = 0;
  std::string reason;
};

enum class Verdict { kApply, kRepeat, kPark };

struct Decision {
  Verdict verdict = Verdict::kApply;
  std::string_view reason;  // of kPark
  std::string text;         // of kPark
};

struct Plan {
  std::vector<Decision> decisions;   // one a record, in the batch's order
  std::map<std::string, Seen> seen;  // after the batch, of the aggregates that gained a version
  // Aggregates whose lowest parked record waits for nothing any more: to be released after the commit.
  std::vector<std::string> release;
};

// Rules, in this order, of a record with version v of an aggregate that was seen up to s:
//   no readable key: parked alone
//   v < s, or v = s with the same event id: a repeat (ignored)
//   v = s with another event id: parked `diverged`
//   a parked record of the aggregate with a version <= v: parked `behind`
//   not decodable: parked with its reason
//   v > s + 1: parked `gap`; else applied
// What is parked holds back everything later of its aggregate.
Plan PlanBatch(const std::vector<Decoded>& batch, const std::map<std::string, Seen>& seen,
               const std::map<std::string, ParkedHead>& parked);

}  // namespace steward::eventing
