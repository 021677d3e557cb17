#pragma once
// One call as a handler sees it. Identity lives here, never in gRPC's AuthContext (that one is per connection).

#include <string>
#include <vector>

#include "libs/base/time.h"

namespace steward::rpc {

// How far a caller reaches. One predicate in the storage layer takes it:
//   ($all OR owner = ANY($members) OR team = ANY($teams))
// An object out of reach answers what a missing one answers, byte for byte.
struct Reach {
  bool all = false;
  std::vector<std::string> members;  // owners within reach, the caller included
  std::vector<std::string> teams;    // teams within reach
};

struct Call {
  std::string method;               // /steward.complaints.v1.ComplaintsService/RegisterTicket
  int worker = 0;                   // index of the worker; its database connection
  std::string caller;               // members/{id} from the token, after mapping
  std::vector<std::string> grants;  // grants of the caller now
  Reach reach;                      // by the method's policy
  std::string peer;                 // SPIFFE service name, or `dev`
  std::string request_id;           // from the request, may be empty
  std::string request_hash;     // SHA-256 (32 bytes) over the deterministic form without request_id
  std::string traceparent;      // W3C, always set
  std::string correlation;      // `x-correlation-id` or the trace id
  std::string authorization;    // passed on to the next service
  int64_t deadline_micros = 0;  // CLOCK_MONOTONIC
  bool HasGrant(std::string_view grant) const;
  Duration TimeLeft() const;
};

}  // namespace steward::rpc
