// The stage graph, over all pairs: written out a second time, by hand, as what people are allowed
// to do.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

constexpr State kNowhere{};

// Expected target by action, then by state in the order of kStates.
const std::map<Action, std::array<State, 7>>& Expected() {
  // clang-format off
  constexpr State R = State::kRecorded, F = State::kFirstResponded, P = State::kSolutionProposed;
  constexpr State S = State::kResolved, V = State::kVerified, C = State::kClosed;
  constexpr State X = State::kCancelled, o = kNowhere;
  static const std::map<Action, std::array<State, 7>> expected = {
      {Action::kRecordFirstResponse, {F, o, P, S, V, C, o}},
      {Action::kProposeSolution, {P, P, o, S, V, C, o}},
      {Action::kResolve, {S, S, S, o, o, o, o}},
      {Action::kVerify, {o, o, o, V, o, o, o}},
      {Action::kClose, {o, o, o, C, C, o, o}},
      {Action::kReopen, {o, o, o, R, R, R, o}},
      {Action::kCancel, {X, X, X, X, X, o, o}},
      {Action::kHold, {R, F, P, S, V, o, o}},
      {Action::kResume, {R, F, P, S, V, o, o}},
      {Action::kAssign, {R, F, P, S, V, o, o}},
      {Action::kTransfer, {R, F, P, S, V, o, o}},
      {Action::kChangeSeverity, {R, F, P, S, V, o, o}},
      {Action::kChangeKind, {R, F, P, S, V, o, o}},
      {Action::kRecordMilestone, {R, F, P, S, V, C, o}},
      {Action::kAddNote, {R, F, P, S, V, C, o}},
  };
  // clang-format on
  return expected;
}

// Does the action on a ticket; the kind is one that may be closed without verification and has a
// milestone of its own.
absl::Status Do(Ticket& ticket, Action action) {
  switch (action) {
    case Action::kRecordFirstResponse:
      return ticket.Reach(kFirstResponded, Now());
    case Action::kProposeSolution:
      return ticket.Reach(kSolutionProposed, Now());
    case Action::kResolve:
      return ticket.Reach(kResolved, Now());
    case Action::kVerify:
      return ticket.Reach(kVerified, Now());
    case Action::kClose:
      return ticket.Reach(kClosed, Now());
    case Action::kReopen:
      return ticket.Reopen(Now());
    case Action::kCancel:
      return ticket.Cancel("mistake", Now());
    case Action::kHold:
      return ticket.BeginHold("waiting_parts", Now());
    case Action::kResume:
      return ticket.EndHold("other", Now());
    case Action::kAssign:
      return ticket.Assign("members/wang", Now());
    case Action::kTransfer:
      return ticket.Transfer("teams/after-sales", "", "", Now());
    case Action::kChangeSeverity:
      return ticket.ChangeSeverity("major", Now());
    case Action::kChangeKind:
      return ticket.ChangeKind("complaint", "", Now());
    case Action::kRecordMilestone:
      return ticket.Reach("review.replied", Now());
    case Action::kAddNote:
      return ticket.AddNote("complaints/x/notes/y", Now());
  }
  return absl::InternalError("no such action");
}

TEST(StageGraph, IsExactlyTheTable) {
  ASSERT_EQ(Expected().size(), kActions.size());
  for (const Action action : kActions) {
    for (size_t i = 0; i < kStates.size(); ++i) {
      const State expected = Expected().at(action)[i];
      const std::optional<State> next = Next(kStates[i], action);
      EXPECT_EQ(next.value_or(kNowhere), expected) << NameOf(kStates[i]) << " " << NameOf(action);
    }
  }
}

// The aggregate does what the table says, for every pair; what it refuses changes nothing.
TEST(StageGraph, IsWhatATicketDoes) {
  for (const State state : kStates) {
    for (const Action action : kActions) {
      Ticket ticket = TicketIn(state, "negative_review");
      if (IsOpen(state)) {
        ASSERT_TRUE(ticket.BeginHold("other", Now()).ok());  // so that resume has something to end
      }
      const TicketData before = ticket.data();
      const size_t events_before = ticket.events().size();
      const absl::Status status = Do(ticket, action);
      const std::optional<State> next = Next(state, action);
      const std::string what = std::string(NameOf(state)) + " " + std::string(NameOf(action));
      if (next) {
        EXPECT_TRUE(status.ok()) << what << ": " << status;
        EXPECT_EQ(ticket.data().state, *next) << what;
        EXPECT_GT(ticket.events().size(), events_before) << what;
        EXPECT_EQ(ticket.events().back().version, ticket.data().version) << what;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << what;
        EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << what;
        EXPECT_EQ(MetadataOf(status, "from"), NameOf(state)) << what;
        EXPECT_EQ(MetadataOf(status, "action"), NameOf(action)) << what;
        EXPECT_EQ(ticket.data(), before) << what;
        EXPECT_EQ(ticket.events().size(), events_before) << what;
      }
    }
  }
}

// What a refusal names as allowed is allowed, and nothing else is.
TEST(StageGraph, NamesWhatIsAllowed) {
  for (const State state : kStates) {
    for (const char* kind : {"negative_review", "complaint"}) {
      const Ticket ticket = TicketIn(state, kind);
      std::set<std::string> allowed;
      std::string rest = ticket.Allowed();
      while (!rest.empty()) {
        const size_t comma = rest.find(", ");
        allowed.insert(rest.substr(0, comma));
        rest = comma == std::string::npos ? "" : rest.substr(comma + 2);
      }
      for (const Action action : kActions) {
        Ticket copy = ticket;
        if (action == Action::kChangeKind && copy.data().kind == "complaint") {
          continue;  // to itself
        }
        const bool did = Do(copy, action).ok();
        EXPECT_EQ(did, allowed.count(std::string(NameOf(action))) == 1)
            << kind << " " << NameOf(state) << " " << NameOf(action) << ": " << ticket.Allowed();
      }
    }
  }
}

TEST(StageGraph, NamesOfStatesAreUnique) {
  for (const State state : kStates) {
    EXPECT_EQ(StateFromName(NameOf(state)), state);
  }
  EXPECT_EQ(StateFromName("OPEN"), std::nullopt);
  std::set<std::string_view> names;
  for (const Action action : kActions) {
    names.insert(NameOf(action));
  }
  EXPECT_EQ(names.size(), kActions.size());
}

}  // namespace
}  // namespace steward::complaints
