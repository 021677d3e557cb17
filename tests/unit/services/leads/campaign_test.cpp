#include "services/leads/domain/campaign.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

constexpr CampaignState kNowhere{};
constexpr Time kPlannedAt = kNow - Hours(24 * 20);

// Written out a second time, by hand, in the order of kCampaignStates.
const std::map<CampaignAction, std::array<CampaignState, 7>>& Expected() {
  constexpr CampaignState P = CampaignState::kPlanned, A = CampaignState::kApproved;
  constexpr CampaignState R = CampaignState::kRunning, E = CampaignState::kEnded;
  constexpr CampaignState S = CampaignState::kRecapSubmitted, X = CampaignState::kArchived;
  constexpr CampaignState C = CampaignState::kCancelled, o = kNowhere;
  static const std::map<CampaignAction, std::array<CampaignState, 7>> expected = {
      {CampaignAction::kReschedule, {P, A, o, o, o, o, o}},
      {CampaignAction::kChangeBudget, {P, P, o, o, o, o, o}},
      {CampaignAction::kApprove, {A, o, o, o, o, o, o}},
      {CampaignAction::kRehearse, {P, A, R, E, o, o, o}},
      {CampaignAction::kStart, {o, R, o, o, o, o, o}},
      {CampaignAction::kEnd, {o, o, E, o, o, o, o}},
      {CampaignAction::kSubmitRecap, {o, o, o, S, o, o, o}},
      {CampaignAction::kArchive, {o, o, o, o, X, o, o}},
      {CampaignAction::kCancel, {C, C, o, o, o, o, o}},
      {CampaignAction::kRecordResults, {o, A, R, E, S, o, o}},
      {CampaignAction::kUpdate, {P, A, R, E, S, o, o}},
  };
  return expected;
}

CampaignData Draft() {
  CampaignData draft;
  draft.id = Id(1);
  draft.kind = "trade_fair";
  draft.owner = kSeller;
  draft.budget = {"CNY", 50'000'00};
  draft.planned_start = kNow - Hours(24 * 10);
  draft.planned_end = kNow - Hours(24 * 8);
  return draft;
}

Campaign NewCampaign() { return *Campaign::Plan(DefaultCampaignKinds(), Draft(), At(kPlannedAt)); }

Campaign CampaignIn(CampaignState state) {
  Campaign campaign = NewCampaign();
  if (state == CampaignState::kCancelled) {
    (void)campaign.Cancel(At(kPlannedAt + Hours(1))).ok();
    return campaign;
  }
  const auto steps = static_cast<int>(state) - 1;
  for (int step = 0; step < steps; ++step) {
    const Occasion when = At(kPlannedAt + Hours(24 * (step + 2)));
    const absl::Status status = step == 0   ? campaign.Approve(when)
                                : step == 1 ? campaign.Start(when)
                                : step == 2 ? campaign.End(when)
                                : step == 3 ? campaign.SubmitRecap("files/recap-1", when)
                                            : campaign.Archive(when);
    EXPECT_TRUE(status.ok()) << status;
  }
  return campaign;
}

absl::Status Do(Campaign& campaign, CampaignAction action) {
  switch (action) {
    case CampaignAction::kReschedule:
      return campaign.Reschedule(kNow - Hours(24 * 9), {}, Now());
    case CampaignAction::kChangeBudget:
      return campaign.ChangeBudget({"CNY", 60'000'00}, Now());
    case CampaignAction::kApprove:
      return campaign.Approve(Now());
    case CampaignAction::kRehearse:
      return campaign.Rehearse(At(kPlannedAt + Hours(1)));
    case CampaignAction::kStart:
      return campaign.Start(Now());
    case CampaignAction::kEnd:
      return campaign.End(Now());
    case CampaignAction::kSubmitRecap:
      return campaign.SubmitRecap("files/recap-2", Now());
    case CampaignAction::kArchive:
      return campaign.Archive(Now());
    case CampaignAction::kCancel:
      return campaign.Cancel(Now());
    case CampaignAction::kRecordResults: {
      CampaignResults results;
      results.leads = 40;
      return campaign.RecordResults(results, Now());
    }
    case CampaignAction::kUpdate:
      return campaign.Update({"members/wang", "teams/east", "east"}, {}, Now());
  }
  return absl::InternalError("no such action");
}

