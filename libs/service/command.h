#pragma once
// The frame of every command handler: idempotency, one transaction, journal, poke of the relay.
//
//   return service::RunCommand(env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
//     tx.Lock({pg::LockKey::Exclusive(request.name())});      // 1 locks, before anything that writes
//     command.Find();                                          // 2 was this request answered before?
//     auto row = QueueLoad(tx, request.name(), call.reach);    //   and the aggregate, in the same round trip
//     RETURN_IF_ERROR(tx.Flush());
//     if (command.Answered()) { return absl::OkStatus(); }     //   the stored answer is in `response`
//     ... pure domain function, fill *response ...
//     command.Claim(request.name());                           // 3 first of the writes: stores *response under the key
//     QueueSave(tx, ...);
//     return command.Append({...});                            // 4 journal; COMMIT follows in the same round trip
//   });

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/eventing/journal.h"
#include "libs/eventing/relay.h"
#include "libs/idempotency/idempotency.h"
#include "libs/metrics/registry.h"
#include "libs/pg/pool.h"
#include "libs/pg/tx.h"
#include "libs/rpc/call.h"

namespace steward::service {

// What handlers of one service share. Plain pointers; everything outlives the server.
struct Env {
  std::string service;
  pg::WorkerConnections* db = nullptr;
  const Clock* clock = nullptr;
  IdGenerator* ids = nullptr;
  eventing::Relay* relay = nullptr;  // may be null in tests
  metrics::Registry* metrics = nullptr;
  const google::protobuf::Message* topic_message =
      nullptr;  // default instance of the service's topic message
};

class Command {
 public:
  Command(pg::Tx& tx, const Env& env, const rpc::Call& call, google::protobuf::Message* response);
  const eventing::Origin& origin() const { return origin_; }
  Time now() const { return now_; }  // the same through all attempts of one call
  void Find();
  // After a Flush. True: answered before, `response` is filled. A reused id with another body crashes nothing: the
  // error is kept and RunCommand answers it.
  bool Answered();
  void Claim(std::string_view aggregate);
  [[nodiscard]] absl::Status Append(const std::vector<eventing::NewEvent>& events);

 private:
  friend absl::Status RunCommand(const Env&, const rpc::Call&, google::protobuf::Message*,
                                 const std::function<absl::Status(pg::Tx&, Command&)>&);
  absl::Status Outcome() const;
  pg::Tx& tx_;
  const Env& env_;
  google::protobuf::Message* response_;
  idempotency::Key key_;
  idempotency::Lookup lookup_;
  eventing::Origin origin_;
  Time now_;
  bool finding_ = false;
  bool answered_ = false;  // the stored response is in *response_
  std::string claimed_;    // bytes of the response as claimed
  absl::Status error_;
};

// The counter of answers that were repeated; made with 0 for every command at start.
metrics::Counter ReplayCounter(metrics::Registry& registry, std::string_view method);

[[nodiscard]] absl::Status RunCommand(const Env& env, const rpc::Call& call,
                                      google::protobuf::Message* response,
                                      const std::function<absl::Status(pg::Tx&, Command&)>& body);

// A read: the worker's connection, or UNAVAILABLE.
[[nodiscard]] absl::StatusOr<pg::Connection*> ReadConnection(const Env& env, const rpc::Call& call);

}  // namespace steward::service
