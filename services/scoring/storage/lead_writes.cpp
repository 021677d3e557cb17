// What a LeadBook changed, in bulk.

#include "libs/base/status.h"
#include "services/scoring/storage/lead_store.h"
#include "services/scoring/storage/leaderboard_reads.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kPutLeads{
    "lead_record_put",
    "INSERT INTO lead_record (lead, version, captured, disqualified, open, source, channel, "
    "territory, industry, campaign, utm_source, utm_medium, utm_campaign, customer, owner, team) "
    "SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::boolean[], $5::boolean[], "
    "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], "
    "$13::text[], $14::text[], $15::text[], $16::text[]) ON CONFLICT (lead) DO UPDATE SET version "
    "= excluded.version, captured = excluded.captured, disqualified = excluded.disqualified, open "
    "= excluded.open, source = excluded.source, channel = excluded.channel, territory = "
    "excluded.territory, industry = excluded.industry, campaign = excluded.campaign, utm_source = "
    "excluded.utm_source, utm_medium = excluded.utm_medium, utm_campaign = excluded.utm_campaign, "
    "customer = excluded.customer, owner = excluded.owner, team = excluded.team"};
constexpr pg::Statement kPutOpportunities{
    "lead_opportunity_put",
    "INSERT INTO lead_opportunity (opportunity, lead, version, closed, win_basis_points, team, "
    "stage) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], "
    "$5::integer[], $6::text[], $7::text[]) ON CONFLICT (opportunity) DO UPDATE SET lead = "
    "excluded.lead, version = "
    "excluded.version, closed = excluded.closed, win_basis_points = excluded.win_basis_points, "
    "team = excluded.team, stage = excluded.stage"};
constexpr pg::Statement kPutOutcomes{
    "outcome_put",
    "INSERT INTO outcome (event_id, opportunity, version, verdict, team) SELECT * FROM "
    "unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[]) ON CONFLICT (event_id) "
    "DO UPDATE SET version = excluded.version, verdict = excluded.verdict"};
constexpr pg::Statement kPutEvents{
    "lead_event_put",
    "INSERT INTO lead_event (lead, event_id, kind, at) SELECT * FROM unnest($1::text[], "
    "$2::uuid[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING"};
constexpr pg::Statement kAddCounts{
    "outcome_count_add",
    "INSERT INTO outcome_count AS c (team, variable, value, won, lost) SELECT * FROM "
    "unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) "
    "ON CONFLICT (team, variable, value) DO UPDATE SET won = c.won + excluded.won, "
    "lost = c.lost + excluded.lost"};
constexpr pg::Statement kDropZeros{
    "outcome_count_drop_zeros",
    "DELETE FROM outcome_count c USING unnest($1::text[], $2::text[], $3::text[]) AS "
    "k(team, variable, value) WHERE (c.team, c.variable, c.value) = (k.team, k.variable, k.value) "
    "AND c.won = 0 AND c.lost = 0"};
constexpr pg::Statement kCounted{
    "outcome_count_revise",
    "INSERT INTO outcome_count_revision AS r (revision) VALUES (1) ON CONFLICT (sole) DO UPDATE "
    "SET revision = r.revision + 1"};
constexpr pg::Statement kMark{"lead_mark_add",
                              "INSERT INTO lead_mark (lead) SELECT unnest($1::text[])"};
constexpr pg::Statement kAskSweep{"sweep_request_add",
                                  "INSERT INTO sweep_request (soon) VALUES (false)"};
constexpr pg::Statement kPutTiers{
    "customer_tiers_put",
    "INSERT INTO customer_tiers (customer, version, tiers) VALUES ($1, $2, $3::text[]) "
    "ON CONFLICT (customer) DO UPDATE SET version = excluded.version, tiers = excluded.tiers "
    "WHERE customer_tiers.version < excluded.version"};
constexpr pg::Statement kMarkCustomer{
    "lead_mark_customer",
    "INSERT INTO lead_mark (lead) SELECT lead FROM lead_record WHERE customer <> '' AND customer "
    "= $1::text AND open"};
constexpr pg::Statement kClearCounts{"outcome_count_clear", "DELETE FROM outcome_count"};
constexpr pg::Statement kRebuildCounts{
    "outcome_count_rebuild",
    "INSERT INTO outcome_count (team, variable, value, won, lost) "
    "SELECT o.team, f.variable, f.value, count(*) FILTER (WHERE o.verdict = 'won'), "
    "count(*) FILTER (WHERE o.verdict = 'lost') FROM outcome o "
    "LEFT JOIN lead_opportunity p USING (opportunity) "
    "LEFT JOIN lead_record r ON p.lead <> '' AND r.lead = p.lead "
    "CROSS JOIN LATERAL (VALUES ('', ''), ('stage', p.stage), ('source', r.source), "
    "('channel', r.channel), "
    "('territory', r.territory), ('industry', r.industry), ('campaign', r.campaign), "
    "('utm_source', r.utm_source), ('utm_medium', r.utm_medium), "
    "('utm_campaign', r.utm_campaign)) AS f (variable, value) "
    "WHERE o.verdict <> 'withdrawn' AND (f.variable = '' OR f.value <> '') GROUP BY 1, 2, 3"};

