#pragma once
// Customers and their tiers from the leads service's topic, and the copy in memory that registration reads: a look-up would cost every
// ticket a round trip.

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/eventing/consumer.h"
#include "libs/identity/projection.h"
#include "libs/pg/connection.h"
#include "libs/runtime/periodic.h"

namespace steward::complaints {

inline constexpr char kLeadsTopic[] = "steward.leads.v1";
eventing::Input LeadsInput(int partitions);

struct KnownCustomer {
  int64_t version = 0;
  std::vector<std::string> tiers;
};

// Every customer, as the database has it; at most a second behind what other replicas read. Thread-safe.
class CustomerCache {
 public:
  explicit CustomerCache(pg::Options options);
  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }
  void Poke() { loop_.Poke(); }
  std::optional<KnownCustomer> Find(const std::string& name) const;
  // Reads what is new.
  [[nodiscard]] absl::Status Refresh();

 private:
  using Tiers = std::shared_ptr<const std::vector<std::string>>;
  struct Entry {
    int64_t version;
    Tiers tiers;
  };
  pg::Options options_;
  std::unique_ptr<pg::Connection> connection_;             // of whoever refreshes
  uint64_t next_ = 0;                                      // likewise
  std::map<std::vector<std::string>, Tiers> known_tiers_;  // likewise; many customers share few
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> customers_;  // guarded by mutex_
  runtime::Periodic loop_;
};

// Customers to their table, directory events to the organisation's.
class InputProjection final : public eventing::Projection {
 public:
  InputProjection(identity::OrgCache& org, CustomerCache& customers)
      : organisation_(org), customers_(customers) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& events) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) override;
  void Applied(const std::vector<eventing::Event>& events) override;

 private:
  identity::DirectoryProjection organisation_;
  CustomerCache& customers_;
};

// A customer's event that tells its tiers becomes a row; whatever else the topic holds changes nothing.
void ApplyCustomerEvent(pg::Tx& tx, const eventing::Event& event);

}  // namespace steward::complaints
