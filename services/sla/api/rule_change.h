#pragma once
// What changes and reads of calendars and policies have in common.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/service/command.h"
#include "services/sla/storage/rule_store.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::sla {

// Where the two differ in the database.
struct RuleKind {
  pg::Pending (*head)(pg::Tx&, const std::string&);
  pg::Pending (*version)(pg::Tx&, const std::string&, int);
};
inline constexpr RuleKind kCalendarKind{QueueCalendarHead, QueueCalendarVersion};
inline constexpr RuleKind kPolicyKind{QueuePolicyHead, QueuePolicyVersion};

// How a change begins: the locks and the rule's head. `change` runs unless the request was answered before.
using RuleChange =
    std::function<absl::Status(pg::Tx&, service::Command&, const std::optional<RuleHead>& head)>;
absl::Status RunChange(const service::Env& env, rpc::Call& call,
                       google::protobuf::Message* response, const RuleKind& kind,
                       const std::string& name, const RuleChange& change);
// How it ends: a new revision and the events, of which the last is the head's version.
absl::Status Announce(const service::Env& env, pg::Tx& tx, service::Command& command,
                      const std::string& name, const RuleHead& head,
                      const std::vector<events::v1::SlaEvent>& messages);

// The head with one more version. A first version wants no head before it, a later one wants one.
absl::StatusOr<RuleHead> AddVersion(const std::string& name, const std::optional<RuleHead>& head,
                                    bool first);

// One version of a known rule as it is stored.
struct StoredVersion {
  RuleHead head;
  int version;
  pg::Pending row;  // spec, create_time ...
};
absl::StatusOr<StoredVersion> ReadVersion(pg::Tx& tx, const RuleKind& kind, const std::string& name,
                                          const std::optional<RuleHead>& head, int wanted);
// The same as a read of its own; `wanted` = 0: the version in force, else the newest.
absl::Status ReadRule(const service::Env& env, rpc::Call& call, const char* label,
                      const RuleKind& kind, const std::string& name, int wanted,
                      const std::function<void(const StoredVersion&)>& answer);

}  // namespace steward::sla
