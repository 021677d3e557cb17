// Roles: commands and reads.

#include "libs/rpc/field_mask.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/api/rows.h"
#include "services/directory/storage/organisation_store.h"
#include "services/directory/storage/role_store.h"

namespace steward::directory {

absl::Status DirectoryApi::CreateRole(rpc::Call& call, const pb::CreateRoleRequest& request,
                                      pb::Role* response) {
  ASSIGN_OR_RETURN(const Role draft, FromProto(request.role(), "role"));
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueRoles(tx, {draft.name.value});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckAbsent(ToRoles(*rows), draft.name.value));
    Role role = draft;
    role.Add();
    *response = ToProto(role);
    ChangeSet changes(organisation.Get());
    changes.Add("role", RoleEvent::kAdded, role);
    return changes.Write(tx, command, *env_.ids, role.name.value);
  });
}

absl::Status DirectoryApi::UpdateRole(rpc::Call& call, const pb::UpdateRoleRequest& request,
                                      pb::Role* response) {
  const std::string& name = request.role().name();
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueRoles(tx, {name});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(Role role, OnlyRow(ToRoles(*rows), name));
    RETURN_IF_ERROR(CheckEtag(role, request.role().etag()));
    pb::Role wanted = ToProto(role);
    RETURN_IF_ERROR(rpc::ApplyMask(request.role(), request.update_mask(), &wanted));
    ASSIGN_OR_RETURN(const Role draft, FromProto(wanted, "role"));
    const bool changed = role.Update(draft);
    *response = ToProto(role);
    ChangeSet changes(organisation.Get());
    if (changed) {
      changes.Add("role", RoleEvent::kUpdated, role);
    }
    return changes.Write(tx, command, *env_.ids, name);
  });
}

absl::Status DirectoryApi::GetRole(rpc::Call& call, const pb::GetRoleRequest& request,
                                   pb::Role* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<Role> rows, ReadRoles(*connection, {request.name()}));
  ASSIGN_OR_RETURN(const Role role, OnlyRow(std::move(rows), request.name()));
  *response = ToProto(role);
  return absl::OkStatus();
}

absl::Status DirectoryApi::ListRoles(rpc::Call& call, const pb::ListRolesRequest& request,
                                     pb::ListRolesResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto cursor, page_tokens_.Read("ListRoles", request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(
      auto rows, directory::ListRoles(*connection, cursor.empty() ? "" : cursor[0], page_size + 1));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.pop_back();
    response->set_next_page_token(page_tokens_.Make("ListRoles", {rows.back().name.value}));
  }
  for (const Role& role : rows) {
    *response->add_roles() = ToProto(role);
  }
  return absl::OkStatus();
}

}  // namespace steward::directory
