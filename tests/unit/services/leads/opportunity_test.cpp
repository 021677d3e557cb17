#include "services/leads/domain/opportunity.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "libs/base/refusals.h"
#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

const std::vector<std::string> kStages = {"lead_acquired", "needs_analysis",  "proposal",
                                          "negotiation",   "contract_signed", "lost",
                                          "dormant"};

// Written out a second time, by hand: where one may advance from a stage.
const std::map<std::string, std::set<std::string>>& Expected() {
  static const std::map<std::string, std::set<std::string>> expected = {
      {"lead_acquired", {"needs_analysis"}},
      {"needs_analysis", {"lead_acquired", "proposal"}},
      {"proposal", {"lead_acquired", "needs_analysis", "negotiation"}},
      {"negotiation", {"lead_acquired", "needs_analysis", "proposal"}},
      {"contract_signed", {}},
      {"lost", {}},
      {"dormant", {}},
  };
  return expected;
}

// And what else may be done there.
const std::map<std::string, std::set<DealAction>>& ExpectedActions() {
  using enum DealAction;
  const std::set<DealAction> open = {kAdvance,      kLose,        kHibernate,
                                     kChangeAmount, kExpectClose, kAssign};
  std::set<DealAction> negotiation = open;
  negotiation.insert(kWin);
  static const std::map<std::string, std::set<DealAction>> expected = {
      {"lead_acquired", open},
      {"needs_analysis", open},
      {"proposal", open},
      {"negotiation", negotiation},
      {"contract_signed", {kReopen, kAssign}},
      {"lost", {kReopen, kAssign}},
      {"dormant", {kWake, kLose, kChangeAmount, kExpectClose, kAssign}},
  };
  return expected;
}

absl::Status Do(Opportunity& deal, DealAction action) {
  switch (action) {
    case DealAction::kAdvance:
      return deal.Advance(deal.data().stage == "lead_acquired" ? "needs_analysis" : "lead_acquired",
                          {}, Now());
    case DealAction::kWin:
      return deal.Win({}, {}, Now());
    case DealAction::kLose:
      return deal.Lose("price", "", Now());
    case DealAction::kHibernate:
      return deal.Hibernate(Now());
    case DealAction::kWake:
      return deal.Wake(Now());
    case DealAction::kReopen:
      return deal.Reopen(Now());
    case DealAction::kChangeAmount:
      return deal.ChangeAmount({"CNY", 7}, Now());
    case DealAction::kExpectClose:
      return deal.ExpectClose(absl::CivilDay(2026, 9, 30), Now());
    case DealAction::kAssign:
      return deal.Assign({.owner = "members/wang", .team = {}, .region = {}}, Now());
  }
  return absl::InternalError("no such action");
}

void ExpectRefused(const Opportunity& deal, const OpportunityData& before, size_t events,
                   const absl::Status& status, const std::string& action) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << action << ": " << status;
  EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << action;
  EXPECT_EQ(MetadataOf(status, "from"), before.stage) << action;
  EXPECT_EQ(MetadataOf(status, "action"), action);
  EXPECT_EQ(MetadataOf(status, "allowed"), Join(deal.Allowed())) << action;
  EXPECT_EQ(deal.data(), before) << action;
  EXPECT_EQ(deal.events().size(), events) << action;
}

TEST(StageGraph, RefusesEveryIllegalPairAndNamesTheAllowed) {
  int refused = 0;
  for (const std::string& from : kStages) {
    for (const std::string& to : kStages) {
      Opportunity deal = DealIn(from);
      ASSERT_EQ(deal.data().stage, from);
      const OpportunityData before = deal.data();
      const size_t events = deal.events().size();
      const absl::Status status = deal.Advance(to, {}, Now());
      if (Expected().at(from).count(to) == 1) {
        EXPECT_TRUE(status.ok()) << from << " " << to << ": " << status;
        EXPECT_EQ(deal.data().stage, to);
      } else {
        ExpectRefused(deal, before, events, status, "advance to " + to);
        ++refused;
      }
    }
  }
  EXPECT_EQ(refused, 49 - 9);
}

