// stewardctl opportunities, pipelines, funnel.

#include "libs/base/status.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "tools/stewardctl/amounts.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/evidence.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::leads::v1;

Arg Opportunity(std::string field = "name") {
  return Positional("OPPORTUNITY", "`opportunities/{uuid}` or the UUID.")
      .Into(std::move(field))
      .In("opportunities");
}

std::vector<Arg> With(std::vector<Arg> args, std::vector<Arg> more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// What every move may say besides.
std::vector<Arg> Move(std::vector<Arg> args) {
  return With(With({Opportunity()}, std::move(args)),
              {Option("occurred-at", "When it happened: a time, or -24h (default: now)."),
               Option("reason", "Why it is told late."),
               Option("etag", "Refuse when the opportunity has changed since.")});
}

Arg AmountOption(const std::string& field) {
  return Option("amount", "What it is worth, with its currency: 12000.00CNY.").Into(field);
}
Arg CloseOption(const std::string& field) {
  return Option("expected-close", "Day by which it is expected to close, 2026-12-31.").Into(field);
}

const std::vector<Arg>& CreateArgs() {
  static const auto& args = *new std::vector<Arg>{
      Option("id", "Its id, a UUID (default: one is made).").Into("opportunity_id"),
      Option("pipeline", "Pipeline (default: default).")
          .Into("opportunity.pipeline")
          .In("pipelines"),
      Option("stage", "An open stage (default: the first).").Into("opportunity.stage"),
      Option("customer", "`customers/{id}`.").Into("opportunity.customer").In("customers"),
      Option("lead", "`leads/{uuid}`.").Into("opportunity.lead").In("leads"),
      Option("campaign", "`campaigns/{uuid}`.").Into("opportunity.campaign").In("campaigns"),
      Option("owner", "`members/{id}`.").Into("opportunity.owner").In("members"),
      Option("team", "`teams/{id}` (default: the owner's one team).")
          .Into("opportunity.team")
          .In("teams"),
      Option("region", "Region code (default: the team's).").Into("opportunity.region"),
      Option("occurred-at", "When it was opened: a time, or -24h (default: now).")
          .Into("opportunity.occurred_at"),
      CloseOption("opportunity.expected_close"),
      EvidenceOption(),
      AmountOption("opportunity.amount")};
  return args;
}

absl::Status Create(Session& session, const Args& args) {
  pb::CreateOpportunityRequest request;
  pb::Opportunity made;
  RETURN_IF_ERROR(FillRequest(CreateArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddEvidence(args, request.mutable_opportunity()->mutable_evidence()));
  RETURN_IF_ERROR(session.Call("leads.CreateOpportunity", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

const std::vector<Arg>& AdvanceArgs() {
  static const auto& args = *new std::vector<Arg>(Move(
      {Positional("STAGE", "The stage; see `pipelines get`.").Into("stage"), EvidenceOption()}));
  return args;
}

absl::Status Advance(Session& session, const Args& args) {
  pb::AdvanceOpportunityRequest request;
  pb::Opportunity moved;
  RETURN_IF_ERROR(FillRequest(AdvanceArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddEvidence(args, request.mutable_evidence()));
  RETURN_IF_ERROR(session.Call("leads.AdvanceOpportunity", request, &moved));
  session.Print(moved);
  return absl::OkStatus();
}

const std::vector<Arg>& WinArgs() {
  static const auto& args = *new std::vector<Arg>(Move({EvidenceOption(), AmountOption("amount")}));
  return args;
}

absl::Status Win(Session& session, const Args& args) {
  pb::WinOpportunityRequest request;
  pb::Opportunity won;
  RETURN_IF_ERROR(FillRequest(WinArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddEvidence(args, request.mutable_evidence()));
  RETURN_IF_ERROR(session.Call("leads.WinOpportunity", request, &won));
  session.Print(won);
  return absl::OkStatus();
}

const std::vector<Arg>& UpdateArgs() {
  static const auto& args = *new std::vector<Arg>{
      Opportunity("opportunity.name"), CloseOption("opportunity.expected_close"),
      AmountOption("opportunity.amount"),
      Option("occurred-at", "When it happened: a time, or -24h (default: now)."),
      Option("etag", "Refuse when the opportunity has changed since.").Into("opportunity.etag")};
  return args;
}

absl::Status Update(Session& session, const Args& args) {
  pb::UpdateOpportunityRequest request;
  pb::Opportunity changed;
  RETURN_IF_ERROR(FillRequest(UpdateArgs(), args, session.now(), &request));
  request.mutable_update_mask()->clear_paths();
  if (args.Has("amount")) {
    request.mutable_update_mask()->add_paths("amount");
  }
  if (args.Has("expected-close")) {
    request.mutable_update_mask()->add_paths("expected_close");
  }
  RETURN_IF_ERROR(session.Call("leads.UpdateOpportunity", request, &changed));
  session.Print(changed);
  return absl::OkStatus();
}

void AddMoves(Tool& tool) {
  tool.Add({"opportunities advance", "Moves one to another open stage, with the evidence it wants.",
            "stewardctl opportunities advance 0190d9a0-0000-7000-8000-0000000000ab proposal "
            "--evidence proposal=files/7",
            AdvanceArgs(), Advance});
  tool.Add(
      {"opportunities win", "Won, for the amount that it has or the one given.",
       "stewardctl opportunities win 0190d9a0-0000-7000-8000-0000000000ab --amount 12000.00CNY "
       "--evidence signed_contract=contracts/9",
       WinArgs(), Win});
  tool.AddCall("opportunities lose", "leads.LoseOpportunity", "Lost, for a reason of the pipeline.",
               "stewardctl opportunities lose 0190d9a0-0000-7000-8000-0000000000ab price",
               Move({Positional("LOST_REASON", "Reason; see `pipelines get`.").Into("lost_reason"),
                     Option("note", "Words to it; they stay in the service.").Into("lost_note")}));
  tool.AddCall("opportunities hibernate", "leads.HibernateOpportunity",
               "Neither won nor lost: it sleeps.",
               "stewardctl opportunities hibernate 0190d9a0-0000-7000-8000-0000000000ab", Move({}));
  tool.AddCall("opportunities wake", "leads.WakeOpportunity", "Wakes where it fell asleep.",
               "stewardctl opportunities wake 0190d9a0-0000-7000-8000-0000000000ab", Move({}));
  tool.AddCall("opportunities reopen", "leads.ReopenOpportunity",
               "Opens a won or lost one again, by the pipeline's rule.",
               "stewardctl opportunities reopen 0190d9a0-0000-7000-8000-0000000000ab", Move({}));
}

std::string NameText(const google::protobuf::Map<std::string, std::string>& names) {
  const auto zh = names.find("zh-Hans"), en = names.find("en");
  return (zh == names.end() ? "" : zh->second + " ") + (en == names.end() ? "" : en->second);
}

std::string Percent(int32_t basis_points) {
  const std::string rest = std::to_string(basis_points % 100 + 100).substr(1);
  return std::to_string(basis_points / 100) + "." + rest + "%";
}

std::string MedianText(const pb::FunnelStays& stays) {
  return stays.has_median() ? steward::FormatDuration(steward::Seconds(stays.median().seconds()))
                            : "-";
}

const std::vector<Arg>& FunnelArgs() {
  static const auto& args = *new std::vector<Arg>(
      {Option("pipeline", "Pipeline (default: default).").In("pipelines"),
       Option("version", "Its version (default: the active one)."),
       Option("as-of", "The instant: a time, or -720h (default: now)."),
       Option("clock", "What was known then, or what was true then by all that is known now.")
           .Of({"recorded", "occurred"}),
       Option("group-by", "By whom it is split.").Of({"none", "owner", "team", "region"})});
  return args;
}

// One table for all groups: stage after stage as in the pipeline.
absl::Status ShowFunnel(Session& session, const Args& args) {
  pb::GetFunnelRequest request;
  pb::GetFunnelResponse funnel;
  RETURN_IF_ERROR(FillRequest(FunnelArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(session.Call("leads.GetFunnel", request, &funnel));
  if (session.json()) {
    session.Print(funnel);
    return absl::OkStatus();
  }
  const bool grouped = request.group_by() > pb::FUNNEL_GROUPING_NONE;
  Table table{{"STAGE", "NAME", "NOW", "ENTERED", "CONVERTED", "RATE", "MEDIAN STAY", "WAITING"},
              {}};
  if (grouped) {
    table.header.insert(table.header.begin(), "GROUP");
  }
  for (const pb::FunnelGroup& group : funnel.groups()) {
    for (const pb::FunnelStage& stage : group.stages()) {
      std::vector<std::string> row{
          stage.stage(),
          NameText(stage.display_names()),
          std::to_string(stage.now()),
          std::to_string(stage.entered()),
          std::to_string(stage.converted()),
          stage.has_conversion_basis_points() ? Percent(stage.conversion_basis_points()) : "-",
          MedianText(stage.finished()),
          MedianText(stage.running())};
      if (grouped) {
        row.insert(row.begin(), group.key().empty() ? "-" : group.key());
      }
      table.rows.push_back(std::move(row));
    }
  }
  session.Print(table);
  return absl::OkStatus();
}

absl::Status CreatePipeline(Session& session, const Args& args) {
  pb::CreatePipelineVersionRequest request;
  pb::Pipeline made;
  RETURN_IF_ERROR(ReadMessageFile(args.Text("FILE"), request.mutable_pipeline()));
  request.set_validate_only(args.Flag("validate-only"));
  RETURN_IF_ERROR(session.Call("leads.CreatePipelineVersion", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

void AddPipelines(Tool& tool) {
  tool.Group("pipelines", "Pipelines: their stages, moves, evidence and reasons, in versions.");
  tool.AddCall("pipelines list", "leads.ListPipelines", "The pipelines in their active version.",
               "stewardctl pipelines list", {});
  tool.AddCall("pipelines get", "leads.GetPipeline", "One version of a pipeline.",
               "stewardctl pipelines get default --version 1",
               {Positional("PIPELINE", "`pipelines/{id}` or the id.").Into("name").In("pipelines"),
                Option("version", "Its version (default: the active one).")});
  tool.Add({"pipelines create",
            "Adds a version from a file: new opportunities open in it, open ones keep theirs.",
            "stewardctl pipelines create default.json",
            {Positional("FILE", "The version in YAML, or in JSON as `pipelines get` prints it.")
                 .Into("-"),
             Flag("validate-only", "Check only.").Into("-")},
            CreatePipeline});
}

}  // namespace

void AddOpportunities(Tool& tool) {
  tool.Group("opportunities", "Opportunities on their way through a pipeline.");
  tool.Add({"opportunities create", "Opens an opportunity.",
            "stewardctl opportunities create --customer acme --owner sales-rep-east-1 --amount "
            "12000.00CNY "
            "--evidence source=leads/17",
            CreateArgs(), Create});
  tool.AddCall("opportunities get", "leads.GetOpportunity", "One opportunity.",
               "stewardctl opportunities get 0190d9a0-0000-7000-8000-0000000000ab",
               {Opportunity()});
  tool.AddCall(
      "opportunities list", "leads.ListOpportunities", "Opportunities by filter, newest first.",
      "stewardctl opportunities list --filter 'state = OPEN AND team = \"teams/east\"'",
      {Option("filter",
              "Terms joined by AND over stage state owner team region customer lead campaign "
              "pipeline create_time update_time close_time."),
       Option("order-by", "Order.")
           .Of({"create_time desc", "create_time", "update_time desc", "update_time"})});
  AddMoves(tool);
  tool.Add(
      {"opportunities update", "Changes amount and expected close.",
       "stewardctl opportunities update 0190d9a0-0000-7000-8000-0000000000ab --amount 15000.00CNY "
       "--expected-close 2026-12-31",
       UpdateArgs(), Update});
  tool.AddCall("opportunities assign", "leads.AssignOpportunity", "Others answer for it.",
               "stewardctl opportunities assign 0190d9a0-0000-7000-8000-0000000000ab --owner "
               "agent-south-1",
               {Opportunity(), Option("owner", "`members/{id}`.").In("members"),
                Option("team", "`teams/{id}` (default: the new owner's one team).").In("teams"),
                Option("region", "Region code (default: the new team's)."),
                Option("occurred-at", "When it happened: a time, or -24h (default: now)."),
                Option("etag", "Refuse when the opportunity has changed since.")});
  tool.AddCall("opportunities history", "leads.ListOpportunityHistory", "Who changed what, when.",
               "stewardctl opportunities history 0190d9a0-0000-7000-8000-0000000000ab",
               {Opportunity("parent")});
  AddPipelines(tool);
  tool.Group("funnel", "How opportunities go through a pipeline.");
  tool.Add({"funnel show", "The funnel as of an instant, stage after stage.",
            "stewardctl funnel show --as-of 2026-06-30T16:00:00Z --group-by owner\n"
            "stewardctl funnel show --as-of -720h --clock occurred",
            FunnelArgs(), ShowFunnel});
}

}  // namespace stewardctl
