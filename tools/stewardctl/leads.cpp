// stewardctl leads: every method of the leads service on leads.

#include "libs/base/status.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/evidence.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/import.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

Arg Lead(std::string field = "name") {
  return Positional("LEAD", "`leads/{uuid}` or the id.").Into(std::move(field)).In("leads");
}

// What every change of a lead may say besides.
std::vector<Arg> Changes(std::vector<Arg> args) {
  args.push_back(Option("occurred-at", "When it happened: a time, or -10m (default: now)."));
  args.push_back(Option("reason", "Why."));
  args.push_back(Option("etag", "Refuse when the lead has changed since."));
  return args;
}

std::vector<Arg> AssignTo() {
  return {Option("rule", "The member that this rule chooses.").Into("rule").In("assignmentRules"),
          Option("owner", "This member.").Into("owner").In("members")};
}

std::vector<Arg> CreateArgs() {
  std::vector<Arg> args{
      Option("channel", "Intake channel.").Into("lead.channel").Needed(),
      Option("external-id", "The intake system's id.").Into("lead.external_id").Needed(),
      Option("source", "Where it came from, a code.").Into("lead.source").Needed(),
      Option("campaign", "`campaigns/{uuid}`.").Into("lead.campaign").In("campaigns"),
      Option("customer", "The customer, when known.").Into("lead.customer").In("customers"),
      Option("territory", "Sales territory.").Into("lead.territory"),
      Option("industry", "Industry code.").Into("lead.industry"),
      OptionList("skill", "Skill that its owner needs.").Into("lead.skills"),
      Option("team", "Whose pool it comes to.").Into("lead.team").In("teams"),
      Option("person", "Name of the person.").Into("lead.person.display_name"),
      Option("company", "Their company.").Into("lead.person.company_name"),
      Option("phone", "Their phone number.").Into("lead.person.phone"),
      Option("email", "Their e-mail address.").Into("lead.person.email"),
      Option("text", "What they asked.").Into("lead.person.text"),
      Option("occurred-at", "When they came forward (default: now).").Into("lead.occurred_at")};
  for (Arg& arg : AssignTo()) {
    args.push_back(std::move(arg));
  }
  return args;
}

std::vector<Arg> AssignArgs() {
  std::vector<Arg> args{Lead()};
  for (Arg& arg : AssignTo()) {
    args.push_back(std::move(arg));
  }
  args.push_back(Option("team", "Team, of an assignment by hand.").In("teams"));
  return Changes(std::move(args));
}

const std::vector<Arg>& ConvertArgs() {
  static const auto& args = *new std::vector<Arg>(Changes(
      {Lead(), Option("customer", "The customer (default: the lead's).").In("customers"),
       Option("new-customer", "Name of a customer to add.").Into("new_customer.display_name"),
       Option("customer-id", "Its id (default: a UUID)."),
       Option("pipeline", "Pipeline (default: default).").In("pipelines"),
       Option("stage", "Open stage to begin in."),
       Option("amount", "What it is worth, with its currency: 12000.00CNY."),
       Option("expected-close", "Day by which it is expected to close, `2026-12-31`."),
       Option("region", "Sales region."), EvidenceOption()}));
  return args;
}

absl::Status Convert(Session& session, const Args& args) {
  steward::leads::v1::ConvertLeadRequest request;
  steward::leads::v1::ConvertLeadResponse made;
  RETURN_IF_ERROR(FillRequest(ConvertArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddEvidence(args, request.mutable_evidence()));
  RETURN_IF_ERROR(session.Call("leads.ConvertLead", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

void AddIntake(Tool& tool) {
  tool.AddCall("leads create", "leads.CreateLead",
               "Takes a lead in; the same channel and external id answer the lead that is there.",
               "stewardctl leads create --channel web --external-id form-7 --source trade_fair "
               "--person 王小姐 --phone 13800138000 --territory east --rule east",
               CreateArgs());
  tool.Add({"leads import",
            "Takes the rows of a file in; rows at fault are reported by line, field and reason. "
            "The same file again stores nothing twice.",
            "stewardctl leads import leads.csv --rule east\n"
            "stewardctl leads import leads.jsonl --from-line 5001",
            ImportArgs("`channel,external_id,source,person.display_name,person.phone,owner`",
                       {Option("rule", "Rule for rows that name neither rule nor owner.")}),
            ImportLeads});
  tool.AddCall("leads get", "leads.GetLead", "One lead.",
               "stewardctl leads get 0190d9a0-0000-7000-8000-000000000001", {Lead()});
  tool.AddCall("leads list", "leads.ListLeads", "Leads by filter, newest or most promising first.",
               "stewardctl leads list --filter 'state = RECYCLED AND territory = east'",
               {Option("filter",
                       "Terms joined by AND over state owner team channel source campaign "
                       "territory industry customer band occurred_at recorded_at last_touch_time."),
                Option("order-by", "Order.")
                    .Of({"recorded_at desc", "recorded_at", "score desc", "score"})});
  tool.AddCall("leads history", "leads.ListLeadHistory", "Who changed what, when, and why.",
               "stewardctl leads history 0190d9a0-0000-7000-8000-000000000001", {Lead("parent")});
}

}  // namespace

void AddLeads(Tool& tool) {
  tool.Group("leads", "Leads: intake, assignment, and what becomes of them.");
  AddIntake(tool);
  tool.AddCall(
      "leads assign", "leads.AssignLead", "Gives the lead to a member, chosen by a rule or named.",
      "stewardctl leads assign 0190d9a0-0000-7000-8000-000000000001 --rule east\n"
      "stewardctl leads assign 0190d9a0-0000-7000-8000-000000000001 --owner sales-rep-east-1",
      AssignArgs());
  tool.AddCall("leads release", "leads.ReleaseLead", "Gives the lead back to the pool.",
               "stewardctl leads release 0190d9a0-0000-7000-8000-000000000001", Changes({Lead()}));
  tool.Add({"leads convert", "Makes it an opportunity, exactly once.",
            "stewardctl leads convert 0190d9a0-0000-7000-8000-000000000001 --customer acme\n"
            "stewardctl leads convert 0190d9a0-0000-7000-8000-000000000001 --new-customer Acme "
            "--customer-id acme\n"
            "stewardctl leads convert 0190d9a0-0000-7000-8000-000000000001 --customer acme "
            "--stage proposal --evidence proposal=files/7",
            ConvertArgs(), Convert});
  tool.AddCall(
      "leads disqualify", "leads.DisqualifyLead", "Says that it is none.",
      "stewardctl leads disqualify 0190d9a0-0000-7000-8000-000000000001 no_need",
      Changes({Lead(), Positional("WHY", "Why, a code.")
                           .Into("disqualify_reason")
                           .Of({"no_need", "unreachable", "duplicate", "out_of_scope", "spam"})}));
  tool.AddCall("leads restore", "leads.RestoreLead", "Takes a disqualification back.",
               "stewardctl leads restore 0190d9a0-0000-7000-8000-000000000001", Changes({Lead()}));
}

}  // namespace stewardctl
