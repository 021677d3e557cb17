#pragma once
// The directory's projection that every service keeps: table org_entry (schema.sql), and the Org in memory.

#include <memory>
#include <mutex>
#include <string>

#include "libs/eventing/consumer.h"
#include "libs/identity/org.h"
#include "libs/pg/connection.h"
#include "libs/rpc/identity.h"

namespace steward::identity {

inline constexpr char kDirectoryTopic[] = "steward.directory.v1";
eventing::Input DirectoryInput();  // topic, prototype, 3 partitions

// Locks that Apply needs for these events (none: the records' keys are enough).
// Queues the upserts of one directory event, guarded by version, and counts the revision up.
[[nodiscard]] absl::Status ApplyDirectoryEvent(pg::Tx& tx, const eventing::Event& event);
// The same from the directory service's own commands, in their transaction.
void QueueEntry(pg::Tx& tx, std::string_view name, int64_t version,
                const google::protobuf::Message& state);

// What stands in events for an external subject claim: SHA-256, 32 bytes; "" for "".
std::string SubjectDigest(std::string_view external_subject);

// The current Org; reloads when the revision in the database has moved. Thread-safe.
class OrgCache final : public rpc::Members {
 public:
  OrgCache(pg::Options pg, metrics::Registry* registry);
  ~OrgCache() override;
  // Loads once, then checks the revision every 500 ms on a thread of its own.
  [[nodiscard]] absl::Status Start();
  void Stop();
  // Check the revision now (after Applied).
  void Poke();
  std::shared_ptr<const Org> Get() const;

  std::optional<Who> Find(std::string_view subject, Time now) const override;
  bool NoAdminYet() const override;
  rpc::Reach ReachOf(std::string_view member, Scope scope, Time now) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The whole of what a service needs that learns nothing else from others: keeps `org_entry` current.
class DirectoryProjection final : public eventing::Projection {
 public:
  explicit DirectoryProjection(OrgCache& org) : org_(org) {}
  std::vector<pg::LockKey> Locks(const std::vector<eventing::Event>& batch) const override;
  [[nodiscard]] absl::Status Apply(pg::Tx& tx, const std::vector<eventing::Event>& batch) override;
  void Applied(const std::vector<eventing::Event>& batch) override;

 private:
  OrgCache& org_;
};

}  // namespace steward::identity
