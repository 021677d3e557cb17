// stewardctl scores and models: what leads are worth, and the models that say so.

#include "libs/base/status.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::scoring::v1;

Arg Lead() { return Positional("LEAD", "`leads/{id}` or the id.").Into("lead").In("leads"); }

Table HeadOf(const pb::LeadScore& score, const std::string& remark) {
  return {{"LEAD", "SCORE", "BAND", "WIN %", "MODEL", "AS OF", "STORED"},
          {{score.lead(), score.score(), score.band(), score.win_percent(),
            score.model() + "@" + std::to_string(score.model_version()),
            score.as_of_time().seconds() == 0
                ? ""
                : steward::FormatTime(steward::Time{score.as_of_time().seconds() * 1'000'000}),
            remark}}};
}

Table WinOf(const pb::LeadScoreExplanation::Win& win) {
  Table table{{"FEATURE", "VALUE", "WON", "LOST", "LOG ODDS"}, {}};
  table.rows.push_back({"(all of " + win.scope() + ")", "", std::to_string(win.won()),
                        std::to_string(win.lost()), win.prior_log_odds()});
  for (const auto& line : win.contributions()) {
    table.rows.push_back({line.variable(), line.value(), std::to_string(line.won()),
                          std::to_string(line.lost()), line.log_odds()});
  }
  table.rows.push_back({"(together)", "", "", "", win.log_odds()});
  return table;
}

absl::Status Explain(Session& session, const Args& args) {
  pb::ExplainLeadScoreRequest request;
  RETURN_IF_ERROR(FillRequest({Lead(), Option("as-of-time", "")}, args, session.now(), &request));
  pb::LeadScoreExplanation trace;
  RETURN_IF_ERROR(session.Call("scoring.ExplainLeadScore", request, &trace));
  if (session.json()) {
    session.Print(trace);
    return absl::OkStatus();
  }
  session.Print(HeadOf(trace.score(), !trace.has_stored()         ? "never scored"
                                      : trace.stored_is_current() ? "the same"
                                                                  : trace.stored().score()));
  session.Write("\n");
  Table lines{{"SOURCE", "GROUP", "RULE", "POINTS", "EVENT"}, {}};
  for (const auto& line : trace.contributions()) {
    lines.rows.push_back(
        {line.source(), line.group(), line.rule(), line.points(), line.event_id()});
  }
  lines.rows.push_back({"(together)", "", "", trace.score().score(), ""});
  session.Print(lines);
  if (!trace.win().scope().empty()) {
    session.Write("\n");
    session.Print(WinOf(trace.win()));
  } else if (trace.has_win()) {
    session.Say("the chance is the default of the opportunity's stage");
  }
  return absl::OkStatus();
}

absl::Status Create(Session& session, const Args& args) {
  pb::CreateScoringModelVersionRequest request;
  RETURN_IF_ERROR(ReadMessageFile(args.Text("FILE"), request.mutable_model()));
  request.set_validate_only(args.Flag("validate-only"));
  pb::ScoringModel made;
  RETURN_IF_ERROR(session.Call("scoring.CreateScoringModelVersion", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

void AddModels(Tool& tool) {
  const auto model = [] {
    return Positional("MODEL", "`scoringModels/{id}` or the id.").Into("name").In("scoringModels");
  };
  tool.Group("models", "Models that score leads; at most one is active.");
  tool.AddCall("models list", "scoring.ListScoringModels", "Newest versions of all models.",
               "stewardctl models list", {});
  tool.AddCall("models get", "scoring.GetScoringModel", "One version.",
               "stewardctl models get sample --version 2",
               {model(), Option("version", "The version; the newest without it.")});
  tool.Add(
      {"models create",
       "Adds a version of a model, the first one too; it is not active.",
       "stewardctl models create services/scoring/models/fit-and-engagement.json --validate-only",
       {Positional("FILE", "The model as YAML or JSON."), Flag("validate-only", "Only checks.")},
       Create});
  tool.AddCall("models activate", "scoring.ActivateScoringModel",
               "Scores all leads by this version from now on.",
               "stewardctl models activate sample --version 1",
               {model(), Option("version", "The version.").Needed()});
  tool.AddCall("models deactivate", "scoring.DeactivateScoringModel",
               "Scores no lead from now on; scores stay as they were last reckoned.",
               "stewardctl models deactivate sample", {model()});
}

}  // namespace

void AddScores(Tool& tool) {
  tool.Group("scores", "What leads are worth.");
  tool.AddCall("scores get", "scoring.GetLeadScore", "The score of a lead.",
               "stewardctl scores get 0190d9a0-0000-7000-8000-000000000001", {Lead()});
  tool.AddCall("scores list", "scoring.ListLeadScores", "Scores, highest first.",
               "stewardctl scores list --filter 'band = hot AND score >= 60'",
               {Option("filter",
                       "`band`, `owner`, `team` (`=`), `score` (`>=`, `<=`), joined by "
                       "AND."),
                Option("order-by", "`score desc` or `score`.")});
  tool.Add({"scores explain",
            "How a score comes about, line by line, down to event ids.",
            "stewardctl scores explain 0190d9a0-0000-7000-8000-000000000001",
            {Lead(), Option("as-of-time", "Points as faded to then; `now`, `-10m` or RFC 3339.")},
            Explain});
  tool.AddCall("scores recompute", "scoring.RecomputeLeadScores",
               "Scores leads anew: some at once, or all open ones in the background.",
               "stewardctl scores recompute --lead leads/0190d9a0-0000-7000-8000-000000000001\n"
               "stewardctl scores recompute --all",
               {OptionList("lead", "`leads/{id}`, up to 1,000.").Into("leads").In("leads"),
                Flag("all", "All open leads.")});
  AddModels(tool);
}

}  // namespace stewardctl
