#include "services/leads/domain/lead.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

constexpr LeadState kNowhere{};

// Written out a second time, by hand, in the order of kLeadStates.
const std::map<LeadAction, std::array<LeadState, 6>>& Expected() {
  constexpr LeadState P = LeadState::kCaptured, A = LeadState::kAssigned;
  constexpr LeadState C = LeadState::kContacted, V = LeadState::kConverted;
  constexpr LeadState D = LeadState::kDisqualified, R = LeadState::kRecycled, o = kNowhere;
  static const std::map<LeadAction, std::array<LeadState, 6>> expected = {
      {LeadAction::kAssign, {A, A, A, o, o, A}},     {LeadAction::kTouch, {P, A, C, o, o, R}},
      {LeadAction::kContact, {P, C, C, o, o, R}},    {LeadAction::kConvert, {o, V, V, o, o, o}},
      {LeadAction::kDisqualify, {D, D, D, o, o, D}}, {LeadAction::kRecycle, {o, R, R, o, o, o}},
      {LeadAction::kRestore, {o, o, o, o, R, o}},
  };
  return expected;
}

LeadData Draft() {
  LeadData draft;
  draft.id = Id(1);
  draft.channel = "web";
  draft.external_id = "form-7";
  draft.source = "livestream";
  draft.customer = "customers/acme";
  draft.utm = {"douyin", "video", "launch", "led screen", "b"};
  return draft;
}

Lead NewLead() { return *Lead::Capture(Draft(), At(kNow - Hours(24 * 40))); }

Lead LeadIn(LeadState state) {
  Lead lead = NewLead();
  const Time long_ago = kNow - Hours(24 * 35);
  if (state != LeadState::kCaptured) {
    (void)lead.Assign("members/wang", "", {}, At(long_ago)).ok();
  }
  if (state == LeadState::kContacted) {
    (void)lead.RecordTouch("touches/1", true, At(long_ago)).ok();
  } else if (state == LeadState::kConverted) {
    (void)lead.Convert("opportunities/1", "", At(long_ago)).ok();
  } else if (state == LeadState::kDisqualified) {
    (void)lead.Disqualify("spam", At(long_ago)).ok();
  } else if (state == LeadState::kRecycled) {
    (void)lead.Release(At(long_ago)).ok();
  }
  return lead;
}

absl::Status Do(Lead& lead, LeadAction action) {
  switch (action) {
    case LeadAction::kAssign:
      return lead.Assign("members/zhao", "teams/east", {}, Now());
    case LeadAction::kTouch:
      return lead.RecordTouch("touches/2", false, Now());
    case LeadAction::kContact:
      return lead.RecordTouch("touches/2", true, Now());
    case LeadAction::kConvert:
      return lead.Convert("opportunities/2", "", Now());
    case LeadAction::kDisqualify:
      return lead.Disqualify("no_need", Now());
    case LeadAction::kRecycle:
      return lead.Recycle(30, Now());
    case LeadAction::kRestore:
      return lead.Restore(Now());
  }
  return absl::InternalError("no such action");
}

TEST(LeadStates, AreExactlyTheTableAndWhatALeadDoes) {
  ASSERT_EQ(Expected().size(), kLeadActions.size());
  for (const LeadAction action : kLeadActions) {
    for (size_t i = 0; i < kLeadStates.size(); ++i) {
      const LeadState state = kLeadStates[i];
      const LeadState expected = Expected().at(action)[i];
      const std::string what = std::string(NameOf(state)) + " " + std::string(NameOf(action));
      EXPECT_EQ(Next(state, action).value_or(kNowhere), expected) << what;
      Lead lead = LeadIn(state);
      ASSERT_EQ(lead.data().state, state);
      const LeadData before = lead.data();
      const size_t events = lead.events().size();
      const absl::Status status = Do(lead, action);
      if (expected != kNowhere) {
        EXPECT_TRUE(status.ok()) << what << ": " << status;
        EXPECT_EQ(lead.data().state, expected) << what;
        EXPECT_EQ(lead.events().size(), events + 1) << what;
        EXPECT_EQ(lead.events().back().version, lead.data().version) << what;
        EXPECT_NE(AllowedIn(state).find(NameOf(action)), std::string::npos) << what;
        continue;
      }
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << what;
      EXPECT_EQ(lead.data(), before) << what;
      EXPECT_EQ(lead.events().size(), events) << what;
      if (state == LeadState::kConverted && action == LeadAction::kConvert) {
        EXPECT_EQ(ReasonOf(status), "ALREADY_CONVERTED");
        EXPECT_EQ(MetadataOf(status, "opportunity"), "opportunities/1");
        continue;
      }
      EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << what;
      EXPECT_EQ(MetadataOf(status, "from"), NameOf(state)) << what;
      EXPECT_EQ(MetadataOf(status, "action"), NameOf(action)) << what;
      EXPECT_EQ(MetadataOf(status, "allowed"), AllowedIn(state)) << what;
    }
  }
}

