#include "services/leads/events/consumers.h"

#include "libs/base/status.h"

namespace steward::leads {

std::vector<pg::LockKey> DirectoryProjection::Locks(const std::vector<eventing::Event>&) const {
  return {};
}

absl::Status DirectoryProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& batch) {
  for (const eventing::Event& event : batch) {
    RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
  }
  return absl::OkStatus();
}

void DirectoryProjection::Applied(const std::vector<eventing::Event>&) { org_.Poke(); }

}  // namespace steward::leads