TEST(StageGraph, AllowsEachActionWhereTheTableSays) {
  for (const std::string& from : kStages) {
    std::set<std::string> named;
    for (const DealAction action : kDealActions) {
      Opportunity deal = DealIn(from);
      const OpportunityData before = deal.data();
      const size_t events = deal.events().size();
      const std::string allowed = Join(deal.Allowed());
      const absl::Status status = Do(deal, action);
      if (ExpectedActions().at(from).count(action) == 1) {
        EXPECT_TRUE(status.ok()) << from << " " << NameOf(action) << ": " << status;
        EXPECT_EQ(deal.events().size(), events + 1);
        EXPECT_EQ(deal.events().back().version, deal.data().version);
        EXPECT_NE(allowed.find(NameOf(action)), std::string::npos) << allowed;
      } else if (action == DealAction::kAdvance) {
        EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION");
      } else {
        ExpectRefused(deal, before, events, status, std::string(NameOf(action)));
        EXPECT_EQ(allowed.find(NameOf(action)), std::string::npos) << allowed;
      }
    }
  }
}

TEST(OpportunityTest, ACancelledContractIsToldOnceWhereverItStands) {
  for (const std::string& stage : kStages) {
    Opportunity deal = DealIn(stage);
    const OpportunityData before = deal.data();
    const size_t events = deal.events().size();
    deal.CancelContract({"contracts/1", "mistake", "APPROVED"}, At(kNow - Hours(1)));
    deal.CancelContract({"contracts/1", "mistake", "APPROVED"}, Now());
    ASSERT_EQ(deal.events().size(), events + 1) << stage;
    EXPECT_EQ(deal.events().back().occurred_at, kNow - Hours(1)) << "as it happened";
    EXPECT_EQ(deal.events().back().version, before.version + 1);
    EXPECT_EQ(TransitionOf(deal.events().back()), nullptr);
    OpportunityData after = before;
    after.contract = "contracts/1";
    after.contract_state = "CANCELLED";
    after.contract_cancel_reason = "mistake";
    after.version += 1;
    after.update_time = kNow;
    EXPECT_EQ(deal.data(), after) << stage;
    deal.CancelContract({"contracts/0", "duplicate", "DRAFT"}, Now());
    EXPECT_EQ(deal.events().size(), events + 2) << "another one, said beside it";
    EXPECT_EQ(deal.data().contract, "contracts/1");
  }
}

TEST(OpportunityTest, OpensWhereThePipelineBegins) {
  const Opportunity deal = NewDeal();
  EXPECT_EQ(deal.data().stage, "lead_acquired");
  EXPECT_EQ(deal.data().pipeline_version, 1);
  ASSERT_EQ(deal.events().size(), 1u);
  const Transition& opened = *TransitionOf(deal.events()[0]);
  EXPECT_EQ(opened, (Transition{"", "lead_acquired", kNow - Hours(24), kNow, kSeller, Id(900)}));

  OpportunityData draft = Draft();
  draft.stage = "lost";
  EXPECT_EQ(FieldOf(Opportunity::Open(Shipped(), draft, Now()).status()), "opportunity.stage");
  draft.stage = "proposal";
  EXPECT_TRUE(Opportunity::Open(Shipped(), draft, Now()).ok());
  draft.proofs.clear();
  const auto refused = Opportunity::Open(Shipped(), draft, Now());
  EXPECT_EQ(ReasonOf(refused.status()), "EVIDENCE_MISSING");
  EXPECT_EQ(MetadataOf(refused.status(), "missing"), "proposal");
  draft = Draft();
  draft.amount = Money{"CNY", -1};
  EXPECT_EQ(FieldOf(Opportunity::Open(Shipped(), draft, Now()).status()), "amount");
}

