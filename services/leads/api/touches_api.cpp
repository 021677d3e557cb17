#include "services/leads/api/touches_api.h"

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/identity/org.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/service/pages.h"
#include "services/leads/api/lead_mapping.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/opportunity_mapping.h"
#include "services/leads/domain/lead.h"
#include "services/leads/events/lead_events.h"
#include "services/leads/storage/assignment_store.h"
#include "services/leads/storage/customer_store.h"
#include "services/leads/storage/opportunity_store.h"

namespace steward::leads {
namespace {

constexpr size_t kNoteLength = 4000;
constexpr int kMaxOnSheet = 1000;

void ToProto(const StoredTouch& from, pb::Touch* to) {
  const Touch& touch = from.touch;
  to->Clear();
  to->set_name(TouchName(touch.id));
  to->set_kind(touch.kind);
  to->set_outcome(touch.outcome);
  to->set_effective(touch.effective);
  to->set_member(touch.member);
  to->set_team(from.team);
  to->set_customer(touch.customer);
  to->set_lead(touch.lead);
  to->set_opportunity(touch.opportunity);
  to->set_note(from.note);
  *to->mutable_occurred_at() = rpc::ToProto(touch.occurred_at);
  *to->mutable_recorded_at() = rpc::ToProto(touch.recorded_at);
  to->set_recorded_by(from.recorded_by);
}

// The opportunity must be of the lead and the customer that the touch names, and lends it its customer.
absl::Status FitTo(const OpportunityData& opportunity, Touch& touch) {
  const auto other = [](const std::string& of, const std::string& named) {
    return !of.empty() && !named.empty() && of != named;
  };
  if (other(opportunity.lead, touch.lead)) {
    return FieldInvalid("touch.opportunity",
                        "came of " + opportunity.lead + ", not of " + touch.lead);
  }
  if (other(opportunity.customer, touch.customer)) {
    return FieldInvalid("touch.opportunity",
                        "is of " + opportunity.customer + ", not of " + touch.customer);
  }
  touch.customer = touch.customer.empty() ? opportunity.customer : touch.customer;
  return absl::OkStatus();
}

bool Reaches(const rpc::Reach& reach, const std::string& member) {
  return reach.all || Contains(reach.members, member);
}

// The team of a member by the directory's row; empty when it is not known.
absl::StatusOr<std::string> TeamIn(const pg::Result& row, const std::string& member, Time at) {
  identity::Org org;
  if (row.rows() > 0 && !org.members[member].ParseFromString(row.Bytes(0, 0))) {
    return absl::InternalError("org_entry of " + member + " does not parse");
  }
  return org.TeamOf(member, at).value_or("");
}

struct TouchListQuery {
  TouchFilter filter;
  bool nothing = false;
};

absl::Status ApplyTerm(const rpc::FilterTerm& term, TouchListQuery& query) {
  TouchFilter& filter = query.filter;
  if (term.field == "occurred_at") {
    return rpc::NarrowTime(term, filter.from, filter.to);
  }
  if (term.field == "effective") {
    if (term.value != "true" && term.value != "false") {
      return FieldInvalid("filter", "`effective` is true or false");
    }
    const bool wanted = (term.value == "true") == (term.op == "=");
    query.nothing = query.nothing || (filter.effective && *filter.effective != wanted);
    filter.effective = wanted;
    return absl::OkStatus();
  }
  if (term.op == "!=") {
    filter.not_equal[term.field].push_back(term.value);
    return absl::OkStatus();
  }
  const auto [known, added] = filter.equal.emplace(term.field, term.value);
  query.nothing = query.nothing || (!added && known->second != term.value);
  return absl::OkStatus();
}

absl::StatusOr<TouchListQuery> ParseQuery(std::string_view filter) {
  static const auto& fields = *new std::map<std::string, std::string>([] {
    std::map<std::string, std::string> all{{"effective", "= !="}, {"occurred_at", "< <= > >="}};
    for (const std::string_view column : kTouchFilterColumns) {
      all.emplace(column, "= !=");
    }
    return all;
  }());
  TouchListQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms, rpc::ParseFilter(filter, fields));
  for (const rpc::FilterTerm& term : terms) {
    RETURN_IF_ERROR(ApplyTerm(term, query));
  }
  return query;
}

}  // namespace