TEST(LeadStates, HaveUniqueNames) {
  for (const LeadState state : kLeadStates) {
    EXPECT_EQ(LeadStateFromName(NameOf(state)), state);
  }
  EXPECT_EQ(LeadStateFromName("OPEN"), std::nullopt);
}

TEST(LeadTest, CaptureKeepsWhereItCameFrom) {
  const Lead lead = NewLead();
  EXPECT_EQ(lead.data().utm, Draft().utm);
  EXPECT_EQ(lead.data().recorded_at, kNow);
  EXPECT_EQ(lead.data().occurred_at, kNow - Hours(24 * 40));
  for (const char* field : {"lead.channel", "lead.external_id", "lead.source"}) {
    LeadData draft = Draft();
    (field == std::string("lead.channel")       ? draft.channel
     : field == std::string("lead.external_id") ? draft.external_id
                                                : draft.source) = "";
    EXPECT_EQ(FieldOf(Lead::Capture(draft, Now()).status()), field);
  }
  LeadData draft = Draft();
  draft.utm.term = "\xff";
  EXPECT_EQ(FieldOf(Lead::Capture(draft, Now()).status()), "lead.utm.term");
  draft.utm.term = std::string(257, 'x');
  EXPECT_EQ(FieldOf(Lead::Capture(draft, Now()).status()), "lead.utm.term");
}

