// stewardctl scorecards, kpis, periods and measurements.

#include <algorithm>

#include "libs/base/status.h"
#include "steward/scoring/v1/measurements_service.pb.h"
#include "steward/scoring/v1/periods_service.pb.h"
#include "steward/scoring/v1/scorecards_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/scorecard_text.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::scoring::v1;

constexpr int kBatch = 100;

Arg Subject() {
  return Positional("SUBJECT", "`members/{id}`, `teams/{id}`, `regions/{code}` ... or `company`.")
      .Into("subject");
}
Arg Period() {
  return Positional("PERIOD", "`2026-07`, `2026-q3` or `2026`.").Into("period").In("periods");
}
Arg PeriodName() {
  return Positional("PERIOD", "`2026-07`, `2026-q3` or `2026`.").Into("name").In("periods");
}

const std::vector<Arg>& ShowArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("SCORECARD", "`scorecards/{id}` or the id.").Into("scorecard").In("scorecards"),
      Subject(), Period(), Option("lang", "Names in `en` or `zh`.").Into("-").Of({"en", "zh"}),
      Flag("csv", "As CSV.").Into("-")};
  return args;
}

absl::Status Show(Session& session, const Args& args) {
  pb::GetScorecardRequest request;
  pb::ScorecardResult card;
  RETURN_IF_ERROR(FillRequest(ShowArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(session.Call("scoring.GetScorecard", request, &card));
  if (session.json()) {
    session.Print(card);
    return absl::OkStatus();
  }
  const std::string language = args.Text("lang", "en");
  session.Write(args.Flag("csv") ? CardCsv(card, language)
                                 : CardText(card, language, session.options().color));
  return absl::OkStatus();
}

const std::vector<Arg>& ExplainArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("KPI", "`kpis/{id}` or the id.").Into("kpi").In("kpis"),
      Subject(),
      Period(),
      Option("scorecard", "Over the part of the period that this card has.").In("scorecards"),
      Option("page-size", "At most so many facts."),
      Option("page-token", "From the previous answer."),
      Option("lang", "Names in `en` or `zh`.").Into("-").Of({"en", "zh"})};
  return args;
}

absl::Status Explain(Session& session, const Args& args) {
  pb::ExplainKpiRequest request;
  pb::ExplainKpiResponse explained;
  RETURN_IF_ERROR(FillRequest(ExplainArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(session.Call("scoring.ExplainKpi", request, &explained));
  if (session.json()) {
    session.Print(explained);
  } else {
    session.Write(ExplainText(explained, args.Text("lang", "en"), session.options().color));
  }
  return absl::OkStatus();
}

const std::vector<Arg>& OpenArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("SCORECARD", "`scorecards/{id}` or the id.").Into("scorecard").In("scorecards"),
      Subject(),
      Period(),
      Option("version", "Of the card; default: the latest."),
      Option("facts", "At most so many facts of each KPI, up to 50; 10 without it.")
          .Into("facts_per_kpi"),
      Option("lang", "Names in `en` or `zh`.").Into("-").Of({"en", "zh"})};
  return args;
}

absl::Status ExplainCard(Session& session, const Args& args) {
  pb::ExplainScorecardRequest request;
  pb::ExplainScorecardResponse explained;
  RETURN_IF_ERROR(FillRequest(OpenArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(session.Call("scoring.ExplainScorecard", request, &explained));
  if (session.json()) {
    session.Print(explained);
  } else {
    session.Write(ExplainText(explained, args.Text("lang", "en"), session.options().color));
  }
  return absl::OkStatus();
}

absl::Status Lint(Session& session, const Args&) {
  Table table{{"SCORECARD", "FINDING", "KPI", "DETAIL"}, {}};
  pb::ListScorecardsRequest request;
  do {
    pb::ListScorecardsResponse page;
    RETURN_IF_ERROR(session.Call("scoring.ListScorecards", request, &page));
    for (const pb::Scorecard& card : page.scorecards()) {
      for (const pb::ScorecardFinding& finding : card.findings()) {
        table.rows.push_back({card.name(), finding.code(), finding.item(), finding.detail()});
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  session.Print(table);
  return absl::OkStatus();
}

const std::vector<Arg>& RecordArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("KPI", "`kpis/{id}` or the id.").Into("measurement.kpi").In("kpis"),
      Positional("SUBJECT", "Whose.").Into("measurement.subject"),
      Positional("VALUE", "A decimal.").Into("measurement.value"),
      Option("source", "Who gives it, a code.").Into("measurement.source").Needed(),
      Option("external-id", "Its id there.").Into("measurement.external_id").Needed(),
      Option("day", "The day that it speaks of.").Into("measurement.day").Needed(),
      Option("version", "Of the correction, from 1.").Into("measurement.version"),
      Option("rater", "Who rated.").Into("measurement.rater").In("members"),
      Option("evidence", "What it is based on.").Into("measurement.evidence")};
  return args;
}

const std::vector<Arg>& ImportArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("FILE",
                 "CSV with columns source, external_id, kpi, subject, day, value and, where "
                 "needed, version, rater, evidence.")
          .Into("-")};
  return args;
}

absl::StatusOr<std::vector<pb::Measurement>> ReadRows(const Csv& csv, steward::Time now) {
  std::vector<pb::Measurement> rows;
  for (const CsvRow& row : csv.rows) {
    pb::Measurement measurement;
    if (row.cells.size() != csv.header.size()) {
      return steward::FieldInvalid("line " + std::to_string(row.line),
                                   "has another number of cells than the header");
    }
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (row.cells[i].empty()) {
        continue;
      }
      const absl::Status set = SetField(csv.header[i], row.cells[i], now, &measurement);
      if (!set.ok()) {
        return steward::FieldInvalid("line " + std::to_string(row.line) + ", " + csv.header[i],
                                     steward::FromAbsl(set.message()));
      }
    }
    rows.push_back(std::move(measurement));
  }
  return rows;
}

