#pragma once
// steward.operations.v1, served by every process: version, status, parked records, changes.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/eventing/consumer.h"
#include "libs/eventing/relay.h"
#include "libs/pg/pool.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"

namespace steward::eventing {

struct OperationsDeps {
  std::string service, version, revision, profile;
  pg::WorkerConnections* db = nullptr;
  const Clock* clock = nullptr;
  Relay* relay = nullptr;      // may be null
  RelayOptions relay_options;  // for CheckOutbox; an empty topic = there is no relay
  metrics::Registry* registry = nullptr;
  Consumer* consumer = nullptr;      // may be null
  Projection* projection = nullptr;  // for release; may be null
  ConsumerOptions consumer_options;  // group and inputs; empty group = no consumer
  const rpc::PageTokens* tokens = nullptr;
  std::function<std::map<std::string, std::string>()> extra;  // may be empty
};

// Adds the methods of OperationsService to the server, but for those of denied tokens (libs/identity/deny_list.h). The object must
// outlive the server.
class Operations {
 public:
  explicit Operations(OperationsDeps deps);
  ~Operations();
  void AddTo(rpc::Server& server);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Applies parked records that can be applied now, aggregate by aggregate in version order, each under the lock of its key
// (ruling H7). At start a service calls it for records it now understands (ruling H19).
struct ReleaseRequest {
  std::vector<int64_t> ids;  // empty = by key and reason
  std::string key, reason;
  bool dry_run = false;
};
struct ReleaseOutcome {
  int64_t released = 0;
  int64_t still_parked = 0;
  std::vector<int64_t> tried;
};
absl::StatusOr<ReleaseOutcome> ReleaseParked(pg::Connection& connection,
                                             const ConsumerOptions& options, Projection& projection,
                                             const ReleaseRequest& request);

}  // namespace steward::eventing
