#pragma once
// steward.directory.v1.DirectoryService: one method per RPC, plain blocking functions.
//
// Every command takes the one lock of the organisation: its rules span rows, and changes are rare.
// So what a command has read of other rows still holds when it commits.

#include <functional>

#include "absl/status/status.h"
#include "libs/identity/projection.h"
#include "libs/rpc/call.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/directory/api/change_set.h"
#include "services/directory/api/mapping.h"
#include "steward/directory/v1/directory_service.pb.h"

namespace steward::directory {

// Thread-safe: a worker at a time on its own connection. What is passed in outlives it.
class DirectoryApi {
 public:
  DirectoryApi(service::Env env, identity::OrgCache& org, const rpc::PageTokens& page_tokens)
      : env_(std::move(env)), org_(org), page_tokens_(page_tokens) {}

  // Every method with its handler. The object must outlive the server.
  void AddTo(rpc::Server& server);

  absl::Status CreateMember(rpc::Call& call, const pb::CreateMemberRequest& request,
                            pb::Member* response);
  absl::Status GetMember(rpc::Call& call, const pb::GetMemberRequest& request,
                         pb::Member* response);
  absl::Status BatchGetMembers(rpc::Call& call, const pb::BatchGetMembersRequest& request,
                               pb::BatchGetMembersResponse* response);
  absl::Status ListMembers(rpc::Call& call, const pb::ListMembersRequest& request,
                           pb::ListMembersResponse* response);
  absl::Status UpdateMember(rpc::Call& call, const pb::UpdateMemberRequest& request,
                            pb::Member* response);
  absl::Status DeactivateMember(rpc::Call& call, const pb::DeactivateMemberRequest& request,
                                pb::Member* response);
  absl::Status ReactivateMember(rpc::Call& call, const pb::ReactivateMemberRequest& request,
                                pb::Member* response);

  absl::Status CreateTeam(rpc::Call& call, const pb::CreateTeamRequest& request,
                          pb::Team* response);
  absl::Status GetTeam(rpc::Call& call, const pb::GetTeamRequest& request, pb::Team* response);
  absl::Status ListTeams(rpc::Call& call, const pb::ListTeamsRequest& request,
                         pb::ListTeamsResponse* response);
  absl::Status UpdateTeam(rpc::Call& call, const pb::UpdateTeamRequest& request,
                          pb::Team* response);

  absl::Status CreateRole(rpc::Call& call, const pb::CreateRoleRequest& request,
                          pb::Role* response);
  absl::Status GetRole(rpc::Call& call, const pb::GetRoleRequest& request, pb::Role* response);
  absl::Status ListRoles(rpc::Call& call, const pb::ListRolesRequest& request,
                         pb::ListRolesResponse* response);
  absl::Status UpdateRole(rpc::Call& call, const pb::UpdateRoleRequest& request,
                          pb::Role* response);

  absl::Status ImportOrganisation(rpc::Call& call, const pb::ImportOrganisationRequest& request,
                                  pb::ImportOrganisationResponse* response);
  absl::Status ResolveEscalation(rpc::Call& call, const pb::ResolveEscalationRequest& request,
                                 pb::ResolveEscalationResponse* response);

 private:
  // service::RunCommand with the organisation's lock and the look-up of the request queued;
  // refreshes `org_` afterwards.
  absl::Status Run(const rpc::Call& call, google::protobuf::Message* response,
                   const std::function<absl::Status(pg::Tx&, service::Command&)>& body);
  template <class Transition>
  absl::Status MoveMember(const rpc::Call& call, const std::string& name, const std::string& etag,
                          MemberEvent event, Transition transition, pb::Member* response);

  service::Env env_;
  identity::OrgCache& org_;
  const rpc::PageTokens& page_tokens_;
};

}  // namespace steward::directory
