// Members: commands and reads.

#include <map>

#include "libs/rpc/field_mask.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/api/rows.h"
#include "services/directory/storage/member_store.h"
#include "services/directory/storage/organisation_store.h"

namespace steward::directory {
namespace {

constexpr int kMaxBatch = 100;

absl::StatusOr<MemberFilter> ToFilter(const std::string& text) {
  ASSIGN_OR_RETURN(
      const auto terms,
      rpc::ParseFilter(
          text, {{"role", "="}, {"team", "="}, {"superior", "="}, {"kind", "="}, {"active", "="}}));
  MemberFilter filter;
  std::map<std::string, int> seen;
  for (const rpc::FilterTerm& term : terms) {
    if (++seen[term.field] > 1) {
      return FieldInvalid("filter", "`" + term.field + "` is given twice");
    }
    if (term.field == "role") {
      filter.role = term.value;
    } else if (term.field == "team") {
      filter.team = term.value;
    } else if (term.field == "superior") {
      filter.superior = term.value;
    } else if (term.field == "kind" && (term.value == "PERSON" || term.value == "SYSTEM")) {
      filter.kind = term.value == "SYSTEM" ? MemberKind::kSystem : MemberKind::kPerson;
    } else if (term.field == "active" && (term.value == "true" || term.value == "false")) {
      filter.active = term.value == "true";
    } else {
      const char* allowed = term.field == "kind" ? "PERSON or SYSTEM" : "true or false";
      return FieldInvalid("filter",
                          "`" + term.field + "` is " + allowed + ", not `" + term.value + "`");
    }
  }
  return filter;
}

}  // namespace

absl::Status DirectoryApi::CreateMember(rpc::Call& call, const pb::CreateMemberRequest& request,
                                        pb::Member* response) {
  ASSIGN_OR_RETURN(const Member draft, FromProto(request.member(), "member"));
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueMembers(tx, {draft.name.value});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckAbsent(ToMembers(*rows), draft.name.value));
    Member member = draft;
    member.Add(command.now());
    *response = ToProto(member);
    ChangeSet changes(organisation.Get());
    changes.Add("member", MemberEvent::kAdded, member);
    return changes.Write(tx, command, *env_.ids, member.name.value);
  });
}

absl::Status DirectoryApi::UpdateMember(rpc::Call& call, const pb::UpdateMemberRequest& request,
                                        pb::Member* response) {
  const std::string& name = request.member().name();
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueMembers(tx, {name});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(Member member, OnlyRow(ToMembers(*rows), name));
    RETURN_IF_ERROR(CheckEtag(member, request.member().etag()));
    pb::Member wanted = ToProto(member);
    RETURN_IF_ERROR(rpc::ApplyMask(request.member(), request.update_mask(), &wanted));
    ASSIGN_OR_RETURN(const Member draft, FromProto(wanted, "member"));
    ASSIGN_OR_RETURN(const bool changed,
                     member.Update(draft.profile, draft.placement, command.now()));
    *response = ToProto(member);
    ChangeSet changes(organisation.Get());
    if (changed) {
      changes.Add("member", MemberEvent::kUpdated, member);
    }
    return changes.Write(tx, command, *env_.ids, name);
  });
}

template <class Transition>
absl::Status DirectoryApi::MoveMember(const rpc::Call& call, const std::string& name,
                                      const std::string& etag, MemberEvent event,
                                      Transition transition, pb::Member* response) {
  return Run(call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
    const auto rows = QueueMembers(tx, {name});
    const auto organisation = OrganisationRows::Queue(tx);
    RETURN_IF_ERROR(tx.Flush());
    if (command.Answered()) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(Member member, OnlyRow(ToMembers(*rows), name));
    RETURN_IF_ERROR(CheckEtag(member, etag));
    RETURN_IF_ERROR((member.*transition)(command.now()));
    *response = ToProto(member);
    ChangeSet changes(organisation.Get());
    changes.Add("member", event, member);
    return changes.Write(tx, command, *env_.ids, name);
  });
}

absl::Status DirectoryApi::DeactivateMember(rpc::Call& call,
                                            const pb::DeactivateMemberRequest& request,
                                            pb::Member* response) {
  return MoveMember(call, request.name(), request.etag(), MemberEvent::kDeactivated,
                    &Member::Deactivate, response);
}

absl::Status DirectoryApi::ReactivateMember(rpc::Call& call,
                                            const pb::ReactivateMemberRequest& request,
                                            pb::Member* response) {
  return MoveMember(call, request.name(), request.etag(), MemberEvent::kReactivated,
                    &Member::Reactivate, response);
}

absl::Status DirectoryApi::GetMember(rpc::Call& call, const pb::GetMemberRequest& request,
                                     pb::Member* response) {
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<Member> rows, ReadMembers(*connection, {request.name()}));
  ASSIGN_OR_RETURN(const Member member, OnlyRow(std::move(rows), request.name()));
  *response = ToProto(member);
  return absl::OkStatus();
}

absl::Status DirectoryApi::BatchGetMembers(rpc::Call& call,
                                           const pb::BatchGetMembersRequest& request,
                                           pb::BatchGetMembersResponse* response) {
  if (request.names_size() > kMaxBatch) {
    return FieldInvalid("names", "has more than 100 names");
  }
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const auto rows,
                   ReadMembers(*connection, {request.names().begin(), request.names().end()}));
  std::map<std::string, const Member*> by_name;
  for (const Member& member : rows) {
    by_name[member.name.value] = &member;
  }
  for (const std::string& name : request.names()) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      response->Clear();
      return NotFound(name);
    }
    *response->add_members() = ToProto(*found->second);
  }
  return absl::OkStatus();
}

absl::Status DirectoryApi::ListMembers(rpc::Call& call, const pb::ListMembersRequest& request,
                                       pb::ListMembersResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const MemberFilter filter, ToFilter(request.filter()));
  const std::string query = "ListMembers " + request.filter();
  ASSIGN_OR_RETURN(const auto cursor, page_tokens_.Read(query, request.page_token()));
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(auto rows,
                   directory::ListMembers(*connection, filter, env_.clock->Now(),
                                          cursor.empty() ? "" : cursor[0], page_size + 1));
  if (rows.size() > static_cast<size_t>(page_size)) {
    rows.pop_back();
    response->set_next_page_token(page_tokens_.Make(query, {rows.back().name.value}));
  }
  for (const Member& member : rows) {
    *response->add_members() = ToProto(member);
  }
  return absl::OkStatus();
}

}  // namespace steward::directory
