// stewardctl touches and stewardctl assignment-rules.

#include <algorithm>

#include "libs/base/status.h"
#include "steward/leads/v1/assignment_rules_service.pb.h"
#include "steward/leads/v1/touches_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::leads::v1;

// `sales-east-1=20` or `sales-east-1=20;territories=east,north;industries=...;skills=...`.
absl::Status ReadSeat(const std::string& text, pb::AssignmentRule::Seat* seat) {
  for (size_t at = 0, part = 0; at <= text.size(); ++part) {
    const size_t end = std::min(text.find(';', at), text.size());
    const std::string one = text.substr(at, end - at);
    const size_t equals = one.find('=');
    if (equals == std::string::npos) {
      return steward::FieldInvalid("--seat",
                                   "`" + one + "` is not `member=capacity` or `list=a,b`");
    }
    std::string key = one.substr(0, equals);
    const std::string value = one.substr(equals + 1);
    if (part == 0) {
      seat->set_member(key.find('/') == std::string::npos ? "members/" + key : key);
      RETURN_IF_ERROR(SetField("capacity", value, {}, seat));
    }
    for (size_t from = 0; part > 0 && from <= value.size();) {
      const size_t comma = std::min(value.find(',', from), value.size());
      RETURN_IF_ERROR(SetField(key, value.substr(from, comma - from), {}, seat));
      from = comma + 1;
    }
    at = end + 1;
  }
  return absl::OkStatus();
}

const std::vector<Arg>& RuleArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("RULE", "`assignmentRules/{id}` or the id.")
          .Into("rule.name")
          .In("assignmentRules"),
      Option("name", "Name in English.").Into("rule.display_names[en]").Needed(),
      Option("name-zh", "Name in Chinese.").Into("rule.display_names[zh-Hans]").Needed(),
      Option("method", "How one is chosen.")
          .Into("rule.method")
          .Of({"round_robin", "least_loaded"})
          .Else("round_robin"),
      OptionList("seat", "`member=capacity;territories=a,b;industries=...;skills=...`; in order.")
          .Into("-")
          .Needed(),
      Flag("activate", "Let it assign at once.")};
  return args;
}

absl::Status CreateRule(Session& session, const Args& args) {
  pb::CreateAssignmentRuleVersionRequest request;
  pb::AssignmentRule made;
  RETURN_IF_ERROR(FillRequest(RuleArgs(), args, session.now(), &request));
  for (const std::string& seat : args.Texts("seat")) {
    RETURN_IF_ERROR(ReadSeat(seat, request.mutable_rule()->add_seats()));
  }
  RETURN_IF_ERROR(session.Call("leads.CreateAssignmentRuleVersion", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

}  // namespace

void AddTouches(Tool& tool) {
  tool.Group("touches", "Touches of customers, and the visit sheet of a day.");
  tool.AddCall(
      "touches record", "leads.RecordTouch", "Records a touch.",
      "stewardctl touches record visit reached --effective --customer acme --note 'wants a demo'\n"
      "stewardctl touches record phone no_answer --lead 0190d9a0-0000-7000-8000-000000000001",
      {Positional("KIND", "Kind; see `touches catalogue`.").Into("touch.kind"),
       Positional("OUTCOME", "Outcome; see `touches catalogue`.").Into("touch.outcome"),
       Flag("effective", "It counts.").Into("touch.effective"),
       Option("member", "Who made it (default: you).").Into("touch.member").In("members"),
       Option("customer", "Customer.").Into("touch.customer").In("customers"),
       Option("lead", "Lead.").Into("touch.lead").In("leads"),
       Option("opportunity", "Opportunity.").Into("touch.opportunity").In("opportunities"),
       Option("note", "What was said.").Into("touch.note"),
       Option("occurred-at", "When: a time, or -2h (default: now).").Into("touch.occurred_at")});
  tool.AddCall("touches list", "leads.ListTouches", "Touches by filter, latest first.",
               "stewardctl touches list --filter 'effective = true AND kind = visit'",
               {Option("filter",
                       "Terms joined by AND over member team customer lead opportunity kind "
                       "outcome effective occurred_at.")});
  tool.AddCall("touches sheet", "leads.GetVisitSheet",
               "What a member did on a day of the company's zone.",
               "stewardctl touches sheet sales-rep-east-1 2026-05-29",
               {Positional("MEMBER", "`members/{id}` or the id.").Into("member").In("members"),
                Positional("DAY", "The day, `2026-05-29`.").Into("day")});
  tool.AddCall("touches catalogue", "leads.ListTouchCatalogue", "Kinds and outcomes.",
               "stewardctl touches catalogue", {});
}

void AddAssignmentRules(Tool& tool) {
  const auto rule = [] {
    return Positional("RULE", "`assignmentRules/{id}` or the id.")
        .Into("name")
        .In("assignmentRules");
  };
  tool.Group("assignment-rules", "Rules by which leads get their owners.");
  tool.Add({"assignment-rules create", "Makes the next version of a rule, or the first.",
            "stewardctl assignment-rules create east --name East --name-zh 华东 --seat "
            "'sales-east-1=20;territories=east' --seat sales-east-2=20 --activate",
            RuleArgs(), CreateRule});
  tool.AddCall("assignment-rules activate", "leads.ActivateAssignmentRule",
               "Makes a version the one that assigns; without one the rule is switched off.",
               "stewardctl assignment-rules activate east --version 2",
               {rule(), Option("version", "The version (default: off).")});
  tool.AddCall("assignment-rules get", "leads.GetAssignmentRule", "One version.",
               "stewardctl assignment-rules get east",
               {rule(), Option("version", "The version (default: the active one).")});
  tool.AddCall("assignment-rules list", "leads.ListAssignmentRules", "Rules.",
               "stewardctl assignment-rules list --all-versions",
               {Flag("all-versions", "All versions of each.")});
}

}  // namespace stewardctl
