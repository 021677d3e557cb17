#pragma once
// What the service learns from others: the organisation, for identity and reach.

#include "libs/identity/projection.h"

namespace steward::leads {

// Keeps `org_entry` current from `steward.directory.v1`.
class DirectoryProjection final : public eventing::Projection {
 public:
  explicit DirectoryProjection(identity::OrgCache& org) : org_(org) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& batch) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& batch) override;
  void Applied(const std::vector<eventing::Event>& batch) override;

 private:
  identity::OrgCache& org_;
};

}  // namespace steward::leads
