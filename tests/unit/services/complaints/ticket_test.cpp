#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

template <class Body>
const Body& LastOf(const Ticket& ticket) {
  return std::get<Body>(ticket.events().back().body);
}

TEST(Register, TakesTheKindsDefaultSeverity) {
  const Ticket ticket = NewTicket("quality_complaint");
  EXPECT_EQ(ticket.data().severity, "ordinary");
  EXPECT_EQ(ticket.data().version, 1);
  EXPECT_EQ(ticket.data().registered_by, kAgent);
  EXPECT_EQ(ticket.data().recorded_at, kNow);
  EXPECT_EQ(ticket.events().front().occurred_at, kNow - Hours(1));
  EXPECT_EQ(LastOf<Registered>(ticket).kind_path,
            (std::vector<std::string>{"quality_complaint", "complaint"}));
}

TEST(Register, RefusesUnknownKindAndSeverity) {
  EXPECT_EQ(FieldOf(Ticket::Register(Kinds(), Draft("grumble"), kAgent, kNow).status()),
            "ticket.kind");
  TicketData draft = Draft("complaint");
  draft.severity = "apocalyptic";
  const absl::Status status = Ticket::Register(Kinds(), draft, kAgent, kNow).status();
  EXPECT_EQ(FieldOf(status), "ticket.severity");
  EXPECT_NE(status.message().find("ordinary, major"), absl::string_view::npos);
}

TEST(LearnTiers, ChangesAnOpenTicketAndNeverBeforeItsBeginning) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.LearnTiers({"abc:a"}, kNow - Hours(5), kNow).ok());
  EXPECT_EQ(ticket.data().customer_tiers, std::vector<std::string>{"abc:a"});
  EXPECT_EQ(ticket.events().back().occurred_at, kNow - Hours(1));
  EXPECT_TRUE(LastOf<TiersLearnt>(ticket).from_tiers.empty());
  EXPECT_EQ(ReasonOf(ticket.LearnTiers({"abc:a"}, kNow, kNow)), "NOTHING_TO_CHANGE");
  Ticket closed = TicketIn(State::kClosed);
  EXPECT_EQ(ReasonOf(closed.LearnTiers({"abc:a"}, kNow, kNow)), "ILLEGAL_TRANSITION");
}

TEST(Milestones, MayBeSkippedAndRecordedLater) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.Reach(kResolved, Now()).ok());
  EXPECT_EQ(ticket.data().milestones.size(), 1u) << "only what was said is recorded";
  ASSERT_TRUE(ticket.Reach(kFirstResponded, At(kNow - Minutes(5))).ok());
  EXPECT_EQ(ticket.data().state, State::kResolved);
  EXPECT_EQ(ticket.data().milestones.front().type, kFirstResponded) << "in order of occurred_at";
  EXPECT_EQ(LastOf<Reached>(ticket).from, State::kResolved);
  EXPECT_EQ(LastOf<Reached>(ticket).to, State::kResolved);
  const absl::Status again = ticket.Reach(kFirstResponded, Now());
  EXPECT_EQ(ReasonOf(again), "MILESTONE_ALREADY_RECORDED");
}

TEST(Milestones, FollowWhatMovedTheTicketBefore) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.Reach(kFirstResponded, At(kNow - Minutes(20))).ok());
  EXPECT_EQ(FieldOf(ticket.Reach(kResolved, At(kNow - Minutes(21)))), "occurred_at");
  EXPECT_TRUE(ticket.Reach(kResolved, At(kNow - Minutes(20))).ok());
}

TEST(Milestones, DoNotLieBeforeTheTicket) {
  Ticket ticket = NewTicket();
  EXPECT_EQ(FieldOf(ticket.Reach(kFirstResponded, At(kNow - Hours(1) - Microseconds(1)))),
            "occurred_at");
  EXPECT_TRUE(ticket.Reach(kFirstResponded, At(kNow - Hours(1))).ok());
}

// A ticket raised a little ahead of now (clocks differ) can be answered at once.
TEST(Milestones, DefaultTimeIsNeverTooEarly) {
  Ticket ticket = *Ticket::Register(Kinds(), Draft("inquiry", kNow + Seconds(30)), kAgent, kNow);
  ASSERT_TRUE(ticket.Reach(kFirstResponded, Now()).ok());
  EXPECT_EQ(ticket.data().milestones.front().occurred_at, kNow + Seconds(30));
}

