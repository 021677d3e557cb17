// stewardctl directory: members, teams, roles, import, resolve.

#include <limits>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/organisation_csv.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::directory::v1;

Arg Member(std::string field) {
  return Positional("MEMBER", "`members/{id}` or the id.").Into(std::move(field)).In("members");
}
Arg Team(std::string field) {
  return Positional("TEAM", "`teams/{id}` or the id.").Into(std::move(field)).In("teams");
}
Arg Role(std::string field) {
  return Positional("ROLE", "`roles/{id}` or the id.").Into(std::move(field)).In("roles");
}
Arg Etag() { return Option("etag", "Refuse when it has changed since."); }
Arg Clear() { return OptionList("clear", "Field to empty.").Into("update_mask.paths"); }

std::vector<Arg> MemberFields() {
  return {
      Member("member.name"),
      Option("name", "Name in English or Latin letters.").Into("member.display_name"),
      Option("name-zh", "Name in Chinese.").Into("member.display_name_zh"),
      Option("email", "E-mail address.").Into("member.email"),
      Option("mobile", "Mobile number, E.164.").Into("member.mobile"),
      Option("kind", "Person or service account.").Into("member.kind").Of({"person", "system"}),
      OptionList("role", "Role held from now and always; replaces all.")
          .Into("member.roles.role")
          .In("roles"),
      OptionList("team", "Team; replaces all.").Into("member.teams.team").In("teams"),
      Option("superior", "Superior; replaces all.").Into("member.superiors.member").In("members"),
      Option("external-subject", "Subject of an outside identity provider.")
          .Into("member.external_subject")};
}