TEST(LeadTest, ANewOwnerHasReachedNobody) {
  Lead lead = LeadIn(LeadState::kContacted);
  ASSERT_TRUE(lead.Assign("members/wang", "teams/west", {}, Now()).ok());
  EXPECT_EQ(lead.data().state, LeadState::kContacted) << "the owner is the same";
  ASSERT_TRUE(lead.Assign("members/zhao", "", {}, Now()).ok());
  EXPECT_EQ(lead.data().state, LeadState::kAssigned);
  EXPECT_EQ(lead.data().team, "teams/west");
  EXPECT_EQ(lead.data().assigned_time, kNow);
  EXPECT_EQ(ReasonOf(lead.Assign("members/zhao", "", {}, Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(FieldOf(lead.Assign("", "", {}, Now())), "owner");
  EXPECT_EQ(FieldOf(lead.Assign("members/li", "", Choice{"r", 1, "members/qian", {}}, Now())),
            "owner");
}

TEST(LeadTest, RefusesBadReferencesAndReasons) {
  Lead lead = LeadIn(LeadState::kAssigned);
  EXPECT_EQ(FieldOf(lead.Convert("", "", Now())), "opportunity");
  EXPECT_EQ(FieldOf(lead.RecordTouch("we had tea", true, Now())), "touch");
  EXPECT_EQ(FieldOf(lead.Disqualify("rude", Now())), "disqualify_reason");
  LeadData nobody = Draft();
  nobody.customer = "";
  Lead unknown = *Lead::Capture(nobody, Now());
  ASSERT_TRUE(unknown.Assign("members/wang", "", {}, Now()).ok());
  EXPECT_EQ(FieldOf(unknown.Convert("opportunities/1", "", Now())), "customer");
  ASSERT_TRUE(unknown.Convert("opportunities/1", "customers/new", Now()).ok());
  EXPECT_EQ(std::get<LeadConverted>(unknown.events().back().body).customer, "customers/new");
}

TEST(LeadTest, GoesBackToThePoolAfterDaysWithoutATouch) {
  Lead lead = NewLead();
  EXPECT_FALSE(IsRecyclable(lead.data(), kNow, 1)) << "it is in the pool";
  const Time assigned = kNow - Hours(24 * 10);
  ASSERT_TRUE(lead.Assign("members/wang", "", {}, At(assigned)).ok());
  EXPECT_EQ(RecycleTime(lead.data(), 10), kNow) << "counted from the assignment, not the capture";
  EXPECT_TRUE(IsRecyclable(lead.data(), kNow, 10)) << "at that instant";
  EXPECT_FALSE(IsRecyclable(lead.data(), kNow - Microseconds(1), 10));
  EXPECT_FALSE(IsRecyclable(lead.data(), kNow, 0)) << "never";
  ASSERT_TRUE(lead.RecordTouch("touches/1", false, At(kNow - Hours(24 * 3))).ok());
  EXPECT_EQ(RecycleTime(lead.data(), 10), kNow + Hours(24 * 7));
  ASSERT_TRUE(lead.RecordTouch("touches/2", false, At(kNow - Hours(24 * 5))).ok());
  EXPECT_EQ(RecycleTime(lead.data(), 10), kNow + Hours(24 * 7)) << "typed late";
  const absl::Status refused = lead.Recycle(10, Now());
  EXPECT_EQ(ReasonOf(refused), "TOUCHED_RECENTLY");
  EXPECT_EQ(MetadataOf(refused, "due"), FormatTime(kNow + Hours(24 * 7)));
  EXPECT_EQ(FieldOf(lead.Recycle(0, Now())), "days");
  ASSERT_TRUE(lead.Recycle(10, Now(kNow + Hours(24 * 7))).ok());
  EXPECT_EQ(lead.data().owner, "");
  EXPECT_EQ(lead.data().assigned_time, std::nullopt);
  const auto& recycled = std::get<LeadRecycled>(lead.events().back().body);
  EXPECT_EQ(recycled.cause, "untouched");
  EXPECT_EQ(recycled.from_owner, "members/wang");
}

// Whatever is tried in whatever order: one conversion at most, and its opportunity stays.
TEST(LeadProperty, ConvertsAtMostOnce) {
  int converted_runs = 0;
  EXPECT_TRUE(rc::check([&] {
    Lead lead = NewLead();
    std::string opportunity;
    const auto actions = *rc::gen::container<std::vector<int>>(
        rc::gen::inRange(0, static_cast<int>(kLeadActions.size())));
    for (size_t i = 0; i < actions.size(); ++i) {
      const LeadAction action = kLeadActions[static_cast<size_t>(actions[i])];
      if (action == LeadAction::kConvert) {
        const std::string wanted = "opportunities/" + std::to_string(i);
        const absl::Status status = lead.Convert(wanted, "", Now());
        RC_ASSERT(!status.ok() || opportunity.empty());
        if (status.ok()) {
          opportunity = wanted;
        } else if (!opportunity.empty()) {
          RC_ASSERT(ReasonOf(status) == "ALREADY_CONVERTED");
          RC_ASSERT(MetadataOf(status, "opportunity") == opportunity);
        }
      } else {
        (void)Do(lead, action).ok();
      }
      RC_ASSERT(lead.data().opportunity == opportunity);
      RC_ASSERT((lead.data().state == LeadState::kConverted) == !opportunity.empty());
    }
    int conversions = 0;
    for (const LeadEvent& event : lead.events()) {
      conversions += std::holds_alternative<LeadConverted>(event.body) ? 1 : 0;
    }
    RC_ASSERT(conversions == (opportunity.empty() ? 0 : 1));
    converted_runs += conversions;
  }));
  EXPECT_GT(converted_runs, 0);
}

TEST(LeadCapture, KeepsTheTeamWhosePoolItIsAndWhoTookItIn) {
  LeadData draft = Draft();
  draft.team = "teams/east";
  draft.owner = "members/wang";
  const Lead lead = *Lead::Capture(draft, At(kNow));
  EXPECT_EQ(lead.data().team, "teams/east");
  EXPECT_EQ(lead.data().owner, "");
  EXPECT_EQ(lead.data().captured_by, At(kNow).actor);
}

TEST(LeadIdle, IsFromTheLaterOfAssignmentAndTouchWhileThereIsAnOwner) {
  Lead lead = NewLead();
  EXPECT_FALSE(IdleSince(lead.data()));
  ASSERT_TRUE(lead.Assign("members/wang", "", {}, At(kNow - Hours(9))).ok());
  EXPECT_EQ(IdleSince(lead.data()), kNow - Hours(9));
  ASSERT_TRUE(lead.RecordTouch("touches/1", false, At(kNow - Hours(3))).ok());
  EXPECT_EQ(IdleSince(lead.data()), kNow - Hours(3));
  EXPECT_EQ(RecycleTime(lead.data(), 1), kNow + Hours(21));
  ASSERT_TRUE(lead.Release(At(kNow)).ok());
  EXPECT_FALSE(IdleSince(lead.data()));
}

}  // namespace
}  // namespace steward::leads
