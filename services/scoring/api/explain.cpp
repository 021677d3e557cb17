// A KPI opened: its formula, the parts with their numbers, and the facts or measurements behind them.

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/scorecards_api.h"

namespace steward::scoring {
namespace {

// The measures whose facts a formula adds up, in order.
std::vector<Term> TermsOf(const Formula& formula) {
  std::vector<Term> terms;
  const auto add = [&](const Term& term) {
    terms.push_back(term);
    if (term.less != nullptr) {
      terms.push_back({TermKind::kSum, term.less, term.qualifier, nullptr});
    }
  };
  if (const auto* term = std::get_if<Term>(&formula.form)) {
    add(*term);
  } else if (const auto* ratio = std::get_if<TermRatio>(&formula.form)) {
    add(ratio->numerator);
    add(ratio->denominator);
  } else if (const auto* clock = std::get_if<ClockTerm>(&formula.form)) {
    const bool share = clock->aggregation == Aggregation::kShareWithin;
    for (const char* measure : {"clock_elapsed", "clock_met", "clock_missed"}) {
      if ((std::string_view(measure) == "clock_elapsed") != share) {
        add({TermKind::kSum, FindMeasure(measure), clock->policy, nullptr});
      }
    }
  }
  return terms;
}

// Where a page ended: in which term, and after which fact of it.
struct Place {
  size_t term = 0;
  std::optional<FactCursor> after;
};

absl::StatusOr<Place> ReadPlace(const std::vector<std::string>& cursor) {
  Place place;
  if (cursor.empty()) {
    return place;
  }
  if (cursor.size() != 4) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t term, rpc::CursorNumber(cursor[0]));
  ASSIGN_OR_RETURN(const int64_t part, rpc::CursorNumber(cursor[3]));
  place.term = static_cast<size_t>(term);
  place.after = FactCursor{cursor[1], cursor[2], part};
  return place;
}

void AddGiven(const std::vector<Given>& given, pb::ExplainKpiResponse* response) {
  for (const Given& each : given) {
    auto& to = *response->add_given();
    to.set_source(each.source);
    to.set_external_id(each.external_id);
    to.set_version(each.version);
    to.set_value(FormatDecimal(each.value));
    to.set_rater(each.rater);
    to.set_evidence(each.evidence);
    to.set_day(FormatDay(each.day));
  }
}

// Facts of one term after another, up to a page; the cursor of what follows, empty at the end.
absl::StatusOr<std::vector<std::string>> AddFacts(pg::Connection& db, const FigureReader& reader,
                                                  const std::vector<Term>& terms, Place place,
                                                  int page_size, Duration timeout,
                                                  pb::ExplainKpiResponse* response) {
  std::vector<std::string> reached;
  for (size_t i = place.term; i < terms.size(); ++i) {
    const int left = page_size - response->facts_size();
    ASSIGN_OR_RETURN(const std::vector<StoredFact> facts,
                     ReadFacts(db, reader.QueryOf(terms[i]), place.after, left + 1, timeout));
    place.after.reset();
    for (const StoredFact& fact : facts) {
      if (response->facts_size() == page_size) {
        return reached;
      }
      ToProto(fact, response->add_facts());
      reached = {std::to_string(i), FormatDay(fact.fact.day), fact.event_id.ToString(),
                 std::to_string(fact.part)};
    }
  }
  return std::vector<std::string>();
}

}  // namespace

absl::Status ScorecardsApi::ExplainKpi(const rpc::Call& call, const pb::ExplainKpiRequest& request,
                                       pb::ExplainKpiResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  RETURN_IF_ERROR(CheckName("kpi", "kpis", request.kpi()));
  const std::string bound = "ExplainKpi\n" + request.kpi() + "\n" + request.subject() + "\n" +
                            request.period() + "\n" + std::to_string(request.version());
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const Place place, ReadPlace(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const Asked asked, Ask(call, *db, request.subject(), request.period()));
  ASSIGN_OR_RETURN(*response->mutable_kpi(),
                   LoadKpi(*db, request.kpi(), request.version(), call.TimeLeft()));
  ASSIGN_OR_RETURN(const CompiledKpi compiled, Compile("kpi", response->kpi()));
  FigureReader reader(*db, asked.subject, asked.kind, asked.period, asked.state != "OPEN",
                      call.TimeLeft());
  RETURN_IF_ERROR(reader.Load());
  ASSIGN_OR_RETURN(const Reading figure,
                   ReadFigure(*db, reader, response->kpi(), compiled, asked, call.TimeLeft()));
  FillLine(response->kpi(), figure, response->mutable_line());
  response->set_formula(Describe(compiled.formula));
  for (const auto& [term, value] : figure.parts) {
    auto& part = *response->add_parts();
    part.set_term(term);
    part.set_total(value.total);
    part.set_currency(value.currency);
  }
  AddGiven(figure.given, response);
  ASSIGN_OR_RETURN(const std::vector<std::string> next,
                   AddFacts(*db, reader, TermsOf(compiled.formula), place, page_size,
                            call.TimeLeft(), response));
  if (!next.empty()) {
    response->set_next_page_token(tokens_.Make(bound, next));
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
