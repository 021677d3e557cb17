#include "libs/service/command.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/runtime/failpoint.h"

namespace steward::service {
namespace {

constexpr int64_t kTwinRetryMs = 50;

std::string ShortName(std::string_view method) {
  return std::string(method.substr(method.rfind('/') + 1));
}

absl::Status DeadlinePassed() {
  return Refuse(absl::StatusCode::kDeadlineExceeded,
                "the deadline passed before the command could run", {.reason = "DEADLINE_PASSED"});
}

void CountReplay(const Env& env, const rpc::Call& call) {
  if (env.metrics != nullptr) {
    ReplayCounter(*env.metrics, ShortName(call.method)).Add();
  }
}

// A twin with the same request_id committed first: its answer is ours.
absl::Status AnswerOfTwin(const Env& env, pg::Connection& connection, const rpc::Call& call,
                          const idempotency::Key& key, google::protobuf::Message* response) {
  std::optional<std::string> stored;
  RETURN_IF_ERROR(pg::RunInTx(connection, {.budget = call.TimeLeft(), .name = "twin"},
                              [&](pg::Tx& tx) -> absl::Status {
                                idempotency::Lookup lookup = idempotency::Find(tx, key);
                                RETURN_IF_ERROR(tx.Flush());
                                ASSIGN_OR_RETURN(stored, lookup.Get());
                                return absl::OkStatus();
                              }));
  if (!stored) {  // the twin's row is gone already: nothing tells what it answered
    return Refuse(absl::StatusCode::kAborted,
                  "another call with this request_id was at work; repeat",
                  {.reason = "CONCURRENT_TWIN",
                   .metadata = {},
                   .fields = {},
                   .retry_after_ms = kTwinRetryMs});
  }
  if (!response->ParseFromString(*stored)) {
    return absl::InternalError("a stored response does not parse");
  }
  CountReplay(env, call);
  return absl::OkStatus();
}

}  // namespace

metrics::Counter ReplayCounter(metrics::Registry& registry, std::string_view method) {
  return registry.GetCounter("steward_idempotent_replays_total",
                             "Answers repeated from a request_id.",
                             {{"grpc_method", std::string(method)}});
}

Command::Command(pg::Tx& tx, const Env& env, const rpc::Call& call,
                 google::protobuf::Message* response)
    : tx_(tx),
      env_(env),
      response_(response),
      key_{call.method, call.caller, call.request_id, call.request_hash},
      origin_{call.caller, call.correlation, "", call.traceparent},
      now_(env.clock->Now()) {}

void Command::Find() {
  lookup_ = idempotency::Find(tx_, key_);
  finding_ = true;
}

bool Command::Answered() {
  if (!finding_) {
    return false;
  }
  absl::StatusOr<std::optional<std::string>> stored = lookup_.Get();
  if (!stored.ok()) {
    error_ = stored.status();
    return true;
  }
  if (!stored->has_value()) {
    return false;
  }
  answered_ = true;
  if (!response_->ParseFromString(**stored)) {
    error_ = absl::InternalError("a stored response does not parse");
  }
  return true;
}

void Command::Claim(std::string_view aggregate) {
  claimed_ = response_->SerializeAsString();
  idempotency::Claim(tx_, key_, claimed_, aggregate);
}

absl::Status Command::Append(const std::vector<eventing::NewEvent>& events) {
  RETURN_IF_ERROR(eventing::Append(tx_, origin_, events, *env_.topic_message));
  if (env_.relay != nullptr && !events.empty()) {
    tx_.AfterCommit([relay = env_.relay] { relay->Poke(); });
  }
  return absl::OkStatus();
}

absl::Status Command::Outcome() const {
  RETURN_IF_ERROR(error_);
  // A response that changed after its claim would be answered once and never again.
  if (!answered_ && !claimed_.empty() && !key_.request_id.empty() &&
      claimed_ != response_->SerializeAsString()) {
    return absl::InternalError("the response changed after it was claimed");
  }
  return absl::OkStatus();
}

absl::Status RunCommand(const Env& env, const rpc::Call& call, google::protobuf::Message* response,
                        const std::function<absl::Status(pg::Tx&, Command&)>& body) {
  ASSIGN_OR_RETURN(pg::Connection * connection, env.db->Get(call.worker));
  Duration budget = call.TimeLeft();
  if (budget <= Duration{0}) {
    return DeadlinePassed();
  }
  const Time now = env.clock->Now();
  const std::string name = ShortName(call.method);
  bool answered = false;
  absl::Status status = pg::RunInTx(*connection, {.budget = budget, .name = name.c_str()},
                                    [&](pg::Tx& tx) -> absl::Status {
                                      response->Clear();
                                      Command command(tx, env, call, response);
                                      command.now_ = now;
                                      RETURN_IF_ERROR(body(tx, command));
                                      RETURN_IF_ERROR(command.Outcome());
                                      answered = command.answered_;
                                      return runtime::Failpoint("tx.before_commit");
                                    });
  if (idempotency::IsTwin(status)) {
    response->Clear();
    return AnswerOfTwin(env, *connection, call,
                        {call.method, call.caller, call.request_id, call.request_hash}, response);
  }
  RETURN_IF_ERROR(status);
  if (answered) {
    CountReplay(env, call);
  }
  return runtime::Failpoint("rpc.after_commit_before_reply");
}

absl::StatusOr<pg::Connection*> ReadConnection(const Env& env, const rpc::Call& call) {
  return env.db->Get(call.worker);
}

}  // namespace steward::service
