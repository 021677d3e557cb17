#include "services/complaints/api/mapping.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"

namespace steward::complaints {
namespace {

constexpr std::string_view kCollection = "complaints/";
constexpr size_t kExternalIdLength = 128;
constexpr size_t kSummaryLength = 200;
constexpr size_t kTextLength = 4000;
constexpr int kMaxTiers = 20;
constexpr int kMaxPastFacts = 500;

std::vector<PastFact> PastFacts(const pb::RegisterTicketRequest& request, rpc::Faults& faults) {
  std::vector<PastFact> facts;
  if (request.past_facts_size() > kMaxPastFacts) {
    faults.Add("past_facts", "are more than " + std::to_string(kMaxPastFacts));
    return facts;
  }
  for (int i = 0; i < request.past_facts_size(); ++i) {
    const pb::PastFact& from = request.past_facts(i);
    const std::string path = "past_facts[" + std::to_string(i) + "].";
    if (!from.has_occurred_at()) {
      faults.Add(path + "occurred_at", "is required");
    }
    facts.push_back({faults.Line(path + "type", from.type()), rpc::FromProto(from.occurred_at()),
                     faults.Line(path + "cause", from.cause()),
                     faults.Name(path + "owner", "members", from.owner()),
                     faults.Name(path + "team", "teams", from.team())});
  }
  return facts;
}

absl::Status ApplyStateTerm(const rpc::FilterTerm& term, ListQuery& query) {
  const std::optional<State> state = StateFromName(term.value);
  if (!state) {
    return FieldInvalid("filter", "`state`: `" + term.value + "` is not a state");
  }
  if (term.op == "!=") {
    query.filter.not_states.push_back(*state);
  } else {
    query.nothing = query.nothing || (query.filter.state && *query.filter.state != *state);
    query.filter.state = state;
  }
  return absl::OkStatus();
}

void ApplyTextTerm(const rpc::FilterTerm& term, ListQuery& query) {
  if (term.op == "!=") {
    query.filter.not_equal[term.field].push_back(term.value);
    return;
  }
  const auto [known, added] = query.filter.equal.emplace(term.field, term.value);
  query.nothing = query.nothing || (!added && known->second != term.value);
}

const std::map<std::string, std::string>& FilterFields() {
  static const std::map<std::string, std::string> fields = [] {
    std::map<std::string, std::string> made{
        {"state", "= !="}, {"occurred_at", "< <= > >="}, {"recorded_at", "< <= > >="}};
    for (const std::string_view column : kFilterColumns) {
      made.emplace(column, "= !=");
    }
    return made;
  }();
  return fields;
}

}  // namespace

absl::StatusOr<Uuid> ParseTicketName(std::string_view field, std::string_view name) {
  if (name.substr(0, kCollection.size()) == kCollection) {
    if (const absl::StatusOr<Uuid> id = Uuid::Parse(name.substr(kCollection.size())); id.ok()) {
      return *id;
    }
  }
  return FieldInvalid(field, "is not `complaints/{uuid}`");
}

std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time) {
  return given ? std::optional(rpc::FromProto(time)) : std::nullopt;
}

std::string EtagOf(int64_t version) { return "\"" + std::to_string(version) + "\""; }

absl::Status CheckReason(std::string_view reason) {
  return CheckText("reason", reason, kTextLength);
}

absl::Status CheckOptionalName(std::string_view field, std::string_view collection,
                               std::string_view name) {
  return name.empty() ? absl::OkStatus() : CheckName(field, collection, name);
}

absl::StatusOr<Intake> FromProto(const pb::RegisterTicketRequest& request) {
  const pb::Ticket& from = request.ticket();
  Intake intake;
  rpc::Faults faults;
  TicketData& to = intake.draft;
  for (const auto& [field, value] :
       {std::pair{"ticket.kind", &from.kind()}, std::pair{"ticket.channel", &from.channel()}}) {
    if (value->empty()) {
      faults.Add(field, "is required");
    }
  }
  to.kind = faults.Line("ticket.kind", from.kind());
  to.severity = faults.Line("ticket.severity", from.severity());
  to.channel = faults.Line("ticket.channel", from.channel());
  to.external_id = faults.Line("ticket.external_id", from.external_id(), kExternalIdLength);
  to.customer = faults.Name("ticket.customer", "customers", from.customer());
  if (from.customer_tiers_size() > kMaxTiers) {
    faults.Add("ticket.customer_tiers", "are more than " + std::to_string(kMaxTiers));
  }
  for (const std::string& tier : from.customer_tiers()) {
    const size_t colon = tier.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == tier.size()) {
      faults.Add("ticket.customer_tiers", "`" + tier + "` is not `scheme:tier`");
    }
    to.customer_tiers.push_back(faults.Line("ticket.customer_tiers", tier));
  }
  to.partner = faults.Name("ticket.partner", "partners", from.partner());
  to.product = faults.Line("ticket.product", from.product());
  to.order = faults.Name("ticket.order", "orders", from.order());
  to.serial_number = faults.Line("ticket.serial_number", from.serial_number());
  to.topic = faults.Line("ticket.topic", from.topic());
  to.owner = faults.Name("ticket.owner", "members", from.owner());
  to.team = faults.Name("ticket.team", "teams", from.team());
  to.region = faults.Line("ticket.region", from.region());
  intake.text.summary = faults.Text("ticket.summary", from.summary(), kSummaryLength);
  intake.text.description = faults.Text("ticket.description", from.description(), kTextLength);
  intake.occurred_at = OptionalTime(from.has_occurred_at(), from.occurred_at());
  intake.past_facts = PastFacts(request, faults);
  RETURN_IF_ERROR(faults.status());
  return intake;
}