absl::Status Import(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(args.Text("FILE")));
  ASSIGN_OR_RETURN(const Csv csv, ParseCsv(text));
  for (const std::string& column : csv.header) {
    if (pb::Measurement::descriptor()->FindFieldByName(column) == nullptr) {
      return steward::FieldInvalid("FILE", "column `" + column + "` is not of a measurement");
    }
  }
  ASSIGN_OR_RETURN(const std::vector<pb::Measurement> rows, ReadRows(csv, session.now()));
  for (size_t from = 0; from < rows.size(); from += kBatch) {
    pb::BatchRecordMeasurementsRequest request;
    pb::BatchRecordMeasurementsResponse response;
    const size_t to = std::min(from + kBatch, rows.size());
    for (size_t i = from; i < to; ++i) {
      *request.add_measurements() = rows[i];
    }
    const absl::Status done = session.Call("scoring.BatchRecordMeasurements", request, &response);
    if (!done.ok()) {
      session.Say("lines " + std::to_string(csv.rows[from].line) + " to " +
                  std::to_string(csv.rows[to - 1].line) + " were refused, nothing of them is kept");
      return done;
    }
    session.Say(std::to_string(to) + " of " + std::to_string(rows.size()));
  }
  return absl::OkStatus();
}

const std::vector<Arg>& CloseArgs() {
  static const auto& args = *new std::vector<Arg>{
      PeriodName(), Option("scorecard", "The card.").Into("-").In("scorecards"),
      OptionList("subject", "Whose.").Into("-"),
      Flag("allow-missing", "Store cards without a total too.")};
  return args;
}

absl::Status Close(Session& session, const Args& args) {
  pb::ClosePeriodRequest request;
  pb::Period closed;
  RETURN_IF_ERROR(FillRequest(CloseArgs(), args, session.now(), &request));
  if (args.Has("scorecard") != args.Has("subject")) {
    return steward::FieldInvalid("--scorecard", "and --subject are given together");
  }
  if (args.Has("scorecard")) {
    const std::string card = args.Text("scorecard");
    pb::ScorecardSubjects& subjects = *request.add_cards();
    subjects.set_scorecard(card.find('/') == std::string::npos ? "scorecards/" + card : card);
    for (const std::string& subject : args.Texts("subject")) {
      subjects.add_subjects(subject);
    }
  }
  RETURN_IF_ERROR(session.Call("scoring.ClosePeriod", request, &closed));
  session.Print(closed);
  return absl::OkStatus();
}

void AddEligibilities(Tool& tool) {
  tool.Group("eligibility", "Parts of a period: joiners, leavers, changed roles.");
  tool.AddCall("eligibility set", "scoring.SetEligibility",
               "Assesses a subject on a card for a part of a period; targets are prorated.",
               "stewardctl eligibility set sc-002-sales members/li 2026-q1 --first-day 2026-02-16 "
               "--last-day 2026-03-31 --days 30 --period-days 58",
               {Positional("SCORECARD", "`scorecards/{id}` or the id.")
                    .Into("eligibility.scorecard")
                    .In("scorecards"),
                Positional("SUBJECT", "Whose.").Into("eligibility.subject"),
                Positional("PERIOD", "`2026-07`, `2026-q3` or `2026`.")
                    .Into("eligibility.period")
                    .In("periods"),
                Option("first-day", "From this day on.").Into("eligibility.first_day").Needed(),
                Option("last-day", "Up to this day.").Into("eligibility.last_day").Needed(),
                Option("days", "Working days among them, make-up days too.")
                    .Into("eligibility.days")
                    .Needed(),
                Option("period-days", "Working days of the whole period.")
                    .Into("eligibility.period_days")
                    .Needed()});
  tool.AddCall("eligibility list", "scoring.ListEligibilities", "Parts that were set.",
               "stewardctl eligibility list --subject members/li",
               {Option("subject", "Whose."), Option("period", "Only this one.").In("periods")});
}