bool TouchesApi::IsInPerson(const std::string& kind) const {
  return std::any_of(deps_.catalogue.kinds.begin(), deps_.catalogue.kinds.end(),
                     [&](const TouchKind& each) { return each.id == kind && each.in_person; });
}

absl::StatusOr<StoredTouch> TouchesApi::DraftOf(const rpc::Call& call,
                                                const pb::Touch& from) const {
  rpc::Faults faults("touch");
  StoredTouch to;
  Touch& touch = to.touch;
  touch.kind = from.kind();
  touch.outcome = from.outcome();
  touch.effective = from.effective();
  touch.member =
      from.member().empty() ? call.caller : faults.Name("member", "members", from.member());
  touch.customer = faults.Name("customer", "customers", from.customer());
  if (!from.lead().empty()) {
    faults.Add(ParseLeadName("touch.lead", from.lead()).status());
    touch.lead = from.lead();
  }
  if (!from.opportunity().empty()) {
    faults.Add(ParseOpportunityName("touch.opportunity", from.opportunity()).status());
    touch.opportunity = from.opportunity();
  }
  to.note = faults.Text("note", from.note(), kNoteLength);
  to.recorded_by = call.caller;
  RETURN_IF_ERROR(faults.status());
  RETURN_IF_ERROR(CheckTouch(deps_.catalogue, touch));
  if (touch.member != call.caller && !Reaches(call.reach, touch.member)) {
    return NotFound(touch.member);
  }
  return to;
}

absl::Status TouchesApi::RecordTouch(const rpc::Call& call, const pb::RecordTouchRequest& request,
                                     pb::Touch* response) {
  ASSIGN_OR_RETURN(const StoredTouch draft, DraftOf(call, request.touch()));
  const std::string& lead_name = draft.touch.lead;
  const Uuid lead_id = lead_name.empty() ? Uuid{} : *ParseLeadName("touch.lead", lead_name);
  const std::string& deal_name = draft.touch.opportunity;
  const Uuid deal_id =
      deal_name.empty() ? Uuid{} : *ParseOpportunityName("touch.opportunity", deal_name);
  const std::optional<Time> given =
      OptionalTime(request.touch().has_occurred_at(), request.touch().occurred_at());
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        if (!lead_name.empty()) {
          tx.Lock({pg::LockKey::Exclusive(lead_name)});
        }
        command.Find();
        const pg::Pending lead_row = QueueLoadLead(tx, lead_id, call.reach);
        const pg::Pending customer = QueueLoad(
            tx, draft.touch.customer.empty() ? "" : *ParseCustomerName("", draft.touch.customer),
            call.reach);
        const pg::Pending deal = QueueLoad(tx, deal_id, call.reach);
        const pg::Pending member = QueueMemberState(tx, draft.touch.member);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (!lead_name.empty() && lead_row->rows() == 0) {
          return NotFound(lead_name);
        }
        if (!draft.touch.customer.empty() && customer->rows() == 0) {
          return NotFound(draft.touch.customer);
        }
        if (!deal_name.empty() && deal->rows() == 0) {
          return NotFound(deal_name);
        }
        IdGenerator& ids = *deps_.env.ids;
        ASSIGN_OR_RETURN(
            const Occasion occasion,
            CheckOccasion(deps_.time_rules,
                          {call.caller, call.HasGrant("importer"), call.HasGrant("supervisor")},
                          ids.NewId(command.now()), command.now(), given));
        StoredTouch stored = draft;
        Touch& touch = stored.touch;
        touch.id = ids.NewId(command.now());
        touch.recorded_at = command.now();
        touch.occurred_at = given.value_or(command.now());
        std::optional<Lead> lead;
        if (!lead_name.empty()) {
          lead.emplace(ReadLead(*lead_row, 0).data);
          RETURN_IF_ERROR(lead->RecordTouch(TouchName(touch.id), touch.effective, occasion));
          touch.occurred_at = lead->events().back().occurred_at;
          touch.customer = touch.customer.empty() ? lead->data().customer : touch.customer;
        }
        if (!deal_name.empty()) {
          RETURN_IF_ERROR(FitTo(ReadOpportunity(*deal, 0).data, touch));
        }
        ASSIGN_OR_RETURN(stored.team, TeamIn(*member, touch.member, touch.occurred_at));
        ToProto(stored, response);
        command.Claim(response->name());
        QueueInsert(tx, stored);
        std::vector<eventing::NewEvent> rows{
            ToJournal(touch, stored.team, IsInPerson(touch.kind), ids.NewId(command.now()))};
        if (lead) {
          leads::QueueUpdate(tx, lead->data());
          rows.push_back(ToJournal(lead->data(), lead->events()).front());
        }
        if (deps_.metrics != nullptr) {
          tx.AfterCommit([metrics = deps_.metrics, kind = touch.kind] { metrics->Touched(kind); });
        }
        return command.Append(rows);
      });
}

