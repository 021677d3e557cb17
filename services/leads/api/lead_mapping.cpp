#include "services/leads/api/lead_mapping.h"

#include <map>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/contact/contact.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "services/leads/api/mapping.h"
#include "services/leads/domain/lead.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {
namespace {

constexpr size_t kNameLength = 200;
constexpr size_t kPersonLength = 100;
constexpr size_t kExternalIdLength = 128;
constexpr size_t kUtmLength = 256;
constexpr size_t kTextLength = 4000;
constexpr int kMaxSkills = 20;

LeadPerson ReadPerson(const std::string& phone_region, const pb::LeadPerson& from,
                      rpc::Faults& faults) {
  LeadPerson to;
  to.display_name = faults.Line("lead.person.display_name", from.display_name(), kPersonLength);
  to.company_name = faults.Line("lead.person.company_name", from.company_name(), kNameLength);
  to.phone = faults.Line("lead.person.phone", from.phone());
  if (!to.phone.empty()) {
    const std::optional<std::string> e164 = contact::NormalisePhone(to.phone, phone_region);
    if (!e164) {
      faults.Add("lead.person.phone", "is no phone number of region " + phone_region +
                                          "; begin with + and the country code for another one");
    }
    to.phone_e164 = e164.value_or("");
  }
  to.email = faults.Line("lead.person.email", from.email(), kNameLength);
  if (!to.email.empty()) {
    const std::optional<std::string> email = contact::NormaliseEmail(to.email);
    if (!email) {
      faults.Add("lead.person.email", "is no e-mail address");
    }
    to.email = email.value_or("");
  }
  to.text = faults.Text("lead.person.text", from.text(), kTextLength);
  return to;
}

std::string Required(rpc::Faults& faults, const std::string& field, const std::string& value,
                     size_t max = rpc::Faults::kCodeLength) {
  if (value.empty()) {
    faults.Add(field, "is required");
  }
  return faults.Line(field, value, max);
}

void ApplyTextTerm(const rpc::FilterTerm& term, LeadListQuery& query) {
  if (term.op == "!=") {
    query.filter.not_equal[term.field].push_back(term.value);
    return;
  }
  const auto [known, added] = query.filter.equal.emplace(term.field, term.value);
  query.nothing = query.nothing || (!added && known->second != term.value);
}

absl::Status ApplyState(const rpc::FilterTerm& term, LeadListQuery& query) {
  const std::optional<LeadState> state = LeadStateFromName(term.value);
  if (!state) {
    std::vector<std::string_view> names;
    for (const LeadState each : kLeadStates) {
      names.push_back(NameOf(each));
    }
    return FieldInvalid("filter", "`state` is one of " + Join(names));
  }
  if (term.op == "!=") {
    query.filter.not_states.push_back(*state);
  } else {
    query.nothing = query.nothing || (query.filter.state && *query.filter.state != *state);
    query.filter.state = state;
  }
  return absl::OkStatus();
}

absl::Status ApplyTerm(const rpc::FilterTerm& term, LeadListQuery& query) {
  LeadFilter& filter = query.filter;
  if (term.field == "state") {
    return ApplyState(term, query);
  }
  if (term.field == "occurred_at") {
    return rpc::NarrowTime(term, filter.occurred_from, filter.occurred_to);
  }
  if (term.field == "recorded_at") {
    return rpc::NarrowTime(term, filter.recorded_from, filter.recorded_to);
  }
  if (term.field == "last_touch_time") {
    Time from = filter.touched_from.value_or(kEpoch);
    Time to = filter.touched_to.value_or(kClientTimeEnd);
    RETURN_IF_ERROR(rpc::NarrowTime(term, from, to));
    filter.touched_from = from;
    filter.touched_to = to;
    return absl::OkStatus();
  }
  ApplyTextTerm(term, query);
  return absl::OkStatus();
}

const std::map<std::string, std::string>& FilterFields() {
  static const auto& fields = *new std::map<std::string, std::string>([] {
    std::map<std::string, std::string> all{{"state", "= !="},
                                           {"occurred_at", "< <= > >="},
                                           {"recorded_at", "< <= > >="},
                                           {"last_touch_time", "< <= > >="}};
    for (const std::string_view column : kLeadFilterColumns) {
      all.emplace(column, "= !=");
    }
    return all;
  }());
  return fields;
}

void Fill(const events::v1::LeadsEvent& event, pb::LeadChange& to) {
  if (event.has_lead_captured()) {
    to.set_team(event.lead_captured().team());
  } else if (event.has_lead_assigned()) {
    to.set_from_owner(event.lead_assigned().from_owner());
    to.set_owner(event.lead_assigned().owner());
    to.set_team(event.lead_assigned().team());
  } else if (event.has_lead_touched()) {
    to.set_touch(event.lead_touched().touch());
    to.set_effective(event.lead_touched().effective());
  } else if (event.has_lead_converted()) {
    to.set_opportunity(event.lead_converted().opportunity());
    to.set_owner(event.lead_converted().owner());
  } else if (event.has_lead_disqualified()) {
    to.set_cause(event.lead_disqualified().reason());
  } else if (event.has_lead_recycled()) {
    to.set_from_owner(event.lead_recycled().from_owner());
    to.set_cause(event.lead_recycled().cause());
  } else if (event.has_lead_restored()) {
    to.set_cause(event.lead_restored().reason());
  }
}

}  // namespace

