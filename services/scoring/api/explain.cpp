// A KPI opened: its formula, the parts with their numbers, and the facts or measurements behind them.

#include <algorithm>

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/scorecards_api.h"

namespace steward::scoring {
namespace {

constexpr int kFacts = 10;
constexpr int kMostFacts = 50;

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

// At most `most`; < 0 = all.
template <class Message>
void AddGiven(const std::vector<Given>& given, int most, Message* out) {
  for (const Given& each : given) {
    if (out->given_size() == most) {
      return;
    }
    auto& to = *out->add_given();
    to.set_source(each.source);
    to.set_external_id(each.external_id);
    to.set_version(each.version);
    to.set_value(FormatDecimal(each.value));
    to.set_rater(each.rater);
    to.set_evidence(each.evidence);
    to.set_day(FormatDay(each.day));
  }
}

template <class Message>
void AddParts(const Reading& figure, Message* out) {
  for (const auto& [term, value] : figure.parts) {
    auto& part = *out->add_parts();
    part.set_term(term);
    part.set_total(value.total);
    part.set_currency(value.currency);
    part.set_unit(std::string(NameOf(value.unit)));
  }
}

// Facts of one term after another, up to a page; the cursor of what follows, empty at the end.
absl::StatusOr<std::vector<std::string>> AddFacts(pg::Connection& db, const SpanReader& reader,
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
                            request.period() + "\n" + std::to_string(request.version()) + "\n" +
                            request.scorecard();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const Place place, ReadPlace(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  std::optional<FigureReader> reader;
  std::optional<CompiledKpi> compiled;
  RETURN_IF_ERROR(pg::RunInTx(
      *db, {.budget = call.TimeLeft(), .name = "kpi_explain"}, [&](pg::Tx& tx) -> absl::Status {
        const pg::Pending period = QueuePeriod(tx, request.period());
        const pg::Pending parts = QueueEligibilities(tx, request.subject(), request.scorecard());
        const pg::Pending kpi = QueueDefinition(tx, request.kpi(), request.version());
        RETURN_IF_ERROR(tx.Flush());
        ASSIGN_OR_RETURN(Asked asked,
                         ReadAsked(call, request.subject(), request.period(), *period, *parts));
        ASSIGN_OR_RETURN(*response->mutable_kpi(), ReadKpi(*kpi, request.kpi()));
        ASSIGN_OR_RETURN(compiled, Compile("kpi", response->kpi()));
        reader.emplace(std::move(asked));
        reader->Queue(tx, *compiled);
        return tx.Flush();
      }));
  ASSIGN_OR_RETURN(const Reading figure, reader->Read(*compiled, response->kpi().unit()));
  FillLine(response->kpi(), figure, response->mutable_line());
  response->set_formula(Describe(compiled->formula));
  AddParts(figure, response);
  AddGiven(figure.given, -1, response);
  ASSIGN_OR_RETURN(const std::vector<std::string> next,
                   AddFacts(*db, reader->whole(), TermsOf(compiled->formula), place, page_size,
                            call.TimeLeft(), response));
  if (!next.empty()) {
    response->set_next_page_token(tokens_.Make(bound, next));
  }
  return absl::OkStatus();
}

namespace {

// What is asked of the facts behind one KPI.
struct QueuedFacts {
  std::vector<pg::Pending> facts, counts;  // by term
};

QueuedFacts QueueFactsOf(pg::Tx& tx, const SpanReader& reader, const CompiledKpi& kpi, int most,
                         std::optional<Time> until) {
  QueuedFacts queued;
  for (const Term& term : TermsOf(kpi.formula)) {
    queued.facts.push_back(QueueFacts(tx, reader.QueryOf(term), most, until));
    queued.counts.push_back(QueueFactCount(tx, reader.QueryOf(term), until));
  }
  return queued;
}

absl::Status AddFirst(const QueuedFacts& queued, int most,
                      pb::ExplainScorecardResponse::Line* line) {
  int64_t late = 0;
  int64_t total = 0;
  for (size_t term = 0; term < queued.facts.size(); ++term) {
    const FactCount count = ReadFactCount(*queued.counts[term]);
    total += count.before;
    late += count.later;
    ASSIGN_OR_RETURN(const std::vector<StoredFact> facts, ReadFacts(*queued.facts[term]));
    for (const StoredFact& fact : facts) {
      if (line->facts_size() < most) {
        ToProto(fact, line->add_facts());
      }
    }
  }
  line->set_total_facts(total);
  line->set_late_facts(late);
  return absl::OkStatus();
}

absl::Status Open(pg::Tx& tx, const AskedCard& card, const LoadedCard& loaded,
                  const FilledCard& filled, int most, pb::ExplainScorecardResponse* response) {
  std::vector<QueuedFacts> queued;
  for (const CompiledKpi& kpi : loaded.compiled) {
    queued.push_back(QueueFactsOf(tx, filled.reader.whole(), kpi, most, card.close_time));
  }
  RETURN_IF_ERROR(tx.Flush());
  for (size_t i = 0; i < loaded.kpis.size(); ++i) {
    auto& line = *response->add_lines();
    line.set_kpi(loaded.kpis[i].name());
    line.set_kpi_version(loaded.kpis[i].version());
    line.set_formula(Describe(loaded.compiled[i].formula));
    AddParts(filled.readings[i], &line);
    AddGiven(filled.readings[i].given, most, &line);
    line.set_total_given(static_cast<int64_t>(filled.readings[i].given.size()));
    RETURN_IF_ERROR(AddFirst(queued[i], most, &line));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ScorecardsApi::ExplainScorecard(const rpc::Call& call,
                                             const pb::ExplainScorecardRequest& request,
                                             pb::ExplainScorecardResponse* response) {
  RETURN_IF_ERROR(CheckName("scorecard", "scorecards", request.scorecard()));
  if (request.facts_per_kpi() < 0) {
    return FieldInvalid("facts_per_kpi", "is not negative");
  }
  const int most =
      request.facts_per_kpi() == 0 ? kFacts : std::min(request.facts_per_kpi(), kMostFacts);
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  return pg::RunInTx(*db, {.budget = call.TimeLeft(), .name = "scorecard_explain"},
                     [&](pg::Tx& tx) -> absl::Status {
                       response->Clear();
                       ASSIGN_OR_RETURN(const AskedCard card, AskCard(call, tx, request));
                       ASSIGN_OR_RETURN(const LoadedCard loaded, LoadItems(tx, card.definition));
                       ASSIGN_OR_RETURN(const FilledCard filled, Reckon(tx, loaded, card.asked));
                       *response->mutable_result() = card.stored ? *card.stored : filled.result;
                       return Open(tx, card, loaded, filled, most, response);
                     });
}

}  // namespace steward::scoring
