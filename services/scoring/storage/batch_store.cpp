#include "services/scoring/storage/batch_store.h"

#include <unordered_map>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

// The features stand in the order of RecordFeatureName.
constexpr pg::Statement kLeads{
    "lead_batch_read",
    "SELECT r.lead, r.version, r.open, r.source, r.channel, r.territory, r.industry, r.campaign, "
    "r.utm_source, r.utm_medium, r.utm_campaign, r.team, t.tiers, s.version, s.score, s.band, "
    "s.win, s.win_basis, s.model, s.model_version, s.feature_hash, s.event_count, s.last_event, "
    "s.lead_version, CASE WHEN s.lead IS NULL THEN (SELECT max(j.aggregate_version) FROM journal j "
    "WHERE j.aggregate = 'leadScores/' || split_part(r.lead, '/', 2)) END FROM lead_record r LEFT "
    "JOIN customer_tiers t ON r.customer <> '' AND "
    "t.customer = r.customer LEFT JOIN lead_score s ON s.lead = r.lead WHERE r.captured AND "
    "r.lead = ANY($1::text[]) ORDER BY r.lead"};
constexpr pg::Statement kEvents{
    "lead_event_of",
    "SELECT lead, event_id, kind, at FROM lead_event WHERE lead = ANY($1::text[])"};
constexpr pg::Statement kOpportunities{
    "lead_opportunity_open",
    "SELECT opportunity, lead, version, closed, win_basis_points, team, stage FROM "
    "lead_opportunity WHERE lead <> '' AND lead = ANY($1::text[]) AND NOT closed"};
constexpr pg::Statement kRulesState{
    "scoring_rules_state",
    "SELECT coalesce(m.model, ''), coalesce(m.active_version, 0), coalesce((SELECT revision FROM "
    "outcome_count_revision), 0) FROM (SELECT) always LEFT JOIN scoring_model m ON "
    "m.active_version IS NOT NULL"};

StoredScore ReadScore(const pg::Result& rows, int i, const std::string& lead) {
  StoredScore score;
  score.lead = lead;
  score.version = rows.Int(i, 13);
  score.score = {rows.Int(i, 14)};
  score.band = rows.Text(i, 15);
  if (const std::optional<int64_t> win = rows.OptionalInt(i, 16); win) {
    score.win = Decimal{*win};
  }
  score.win_basis = rows.Text(i, 17);
  score.model = rows.Text(i, 18);
  score.model_version = static_cast<int32_t>(rows.Int(i, 19));
  score.feature_hash = rows.Text(i, 20);
  score.event_count = static_cast<int32_t>(rows.Int(i, 21));
  score.last_event = rows.Text(i, 22);
  score.lead_version = rows.Int(i, 23);
  return score;
}

struct Beside {
  std::vector<LeadEvent> events;
  std::vector<LeadOpportunity> opportunities;
};
// By lead.
std::unordered_map<std::string, Beside> ReadBeside(const PendingBatch& rows) {
  std::unordered_map<std::string, Beside> beside;
  for (int i = 0; i < rows.events->rows(); ++i) {
    beside[rows.events->Text(i, 0)].events.push_back(
        {rows.events->Uuid(i, 1), rows.events->Text(i, 2), rows.events->Timestamp(i, 3)});
  }
  for (int i = 0; i < rows.opportunities->rows(); ++i) {
    const pg::Result& result = *rows.opportunities;
    beside[result.Text(i, 1)].opportunities.push_back(
        {result.Text(i, 0), result.Text(i, 1), result.Int(i, 2), result.Bool(i, 3),
         static_cast<int32_t>(result.Int(i, 4)), result.Text(i, 5), result.Text(i, 6)});
  }
  return beside;
}

}  // namespace

PendingBatch QueueBatch(pg::Tx& tx, const std::vector<std::string>& leads) {
  const pg::Params names = pg::Params().AddTexts(leads);
  PendingBatch rows;
  rows.asked = leads.size();
  rows.leads = tx.Queue(kLeads, names);
  rows.events = tx.Queue(kEvents, names);
  rows.opportunities = tx.Queue(kOpportunities, names);
  return rows;
}

ReadBatch ReadLeads(const PendingBatch& rows, LeadDictionary& dictionary, Time now) {
  ReadBatch read{LeadBatch(dictionary), {}, 0, 0};
  auto beside = ReadBeside(rows);
  const pg::Result& leads = *rows.leads;
  read.unknown = static_cast<int64_t>(rows.asked) - leads.rows();
  for (int i = 0; i < leads.rows(); ++i) {
    if (!leads.Bool(i, 2)) {
      ++read.closed;
      continue;
    }
    std::array<std::string, kRecordFeatures> values;
    LeadRow row;
    for (size_t feature = 0; feature < kRecordFeatures; ++feature) {
      values[feature] = leads.Text(i, 3 + static_cast<int>(feature));
      row.values[feature] = values[feature];
    }
    const std::string team = leads.Text(i, 11);
    row.team = team;
    const std::vector<std::string> tiers =
        leads.IsNull(i, 12) ? std::vector<std::string>() : leads.Texts(i, 12);
    const std::vector<std::string_view> tier_views(tiers.begin(), tiers.end());
    row.tiers = tier_views;
    std::string lead = leads.Text(i, 0);
    Beside of_lead;
    if (const auto found = beside.find(lead); found != beside.end()) {
      of_lead = std::move(found->second);
    }
    read.batch.Add(row, std::move(of_lead.events), of_lead.opportunities, now);
    ReadBatch::Known& known = read.known.emplace_back();
    known.lead = std::move(lead);
    known.lead_version = leads.Int(i, 1);
    known.scored = !leads.IsNull(i, 13);
    if (known.scored) {
      known.score = ReadScore(leads, i, known.lead);
    } else {  // 0, unless the rows were lost: what was said counts on
      known.score.version = leads.OptionalInt(i, 24).value_or(0);
    }
  }
  return read;
}

pg::Pending QueueRulesState(pg::Tx& tx) { return tx.Queue(kRulesState); }

RulesState ReadRulesState(const pg::Result& result) {
  return {result.Text(0, 0), static_cast<int32_t>(result.Int(0, 1)), result.Int(0, 2)};
}

}  // namespace steward::scoring