TEST(OpportunityTest, EvidenceIsAskedForAndKept) {
  OpportunityData draft = Draft();
  draft.proofs = {{"source", "leads/1"}};
  Opportunity deal = *Opportunity::Open(Shipped(), draft, At(kNow - Hours(1)));
  const absl::Status refused = deal.Advance("needs_analysis", {}, Now());
  EXPECT_EQ(ReasonOf(refused), "EVIDENCE_MISSING");
  EXPECT_EQ(MetadataOf(refused, "stage"), "needs_analysis");
  EXPECT_EQ(MetadataOf(refused, "missing"), "needs_record");
  ASSERT_TRUE(deal.Advance("needs_analysis", {{"needs_record", "n/1"}}, Now()).ok());
  ASSERT_TRUE(deal.Advance("lead_acquired", {}, Now()).ok());
  EXPECT_TRUE(deal.Advance("needs_analysis", {}, Now()).ok()) << "shown once is enough";
  ASSERT_TRUE(deal.Advance("proposal", {{"proposal", "p/1"}}, Now()).ok());
  EXPECT_EQ(MetadataOf(deal.Advance("negotiation", {}, Now()), "missing"),
            "proposal_accepted or quotation");
  EXPECT_EQ(FieldOf(deal.Advance("negotiation", {{"quotation", "she said yes"}}, Now())),
            "evidence[0].reference")
      << "free text has no way into an event";
  EXPECT_TRUE(deal.Advance("negotiation", {{"quotation", "q/1"}}, Now()).ok());
  EXPECT_EQ(deal.data().proofs.size(), 4u);
}

TEST(OpportunityTest, WonNeedsEvidenceAndAnAmountAboveZero) {
  OpportunityData draft = Draft();
  draft.stage = "negotiation";
  draft.amount.reset();
  draft.proofs = {{"quotation", "q/1"}};
  Opportunity deal = *Opportunity::Open(Shipped(), draft, At(kNow - Hours(1)));
  EXPECT_EQ(ReasonOf(deal.Win({}, Money{"CNY", 5}, Now())), "EVIDENCE_MISSING");
  const std::vector<Proof> contract = {{"signed_contract", "contracts/7"}};
  EXPECT_EQ(MetadataOf(deal.Win(contract, {}, Now()), "amount"), "none");
  EXPECT_EQ(ReasonOf(deal.Win(contract, Money{"CNY", 0}, Now())), "AMOUNT_MISSING");
  EXPECT_EQ(FieldOf(deal.Win(contract, Money{"CNY", -5}, Now())), "amount");
  EXPECT_EQ(FieldOf(deal.Win(contract, Money{"XXX", 5}, Now())), "amount.currency");
  EXPECT_EQ(deal.data().version, 1);
  ASSERT_TRUE(deal.Win(contract, Money{"CNY", 5}, Now()).ok());
  EXPECT_EQ(deal.data().amount, (Money{"CNY", 5}));
  EXPECT_EQ(deal.data().close_time, kNow);
  const auto& won = std::get<Moved>(deal.events().back().body);
  EXPECT_EQ(EventNameOf(won.kind), "opportunity.won");
  EXPECT_EQ(won.amount, (Money{"CNY", 5}));
}

TEST(OpportunityTest, LostNeedsAReasonOfTheList) {
  Opportunity deal = NewDeal();
  EXPECT_EQ(FieldOf(deal.Lose("", "", Now())), "lost_reason");
  EXPECT_EQ(FieldOf(deal.Lose("bad weather", "", Now())), "lost_reason");
  EXPECT_EQ(FieldOf(deal.Lose("other", "", Now())), "lost_note");
  EXPECT_EQ(FieldOf(deal.Lose("price", "they said it rained", Now())), "lost_note");
  EXPECT_EQ(deal.events().size(), 1u);
  ASSERT_TRUE(deal.Lose("other", "opportunities/1/notes/2", Now()).ok());
  EXPECT_EQ(std::get<Moved>(deal.events().back().body).lost_reason, "other");
}

TEST(OpportunityTest, ReopeningClearsTheEndAndTheReason) {
  Opportunity deal = DealIn("proposal");
  ASSERT_TRUE(deal.Lose("price", "", Now()).ok());
  EXPECT_TRUE(deal.data().close_time.has_value());
  ASSERT_TRUE(deal.Reopen(Now()).ok());
  EXPECT_EQ(deal.data().stage, "proposal") << "where it was closed from";
  EXPECT_EQ(deal.data().lost_reason, "");
  EXPECT_EQ(deal.data().close_time, std::nullopt);
  EXPECT_EQ(deal.data().cycle, 2);
}

TEST(OpportunityTest, WonIsLostOnlyThroughReopening) {
  Opportunity deal = DealIn("contract_signed");
  EXPECT_EQ(ReasonOf(deal.Lose("price", "", Now())), "ILLEGAL_TRANSITION");
  ASSERT_TRUE(deal.Reopen(Now()).ok());
  EXPECT_EQ(deal.data().stage, "negotiation");
  EXPECT_EQ(deal.data().amount, (Money{"CNY", 10'000'00}));
  EXPECT_TRUE(deal.Lose("price", "", Now()).ok());
}