void AddKpis(Tool& tool) {
  tool.Group("kpis", "KPIs: definitions, targets, where a figure comes from.");
  tool.AddCall("kpis list", "scoring.ListKpis", "The latest version of each KPI.",
               "stewardctl kpis list --limit 100", {});
  tool.AddCall("kpis get", "scoring.GetKpi", "One KPI with formula and source.",
               "stewardctl kpis get k-002-sa-1",
               {Positional("KPI", "`kpis/{id}` or the id.").Into("name").In("kpis"),
                Option("version", "Default: the latest.")});
  tool.Add({"kpis explain", "What a figure was reckoned from, down to event ids.",
            "stewardctl kpis explain k-002-sa-1 members/li 2026-q1\n"
            "stewardctl kpis explain k-002-sa-1 members/li 2026-q1 --lang zh",
            ExplainArgs(), Explain});
  tool.AddCall("kpis target", "scoring.SetTarget", "Sets a subject's own target for a period.",
               "stewardctl kpis target k-002-sa-1 members/li 2026-q1 500000",
               {Positional("KPI", "`kpis/{id}` or the id.").Into("target.kpi").In("kpis"),
                Positional("SUBJECT", "Whose.").Into("target.subject"),
                Positional("PERIOD", "`2026-q3`.").Into("target.period").In("periods"),
                Positional("VALUE", "A decimal.").Into("target.target.value"),
                Option("upper", "The other end of a band.").Into("target.target.upper")});
  tool.AddCall("kpis targets", "scoring.ListTargets", "Own targets.",
               "stewardctl kpis targets --subject members/li",
               {Option("subject", "Whose."), Option("period", "Only this one.").In("periods")});
}

}  // namespace

void AddScorecards(Tool& tool) {
  tool.Group("scorecards", "Scorecards: definitions, and filled in.");
  tool.AddCall("scorecards list", "scoring.ListScorecards", "The latest version of each card.",
               "stewardctl scorecards list", {});
  tool.Add({"scorecards lint",
            "What is odd about the cards: weights that do not sum to 100 ...",
            "stewardctl scorecards lint",
            {},
            Lint});
  tool.Add({"scorecards show", "A card filled in for a subject and a period, in every mode.",
            "stewardctl scorecards show sc-002-sales members/li 2026-q1\n"
            "stewardctl scorecards show sc-002-sales members/li 2026-q1 --lang zh --csv",
            ShowArgs(), Show});
  tool.Add({"scorecards explain",
            "A card opened: each KPI with formula, parts and the events behind it.",
            "stewardctl scorecards explain sc-002-sales members/li 2026-q1\n"
            "stewardctl scorecards explain sc-002-sales members/li 2026-q1 --lang zh --facts 3",
            OpenArgs(), ExplainCard});
  tool.AddCall("scorecards results", "scoring.ListScorecardResults", "What a closed period showed.",
               "stewardctl scorecards results 2026-q1",
               {Period(), Option("scorecard", "Only this card.").In("scorecards")});
  AddEligibilities(tool);
  AddKpis(tool);
  tool.Group("periods", "Periods: open, frozen, closed.");
  tool.AddCall("periods list", "scoring.ListPeriods", "Periods that are frozen or closed.",
               "stewardctl periods list", {});
  tool.AddCall("periods get", "scoring.GetPeriod", "A period, and what a freeze waits for.",
               "stewardctl periods get 2026-q1", {PeriodName()});
  tool.AddCall("periods freeze", "scoring.FreezePeriod", "Freezes a period that is over.",
               "stewardctl periods freeze 2026-q1", {PeriodName()});
  tool.AddCall("periods late", "scoring.ListLateFacts",
               "Facts of a closed period that came after it was closed.",
               "stewardctl periods late 2026-q1", {Period()});
  tool.Add({"periods close", "Closes it: stores a card of these subjects.",
            "stewardctl periods close 2026-q1 --scorecard sc-002-sales --subject members/li "
            "--subject members/wang",
            CloseArgs(), Close});
  tool.Group("measurements", "Values from outside.");
  tool.AddCall("measurements record", "scoring.RecordMeasurement", "Records or corrects a value.",
               "stewardctl measurements record k-002-cs-3 members/li 91.5 --source survey "
               "--external-id 2026-q1-li --day 2026-03-31",
               RecordArgs());
  tool.AddCall("measurements list", "scoring.ListMeasurements", "What was recorded.",
               "stewardctl measurements list members/li",
               {Subject(), Option("kpi", "Only this one.").In("kpis")});
  tool.Add({"measurements import", "Records the rows of a CSV file, 100 at once.",
            "stewardctl measurements import satisfaction.csv", ImportArgs(), Import});
}

}  // namespace stewardctl
