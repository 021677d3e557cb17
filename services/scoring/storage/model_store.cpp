#include "services/scoring/storage/model_store.h"

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_MODEL                                                           \
  "SELECT v.model, v.version, v.spec::text, v.created_by, v.create_time, "      \
  "coalesce(m.active_version = v.version, false) FROM scoring_model_version v " \
  "JOIN scoring_model m USING (model) "
#define STEWARD_NEWEST \
  "(SELECT max(n.version) FROM scoring_model_version n WHERE n.model = v.model) "

constexpr pg::Statement kHead{
    "scoring_model_head",
    "SELECT m.aggregate_version, (SELECT max(v.version) FROM scoring_model_version v WHERE "
    "v.model = m.model), m.active_version FROM scoring_model m WHERE m.model = $1::text"};
constexpr pg::Statement kGet{"scoring_model_get", STEWARD_MODEL
                             "WHERE v.model = $1::text AND v.version = CASE WHEN $2::integer = 0 "
                             "THEN " STEWARD_NEWEST "ELSE $2::integer END"};
constexpr pg::Statement kActive{"scoring_model_active",
                                STEWARD_MODEL "WHERE m.active_version = v.version"};
constexpr pg::Statement kList{"scoring_model_list", STEWARD_MODEL
                              "WHERE v.model > $1::text AND v.version = " STEWARD_NEWEST
                              "ORDER BY v.model LIMIT $2::bigint"};
constexpr pg::Statement kInsert{
    "scoring_model_insert",
    "INSERT INTO scoring_model_version (model, version, spec, created_by, create_time) "
    "VALUES ($1, $2, $3::text::jsonb, $4, $5)"};
constexpr pg::Statement kPutHead{
    "scoring_model_put_head",
    "INSERT INTO scoring_model (model, aggregate_version) VALUES ($1, $2) ON CONFLICT (model) "
    "DO UPDATE SET aggregate_version = excluded.aggregate_version"};
constexpr pg::Statement kDeactivate{
    "scoring_model_deactivate",
    "UPDATE scoring_model SET active_version = NULL WHERE active_version IS NOT NULL"};
constexpr pg::Statement kActivate{
    "scoring_model_activate",
    "UPDATE scoring_model SET active_version = $2::integer WHERE model = $1::text"};

#undef STEWARD_MODEL
#undef STEWARD_NEWEST

}  // namespace

pg::Pending QueueModelHead(pg::Tx& tx, const std::string& id) {
  return tx.Queue(kHead, pg::Params().Add(id));
}

ModelHead ReadModelHead(const pg::Result& result) {
  ModelHead head;
  if (result.rows() > 0) {
    head.aggregate_version = result.Int(0, 0);
    head.newest = static_cast<int32_t>(result.Int(0, 1));
    if (const std::optional<int64_t> active = result.OptionalInt(0, 2); active) {
      head.active = static_cast<int32_t>(*active);
    }
  }
  return head;
}

pg::Pending QueueModel(pg::Tx& tx, const std::string& id, int32_t version) {
  return tx.Queue(kGet, pg::Params().Add(id).Add(version));
}

pg::Pending QueueActiveModel(pg::Tx& tx) { return tx.Queue(kActive); }

StoredModel ReadModel(const pg::Result& result, int row) {
  return {result.Text(row, 0),      static_cast<int32_t>(result.Int(row, 1)),
          result.Text(row, 2),      result.Text(row, 3),
          result.Timestamp(row, 4), result.Bool(row, 5)};
}

void QueueInsertModel(pg::Tx& tx, const StoredModel& model) {
  pg::Params params;
  params.Add(model.id).Add(model.version).Add(model.spec).Add(model.created_by);
  tx.Queue(kInsert, params.Add(model.create_time));
}

void QueueModelHead(pg::Tx& tx, const std::string& id, int64_t aggregate_version) {
  tx.Queue(kPutHead, pg::Params().Add(id).Add(aggregate_version));
}

void QueueDeactivate(pg::Tx& tx) { tx.Queue(kDeactivate); }

void QueueActivate(pg::Tx& tx, const std::string& id, int32_t version) {
  QueueDeactivate(tx);
  tx.Queue(kActivate, pg::Params().Add(id).Add(version));
}

absl::StatusOr<std::optional<StoredModel>> GetModel(pg::Connection& db, const std::string& id,
                                                    int32_t version, Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kGet, pg::Params().Add(id).Add(version), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadModel(result, 0));
}

absl::StatusOr<std::vector<StoredModel>> ListModels(pg::Connection& db, const std::string& after,
                                                    int limit, Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result result,
      db.Run(kList, pg::Params().Add(after).Add(static_cast<int64_t>(limit)), timeout));
  std::vector<StoredModel> models;
  for (int row = 0; row < result.rows(); ++row) {
    models.push_back(ReadModel(result, row));
  }
  return models;
}

}  // namespace steward::scoring