std::string NameOf(Verdict verdict) {
  return verdict == Verdict::kWon ? "won" : verdict == Verdict::kLost ? "lost" : "withdrawn";
}

// One column of rows as an array.
template <class T, class Rows, class Get>
std::vector<T> Column(const Rows& rows, Get get) {
  std::vector<T> column;
  column.reserve(rows.size());
  for (const auto& row : rows) {
    column.push_back(get(row));
  }
  return column;
}

void PutLeads(pg::Tx& tx, const std::vector<LeadRecord>& leads) {
  const auto texts = [&](std::string LeadRecord::*member) {
    return Column<std::string>(leads, [&](const LeadRecord& r) { return r.*member; });
  };
  const auto flags = [&](bool LeadRecord::*member) {
    return Column<bool>(leads, [&](const LeadRecord& r) { return r.*member; });
  };
  pg::Params params;
  params.AddTexts(texts(&LeadRecord::lead));
  params.AddInts(Column<int64_t>(leads, [](const LeadRecord& r) { return r.version; }));
  params.AddBools(flags(&LeadRecord::captured));
  params.AddBools(flags(&LeadRecord::disqualified));
  params.AddBools(flags(&LeadRecord::open));
  for (const auto member :
       {&LeadRecord::source, &LeadRecord::channel, &LeadRecord::territory, &LeadRecord::industry,
        &LeadRecord::campaign, &LeadRecord::utm_source, &LeadRecord::utm_medium,
        &LeadRecord::utm_campaign, &LeadRecord::customer, &LeadRecord::owner, &LeadRecord::team}) {
    params.AddTexts(texts(member));
  }
  tx.Queue(kPutLeads, params);
}

void PutOpportunities(pg::Tx& tx, const std::vector<LeadOpportunity>& rows) {
  using Row = LeadOpportunity;
  pg::Params params;
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.opportunity; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.lead; }));
  params.AddInts(Column<int64_t>(rows, [](const Row& r) { return r.version; }));
  params.AddBools(Column<bool>(rows, [](const Row& r) { return r.closed; }));
  params.AddInt32s(Column<int32_t>(rows, [](const Row& r) { return r.win_basis_points; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.team; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.stage; }));
  tx.Queue(kPutOpportunities, params);
}

void PutOutcomes(pg::Tx& tx, const std::vector<OpportunityOutcome>& rows) {
  using Row = OpportunityOutcome;
  pg::Params params;
  params.AddUuids(Column<Uuid>(rows, [](const Row& r) { return r.event; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.opportunity; }));
  params.AddInts(Column<int64_t>(rows, [](const Row& r) { return r.version; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return NameOf(r.verdict); }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.team; }));
  tx.Queue(kPutOutcomes, params);
}

void PutEvents(pg::Tx& tx, const std::vector<LeadBook::Entry>& rows) {
  using Row = LeadBook::Entry;
  pg::Params params;
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.lead; }));
  params.AddUuids(Column<Uuid>(rows, [](const Row& r) { return r.event.id; }));
  params.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.event.kind; }));
  params.AddTimes(Column<Time>(rows, [](const Row& r) { return r.event.at; }));
  tx.Queue(kPutEvents, params);
}

void AddCounts(pg::Tx& tx, const OutcomeCounts::Rows& rows) {
  using Row = OutcomeCounts::Rows::value_type;
  pg::Params keys;
  keys.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.first.first; }));
  keys.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.first.second.variable; }));
  keys.AddTexts(Column<std::string>(rows, [](const Row& r) { return r.first.second.value; }));
  pg::Params params = keys;
  params.AddInts(Column<int64_t>(rows, [](const Row& r) { return r.second.won; }));
  params.AddInts(Column<int64_t>(rows, [](const Row& r) { return r.second.lost; }));
  tx.Queue(kAddCounts, params);
  tx.Queue(kDropZeros, keys);
  tx.Queue(kCounted);
  tx.Queue(kAskSweep);  // every open lead may have another chance now
}

}  // namespace

void QueueChanges(pg::Tx& tx, const LeadBook::Changes& changes) {
  if (!changes.leads.empty()) {
    PutLeads(tx, changes.leads);
    QueueScoredLeadsChanged(tx);
  }
  if (!changes.opportunities.empty()) {
    PutOpportunities(tx, changes.opportunities);
  }
  if (!changes.outcomes.empty()) {
    PutOutcomes(tx, changes.outcomes);
  }
  if (!changes.events.empty()) {
    PutEvents(tx, changes.events);
  }
  if (!changes.counts.empty()) {
    AddCounts(tx, changes.counts);
  }
  if (!changes.marks.empty()) {
    tx.Queue(kMark, pg::Params().AddTexts(changes.marks));
  }
}

void QueueTiers(pg::Tx& tx, const CustomerTiers& tiers) {
  pg::Params params;
  params.Add(tiers.customer).Add(tiers.version).AddTexts(tiers.tiers);
  tx.Queue(kPutTiers, params);
  tx.Queue(kMarkCustomer, pg::Params().Add(tiers.customer));
}

absl::Status RebuildCounts(pg::Tx& tx) {
  tx.Queue(kClearCounts);
  tx.Queue(kRebuildCounts);
  tx.Queue(kCounted);
  return tx.Flush();
}

}  // namespace steward::scoring