void ToProto(const StoredTicket& from, pb::Ticket* to) {
  const TicketData& data = from.data;
  to->Clear();
  to->set_name(TicketName(data.id));
  to->set_kind(data.kind);
  to->set_severity(data.severity);
  to->set_channel(data.channel);
  to->set_external_id(data.external_id);
  to->set_customer(data.customer);
  to->mutable_customer_tiers()->Assign(data.customer_tiers.begin(), data.customer_tiers.end());
  to->set_partner(data.partner);
  to->set_product(data.product);
  to->set_order(data.order);
  to->set_serial_number(data.serial_number);
  to->set_topic(data.topic);
  to->set_owner(data.owner);
  to->set_team(data.team);
  to->set_region(data.region);
  to->set_summary(from.text.summary);
  to->set_description(from.text.description);
  *to->mutable_occurred_at() = rpc::ToProto(data.occurred_at);
  *to->mutable_recorded_at() = rpc::ToProto(data.recorded_at);
  to->set_state(static_cast<pb::Ticket::State>(data.state));
  for (const Hold& hold : data.holds) {
    pb::Hold& added = *to->add_holds();
    added.set_cause(hold.cause);
    *added.mutable_occurred_at() = rpc::ToProto(hold.occurred_at);
  }
  to->set_cycle(data.cycle);
  for (const Milestone& milestone : data.milestones) {
    pb::Milestone& added = *to->add_milestones();
    added.set_type(milestone.type);
    *added.mutable_occurred_at() = rpc::ToProto(milestone.occurred_at);
    added.set_cycle(milestone.cycle);
    added.set_actor(milestone.actor);
  }
  *to->mutable_update_time() = rpc::ToProto(data.update_time);
  to->set_etag(EtagOf(data.version));
  to->set_cancel_reason(data.cancel_reason);
  if (from.repeat) {
    to->set_repeat_of(TicketName(from.repeat->first));
  }
}

void ToProto(const Note& from, pb::TicketNote* to) {
  to->set_name(TicketName(from.ticket) + "/notes/" + from.id.ToString());
  to->set_text(from.text);
  to->set_author(from.author);
  *to->mutable_create_time() = rpc::ToProto(from.create_time);
}

void ToProto(const Kind& from, pb::TicketKind* to) {
  to->set_id(from.id);
  to->set_parent(from.parent);
  to->mutable_display_names()->insert(from.display_names.begin(), from.display_names.end());
  to->mutable_severities()->Assign(from.severities.begin(), from.severities.end());
  to->set_needs_verification(from.needs_verification);
  to->mutable_milestones()->Assign(from.milestones.begin(), from.milestones.end());
  to->set_source(from.source);
}

absl::StatusOr<ListQuery> ParseListQuery(std::string_view filter, std::string_view order_by) {
  ListQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  for (const rpc::FilterTerm& term : terms) {
    if (term.field == "occurred_at") {
      RETURN_IF_ERROR(rpc::NarrowTime(term, query.filter.occurred_from, query.filter.occurred_to));
    } else if (term.field == "recorded_at") {
      RETURN_IF_ERROR(rpc::NarrowTime(term, query.filter.recorded_from, query.filter.recorded_to));
    } else if (term.field == "state") {
      RETURN_IF_ERROR(ApplyStateTerm(term, query));
    } else {
      ApplyTextTerm(term, query);
    }
  }
  if (order_by.empty() || order_by == "recorded_at desc") {
    query.order = {false, false};
  } else if (order_by == "recorded_at") {
    query.order = {false, true};
  } else if (order_by == "occurred_at desc") {
    query.order = {true, false};
  } else if (order_by == "occurred_at") {
    query.order = {true, true};
  } else {
    return FieldInvalid(
        "order_by",
        "is not `recorded_at desc`, `recorded_at`, `occurred_at desc` or `occurred_at`");
  }
  return query;
}

}  // namespace steward::complaints
