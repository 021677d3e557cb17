#include "services/leads/storage/lead_score_store.h"

namespace steward::leads {
namespace {

constexpr pg::Statement kPut{
    "lead_score_put",
    "UPDATE lead_score s SET version = n.version, score = n.score::numeric, band = n.band, "
    "win_percent = n.win_percent, model = n.model, model_version = n.model_version, as_of = "
    "n.as_of FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], "
    "$6::text[], $7::integer[], $8::timestamptz[]) AS n (lead, version, score, band, "
    "win_percent, model, model_version, as_of) WHERE s.lead = n.lead RETURNING s.lead"};

}  // namespace

pg::Pending QueuePutScores(pg::Tx& tx, const std::vector<NewLeadScore>& scores) {
  std::vector<Uuid> leads;
  std::vector<int64_t> versions;
  std::vector<std::string> points, bands, win_percents, models;
  std::vector<int32_t> model_versions;
  std::vector<Time> as_of;
  for (const NewLeadScore& score : scores) {
    leads.push_back(score.lead);
    versions.push_back(score.version);
    points.push_back(score.said.score);
    bands.push_back(score.said.band);
    win_percents.push_back(score.said.win_percent);
    models.push_back(score.said.model);
    model_versions.push_back(score.said.model_version);
    as_of.push_back(score.said.as_of);
  }
  pg::Params params;
  params.AddUuids(leads).AddInts(versions).AddTexts(points).AddTexts(bands);
  params.AddTexts(win_percents).AddTexts(models).AddInt32s(model_versions).AddTimes(as_of);
  return tx.Queue(kPut, params);
}

}  // namespace steward::leads