TEST(Milestones, BelongToTheirKind) {
  Ticket complaint = NewTicket("complaint");
  const absl::Status status = complaint.Reach("opinion.crisis_started", Now());
  EXPECT_EQ(ReasonOf(status), "MILESTONE_NOT_OF_KIND");
  Ticket quality = NewTicket("quality_complaint");
  EXPECT_TRUE(quality.Reach("opinion.alert_responded", Now()).ok());
  EXPECT_EQ(ReasonOf(quality.Reach("opinion.responded", Now())), "MILESTONE_NOT_OF_KIND");
  EXPECT_EQ(FieldOf(quality.Reach("opinion.improved", Now())), "type");
}

TEST(Closing, NeedsVerificationWhereTheKindSaysSo) {
  Ticket complaint = TicketIn(State::kResolved, "complaint");
  const absl::Status status = complaint.Reach(kClosed, Now());
  EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION");
  EXPECT_NE(MetadataOf(status, "allowed").find("verify"), std::string::npos);
  EXPECT_EQ(MetadataOf(status, "allowed").find("close"), std::string::npos);
  ASSERT_TRUE(complaint.Reach(kVerified, Now()).ok());
  EXPECT_TRUE(complaint.Reach(kClosed, Now()).ok());
  Ticket inquiry = TicketIn(State::kResolved, "inquiry");
  EXPECT_TRUE(inquiry.Reach(kClosed, Now()).ok());
}

TEST(Holds, AreASetOfCauses) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.BeginHold("waiting_parts", At(kNow - Minutes(5))).ok());
  ASSERT_TRUE(ticket.BeginHold("waiting_customer", At(kNow - Minutes(7))).ok());
  EXPECT_EQ(ticket.data().holds.front().cause, "waiting_customer");
  const absl::Status twice = ticket.BeginHold("waiting_parts", Now());
  EXPECT_EQ(ReasonOf(twice), "HOLD_ALREADY_OPEN");
  const absl::Status other = ticket.EndHold("waiting_third_party", Now());
  EXPECT_EQ(ReasonOf(other), "HOLD_NOT_OPEN");
  EXPECT_EQ(MetadataOf(other, "open"), "waiting_customer, waiting_parts");
  EXPECT_EQ(FieldOf(ticket.EndHold("waiting_parts", At(kNow - Minutes(6)))), "occurred_at")
      << "before it began";
  ASSERT_TRUE(ticket.EndHold("waiting_parts", Now()).ok());
  EXPECT_EQ(ticket.data().holds.size(), 1u);
  EXPECT_EQ(FieldOf(ticket.BeginHold("siesta", Now())), "cause");
}

TEST(Holds, EndWithTheTicketByEventsOfTheirOwn) {
  Ticket ticket = TicketIn(State::kVerified);
  ASSERT_TRUE(ticket.BeginHold("waiting_parts", At(kNow)).ok());
  ASSERT_TRUE(ticket.BeginHold("other", At(kNow + Seconds(20))).ok());
  const int64_t before = ticket.data().version;
  ASSERT_TRUE(ticket.Reach(kClosed, At(kNow + Seconds(10))).ok());
  EXPECT_TRUE(ticket.data().holds.empty());
  ASSERT_EQ(ticket.data().version, before + 3);
  const auto& events = ticket.events();
  const TicketEvent& first = events[events.size() - 3];
  const TicketEvent& second = events[events.size() - 2];
  EXPECT_FALSE(std::get<HoldChanged>(first.body).held);
  EXPECT_EQ(first.occurred_at, kNow + Seconds(10));
  EXPECT_EQ(second.occurred_at, kNow + Seconds(20))
      << "a hold that began after the end has no length";
  EXPECT_EQ(LastOf<Reached>(ticket).milestone, kClosed);
}

TEST(Reopening, BeginsACycleAndKeepsTheOld) {
  Ticket ticket = TicketIn(State::kClosed);
  const size_t kept = ticket.data().milestones.size();
  ASSERT_TRUE(ticket.Reopen(Now(kNow + Hours(1))).ok());
  EXPECT_EQ(ticket.data().state, State::kRecorded);
  EXPECT_EQ(ticket.data().cycle, 2);
  EXPECT_EQ(ticket.data().milestones.size(), kept + 1);
  EXPECT_EQ(LastOf<Reached>(ticket).cycle, 2);
  EXPECT_EQ(FieldOf(ticket.Reach(kFirstResponded, At(kNow, kNow + Hours(2)))), "occurred_at")
      << "before the cycle";
  EXPECT_TRUE(ticket.Reach(kFirstResponded, Now(kNow + Hours(2))).ok()) << "once a cycle";
}

