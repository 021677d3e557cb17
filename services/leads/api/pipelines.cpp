#include "services/leads/api/pipelines.h"

#include "libs/base/status.h"
#include "services/leads/api/pipeline_mapping.h"

namespace steward::leads {
namespace {

std::string VersionName(const std::string& id, int32_t version) {
  return id + "@" + std::to_string(version);
}

}  // namespace

pg::Pending Pipelines::QueueActive(pg::Tx& tx, const std::vector<std::string>& ids) const {
  std::vector<std::string> known;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [key, pipeline] : known_) {
      known.push_back(VersionName(key.first, key.second));
    }
  }
  return QueueActivePipelines(tx, ids, known);
}

absl::StatusOr<const Pipeline*> Pipelines::Active(const pg::Result& found, std::string_view field,
                                                  const std::string& id) {
  for (int row = 0; row < found.rows(); ++row) {
    const StoredPipeline stored = ReadPipeline(found, row);
    if (stored.id != id) {
      continue;
    }
    const Pipeline* known = Known({stored.id, stored.version});
    return known == nullptr ? Keep(stored) : known;
  }
  return FieldInvalid(field, "`" + PipelineName(id) + "` is no pipeline");
}

absl::StatusOr<const Pipeline*> Pipelines::Find(pg::Tx& tx, const std::string& id,
                                                int32_t version) {
  if (const Pipeline* known = Known({id, version}); known != nullptr) {
    return known;
  }
  const pg::Pending row = QueuePipeline(tx, id, version);
  RETURN_IF_ERROR(tx.Flush());
  if (row->rows() == 0) {
    return NotFound(PipelineName(VersionName(id, version)));
  }
  return Keep(ReadPipeline(*row, 0));
}

absl::StatusOr<const Pipeline*> Pipelines::Find(pg::Connection& db, const std::string& id,
                                                int32_t version, Duration timeout) {
  if (const Pipeline* known = Known({id, version}); known != nullptr) {
    return known;
  }
  ASSIGN_OR_RETURN(const std::optional<StoredPipeline> stored,
                   GetPipeline(db, id, version, timeout));
  if (!stored) {
    return NotFound(PipelineName(VersionName(id, version)));
  }
  return Keep(*stored);
}

const Pipeline* Pipelines::Known(const Key& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : found->second.get();
}

absl::StatusOr<const Pipeline*> Pipelines::Keep(const StoredPipeline& stored) {
  ASSIGN_OR_RETURN(PipelineSpec spec, SpecOf(stored));
  ASSIGN_OR_RETURN(Pipeline pipeline, Pipeline::Create(std::move(spec)));
  const std::scoped_lock lock(mutex_);
  return known_
      .emplace(Key{stored.id, stored.version},
               std::make_unique<const Pipeline>(std::move(pipeline)))
      .first->second.get();
}

}  // namespace steward::leads
