// ResolveEscalation: who is told, and the way up that leads there.

#include "libs/rpc/validate.h"
#include "services/directory/api/directory_api.h"

namespace steward::directory {
namespace {

absl::Status CheckKnown(const identity::Org& org, const pb::ResolveEscalationRequest& request) {
  if (request.member().empty() == request.team().empty()) {
    return FieldInvalid("member", "give either `member` or `team`");
  }
  if (!org.roles.contains(request.role())) {
    return NotFound(request.role());
  }
  if (!request.member().empty() && !org.members.contains(request.member())) {
    return NotFound(request.member());
  }
  if (!request.team().empty() && !org.teams.contains(request.team())) {
    return NotFound(request.team());
  }
  if (!request.fallback_role().empty() && !org.roles.contains(request.fallback_role())) {
    return NotFound(request.fallback_role());
  }
  return absl::OkStatus();
}

// Everybody above the member, or the team's lead and everybody above.
std::vector<std::string> WayUp(const identity::Org& org,
                               const pb::ResolveEscalationRequest& request, Time at) {
  if (!request.member().empty()) {
    std::vector<std::string> line = org.LineAbove(request.member(), at);
    line.erase(line.begin());
    return line;
  }
  const auto lead = org.LeadOf(request.team(), at);
  return lead ? org.LineAbove(*lead, at) : std::vector<std::string>();
}

}  // namespace

absl::Status DirectoryApi::ResolveEscalation(rpc::Call&,
                                             const pb::ResolveEscalationRequest& request,
                                             pb::ResolveEscalationResponse* response) {
  const std::shared_ptr<const identity::Org> org = org_.Get();
  RETURN_IF_ERROR(CheckKnown(*org, request));
  const Time at = request.has_at_time() ? rpc::FromProto(request.at_time()) : env_.clock->Now();
  const identity::Recipient recipient =
      org->Resolve(request.role(), request.member(), request.team(), request.fallback_role(), at);
  response->set_recipient(recipient.member);
  response->set_basis(recipient.basis);
  for (const std::string& member : WayUp(*org, request, at)) {
    pb::ResolveEscalationResponse::Step* step = response->add_line();
    step->set_member(member);
    for (const std::string& role : org->RolesOf(member, at)) {
      step->add_roles(role);
    }
    step->set_on_leave(org->OnLeave(member, at));
    step->set_active(org->Active(member));
  }
  return absl::OkStatus();
}

}  // namespace steward::directory