absl::StatusOr<Uuid> ParseLeadName(std::string_view field, std::string_view name) {
  constexpr std::string_view kCollection = "leads/";
  if (name.starts_with(kCollection)) {
    absl::StatusOr<Uuid> id = Uuid::Parse(name.substr(kCollection.size()));
    if (id.ok() && LeadName(*id) == name) {
      return id;
    }
  }
  return FieldInvalid(field, "is not `leads/{uuid}`");
}

absl::StatusOr<Intake> FromProto(const std::string& phone_region,
                                 const pb::CreateLeadRequest& request, const std::string& path) {
  rpc::Faults faults(path);
  const pb::Lead& from = request.lead();
  Intake intake;
  LeadData& to = intake.draft;
  to.channel = Required(faults, "lead.channel", from.channel());
  to.external_id = Required(faults, "lead.external_id", from.external_id(), kExternalIdLength);
  to.source = Required(faults, "lead.source", from.source());
  to.campaign = faults.Name("lead.campaign", "campaigns", from.campaign());
  to.customer = faults.Name("lead.customer", "customers", from.customer());
  to.team = faults.Name("lead.team", "teams", from.team());
  to.territory = faults.Line("lead.territory", from.territory());
  to.industry = faults.Line("lead.industry", from.industry());
  if (from.skills_size() > kMaxSkills) {
    faults.Add("lead.skills", "are more than " + std::to_string(kMaxSkills));
  }
  for (const std::string& skill : from.skills()) {
    to.skills.push_back(faults.Line("lead.skills", skill));
  }
  const pb::Utm& utm = from.utm();
  to.utm = {faults.Line("lead.utm.source", utm.source(), kUtmLength),
            faults.Line("lead.utm.medium", utm.medium(), kUtmLength),
            faults.Line("lead.utm.campaign", utm.campaign(), kUtmLength),
            faults.Line("lead.utm.term", utm.term(), kUtmLength),
            faults.Line("lead.utm.content", utm.content(), kUtmLength)};
  intake.person = ReadPerson(phone_region, from.person(), faults);
  intake.occurred_at = OptionalTime(from.has_occurred_at(), from.occurred_at());
  intake.rule = faults.Name("rule", "assignmentRules", request.rule());
  intake.owner = faults.Name("owner", "members", request.owner());
  RETURN_IF_ERROR(faults.status());
  return intake;
}

