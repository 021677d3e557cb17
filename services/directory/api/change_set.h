#pragma once
// What one command writes. A single write and an import both go through it, so both keep the same
// rules.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/service/command.h"
#include "services/directory/domain/organisation.h"

namespace steward::directory {

class ChangeSet {
 public:
  // `organisation` as it stands before the command.
  explicit ChangeSet(Organisation organisation) : before_(std::move(organisation)) {}

  // `row` is the path of the row in the request, for errors.
  void Add(std::string row, MemberEvent event, Member member) {
    members_.push_back({std::move(row), event, std::move(member)});
  }
  void Add(std::string row, TeamEvent event, Team team) {
    teams_.push_back({std::move(row), event, std::move(team)});
  }
  void Add(std::string row, RoleEvent event, Role role) {
    roles_.push_back({std::move(row), event, std::move(role)});
  }

  // The rules that span rows, against the organisation as it will be: references, cycles, external
  // subjects, and that an active admin stays when there is one now. Reads inside the transaction.
  [[nodiscard]] absl::Status Check(pg::Tx& tx, Time now) const;
  // Check; then the claim, the rows, the projection and the events. The command's response must be
  // filled.
  [[nodiscard]] absl::Status Write(pg::Tx& tx, service::Command& command, IdGenerator& ids,
                                   const std::string& claimed_for) const;

 private:
  template <class Event, class Row>
  struct Change {
    std::string row;
    Event event;
    Row after;
  };
  absl::Status CheckSubjects(pg::Tx& tx) const;

  Organisation before_;
  std::vector<Change<RoleEvent, Role>> roles_;
  std::vector<Change<TeamEvent, Team>> teams_;
  std::vector<Change<MemberEvent, Member>> members_;
};

}  // namespace steward::directory
