#pragma once
// Won opportunities to contract drafts, each exactly once: the consumer writes what has to be done, this reads the opportunity from
// leads outside any transaction and drafts in one. A crash anywhere leaves the row waiting, or the contract with it.

#include <functional>
#include <memory>
#include <string>

#include "libs/service/command.h"
#include "services/orders/api/contracts_api.h"
#include "services/orders/storage/won_store.h"
#include "steward/leads/v1/opportunities.pb.h"

namespace steward::orders {

struct DraftingDeps {
  service::Env env;  // `db` is not used
  pg::Options pg;
  OrgNow org;
  // Reads an opportunity from leads.
  std::function<absl::StatusOr<leads::v1::Opportunity>(const std::string& name)> read;
  Metrics* metrics = nullptr;
};

// Not thread-safe: one thread runs it.
class Drafting {
 public:
  // So often leads may say that it does not know the opportunity: about an hour. It comes from leads, so it is lost there.
  static constexpr int kMaxNotFound = 20;
  explicit Drafting(DraftingDeps deps) : deps_(std::move(deps)) {}
  // Drafts what is due. Leads away ends the round; what cannot be drafted waits, with growing waits from 1 s to 5 min; one that leads
  // does not know is parked in the end, until an operator releases it. Sets the gauge.
  void Run();

 private:
  [[nodiscard]] absl::Status Round();
  // False = leads did not answer.
  absl::StatusOr<bool> Try(const WonOpportunity& won);
  [[nodiscard]] absl::Status Draft(const WonOpportunity& won, const leads::v1::Opportunity& from);
  void Count(pg::Tx& tx, DraftResult result) const;
  [[nodiscard]] absl::Status NotFoundThere(const WonOpportunity& won, const absl::Status& why);
  [[nodiscard]] absl::Status Wait(const WonOpportunity& won, const std::string& waits_for,
                                  const absl::Status& why);

  DraftingDeps deps_;
  std::unique_ptr<pg::Connection> db_;
};

}  // namespace steward::orders