TEST(CampaignStates, AreExactlyTheTableAndWhatACampaignDoes) {
  ASSERT_EQ(Expected().size(), kCampaignActions.size());
  for (const CampaignAction action : kCampaignActions) {
    for (size_t i = 0; i < kCampaignStates.size(); ++i) {
      const CampaignState state = kCampaignStates[i];
      const CampaignState expected = Expected().at(action)[i];
      const std::string what = std::string(NameOf(state)) + " " + std::string(NameOf(action));
      EXPECT_EQ(Next(state, action).value_or(kNowhere), expected) << what;
      Campaign campaign = CampaignIn(state);
      ASSERT_EQ(campaign.data().state, state);
      const CampaignData before = campaign.data();
      const size_t events = campaign.events().size();
      const absl::Status status = Do(campaign, action);
      if (expected != kNowhere) {
        EXPECT_TRUE(status.ok()) << what << ": " << status;
        EXPECT_EQ(campaign.data().state, expected) << what;
        EXPECT_EQ(campaign.events().size(), events + 1) << what;
        EXPECT_EQ(campaign.events().back().version, campaign.data().version) << what;
        EXPECT_NE(AllowedIn(state).find(NameOf(action)), std::string::npos) << what;
        continue;
      }
      EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << what;
      EXPECT_EQ(MetadataOf(status, "from"), NameOf(state)) << what;
      EXPECT_EQ(MetadataOf(status, "action"), NameOf(action)) << what;
      EXPECT_EQ(MetadataOf(status, "allowed"), AllowedIn(state)) << what;
      EXPECT_EQ(campaign.data(), before) << what;
      EXPECT_EQ(campaign.events().size(), events) << what;
    }
  }
}

TEST(CampaignStates, HaveUniqueNames) {
  for (const CampaignState state : kCampaignStates) {
    EXPECT_EQ(CampaignStateFromName(NameOf(state)), state);
  }
  EXPECT_EQ(CampaignStateFromName("OPEN"), std::nullopt);
}

TEST(CampaignTest, SaysWhenEachFactHappened) {
  Campaign campaign = NewCampaign();
  ASSERT_TRUE(campaign.Reschedule(kNow - Hours(24 * 9), {}, At(kPlannedAt + Hours(1))).ok());
  ASSERT_TRUE(campaign.Approve(At(kPlannedAt + Hours(2))).ok());
  ASSERT_TRUE(campaign.Rehearse(At(kNow - Hours(24 * 12))).ok());
  ASSERT_TRUE(campaign.Start(At(kNow - Hours(24 * 9))).ok());
  ASSERT_TRUE(campaign.End(At(kNow - Hours(24 * 8))).ok());
  ASSERT_TRUE(campaign.SubmitRecap("files/recap-1", At(kNow - Hours(24 * 6))).ok());
  std::vector<Time> times;
  for (const CampaignEvent& event : campaign.events()) {
    times.push_back(event.occurred_at);
  }
  EXPECT_EQ(times, (std::vector<Time>{kPlannedAt, kPlannedAt + Hours(1), kPlannedAt + Hours(2),
                                      kNow - Hours(24 * 12), kNow - Hours(24 * 9),
                                      kNow - Hours(24 * 8), kNow - Hours(24 * 6)}));
  EXPECT_EQ(campaign.data().ended_at, kNow - Hours(24 * 8));
  EXPECT_EQ(campaign.data().recap, "files/recap-1");
}

TEST(CampaignTest, AnUpdateSaysWhatChanged) {
  Campaign campaign = NewCampaign();
  const CampaignDuty duty{"members/wang", "", ""};
  ASSERT_TRUE(campaign.Update(duty, {"title"}, Now()).ok());
  const auto& updated = std::get<CampaignUpdated>(campaign.events().back().body);
  EXPECT_EQ(updated.changed_fields, (std::vector<std::string>{"title", "owner"}));
  EXPECT_EQ(updated.from.owner, kSeller);
  EXPECT_EQ(campaign.data().owner, "members/wang");
  EXPECT_EQ(ReasonOf(campaign.Update(duty, {}, Now())), "NOTHING_TO_CHANGE");
}

TEST(CampaignTest, PlansAreChecked) {
  const auto field = [](const CampaignData& draft) {
    return FieldOf(Campaign::Plan(DefaultCampaignKinds(), draft, Now()).status());
  };
  CampaignData draft = Draft();
  draft.kind = "picnic";
  EXPECT_EQ(field(draft), "campaign.kind");
  draft = Draft();
  draft.budget.minor = -1;
  EXPECT_EQ(field(draft), "campaign.budget");
  draft.budget = {"", 0};
  EXPECT_EQ(field(draft), "campaign.budget.currency");
  draft = Draft();
  draft.planned_end = draft.planned_start;
  EXPECT_EQ(field(draft), "campaign.planned_end_time");
  const Campaign campaign = NewCampaign();
  EXPECT_EQ(std::get<CampaignPlanned>(campaign.events()[0].body).kind_path,
            (std::vector<std::string>{"trade_fair", "offline_event"}));
}

