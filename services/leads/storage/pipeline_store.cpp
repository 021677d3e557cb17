#include "services/leads/storage/pipeline_store.h"

#include "libs/base/status.h"

namespace steward::leads {
namespace {

#define NEWEST "(SELECT max(m.version) FROM pipeline_version m WHERE m.pipeline = p.pipeline)"

constexpr pg::Statement kActive{
    "pipeline_active",
    "SELECT p.pipeline, p.version, CASE WHEN p.pipeline || '@' || p.version = ANY($2::text[]) "
    "THEN '' ELSE p.spec::text END, p.created_by, p.create_time, true FROM pipeline_version p "
    "WHERE p.pipeline = ANY($1::text[]) AND p.version = " NEWEST};
constexpr pg::Statement kGet{
    "pipeline_get",
    "SELECT p.pipeline, p.version, p.spec::text, p.created_by, p.create_time, p.version = " NEWEST
    " FROM pipeline_version p WHERE p.pipeline = $1::text AND p.version = "
    "CASE WHEN $2::integer = 0 THEN " NEWEST " ELSE $2::integer END"};
constexpr pg::Statement kList{
    "pipeline_list",
    "SELECT p.pipeline, p.version, p.spec::text, p.created_by, p.create_time, true "
    "FROM pipeline_version p WHERE p.pipeline > $1::text AND p.version = " NEWEST
    " ORDER BY p.pipeline LIMIT $2::bigint"};
constexpr pg::Statement kInsert{
    "pipeline_insert",
    "INSERT INTO pipeline_version (pipeline, version, spec, created_by, create_time) "
    "VALUES ($1, $2, $3::text::jsonb, $4, $5)"};

}  // namespace

pg::Pending QueueActivePipelines(pg::Tx& tx, const std::vector<std::string>& ids,
                                 const std::vector<std::string>& known) {
  return tx.Queue(kActive, pg::Params().AddTexts(ids).AddTexts(known));
}

pg::Pending QueuePipeline(pg::Tx& tx, const std::string& id, int32_t version) {
  return tx.Queue(kGet, pg::Params().Add(id).Add(version));
}

StoredPipeline ReadPipeline(const pg::Result& result, int row) {
  return {result.Text(row, 0),      static_cast<int32_t>(result.Int(row, 1)),
          result.Text(row, 2),      result.Text(row, 3),
          result.Timestamp(row, 4), result.Bool(row, 5)};
}

void QueueInsert(pg::Tx& tx, const StoredPipeline& pipeline) {
  pg::Params params;
  params.Add(pipeline.id).Add(pipeline.version).Add(pipeline.spec).Add(pipeline.created_by);
  tx.Queue(kInsert, params.Add(pipeline.create_time));
}

absl::StatusOr<std::optional<StoredPipeline>> GetPipeline(pg::Connection& db, const std::string& id,
                                                          int32_t version, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kGet, pg::Params().Add(id).Add(version), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadPipeline(result, 0));
}

absl::StatusOr<std::vector<StoredPipeline>> ListPipelines(pg::Connection& db,
                                                          const std::string& after, int limit,
                                                          Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result result,
      db.Run(kList, pg::Params().Add(after).Add(static_cast<int64_t>(limit)), timeout));
  std::vector<StoredPipeline> pipelines;
  for (int row = 0; row < result.rows(); ++row) {
    pipelines.push_back(ReadPipeline(result, row));
  }
  return pipelines;
}

}  // namespace steward::leads