TEST(OpportunityTest, ReopensByThePipelinesRule) {
  PipelineSpec spec = DefaultPipeline();
  spec.reopen_won = {false, ""};
  spec.reopen_lost = {true, "needs_analysis"};
  const Pipeline strict = *Pipeline::Create(spec);
  Opportunity won = DealIn("contract_signed", strict);
  EXPECT_EQ(MetadataOf(won.Reopen(Now()), "allowed"), "assign");
  Opportunity lost = DealIn("lost", strict);
  ASSERT_TRUE(lost.Reopen(Now()).ok());
  EXPECT_EQ(lost.data().stage, "needs_analysis");
}

TEST(OpportunityTest, WakesWhereItFellAsleep) {
  Opportunity deal = DealIn("proposal");
  ASSERT_TRUE(deal.Hibernate(Now()).ok());
  EXPECT_EQ(deal.data().close_time, std::nullopt) << "neither won nor lost";
  ASSERT_TRUE(deal.Wake(Now()).ok());
  EXPECT_EQ(deal.data().stage, "proposal");
  ASSERT_TRUE(deal.Hibernate(Now()).ok());
  ASSERT_TRUE(deal.Lose("no_answer", "", Now()).ok());
  ASSERT_TRUE(deal.Reopen(Now()).ok());
  EXPECT_EQ(deal.data().stage, "proposal") << "not asleep again";
}

TEST(OpportunityTest, AnOmittedFieldChangesNothing) {
  Opportunity deal = NewDeal();
  ASSERT_TRUE(deal.ExpectClose(absl::CivilDay(2026, 9, 30), Now()).ok());
  ASSERT_TRUE(deal.Advance("needs_analysis", {}, Now()).ok());
  EXPECT_EQ(deal.data().expected_close, absl::CivilDay(2026, 9, 30));
  EXPECT_EQ(deal.data().amount, (Money{"CNY", 10'000'00}));
  ASSERT_TRUE(deal.Assign({.owner = {}, .team = "teams/west", .region = {}}, Now()).ok());
  EXPECT_EQ(deal.data().owner, kSeller);
  EXPECT_EQ(deal.data().region, "east");
  ASSERT_TRUE(deal.Assign({.owner = "", .team = {}, .region = {}}, Now()).ok());
  EXPECT_EQ(deal.data().owner, "") << "said, not omitted";
  EXPECT_EQ(ReasonOf(deal.Assign({}, Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(ReasonOf(deal.ChangeAmount({"CNY", 10'000'00}, Now())), "NOTHING_TO_CHANGE");
  EXPECT_EQ(FieldOf(deal.ChangeAmount({"CNY", -1}, Now())), "amount");
}

TEST(OpportunityTest, AMoveFollowsTheOneBefore) {
  Opportunity deal = NewDeal();
  EXPECT_EQ(FieldOf(deal.Advance("needs_analysis", {}, At(kNow - Hours(25)))), "occurred_at");
  ASSERT_TRUE(deal.Advance("needs_analysis", {}, At(kNow - Hours(2))).ok());
  EXPECT_EQ(deal.data().stage_time, kNow - Hours(2));
  EXPECT_EQ(FieldOf(deal.Lose("price", "", At(kNow - Hours(3)))), "occurred_at");
}

TEST(OpportunityTest, KeepsItsPipelineVersion) {
  PipelineSpec spec = DefaultPipeline();
  spec.version = 2;
  const Pipeline next = *Pipeline::Create(spec);
  Opportunity deal(next, NewDeal().data());
  const absl::Status refused = deal.Advance("needs_analysis", {}, Now());
  EXPECT_EQ(ReasonOf(refused), "PIPELINE_VERSION_MISMATCH");
  EXPECT_EQ(MetadataOf(refused, "kept"), "default@1");
  EXPECT_EQ(ReasonOf(deal.Assign({.owner = "members/x", .team = {}, .region = {}}, Now())),
            "PIPELINE_VERSION_MISMATCH");
  EXPECT_EQ(FieldOf(DealIn("proposal").Advance("heaven", {}, Now())), "stage");
}

}  // namespace
}  // namespace steward::leads