TEST(CampaignTest, AnotherBudgetNeedsAnotherApproval) {
  Campaign campaign = CampaignIn(CampaignState::kApproved);
  EXPECT_EQ(campaign.data().approved_by, kSeller);
  EXPECT_EQ(ReasonOf(campaign.ChangeBudget({"CNY", 50'000'00}, Now())), "NOTHING_TO_CHANGE");
  ASSERT_TRUE(campaign.ChangeBudget({"CNY", 60'000'00}, Now()).ok());
  EXPECT_TRUE(std::get<CampaignBudgetChanged>(campaign.events().back().body).approval_voided);
  EXPECT_EQ(campaign.data().approved_by, "");
  EXPECT_EQ(campaign.data().approved_at, std::nullopt);
  EXPECT_EQ(ReasonOf(campaign.Start(Now())), "ILLEGAL_TRANSITION");
}

TEST(CampaignTest, IsRehearsedOnceAndBeforeTheStart) {
  Campaign campaign = CampaignIn(CampaignState::kRunning);
  EXPECT_EQ(FieldOf(campaign.Rehearse(Now())), "occurred_at");
  EXPECT_EQ(FieldOf(campaign.Rehearse(At(kPlannedAt - Hours(1)))), "occurred_at");
  Campaign late = campaign;
  EXPECT_TRUE(late.Rehearse(At(*late.data().started_at)).ok()) << "up to the start itself";
  ASSERT_TRUE(campaign.Rehearse(At(kPlannedAt + Hours(3))).ok());
  EXPECT_EQ(ReasonOf(campaign.Rehearse(At(kPlannedAt + Hours(4)))), "MILESTONE_ALREADY_RECORDED");
}

TEST(CampaignTest, AMoveFollowsTheOneBefore) {
  Campaign campaign = CampaignIn(CampaignState::kRunning);
  EXPECT_EQ(FieldOf(campaign.End(At(*campaign.data().started_at - Microseconds(1)))),
            "occurred_at");
  EXPECT_TRUE(campaign.End(At(*campaign.data().started_at)).ok());
  EXPECT_EQ(FieldOf(campaign.SubmitRecap("it went well, I think", Now())), "recap");
}

TEST(CampaignTest, AnOmittedFieldChangesNothing) {
  Campaign campaign = CampaignIn(CampaignState::kEnded);
  CampaignResults results;
  results.cost = Money{"CNY", 10'000'00};
  results.leads = 40;
  ASSERT_TRUE(campaign.RecordResults(results, Now()).ok());
  CampaignResults more;
  more.revenue = Money{"CNY", 30'000'00};
  more.converted_leads = 6;
  ASSERT_TRUE(campaign.RecordResults(more, Now()).ok());
  EXPECT_EQ(campaign.data().results.leads, 40);
  EXPECT_EQ(ReasonOf(campaign.RecordResults({}, Now())), "NOTHING_TO_CHANGE");
  const CampaignFigures figures = FiguresOf(campaign.data().results);
  EXPECT_EQ(figures.return_basis_points, 30'000) << "1:3";
  EXPECT_EQ(figures.conversion_basis_points, 1'500) << "15 %";
  Campaign planned = NewCampaign();
  ASSERT_TRUE(planned.Reschedule({}, kNow, At(kPlannedAt + Hours(1))).ok());
  EXPECT_EQ(planned.data().planned_start, Draft().planned_start);
  EXPECT_EQ(FieldOf(planned.Reschedule(kNow, {}, Now())), "campaign.planned_end_time");
}

TEST(CampaignTest, ResultsThatCannotBe) {
  Campaign campaign = CampaignIn(CampaignState::kEnded);
  CampaignResults results;
  results.cost = Money{"CNY", -1};
  EXPECT_EQ(FieldOf(campaign.RecordResults(results, Now())), "results.cost");
  results = {};
  results.new_customers = -1;
  EXPECT_EQ(FieldOf(campaign.RecordResults(results, Now())), "results.new_customers");
  results = {};
  results.leads = 3;
  results.converted_leads = 4;
  EXPECT_EQ(FieldOf(campaign.RecordResults(results, Now())), "results.converted_leads");
  results = {};
  results.cost = Money{"CNY", 0};
  results.revenue = Money{"CNY", 5};
  EXPECT_EQ(FiguresOf(results).return_basis_points, std::nullopt) << "nothing spent: no ratio";
  results.cost = Money{"USD", 1};
  EXPECT_EQ(FiguresOf(results).return_basis_points, std::nullopt);
}

TEST(CampaignKindsTest, FormATree) {
  const auto kinds = DefaultCampaignKinds();
  EXPECT_TRUE(FaultsOf(kinds).empty());
  EXPECT_EQ(PathOf(kinds, "pr_event"), (std::vector<std::string>{"pr_event"}));
  EXPECT_TRUE(PathOf(kinds, "picnic").empty());
  auto faulty = kinds;
  faulty[1].id = "offline_event";
  faulty[3].parent = "salon";
  faulty[4].display_names.erase("en");
  const auto faults = FaultsOf(faulty);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].field, "kinds[1].id");
  EXPECT_EQ(faults[1].field, "kinds[3].parent");
  EXPECT_EQ(faults[2].field, "kinds[4].display_names");
}

}  // namespace
}  // namespace steward::leads