TEST(Changes, RefuseWhatChangesNothing) {
  Ticket ticket = NewTicket();
  ASSERT_TRUE(ticket.Assign("members/wang", Now()).ok());
  EXPECT_EQ(ReasonOf(ticket.Assign("members/wang", Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(ReasonOf(ticket.ChangeSeverity("ordinary", Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(ReasonOf(ticket.ChangeKind("complaint", "", Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(FieldOf(ticket.ChangeSeverity("", Now())), "severity");
  ASSERT_TRUE(ticket.Transfer("teams/east", "members/wang", "east", Now()).ok());
  EXPECT_EQ(ReasonOf(ticket.Transfer("teams/east", "members/wang", "", Now())),
            "NOTHING_TO_CHANGE");
}

TEST(Changes, OfKindTakeTheNewScale) {
  Ticket ticket = NewTicket("complaint");
  ASSERT_TRUE(ticket.ChangeSeverity("major", Now()).ok());
  ASSERT_TRUE(ticket.ChangeKind("inquiry", "", Now()).ok());
  EXPECT_EQ(ticket.data().severity, "ordinary");
  const auto& changed = LastOf<KindChanged>(ticket);
  EXPECT_EQ(changed.from_kind, "complaint");
  EXPECT_EQ(changed.from_severity, "major");
  EXPECT_EQ(changed.kind_path, std::vector<std::string>{"inquiry"});
}

// Whatever people do, versions have no gap, holds are unique, milestones are in order and the
// state is one that the last moving event names.
TEST(Ticket, KeepsItsInvariantsUnderAnySequence) {
  EXPECT_TRUE(rc::check([] {
    Ticket ticket = NewTicket("opinion_event");
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 14));
    Time now = kNow;
    for (const int step : steps) {
      now = now + Minutes(1);
      const Occasion occasion = Now(now);
      // clang-format off
      switch (step) {
        case 0: (void)ticket.Reach(kFirstResponded, occasion).ok(); break;
        case 1: (void)ticket.Reach(kSolutionProposed, occasion).ok(); break;
        case 2: (void)ticket.Reach(kResolved, occasion).ok(); break;
        case 3: (void)ticket.Reach(kVerified, occasion).ok(); break;
        case 4: (void)ticket.Reach(kClosed, occasion).ok(); break;
        case 5: (void)ticket.Reopen(occasion).ok(); break;
        case 6: (void)ticket.BeginHold("other", occasion).ok(); break;
        case 7: (void)ticket.EndHold("other", occasion).ok(); break;
        case 8: (void)ticket.BeginHold("waiting_parts", occasion).ok(); break;
        case 9: (void)ticket.Assign("members/a", occasion).ok(); break;
        case 10: (void)ticket.Reach("opinion.responded", occasion).ok(); break;
        case 11: (void)ticket.ChangeSeverity("major", occasion).ok(); break;
        case 12: (void)ticket.AddNote("n", occasion).ok(); break;
        default: (void)ticket.Reach("opinion.recovered", occasion).ok(); break;
      }
      // clang-format on
    }
    const TicketData& data = ticket.data();
    RC_ASSERT(data.version == static_cast<int64_t>(ticket.events().size()));
    State state = State::kRecorded;
    for (size_t i = 0; i < ticket.events().size(); ++i) {
      RC_ASSERT(ticket.events()[i].version == static_cast<int64_t>(i) + 1);
      if (const auto* reached = std::get_if<Reached>(&ticket.events()[i].body)) {
        RC_ASSERT(reached->from == state);
        state = reached->to;
      }
    }
    RC_ASSERT(state == data.state);
    for (size_t i = 1; i < data.milestones.size(); ++i) {
      RC_ASSERT(data.milestones[i - 1].occurred_at <= data.milestones[i].occurred_at);
    }
    RC_ASSERT((data.holds.size() < 2 || data.holds[0].cause != data.holds[1].cause));
    RC_ASSERT((IsOpen(data.state) || data.holds.empty()));
  }));
}

}  // namespace
}  // namespace steward::complaints
