#include "services/leads/api/campaign_mapping.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/leads/api/mapping.h"

namespace steward::leads {
namespace {

constexpr std::string_view kCollection = "campaigns/";
constexpr size_t kTitleLength = 200;
constexpr size_t kTextLength = 4000;

std::optional<Money> ReadMoney(const std::string& field, bool given,
                               const google::type::Money& from, rpc::Faults& faults) {
  if (!given) {
    return std::nullopt;
  }
  absl::StatusOr<Money> money = rpc::FromProto(field, from);
  faults.Add(money.status());
  return money.ok() ? std::optional(*money) : std::nullopt;
}

// 1234 is `12.34`.
std::string Hundredths(int64_t value) {
  const std::string part = std::to_string(value % 100);
  return std::to_string(value / 100) + "." + (part.size() == 1 ? "0" : "") + part;
}

void ToProto(const CampaignResults& from, pb::CampaignResults* to) {
  if (from.cost) {
    rpc::ToProto(*from.cost, to->mutable_cost());
  }
  if (from.revenue) {
    rpc::ToProto(*from.revenue, to->mutable_revenue());
  }
  if (from.leads) {
    to->set_leads(*from.leads);
  }
  if (from.converted_leads) {
    to->set_converted_leads(*from.converted_leads);
  }
  if (from.new_customers) {
    to->set_new_customers(*from.new_customers);
  }
}

void ToProto(const CampaignFigures& from, pb::CampaignFigures* to) {
  if (from.return_basis_points) {
    to->set_return_basis_points(*from.return_basis_points);
    to->set_return_ratio("1:" + Hundredths(*from.return_basis_points / 100));
  }
  if (from.conversion_basis_points) {
    to->set_conversion_basis_points(*from.conversion_basis_points);
    to->set_conversion(Hundredths(*from.conversion_basis_points) + "%");
  }
}

const std::map<std::string, std::string>& TimeColumns() {
  static const std::map<std::string, std::string> columns{{"planned_start_time", "planned_start"},
                                                          {"planned_end_time", "planned_end"},
                                                          {"create_time", "create_time"},
                                                          {"update_time", "update_time"}};
  return columns;
}

const std::map<std::string, std::string>& FilterFields() {
  static const std::map<std::string, std::string> fields = [] {
    std::map<std::string, std::string> made{{"state", "= !="}};
    for (const std::string_view column : kCampaignFilterColumns) {
      made.emplace(column, "= !=");
    }
    for (const auto& [name, column] : TimeColumns()) {
      made.emplace(name, "< <= > >=");
    }
    return made;
  }();
  return fields;
}

// The kind and those below it.
std::vector<std::string> KindsBelow(const std::vector<CampaignKind>& kinds,
                                    const std::string& wanted) {
  std::vector<std::string> below{wanted};
  for (const CampaignKind& kind : kinds) {
    if (kind.id != wanted && Contains(PathOf(kinds, kind.id), wanted)) {
      below.push_back(kind.id);
    }
  }
  return below;
}

// What is left of `known` when only these values are wanted.
template <class Value>
std::vector<Value> Both(const std::vector<Value>* known, const std::vector<Value>& wanted) {
  std::vector<Value> both;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(both),
               [&](const Value& value) { return known == nullptr || Contains(*known, value); });
  return both;
}

absl::Status ApplyState(const rpc::FilterTerm& term, CampaignFilter& filter) {
  const std::optional<CampaignState> state = CampaignStateFromName(term.value);
  if (!state) {
    std::vector<std::string_view> names;
    for (const CampaignState each : kCampaignStates) {
      names.push_back(NameOf(each));
    }
    return FieldInvalid("filter", "`" + term.value + "` is no state; there are " + Join(names));
  }
  if (term.op == "!=") {
    filter.not_states.push_back(*state);
  } else {
    filter.states = Both(filter.states ? &*filter.states : nullptr, std::vector{*state});
  }
  return absl::OkStatus();
}

absl::Status ApplyTerm(const std::vector<CampaignKind>& kinds, const rpc::FilterTerm& term,
                       CampaignFilter& filter) {
  if (const auto column = TimeColumns().find(term.field); column != TimeColumns().end()) {
    auto& [from, to] =
        filter.times.try_emplace(column->second, kEpoch, kClientTimeEnd).first->second;
    return rpc::NarrowTime(term, from, to);
  }
  if (term.field == "state") {
    return ApplyState(term, filter);
  }
  const std::vector<std::string> values =
      term.field == "kind" ? KindsBelow(kinds, term.value) : std::vector<std::string>{term.value};
  if (term.op == "!=") {
    std::vector<std::string>& none_of = filter.none_of[term.field];
    none_of.insert(none_of.end(), values.begin(), values.end());
  } else {
    const auto known = filter.any_of.find(term.field);
    filter.any_of[term.field] =
        Both(known == filter.any_of.end() ? nullptr : &known->second, values);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Uuid> ParseCampaignName(std::string_view field, std::string_view name) {
  const bool prefixed = name.starts_with(kCollection);
  const absl::StatusOr<Uuid> id =
      Uuid::Parse(prefixed ? name.substr(kCollection.size()) : std::string_view());
  if (!id.ok()) {
    return FieldInvalid(field, "is not `campaigns/{uuid}`");
  }
  return *id;
}

absl::StatusOr<StoredCampaign> FromProto(const pb::Campaign& from) {
  rpc::Faults faults("campaign");
  StoredCampaign to;
  CampaignText& text = to.text;
  text.title = faults.Line("title", from.title(), kTitleLength);
  text.title_zh = faults.Line("title_zh", from.title_zh(), kTitleLength);
  if (text.title.empty() && text.title_zh.empty()) {
    faults.Add("title", "or `title_zh` is required");
  }
  text.goal = faults.Text("goal", from.goal(), kTextLength);
  text.description = faults.Text("description", from.description(), kTextLength);
  CampaignData& data = to.data;
  data.kind = faults.Line("kind", from.kind());
  data.owner = faults.Name("owner", "members", from.owner());
  data.team = faults.Name("team", "teams", from.team());
  data.region = faults.Line("region", from.region());
  data.budget = ReadMoney("campaign.budget", true, from.budget(), faults).value_or(Money{});
  const std::pair<const char*, bool> times[] = {
      {"planned_start_time", from.has_planned_start_time()},
      {"planned_end_time", from.has_planned_end_time()}};
  for (const auto& [field, given] : times) {
    if (!given) {
      faults.Add(field, "is required");
    }
  }
  data.planned_start = rpc::FromProto(from.planned_start_time());
  data.planned_end = rpc::FromProto(from.planned_end_time());
  RETURN_IF_ERROR(faults.status());
  return to;
}

absl::StatusOr<CampaignResults> FromProto(const pb::CampaignResults& from) {
  rpc::Faults faults;
  CampaignResults to;
  to.cost = ReadMoney("results.cost", from.has_cost(), from.cost(), faults);
  to.revenue = ReadMoney("results.revenue", from.has_revenue(), from.revenue(), faults);
  const auto number = [](bool given, int64_t value) {
    return given ? std::optional(value) : std::nullopt;
  };
  to.leads = number(from.has_leads(), from.leads());
  to.converted_leads = number(from.has_converted_leads(), from.converted_leads());
  to.new_customers = number(from.has_new_customers(), from.new_customers());
  RETURN_IF_ERROR(faults.status());
  return to;
}

std::vector<std::string> ChangedFields(const CampaignText& from, const CampaignText& to) {
  const std::pair<const char*, std::string CampaignText::*> texts[] = {
      {"title", &CampaignText::title},
      {"title_zh", &CampaignText::title_zh},
      {"goal", &CampaignText::goal},
      {"description", &CampaignText::description}};
  std::vector<std::string> changed;
  for (const auto& [name, member] : texts) {
    if (from.*member != to.*member) {
      changed.emplace_back(name);
    }
  }
  return changed;
}

void ToProto(const StoredCampaign& from, pb::Campaign* to) {
  const CampaignData& data = from.data;
  to->Clear();
  to->set_name(CampaignName(data.id));
  to->set_title(from.text.title);
  to->set_title_zh(from.text.title_zh);
  to->set_goal(from.text.goal);
  to->set_description(from.text.description);
  to->set_kind(data.kind);
  to->set_owner(data.owner);
  to->set_team(data.team);
  to->set_region(data.region);
  rpc::ToProto(data.budget, to->mutable_budget());
  *to->mutable_planned_start_time() = rpc::ToProto(data.planned_start);
  *to->mutable_planned_end_time() = rpc::ToProto(data.planned_end);
  to->set_state(static_cast<pb::Campaign::State>(data.state));
  *to->mutable_state_time() = rpc::ToProto(data.state_time);
  to->set_approved_by(data.approved_by);
  const auto set = [to](const std::optional<Time>& time,
                        google::protobuf::Timestamp* (pb::Campaign::*field)()) {
    if (time) {
      *(to->*field)() = rpc::ToProto(*time);
    }
  };
  set(data.approved_at, &pb::Campaign::mutable_approve_time);
  set(data.rehearsed_at, &pb::Campaign::mutable_rehearse_time);
  set(data.started_at, &pb::Campaign::mutable_start_time);
  set(data.ended_at, &pb::Campaign::mutable_end_time);
  set(data.recap_at, &pb::Campaign::mutable_recap_time);
  to->set_recap(data.recap);
  if (data.results != CampaignResults{}) {
    ToProto(data.results, to->mutable_results());
    ToProto(FiguresOf(data.results), to->mutable_figures());
  }
  to->set_planned_by(from.planned_by);
  *to->mutable_occurred_at() = rpc::ToProto(data.occurred_at);
  *to->mutable_create_time() = rpc::ToProto(data.recorded_at);
  *to->mutable_update_time() = rpc::ToProto(data.update_time);
  to->set_etag(EtagOf(data.version));
}

CampaignResults Unstated(const CampaignResults& stated, const CampaignCounts& counts) {
  CampaignResults unstated;
  if (counts.leads > 0 && !stated.leads) {
    unstated.leads = counts.leads;
    unstated.converted_leads = counts.converted_leads;
  }
  if (counts.revenue.size() == 1 && !stated.revenue) {
    unstated.revenue = counts.revenue.front();
  }
  return unstated;
}

void AddCounts(const StoredCampaign& from, const CampaignCounts& counts, pb::Campaign* to) {
  pb::CampaignCounts& counted = *to->mutable_counted();
  counted.set_leads(counts.leads);
  counted.set_converted_leads(counts.converted_leads);
  counted.set_won_opportunities(counts.won);
  for (const Money& amount : counts.revenue) {
    rpc::ToProto(amount, counted.add_revenue());
  }
  CampaignResults known = from.data.results;
  const CampaignResults unstated = Unstated(known, counts);
  if (unstated == CampaignResults{}) {
    return;
  }
  known.revenue = unstated.revenue ? unstated.revenue : known.revenue;
  if (unstated.leads) {
    known.leads = unstated.leads;
    known.converted_leads = unstated.converted_leads;
  }
  to->clear_figures();
  ToProto(FiguresOf(known), to->mutable_figures());
}

void ToProto(const CampaignKind& from, pb::CampaignKind* to) {
  to->set_id(from.id);
  to->set_parent(from.parent);
  to->mutable_display_names()->insert(from.display_names.begin(), from.display_names.end());
  to->set_source(from.source);
}

absl::StatusOr<CampaignQuery> ParseCampaignQuery(const std::vector<CampaignKind>& kinds,
                                                 std::string_view filter,
                                                 std::string_view order_by) {
  CampaignQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  for (const rpc::FilterTerm& term : terms) {
    RETURN_IF_ERROR(ApplyTerm(kinds, term, query.filter));
  }
  if (order_by.empty() || order_by == "create_time desc") {
    query.order = {false, false};
  } else if (order_by == "create_time") {
    query.order = {false, true};
  } else if (order_by == "planned_start_time desc") {
    query.order = {true, false};
  } else if (order_by == "planned_start_time") {
    query.order = {true, true};
  } else {
    return FieldInvalid("order_by",
                        "is not `create_time desc`, `create_time`, `planned_start_time desc` or "
                        "`planned_start_time`");
  }
  return query;
}

}  // namespace steward::leads
