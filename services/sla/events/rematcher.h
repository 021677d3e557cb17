#pragma once
// After a customer's tiers changed, its open tickets are matched again, one a transaction (rulings H2, A13): the consumer never waits
// for many tickets, and no ticket waits for another.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/identity/projection.h"
#include "libs/runtime/periodic.h"
#include "services/sla/storage/batch.h"
#include "services/sla/storage/customers.h"
#include "services/sla/storage/rules.h"
#include "services/sla/watcher/metrics.h"

namespace steward::sla {

// Thread-safe. Several replicas may run one each: a ticket that has seen the tiers is left alone.
class Rematcher {
 public:
  struct Deps {
    pg::Options pg;
    RuleCache* rules;
    const identity::OrgCache* org;
    IdGenerator* ids;
    SlaMetrics* metrics;
    std::function<void(const std::vector<Batch::Armed>&)> armed;  // after each commit
    std::function<void()> done;                                   // pokes the relay
  };
  explicit Rematcher(Deps deps);
  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }
  void Poke() { loop_.Poke(); }
  // Matches until nobody waits; a ticket that fails is logged, and tried again in the next run.
  void Run();

 private:
  absl::Status RunAll();
  absl::Status MatchCustomer(const Waiting& waiting);
  absl::Status MatchTicket(const std::string& name);

  Deps deps_;
  std::unique_ptr<pg::Connection> connection_;  // of the loop's thread
  runtime::Periodic loop_;
};

}  // namespace steward::sla
