// stewardctl sla policy and sla packs: promises as files.

#include <map>

#include "libs/base/status.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/pack.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"
#include "tools/stewardctl/versioned.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::sla::v1;

absl::Status ApplyPacks(Session& session, const Args& args, bool validate_only) {
  Table table{{"POLICY", "OUTCOME"}, {}};
  for (const std::string& file : args.Texts("FILE")) {
    ASSIGN_OR_RETURN(const Pack pack, ReadPackFile(file));
    for (const pb::Policy& policy : pack.policies) {
      const auto outcome =
          ApplyVersioned(session, policy,
                         {.activate = pack.enabled_by_default || args.Flag("activate"),
                          .validate_only = validate_only});
      if (!outcome.ok()) {
        session.Say(file + ": " + policy.name() + ":");
        return outcome.status();
      }
      table.rows.push_back({policy.name(), validate_only ? "valid (" + *outcome + ")" : *outcome});
    }
  }
  session.Print(table);
  return absl::OkStatus();
}

// Packs as the stored policies name them.
absl::Status ListPacks(Session& session, const Args&) {
  pb::ListPoliciesRequest request;
  pb::ListPoliciesResponse response;
  RETURN_IF_ERROR(CallPages(session, "sla.ListPolicies", request, 100'000, &response));
  std::map<std::string, std::pair<int, int>> packs;
  for (const pb::Policy& policy : response.policies()) {
    auto& [all, active] = packs[policy.pack()];
    ++all;
    active += policy.active() ? 1 : 0;
  }
  Table table{{"PACK", "POLICIES", "ACTIVE"}, {}};
  for (const auto& [pack, counts] : packs) {
    table.rows.push_back(
        {pack.empty() ? "-" : pack, std::to_string(counts.first), std::to_string(counts.second)});
  }
  session.Print(table);
  return absl::OkStatus();
}

absl::Status Create(Session& session, const Args& args) {
  pb::CreatePolicyRequest request;
  RETURN_IF_ERROR(ReadMessageFile(args.Text("FILE"), request.mutable_policy()));
  request.set_activate(args.Flag("activate"));
  request.set_validate_only(args.Flag("validate-only"));
  pb::Policy made;
  RETURN_IF_ERROR(session.Call("sla.CreatePolicy", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

absl::Status NewVersion(Session& session, const Args& args) {
  pb::CreatePolicyVersionRequest request;
  RETURN_IF_ERROR(ReadMessageFile(args.Text("FILE"), request.mutable_policy()));
  request.set_validate_only(args.Flag("validate-only"));
  pb::Policy made;
  RETURN_IF_ERROR(session.Call("sla.CreatePolicyVersion", request, &made));
  session.Print(made);
  return absl::OkStatus();
}

void AddPacks(Tool& tool) {
  tool.Group("sla packs", "Rule packs: the policies of one source as one file.");
  const auto files = [] { return Positionals("FILE", "Pack in YAML."); };
  tool.Add(
      {"sla packs list", "Packs with their policies.", "stewardctl sla packs list", {}, ListPacks});
  tool.Add({"sla packs check",
            "Says whether the packs could be applied; stores nothing.",
            "stewardctl sla packs check services/sla/packs/*.yaml",
            {files()},
            [](Session& session, const Args& args) { return ApplyPacks(session, args, true); }});
  tool.Add(
      {"sla packs apply",
       "Makes stored policies what the packs say: created, next version, or unchanged.",
       "stewardctl sla packs apply services/sla/packs/channel.yaml --activate",
       {files(), Flag("activate", "Put them into force, also where the pack does not say so.")},
       [](Session& session, const Args& args) { return ApplyPacks(session, args, false); }});
}

}  // namespace

void AddPolicies(Tool& tool) {
  tool.Group("sla", "Promises: policies, calendars, clocks, escalations.");
  tool.Group("sla policy", "Policies: what is promised, and who is told.");
  const auto name = [] {
    return Positional("POLICY", "`policies/{id}` or the id.").Into("name").In("policies");
  };
  const auto file = [] {
    return Positional("FILE", "Policy in YAML or JSON; `-` reads the standard input.");
  };
  const auto check = [] { return Flag("validate-only", "Check only, store nothing."); };
  tool.AddCall("sla policy list", "sla.ListPolicies", "Policies, active version or newest.",
               "stewardctl sla policy list --pack core-complaints",
               {Option("pack", "Only this pack.")});
  tool.AddCall("sla policy get", "sla.GetPolicy", "One policy.",
               "stewardctl sla policy get cmc-001",
               {name(), Option("version", "Version (default: the active one, else the newest).")});
  tool.Add({"sla policy create",
            "Makes a policy.",
            "stewardctl sla policy create policy.yaml --activate",
            {file(), Flag("activate", "Put it into force at once."), check()},
            Create});
  tool.Add({"sla policy new-version",
            "Makes the next version of a policy, not yet active.",
            "stewardctl sla policy new-version policy.yaml",
            {file(), check()},
            NewVersion});
  tool.AddCall("sla policy activate", "sla.ActivatePolicy", "Puts a version into force.",
               "stewardctl sla policy activate cmc-001 2",
               {name(), Positional("VERSION", "Version.").Into("version"),
                Option("mode", "What happens to open clocks (default new_only).")
                    .Of({"new_only", "prospective", "retroactive"})
                    .Else("new_only")});
  tool.AddCall("sla policy deactivate", "sla.DeactivatePolicy",
               "Takes a policy out of force for new tickets.",
               "stewardctl sla policy deactivate cmc-002", {name()});
  AddPacks(tool);
}

}  // namespace stewardctl