absl::Status TouchesApi::ListTouches(const rpc::Call& call, const pb::ListTouchesRequest& request,
                                     pb::ListTouchesResponse* response) {
  ASSIGN_OR_RETURN(const TouchListQuery query, ParseQuery(request.filter()));
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(*deps_.tokens, "ListTouches\n" + request.filter(), request));
  ASSIGN_OR_RETURN(const std::optional<TouchCursor> after, service::ReadTimePlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      std::vector<StoredTouch> touches,
      leads::ListTouches(*db, query.filter, after, call.reach, page.limit(), call.TimeLeft()));
  if (page.Cut(touches)) {
    const Touch& last = touches.back().touch;
    page.Continue(service::PlaceOf(last.occurred_at, last.id), response);
  }
  for (const StoredTouch& touch : touches) {
    ToProto(touch, response->add_touches());
  }
  return absl::OkStatus();
}

absl::Status TouchesApi::GetVisitSheet(const rpc::Call& call,
                                       const pb::GetVisitSheetRequest& request,
                                       pb::VisitSheet* response) {
  RETURN_IF_ERROR(CheckName("member", "members", request.member()));
  ASSIGN_OR_RETURN(const absl::CivilDay day, rpc::FromProto("day", request.day()));
  if (request.member() != call.caller && !Reaches(call.reach, request.member())) {
    return NotFound(request.member());
  }
  const DaySpan span = SpanOf(day, deps_.company_zone);
  TouchFilter filter;
  filter.equal["member"] = request.member();
  filter.from = span.begin;
  filter.to = Time{span.end.micros - 1};
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(
      const std::vector<StoredTouch> stored,
      leads::ListTouches(*db, filter, std::nullopt, {.all = true, .members = {}, .teams = {}},
                         kMaxOnSheet, call.TimeLeft()));
  std::vector<Touch> touches;
  std::map<Uuid, const StoredTouch*> by_id;
  for (const StoredTouch& each : stored) {
    touches.push_back(each.touch);
    by_id.emplace(each.touch.id, &each);
  }
  const VisitSheet sheet = VisitSheetOf(deps_.catalogue, touches, request.member(), span);
  response->set_member(request.member());
  *response->mutable_day() = request.day();
  *response->mutable_begin_time() = rpc::ToProto(span.begin);
  *response->mutable_end_time() = rpc::ToProto(span.end);
  for (const Touch& touch : sheet.touches) {
    ToProto(*by_id.at(touch.id), response->add_touches());
  }
  response->set_visit_count(sheet.visits);
  response->set_effective_count(sheet.effective);
  return absl::OkStatus();
}

absl::Status TouchesApi::ListTouchCatalogue(const rpc::Call&, const pb::ListTouchCatalogueRequest&,
                                            pb::ListTouchCatalogueResponse* response) {
  for (const TouchKind& from : deps_.catalogue.kinds) {
    pb::TouchKind& to = *response->add_kinds();
    to.set_id(from.id);
    to.mutable_display_names()->insert(from.display_names.begin(), from.display_names.end());
    to.set_in_person(from.in_person);
    to.set_source(from.source);
  }
  for (const TouchOutcome& from : deps_.catalogue.outcomes) {
    pb::TouchOutcome& to = *response->add_outcomes();
    to.set_id(from.id);
    to.mutable_display_names()->insert(from.display_names.begin(), from.display_names.end());
    to.set_reached(from.reached);
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
