#include "libs/identity/projection.h"

#include "libs/base/status.h"
#include "libs/rpc/crypto.h"

namespace steward::identity {
namespace {

using directory::events::v1::DirectoryEvent;

constexpr int kPartitions = 3;

// A repeat or an older version changes nothing, and then the revision stays too.
constexpr pg::Statement kUpsert{
    "org_entry_upsert",
    "WITH changed AS ("
    "INSERT INTO org_entry AS e (name, version, state) VALUES ($1, $2, $3) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version, state = excluded.state "
    "WHERE e.version < excluded.version RETURNING 1) "
    "SELECT nextval('org_revision') FROM changed"};

// The state that is set; null for an event this version does not know.
const google::protobuf::Message* StateOf(const DirectoryEvent& event) {
  switch (event.event_case()) {
    case DirectoryEvent::kMemberAdded:
      return &event.member_added();
    case DirectoryEvent::kMemberUpdated:
      return &event.member_updated();
    case DirectoryEvent::kMemberDeactivated:
      return &event.member_deactivated();
    case DirectoryEvent::kMemberReactivated:
      return &event.member_reactivated();
    case DirectoryEvent::kTeamAdded:
      return &event.team_added();
    case DirectoryEvent::kTeamUpdated:
      return &event.team_updated();
    case DirectoryEvent::kRoleAdded:
      return &event.role_added();
    case DirectoryEvent::kRoleUpdated:
      return &event.role_updated();
    case DirectoryEvent::EVENT_NOT_SET:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

eventing::Input DirectoryInput() {
  return {kDirectoryTopic, &DirectoryEvent::default_instance(), kPartitions};
}

absl::Status ApplyDirectoryEvent(pg::Tx& tx, const eventing::Event& event) {
  const auto* message = dynamic_cast<const DirectoryEvent*>(event.message.get());
  const google::protobuf::Message* state = message == nullptr ? nullptr : StateOf(*message);
  if (state == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "event of an unknown kind: " + event.type,
                  {.reason = "EVENT_UNKNOWN"});
  }
  QueueEntry(tx, event.aggregate, event.version, *state);
  return absl::OkStatus();
}

void QueueEntry(pg::Tx& tx, std::string_view name, int64_t version,
                const google::protobuf::Message& state) {
  tx.Queue(kUpsert, pg::Params().Add(name).Add(version).AddBytes(state.SerializeAsString()));
}

std::string SubjectDigest(std::string_view external_subject) {
  return external_subject.empty() ? std::string() : rpc::Sha256(external_subject);
}

std::vector<pg::LockKey> DirectoryProjection::Locks(const std::vector<eventing::Event>&) const {
  return {};
}

absl::Status DirectoryProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& batch) {
  for (const eventing::Event& event : batch) {
    RETURN_IF_ERROR(ApplyDirectoryEvent(tx, event));
  }
  return absl::OkStatus();
}

void DirectoryProjection::Applied(const std::vector<eventing::Event>&) { org_.Poke(); }

}  // namespace steward::identity
