#include "services/directory/api/change_set.h"

#include <map>

#include "libs/identity/projection.h"
#include "services/directory/events/directory_events.h"
#include "services/directory/storage/member_store.h"
#include "services/directory/storage/role_store.h"
#include "services/directory/storage/team_store.h"

namespace steward::directory {
namespace {

// Row, projection and event of every change of one kind.
template <class Changes>
void QueueWrites(pg::Tx& tx, IdGenerator& ids, Time now, const Changes& changes,
                 std::vector<eventing::NewEvent>* events) {
  for (const auto& change : changes) {
    const auto& after = change.after;
    QueueSave(tx, after);
    identity::QueueEntry(tx, after.name.value, after.version, ToState(after));
    events->push_back(eventing::MakeEvent(ids, now, after.name.value, after.version, now,
                                          ToEvent(change.event, after)));
  }
}

template <class Changes>
void CheckAllReferences(const Organisation& after, const Changes& changes, Violations* violations) {
  for (const auto& change : changes) {
    Violations found = after.CheckReferences(change.after);
    Prefix(change.row, &found);
    violations->insert(violations->end(), found.begin(), found.end());
  }
}

template <class Changes>
absl::Status CheckAllCycles(const Organisation& after, const Changes& changes) {
  for (const auto& change : changes) {
    RETURN_IF_ERROR(after.CheckNoCycle(change.after.name));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ChangeSet::CheckSubjects(pg::Tx& tx) const {
  std::map<std::string, MemberName> holders;  // who an external subject will mean
  std::vector<std::string> subjects;
  for (const auto& change : members_) {
    if (!change.after.profile.external_subject.empty()) {
      subjects.push_back(change.after.profile.external_subject);
    }
  }
  if (subjects.empty()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto stored, ReadSubjectHolders(tx, subjects));
  for (const SubjectHolder& holder : stored) {
    holders[holder.subject] = holder.member;
  }
  for (const auto& change : members_) {  // a member that is written gives up the subject it had
    std::erase_if(holders, [&](const auto& entry) { return entry.second == change.after.name; });
  }
  Violations violations;
  for (const auto& change : members_) {
    const std::string& subject = change.after.profile.external_subject;
    if (subject.empty()) {
      continue;
    }
    const auto [holder, free] = holders.emplace(subject, change.after.name);
    if (!free) {
      violations.push_back(
          {change.row + ".external_subject", "already means " + holder->second.value});
    }
  }
  return violations.empty() ? absl::OkStatus() : FieldsInvalid(std::move(violations));
}

absl::Status ChangeSet::Check(pg::Tx& tx, Time now) const {
  Organisation after = before_;
  for (const auto& change : roles_) {
    after.Put(change.after);
  }
  for (const auto& change : teams_) {
    after.Put(change.after);
  }
  for (const auto& change : members_) {
    after.Put(change.after);
  }
  Violations violations;
  CheckAllReferences(after, teams_, &violations);
  CheckAllReferences(after, members_, &violations);
  if (!violations.empty()) {
    return FieldsInvalid(std::move(violations));
  }
  RETURN_IF_ERROR(CheckAllCycles(after, teams_));
  RETURN_IF_ERROR(CheckAllCycles(after, members_));
  RETURN_IF_ERROR(CheckSubjects(tx));
  if (before_.HasAdmin(now) && !after.HasAdmin(now)) {
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  "no active member with the grant `admin` would be left",
                  Refusal{"LAST_ADMIN", {}, {}, std::nullopt});
  }
  return absl::OkStatus();
}

absl::Status ChangeSet::Write(pg::Tx& tx, service::Command& command, IdGenerator& ids,
                              const std::string& claimed_for) const {
  RETURN_IF_ERROR(Check(tx, command.now()));
  command.Claim(claimed_for);
  std::vector<eventing::NewEvent> events;
  QueueWrites(tx, ids, command.now(), roles_, &events);
  QueueWrites(tx, ids, command.now(), teams_, &events);
  QueueWrites(tx, ids, command.now(), members_, &events);
  return events.empty() ? absl::OkStatus() : command.Append(events);
}

}  // namespace steward::directory