void ToProto(const StoredLead& from, int recycle_days, pb::Lead* to) {
  const LeadData& data = from.data;
  to->Clear();
  to->set_name(LeadName(data.id));
  to->set_channel(data.channel);
  to->set_external_id(data.external_id);
  to->set_source(data.source);
  to->set_campaign(data.campaign);
  if (data.utm != Utm{}) {
    pb::Utm& utm = *to->mutable_utm();
    utm.set_source(data.utm.source);
    utm.set_medium(data.utm.medium);
    utm.set_campaign(data.utm.campaign);
    utm.set_term(data.utm.term);
    utm.set_content(data.utm.content);
  }
  to->set_customer(data.customer);
  to->set_territory(data.territory);
  to->set_industry(data.industry);
  to->mutable_skills()->Assign(data.skills.begin(), data.skills.end());
  if (from.person != LeadPerson{}) {
    pb::LeadPerson& person = *to->mutable_person();
    person.set_display_name(from.person.display_name);
    person.set_company_name(from.person.company_name);
    person.set_phone(from.person.phone);
    person.set_phone_e164(from.person.phone_e164);
    person.set_email(from.person.email);
    person.set_text(from.person.text);
  }
  to->set_owner(data.owner);
  to->set_team(data.team);
  to->set_state(static_cast<pb::Lead::State>(data.state));
  *to->mutable_state_time() = rpc::ToProto(data.state_time);
  if (data.assigned_time) {
    *to->mutable_assign_time() = rpc::ToProto(*data.assigned_time);
  }
  if (data.last_touch) {
    *to->mutable_last_touch_time() = rpc::ToProto(*data.last_touch);
  }
  if (const std::optional<Time> due = RecycleTime(data, recycle_days)) {
    *to->mutable_recycle_time() = rpc::ToProto(*due);
  }
  to->set_disqualify_reason(data.disqualify_reason);
  to->set_opportunity(data.opportunity);
  to->set_captured_by(data.captured_by);
  *to->mutable_occurred_at() = rpc::ToProto(data.occurred_at);
  *to->mutable_recorded_at() = rpc::ToProto(data.recorded_at);
  *to->mutable_update_time() = rpc::ToProto(data.update_time);
  to->set_etag(EtagOf(data.version));
  if (from.score) {
    pb::LeadScore& score = *to->mutable_score();
    score.set_score(from.score->score);
    score.set_band(from.score->band);
    score.set_win_percent(from.score->win_percent);
    score.set_model(from.score->model);
    score.set_model_version(from.score->model_version);
    *score.mutable_as_of_time() = rpc::ToProto(from.score->as_of);
  }
}

void ToProto(const Choice& from, pb::LeadChoice* to) {
  to->set_rule(from.rule);
  to->set_rule_version(from.rule_version);
  to->set_member(from.member);
  for (const Verdict& verdict : from.verdicts) {
    pb::LeadChoice::Verdict& added = *to->add_verdicts();
    added.set_member(verdict.member);
    added.set_reason(verdict.reason);
    added.set_load(verdict.load);
    added.set_capacity(verdict.capacity);
    added.set_last_turn(verdict.last_turn);
  }
}

absl::StatusOr<LeadListQuery> ParseLeadListQuery(std::string_view filter,
                                                 std::string_view order_by) {
  LeadListQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  for (const rpc::FilterTerm& term : terms) {
    RETURN_IF_ERROR(ApplyTerm(term, query));
  }
  static const std::map<std::string_view, LeadOrder> kOrders{{"", {false, false}},
                                                             {"recorded_at desc", {false, false}},
                                                             {"recorded_at", {false, true}},
                                                             {"score desc", {true, false}},
                                                             {"score", {true, true}}};
  const auto order = kOrders.find(order_by);
  if (order == kOrders.end()) {
    return FieldInvalid("order_by",
                        "is not `recorded_at desc`, `recorded_at`, `score desc` or `score`");
  }
  query.order = order->second;
  return query;
}

absl::StatusOr<pb::LeadChange> ChangeOf(const eventing::JournalRow& row, const LeadNotes& notes) {
  events::v1::LeadsEvent event;
  if (!event.ParseFromString(row.payload)) {
    return absl::InternalError("journal row of " + row.aggregate + " does not parse");
  }
  pb::LeadChange change;
  change.set_version(row.aggregate_version);
  change.set_type(row.type);
  *change.mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *change.mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  change.set_actor(row.actor);
  Fill(event, change);
  if (const auto reason = notes.reasons.find(row.aggregate_version);
      reason != notes.reasons.end()) {
    change.set_reason(reason->second);
  }
  if (const auto choice = notes.choices.find(row.aggregate_version);
      choice != notes.choices.end()) {
    ToProto(choice->second, change.mutable_choice());
  }
  return change;
}

}  // namespace steward::leads