std::vector<Arg> With(std::vector<Arg> args, std::vector<Arg> more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

bool IsCsv(const std::string& file) {
  const std::string ending = file.size() < 4 ? "" : file.substr(file.size() - 4);
  return ending == ".csv" || ending == ".CSV";
}

// What the rows of CSV files stand over: the whole directory.
absl::Status ReadDirectory(Session& session, pb::ImportOrganisationRequest* stored) {
  constexpr int64_t kAll = std::numeric_limits<int32_t>::max();
  pb::ListRolesRequest roles;
  pb::ListTeamsRequest teams;
  pb::ListMembersRequest members;
  pb::ListRolesResponse stored_roles;
  pb::ListTeamsResponse stored_teams;
  pb::ListMembersResponse stored_members;
  RETURN_IF_ERROR(CallPages(session, "directory.ListRoles", roles, kAll, &stored_roles));
  RETURN_IF_ERROR(CallPages(session, "directory.ListTeams", teams, kAll, &stored_teams));
  RETURN_IF_ERROR(CallPages(session, "directory.ListMembers", members, kAll, &stored_members));
  stored->mutable_roles()->Swap(stored_roles.mutable_roles());
  stored->mutable_teams()->Swap(stored_teams.mutable_teams());
  stored->mutable_members()->Swap(stored_members.mutable_members());
  return absl::OkStatus();
}

absl::StatusOr<OrganisationCsv> ReadOrganisation(Session& session,
                                                 const std::vector<std::string>& files) {
  OrganisationCsv read;
  if (files.size() == 1 && !IsCsv(files[0])) {
    RETURN_IF_ERROR(ReadMessageFile(files[0], &read.request));
    return read;
  }
  std::vector<NamedText> texts;
  for (const std::string& file : files) {
    if (!IsCsv(file)) {
      return steward::FieldInvalid("FILE", "give one YAML or JSON file, or files named *.csv");
    }
    ASSIGN_OR_RETURN(std::string text, ReadFile(file));
    texts.push_back({file, std::move(text)});
  }
  pb::ImportOrganisationRequest stored;
  RETURN_IF_ERROR(ReadDirectory(session, &stored));
  return ReadOrganisationCsv(texts, stored);
}

absl::Status Import(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(OrganisationCsv read, ReadOrganisation(session, args.Texts("FILE")));
  pb::ImportOrganisationRequest& request = read.request;
  request.set_validate_only(request.validate_only() || args.Flag("validate-only"));
  pb::ImportOrganisationResponse response;
  RETURN_IF_ERROR(
      AtPlaces(session.Call("directory.ImportOrganisation", request, &response), read.places));
  if (session.json()) {
    session.Print(response);
  } else {
    session.Write((request.validate_only() ? "valid: " : "") + std::to_string(response.created()) +
                  " created, " + std::to_string(response.updated()) + " updated, " +
                  std::to_string(response.unchanged()) + " unchanged\n");
  }
  return absl::OkStatus();
}

// Adds one leave to what is there: read, change, write what was read (by its etag).
absl::Status AddLeave(Session& session, const Args& args) {
  pb::GetMemberRequest get;
  RETURN_IF_ERROR(FillRequest({Member("name")}, args, session.now(), &get));
  pb::UpdateMemberRequest update;
  RETURN_IF_ERROR(session.Call("directory.GetMember", get, update.mutable_member()));
  pb::Period* leave = update.mutable_member()->add_leaves();
  ASSIGN_OR_RETURN(const steward::Time from, ParseWhen(args.Text("from"), session.now()));
  *leave->mutable_start_time() = steward::rpc::ToProto(from);
  if (args.Has("to")) {
    ASSIGN_OR_RETURN(const steward::Time to, ParseWhen(args.Text("to"), session.now()));
    *leave->mutable_end_time() = steward::rpc::ToProto(to);
  }
  update.mutable_update_mask()->add_paths("leaves");
  pb::Member changed;
  RETURN_IF_ERROR(session.Call("directory.UpdateMember", update, &changed));
  session.Print(changed);
  return absl::OkStatus();
}

void AddMembers(Tool& tool) {
  tool.Group("directory members", "Members.");
  tool.AddCall("directory members create", "directory.CreateMember", "Adds a member.",
               "stewardctl directory members create agent-east-3 --name 'Agent East 3' --role "
               "customer-service-specialist --superior service-lead-east",
               MemberFields());
  tool.AddCall("directory members get", "directory.GetMember", "One member.",
               "stewardctl directory members get agent-east-1", {Member("name")});
  tool.AddCall(
      "directory members list", "directory.ListMembers", "Members by filter.",
      "stewardctl directory members list --filter 'role = \"roles/ceo\" AND active = true'",
      {Option("filter", "Terms joined by AND over role team superior kind active.")});
  tool.AddCall("directory members update", "directory.UpdateMember",
               "Changes a member: the fields that are given, lists whole.",
               "stewardctl directory members update agent-east-1 --superior marketing-manager\n"
               "stewardctl directory members update agent-east-1 --clear email",
               With(MemberFields(), {Clear(), Etag().Into("member.etag")}));
  tool.Add({"directory members leave",
            "Adds a leave: escalations go to the next above meanwhile.",
            "stewardctl directory members leave service-lead-east --from now --to +72h",
            {Member("name"), Option("from", "From.").Needed(), Option("to", "To (default: open).")},
            AddLeave});
  tool.AddCall("directory members deactivate", "directory.DeactivateMember",
               "The member no longer works here.",
               "stewardctl directory members deactivate agent-east-2", {Member("name"), Etag()});
  tool.AddCall("directory members reactivate", "directory.ReactivateMember",
               "The member works here again.",
               "stewardctl directory members reactivate agent-east-2", {Member("name"), Etag()});
}

void AddTeamsAndRoles(Tool& tool) {
  tool.Group("directory teams", "Teams.");
  tool.Group("directory roles", "Roles.");
  const std::vector<Arg> team = {
      Team("team.name"), Option("name", "Name in English.").Into("team.display_names[en]"),
      Option("name-zh", "Name in Chinese.").Into("team.display_names[zh-Hans]"),
      Option("parent", "Parent.").Into("team.parent").In("teams"),
      Option("region", "Region code.").Into("team.region")};
  const std::vector<Arg> role = {
      Role("role.name"), Option("name", "Name in English.").Into("role.display_names[en]"),
      Option("name-zh", "Name in Chinese.").Into("role.display_names[zh-Hans]"),
      OptionList("grant", "Right of its holders; replaces all.")
          .Into("role.grants")
          .Of({"agent", "supervisor", "operator", "auditor", "importer", "admin"}),
      Option("source", "Where the role is named.").Into("role.source")};
  tool.AddCall("directory teams create", "directory.CreateTeam", "Adds a team.",
               "stewardctl directory teams create sales-north --name 'Sales North' --name-zh "
               "北区销售组 --parent marketing-centre",
               team);
  tool.AddCall("directory teams get", "directory.GetTeam", "One team.",
               "stewardctl directory teams get sales-east", {Team("name")});
  tool.AddCall("directory teams list", "directory.ListTeams", "Teams.",
               "stewardctl directory teams list", {});
  tool.AddCall("directory teams update", "directory.UpdateTeam",
               "Changes a team: the fields that are given.",
               "stewardctl directory teams update sales-east --region east",
               With(team, {Clear(), Etag().Into("team.etag")}));
  tool.AddCall("directory roles create", "directory.CreateRole", "Adds a role.",
               "stewardctl directory roles create auditor --name Auditor --grant auditor", role);
  tool.AddCall("directory roles get", "directory.GetRole", "One role.",
               "stewardctl directory roles get ceo", {Role("name")});
  tool.AddCall("directory roles list", "directory.ListRoles", "Roles.",
               "stewardctl directory roles list", {});
  tool.AddCall("directory roles update", "directory.UpdateRole",
               "Changes a role: the fields that are given.",
               "stewardctl directory roles update ceo --grant supervisor --grant auditor",
               With(role, {Clear(), Etag().Into("role.etag")}));
}

}  // namespace

void AddDirectory(Tool& tool) {
  tool.Group("directory", "Who works here, in which team and role, and who leads whom.");
  AddMembers(tool);
  AddTeamsAndRoles(tool);
  tool.Add(
      {"directory import",
       "Brings roles, teams and members in, all or nothing; the same file again changes nothing.",
       "stewardctl directory import deploy/demo/organisation.yaml --validate-only\n"
       "stewardctl directory import deploy/demo/organisation.yaml\n"
       "stewardctl directory import deploy/demo/directory/members.csv "
       "deploy/demo/directory/assignments.csv --validate-only",
       {Positionals("FILE",
                    "Organisation in YAML or JSON (`-` reads the standard input), or CSV files, "
                    "one kind each: " +
                        OrganisationCsvHelp()),
        Flag("validate-only", "Check only, store nothing.")},
       Import});
  tool.AddCall("directory resolve", "directory.ResolveEscalation",
               "Who holds a role above a member or a team at an instant.",
               "stewardctl directory resolve marketing-department-manager --member agent-east-1\n"
               "stewardctl directory resolve customer-service-supervisor --team "
               "customer-service-east --at 2026-02-10T08:00:00+08:00",
               {Role("role"), Option("member", "Above this member.").In("members"),
                Option("team", "Above this team's lead.").In("teams"),
                Option("at", "When (default: now).").Into("at_time"),
                Option("fallback-role", "Who is told when nobody above holds it.").In("roles")});
}

}  // namespace stewardctl
