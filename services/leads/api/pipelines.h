#pragma once
// Versions of pipelines in memory. They never change, so what is kept is never wrong; which one is active is asked of the database
// each time.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/leads/domain/pipeline.h"
#include "services/leads/storage/pipeline_store.h"

namespace steward::leads {

// Thread-safe. A pipeline that it gives lives as long as it does: versions are few, and made by hand.
class Pipelines {
 public:
  // In a command that opens opportunities, before its Flush: the active versions of these pipelines, by id.
  pg::Pending QueueActive(pg::Tx& tx, const std::vector<std::string>& ids) const;
  // After it. INVALID_ARGUMENT naming `field` when there is no such pipeline.
  absl::StatusOr<const Pipeline*> Active(const pg::Result& found, std::string_view field,
                                         const std::string& id);

  // A version that an opportunity keeps: from memory, or one round trip the first time. NOT_FOUND when there is none.
  absl::StatusOr<const Pipeline*> Find(pg::Tx& tx, const std::string& id, int32_t version);
  absl::StatusOr<const Pipeline*> Find(pg::Connection& db, const std::string& id, int32_t version,
                                       Duration timeout);

 private:
  using Key = std::pair<std::string, int32_t>;
  const Pipeline* Known(const Key& key) const;
  absl::StatusOr<const Pipeline*> Keep(const StoredPipeline& stored);

  mutable std::mutex mutex_;
  std::map<Key, std::unique_ptr<const Pipeline>> known_;
};

}  // namespace steward::leads
