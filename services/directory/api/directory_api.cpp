#include "services/directory/api/directory_api.h"

namespace steward::directory {
namespace {

constexpr char kOrganisationLock[] = "directory/organisation";

}  // namespace

absl::Status DirectoryApi::Run(
    const rpc::Call& call, google::protobuf::Message* response,
    const std::function<absl::Status(pg::Tx&, service::Command&)>& body) {
  const absl::Status status = service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kOrganisationLock)});
        command.Find();
        return body(tx, command);
      });
  if (status.ok()) {
    org_.Poke();
  }
  return status;
}

void DirectoryApi::AddTo(rpc::Server& server) {
  const auto add = [&]<class Request, class Response>(std::string_view name,
                                                      absl::Status (DirectoryApi::*method)(
                                                          rpc::Call&, const Request&, Response*)) {
    server.Add<Request, Response>(
        "/steward.directory.v1.DirectoryService/" + std::string(name),
        [this, method](rpc::Call& call, const Request& request, Response* response) {
          return (this->*method)(call, request, response);
        });
  };
  add("CreateMember", &DirectoryApi::CreateMember);
  add("GetMember", &DirectoryApi::GetMember);
  add("BatchGetMembers", &DirectoryApi::BatchGetMembers);
  add("ListMembers", &DirectoryApi::ListMembers);
  add("UpdateMember", &DirectoryApi::UpdateMember);
  add("DeactivateMember", &DirectoryApi::DeactivateMember);
  add("ReactivateMember", &DirectoryApi::ReactivateMember);
  add("CreateTeam", &DirectoryApi::CreateTeam);
  add("GetTeam", &DirectoryApi::GetTeam);
  add("ListTeams", &DirectoryApi::ListTeams);
  add("UpdateTeam", &DirectoryApi::UpdateTeam);
  add("CreateRole", &DirectoryApi::CreateRole);
  add("GetRole", &DirectoryApi::GetRole);
  add("ListRoles", &DirectoryApi::ListRoles);
  add("UpdateRole", &DirectoryApi::UpdateRole);
  add("ImportOrganisation", &DirectoryApi::ImportOrganisation);
  add("ResolveEscalation", &DirectoryApi::ResolveEscalation);
}

}  // namespace steward::directory
