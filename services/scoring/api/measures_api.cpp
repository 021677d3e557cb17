#include "services/scoring/api/measures_api.h"

#include <algorithm>
#include <map>

#include "libs/base/day.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/service/pages.h"
#include "services/scoring/domain/measures.h"

namespace steward::scoring {
namespace {

constexpr SubjectKind kSubjectKinds[] = {SubjectKind::kMember, SubjectKind::kTeam,
                                         SubjectKind::kRegion, SubjectKind::kCustomer,
                                         SubjectKind::kCompany};

void DescribeMeasure(const Measure& measure, pb::Measure* out) {
  out->set_id(std::string(measure.id));
  (*out->mutable_display_names())["en"] = std::string(measure.name);
  (*out->mutable_display_names())["zh-Hans"] = std::string(measure.name_zh);
  out->set_unit(std::string(NameOf(measure.unit)));
  out->set_topic(std::string(measure.topic));
  out->set_qualifier(std::string(measure.qualifier));
  for (const SubjectKind kind : kSubjectKinds) {
    if (Covers(measure, kind)) {
      out->add_subject_kinds(std::string(NameOf(kind)));
    }
  }
  out->set_note(std::string(measure.note));
}

// GetMeasure and ListFacts ask the same thing.
template <class Request>
absl::StatusOr<FactQuery> QueryOf(const rpc::Call& call, const Request& request) {
  RETURN_IF_ERROR(ParseMeasure("measure", request.measure()).status());
  RETURN_IF_ERROR(CheckSubject(call, "subject", request.subject()));
  FactQuery query{request.subject(), request.measure(), request.qualifier(), {}};
  ASSIGN_OR_RETURN(query.days.first, rpc::FromProto("first_day", request.first_day()));
  ASSIGN_OR_RETURN(query.days.last, rpc::FromProto("last_day", request.last_day()));
  if (query.days.last < query.days.first) {
    return FieldInvalid("last_day", "lies before `first_day`");
  }
  return query;
}

template <class Request, class Response>
void Add(rpc::Server& server, MeasuresApi& api, const char* method,
         absl::Status (MeasuresApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.scoring.v1.MeasuresService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

absl::Status CheckSubject(const rpc::Call& call, std::string_view field, std::string_view subject) {
  RETURN_IF_ERROR(ParseSubject(field, subject).status());
  return call.reach.all || Contains(call.reach.members, subject) ||
                 Contains(call.reach.teams, subject)
             ? absl::OkStatus()
             : NotFound(subject);
}

void ToProto(const StoredFact& fact, pb::Fact* out) {
  out->set_event_id(fact.event_id.ToString());
  out->set_measure(fact.fact.measure);
  if (const Measure* measure = FindMeasure(fact.fact.measure)) {
    out->set_unit(std::string(NameOf(measure->unit)));
  }
  out->set_part(fact.part);
  out->set_aggregate(fact.aggregate);
  out->set_aggregate_version(fact.version);
  *out->mutable_occurred_at() = rpc::ToProto(fact.occurred_at);
  rpc::ToProto(fact.fact.day, out->mutable_day());
  out->set_qualifier(fact.fact.qualifier);
  out->set_currency(fact.fact.currency);
  out->set_value(fact.fact.value);
  out->set_member(fact.fact.of.member);
  out->set_team(fact.fact.of.team);
  out->set_region(fact.fact.of.region);
  out->set_customer(fact.fact.of.customer);
  *out->mutable_record_time() = rpc::ToProto(fact.recorded_at);
}

void MeasuresApi::AddTo(rpc::Server& server) {
  Add(server, *this, "ListMeasures", &MeasuresApi::ListMeasures);
  Add(server, *this, "GetMeasure", &MeasuresApi::GetMeasure);
  Add(server, *this, "ListFacts", &MeasuresApi::ListFacts);
}

absl::Status MeasuresApi::ListMeasures(const rpc::Call&, const pb::ListMeasuresRequest&,
                                       pb::ListMeasuresResponse* response) {
  for (const Measure& measure : Measures()) {
    DescribeMeasure(measure, response->add_measures());
  }
  return absl::OkStatus();
}

absl::Status MeasuresApi::GetMeasure(const rpc::Call& call, const pb::GetMeasureRequest& request,
                                     pb::MeasureTotals* response) {
  ASSIGN_OR_RETURN(const FactQuery query, QueryOf(call, request));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const std::vector<DaySum> sums, ReadDays(*db, query, call.TimeLeft()));
  response->set_measure(request.measure());
  response->set_subject(request.subject());
  std::map<std::string, pb::MeasureTotals::Total> totals;
  std::map<std::pair<absl::CivilDay, std::string>, pb::MeasureTotals::Total> days;
  for (const DaySum& sum : sums) {
    for (pb::MeasureTotals::Total* total :
         {&totals[sum.currency], &days[{sum.day, sum.currency}]}) {
      total->set_currency(sum.currency);
      total->set_facts(total->facts() + sum.facts);
      total->set_total(total->total() + sum.total);
    }
    rpc::ToProto(sum.day, days[{sum.day, sum.currency}].mutable_day());
  }
  for (const auto& [currency, total] : totals) {
    *response->add_totals() = total;
  }
  for (const auto& [day, total] : days) {
    *response->add_days() = total;
  }
  return absl::OkStatus();
}

absl::Status MeasuresApi::ListFacts(const rpc::Call& call, const pb::ListFactsRequest& request,
                                    pb::ListFactsResponse* response) {
  ASSIGN_OR_RETURN(const FactQuery query, QueryOf(call, request));
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(tokens_,
                                     "ListFacts\n" + query.subject + "\n" + query.measure + "\n" +
                                         query.qualifier + "\n" + FormatDay(query.days.first) +
                                         "\n" + FormatDay(query.days.last),
                                     request, 3));
  std::optional<FactCursor> after;
  if (!page.place().empty()) {
    ASSIGN_OR_RETURN(const int64_t part, rpc::CursorNumber(page.place()[2]));
    after = FactCursor{page.place()[0], page.place()[1], part};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredFact> facts,
                   ReadFacts(*db, query, after, page.limit(), call.TimeLeft()));
  if (page.Cut(facts)) {
    const StoredFact& last = facts.back();
    page.Continue({FormatDay(last.fact.day), last.event_id.ToString(), std::to_string(last.part)},
                  response);
  }
  for (const StoredFact& fact : facts) {
    ToProto(fact, response->add_facts());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
