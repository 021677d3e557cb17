#include "services/scoring/storage/lead_store.h"

#include <set>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_OPPORTUNITY \
  "SELECT opportunity, lead, version, closed, win_basis_points, team, stage "
constexpr pg::Statement kOpportunities{"lead_opportunity_get", STEWARD_OPPORTUNITY
                                       "FROM lead_opportunity WHERE opportunity = ANY($1::text[])"};
constexpr pg::Statement kOpportunitiesOf{
    "lead_opportunity_of", STEWARD_OPPORTUNITY
    "FROM lead_opportunity WHERE lead <> '' AND lead = ANY($1::text[]) "
    "ORDER BY opportunity"};
#undef STEWARD_OPPORTUNITY
constexpr pg::Statement kLeads{
    "lead_record_get",
    "SELECT lead, version, captured, disqualified, open, source, channel, territory, industry, "
    "campaign, utm_source, utm_medium, utm_campaign, customer, owner, team FROM lead_record "
    "WHERE lead = ANY($1::text[]) ORDER BY lead"};
constexpr pg::Statement kOutcomes{
    "outcome_get",
    "SELECT event_id, opportunity, version, verdict, team FROM outcome WHERE opportunity = "
    "ANY($2::text[]) OR opportunity IN (SELECT opportunity FROM lead_opportunity WHERE lead <> '' "
    "AND lead = ANY($1::text[]))"};
constexpr pg::Statement kEvents{
    "lead_event_get",
    "SELECT lead, event_id, kind, at FROM lead_event WHERE lead = ANY($1::text[]) "
    "ORDER BY lead, at, event_id"};
constexpr pg::Statement kTiersOf{
    "customer_tiers_get",
    "SELECT r.lead, t.tiers FROM lead_record r JOIN customer_tiers t USING (customer) "
    "WHERE r.lead = ANY($1::text[]) AND r.customer <> ''"};
constexpr pg::Statement kCounts{"outcome_count_get",
                                "SELECT team, variable, value, won, lost FROM outcome_count"};

pg::Params Leads(const std::vector<std::string>& leads) { return pg::Params().AddTexts(leads); }

LeadRecord ReadLead(const pg::Result& rows, int i) {
  LeadRecord lead;
  lead.lead = rows.Text(i, 0);
  lead.version = rows.Int(i, 1);
  lead.captured = rows.Bool(i, 2);
  lead.disqualified = rows.Bool(i, 3);
  lead.open = rows.Bool(i, 4);
  int column = 5;
  for (std::string* text : {&lead.source, &lead.channel, &lead.territory, &lead.industry,
                            &lead.campaign, &lead.utm_source, &lead.utm_medium, &lead.utm_campaign,
                            &lead.customer, &lead.owner, &lead.team}) {
    *text = rows.Text(i, column++);
  }
  return lead;
}

LeadOpportunity ReadOpportunity(const pg::Result& rows, int i) {
  return {rows.Text(i, 0),
          rows.Text(i, 1),
          rows.Int(i, 2),
          rows.Bool(i, 3),
          static_cast<int32_t>(rows.Int(i, 4)),
          rows.Text(i, 5),
          rows.Text(i, 6)};
}

Verdict ParseVerdict(const std::string& text) {
  return text == "won" ? Verdict::kWon : text == "lost" ? Verdict::kLost : Verdict::kWithdrawn;
}

}  // namespace

absl::StatusOr<LeadBook::Contents> LoadBook(pg::Tx& tx, const std::vector<std::string>& leads,
                                            const std::vector<std::string>& opportunities) {
  LeadBook::Contents book;
  std::set<std::string> names(leads.begin(), leads.end());
  if (!opportunities.empty()) {
    ASSIGN_OR_RETURN(const pg::Result rows, tx.Run(kOpportunities, Leads(opportunities)));
    for (int i = 0; i < rows.rows(); ++i) {
      const LeadOpportunity one = ReadOpportunity(rows, i);
      if (!one.lead.empty()) {
        names.insert(one.lead);
      }
      book.opportunities.emplace(one.opportunity, one);
    }
  }
  const std::vector<std::string> all(names.begin(), names.end());
  const pg::Pending records = tx.Queue(kLeads, Leads(all));
  const pg::Pending others = tx.Queue(kOpportunitiesOf, Leads(all));
  const pg::Pending outcomes = tx.Queue(kOutcomes, Leads(all).AddTexts(opportunities));
  RETURN_IF_ERROR(tx.Flush());
  for (int i = 0; i < records->rows(); ++i) {
    book.leads.emplace(records->Text(i, 0), ReadLead(*records, i));
  }
  for (int i = 0; i < others->rows(); ++i) {
    book.opportunities.emplace(others->Text(i, 0), ReadOpportunity(*others, i));
  }
  for (int i = 0; i < outcomes->rows(); ++i) {
    book.outcomes[outcomes->Uuid(i, 0)] = {outcomes->Uuid(i, 0), outcomes->Text(i, 1),
                                           outcomes->Int(i, 2), ParseVerdict(outcomes->Text(i, 3)),
                                           outcomes->Text(i, 4)};
  }
  return book;
}

absl::StatusOr<std::vector<LeadFacts>> LoadFacts(pg::Tx& tx,
                                                 const std::vector<std::string>& leads) {
  const pg::Pending records = tx.Queue(kLeads, Leads(leads));
  const pg::Pending events = tx.Queue(kEvents, Leads(leads));
  const pg::Pending opportunities = tx.Queue(kOpportunitiesOf, Leads(leads));
  const pg::Pending tiers = tx.Queue(kTiersOf, Leads(leads));
  RETURN_IF_ERROR(tx.Flush());
  std::vector<LeadFacts> facts;
  std::map<std::string, size_t> place;
  for (int i = 0; i < records->rows(); ++i) {
    if (records->Bool(i, 2)) {
      place.emplace(records->Text(i, 0), facts.size());
      facts.push_back({ReadLead(*records, i), {}, {}, {}});
    }
  }
  const auto find = [&](const std::string& lead) {
    const auto found = place.find(lead);
    return found == place.end() ? nullptr : &facts[found->second];
  };
  for (int i = 0; i < events->rows(); ++i) {
    if (LeadFacts* lead = find(events->Text(i, 0)); lead != nullptr) {
      lead->events.push_back({events->Uuid(i, 1), events->Text(i, 2), events->Timestamp(i, 3)});
    }
  }
  for (int i = 0; i < opportunities->rows(); ++i) {
    if (LeadFacts* lead = find(opportunities->Text(i, 1)); lead != nullptr) {
      lead->opportunities.push_back(ReadOpportunity(*opportunities, i));
    }
  }
  for (int i = 0; i < tiers->rows(); ++i) {
    if (LeadFacts* lead = find(tiers->Text(i, 0)); lead != nullptr) {
      lead->tiers = tiers->Texts(i, 1);
    }
  }
  return facts;
}

absl::StatusOr<OutcomeCounts::Rows> LoadCounts(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const pg::Result result, tx.Run(kCounts));
  OutcomeCounts::Rows rows;
  for (int i = 0; i < result.rows(); ++i) {
    rows[{result.Text(i, 0), {result.Text(i, 1), result.Text(i, 2)}}] = {result.Int(i, 3),
                                                                         result.Int(i, 4)};
  }
  return rows;
}

}  // namespace steward::scoring
