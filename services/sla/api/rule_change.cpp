#include "services/sla/api/rule_change.h"

#include "libs/base/status.h"
#include "services/sla/storage/rules.h"

namespace steward::sla {
namespace {

absl::Status AlreadyExists(const std::string& name) {
  return Refuse(absl::StatusCode::kAlreadyExists, name + " exists: make a new version of it",
                {.reason = "ALREADY_EXISTS",
                 .metadata = {{"name", name}},
                 .fields = {},
                 .retry_after_ms = {}});
}

absl::Status CheckVersion(const std::string& name, const RuleHead& head, int version) {
  if (version >= 1 && version <= head.newest) {
    return absl::OkStatus();
  }
  return FieldInvalid("version", name + " has versions 1 to " + std::to_string(head.newest));
}

}  // namespace

absl::Status RunChange(const service::Env& env, rpc::Call& call,
                       google::protobuf::Message* response, const RuleKind& kind,
                       const std::string& name, const RuleChange& change) {
  return service::RunCommand(
      env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({ExclusiveRuleset(), pg::LockKey::Exclusive(name)});
        command.Find();
        const pg::Pending head = kind.head(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        return command.Answered() ? absl::OkStatus() : change(tx, command, ReadHead(head));
      });
}

absl::Status Announce(const service::Env& env, pg::Tx& tx, service::Command& command,
                      const std::string& name, const RuleHead& head,
                      const std::vector<events::v1::SlaEvent>& messages) {
  QueueBumpRevision(tx);
  int64_t version = head.aggregate_version - static_cast<int64_t>(messages.size());
  std::vector<eventing::NewEvent> events;
  for (const events::v1::SlaEvent& message : messages) {
    events.push_back(
        eventing::MakeEvent(*env.ids, command.now(), name, ++version, command.now(), message));
  }
  return command.Append(events);
}

absl::StatusOr<RuleHead> AddVersion(const std::string& name, const std::optional<RuleHead>& head,
                                    bool first) {
  if (first && head) {
    return AlreadyExists(name);
  }
  if (!first && !head) {
    return NotFound(name);
  }
  RuleHead next = head.value_or(RuleHead{});
  next.newest += 1;
  next.aggregate_version += 1;
  return next;
}

absl::StatusOr<StoredVersion> ReadVersion(pg::Tx& tx, const RuleKind& kind, const std::string& name,
                                          const std::optional<RuleHead>& head, int wanted) {
  if (!head) {
    return NotFound(name);
  }
  RETURN_IF_ERROR(CheckVersion(name, *head, wanted));
  const pg::Pending row = kind.version(tx, name, wanted);
  RETURN_IF_ERROR(tx.Flush());
  return StoredVersion{*head, wanted, row};
}

absl::Status ReadRule(const service::Env& env, rpc::Call& call, const char* label,
                      const RuleKind& kind, const std::string& name, int wanted,
                      const std::function<void(const StoredVersion&)>& answer) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env, call));
  return pg::RunInTx(
      *connection, {.budget = call.TimeLeft(), .name = label}, [&](pg::Tx& tx) -> absl::Status {
        const pg::Pending row = kind.head(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        const std::optional<RuleHead> head = ReadHead(row);
        const int current = !head ? 0 : head->active > 0 ? head->active : head->newest;
        ASSIGN_OR_RETURN(const StoredVersion stored,
                         ReadVersion(tx, kind, name, head, wanted == 0 ? current : wanted));
        answer(stored);
        return absl::OkStatus();
      });
}

}  // namespace steward::sla
