#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/unit/services/orders/builders.h"

namespace steward::orders {
namespace {

constexpr ContractState kNowhere{};

// Written out a second time, by hand, as what people are allowed to do.
const std::map<ContractAction, std::array<ContractState, 8>>& Expected() {
  // clang-format off
  constexpr auto D = ContractState::kDraft, U = ContractState::kUnderApproval;
  constexpr auto P = ContractState::kApproved, S = ContractState::kSigned;
  constexpr auto E = ContractState::kInExecution, C = ContractState::kCompleted;
  constexpr auto A = ContractState::kArchived, X = ContractState::kCancelled, o = kNowhere;
  static const std::map<ContractAction, std::array<ContractState, 8>> expected = {
      {ContractAction::kChange, {D, o, o, o, o, o, o, o}},
      {ContractAction::kAssign, {D, U, P, S, E, C, o, o}},
      {ContractAction::kSubmit, {U, o, o, o, o, o, o, o}},
      {ContractAction::kApprove, {o, P, o, o, o, o, o, o}},
      {ContractAction::kSendBack, {o, D, o, o, o, o, o, o}},
      {ContractAction::kWithdraw, {o, D, D, o, o, o, o, o}},
      {ContractAction::kSign, {o, o, S, o, o, o, o, o}},
      {ContractAction::kStart, {o, o, o, E, o, o, o, o}},
      {ContractAction::kComplete, {o, o, o, o, C, o, o, o}},
      {ContractAction::kArchive, {o, o, o, o, o, A, o, o}},
      {ContractAction::kCancel, {X, X, X, o, o, o, o, o}},
  };
  // clang-format on
  return expected;
}

absl::Status Do(Contract& contract, ContractAction action) {
  ContractTerms other = contract.data().terms;
  other.region = "west";
  switch (action) {
    case ContractAction::kChange:
      return contract.Change(other, By(kSeller));
    case ContractAction::kAssign:
      return contract.Assign("members/chen", "teams/east", By(kBoss));
    case ContractAction::kSubmit:
      return contract.Submit(OneApprover(), BossFound(), By(kSeller));
    case ContractAction::kApprove:
      return contract.Approve(By(kBoss));
    case ContractAction::kSendBack:
      return contract.SendBack("amount", By(kBoss));
    case ContractAction::kWithdraw:
      return contract.Withdraw(By(kSeller));
    case ContractAction::kSign:
      return contract.Sign(Day("2026-05-28"), By(kSeller));
    case ContractAction::kStart:
      return contract.Start(By(kSeller));
    case ContractAction::kComplete:
      return contract.Complete(By(kSeller));
    case ContractAction::kArchive:
      return contract.Archive(By(kSeller));
    case ContractAction::kCancel:
      return contract.Cancel("duplicate", By(kSeller));
  }
  return absl::InternalError("no such action");
}

Contract ContractIn(ContractState state) {
  Contract contract = NewContract();
  if (state == ContractState::kCancelled) {
    EXPECT_TRUE(Do(contract, ContractAction::kCancel).ok());
    return contract;
  }
  for (const auto action :
       {ContractAction::kSubmit, ContractAction::kApprove, ContractAction::kSign,
        ContractAction::kStart, ContractAction::kComplete, ContractAction::kArchive}) {
    if (contract.data().state == state) {
      break;
    }
    EXPECT_TRUE(Do(contract, action).ok());
  }
  return contract;
}

template <class Body>
const Body& LastOf(const Contract& contract) {
  return std::get<Body>(contract.events().back().body);
}

TEST(ContractGraph, IsExactlyTheTable) {
  ASSERT_EQ(Expected().size(), kContractActions.size());
  for (const ContractAction action : kContractActions) {
    for (size_t i = 0; i < kContractStates.size(); ++i) {
      EXPECT_EQ(Next(kContractStates[i], action).value_or(kNowhere), Expected().at(action)[i])
          << NameOf(kContractStates[i]) << " " << NameOf(action);
    }
  }
}

// The contract does what the table says, for every pair; what it refuses changes nothing.
TEST(ContractGraph, IsWhatAContractDoes) {
  for (const ContractState state : kContractStates) {
    for (const ContractAction action : kContractActions) {
      Contract contract = ContractIn(state);
      ASSERT_EQ(contract.data().state, state);
      const ContractData before = contract.data();
      const size_t events_before = contract.events().size();
      const absl::Status status = Do(contract, action);
      const std::string what = std::string(NameOf(state)) + " " + std::string(NameOf(action));
      if (const auto next = Next(state, action)) {
        EXPECT_TRUE(status.ok()) << what << ": " << status;
        EXPECT_EQ(contract.data().state, *next) << what;
        EXPECT_EQ(contract.events().size(), events_before + 1) << what;
        EXPECT_EQ(contract.events().back().version, contract.data().version) << what;
      } else {
        EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << what;
        EXPECT_EQ(MetadataOf(status, "from"), NameOf(state)) << what;
        EXPECT_EQ(MetadataOf(status, "action"), NameOf(action)) << what;
        EXPECT_EQ(MetadataOf(status, "allowed"), contract.Allowed()) << what;
        EXPECT_EQ(contract.data(), before) << what;
        EXPECT_EQ(contract.events().size(), events_before) << what;
      }
    }
  }
}

TEST(ContractGraph, NamesAreUnique) {
  for (const ContractState state : kContractStates) {
    EXPECT_EQ(ContractStateFromName(NameOf(state)), state);
  }
  EXPECT_EQ(ContractStateFromName("OPEN"), std::nullopt);
  std::set<std::string_view> names;
  for (const ContractAction action : kContractActions) {
    names.insert(NameOf(action));
  }
  EXPECT_EQ(names.size(), kContractActions.size());
}

TEST(ContractDraft, NeedsOwnerCustomerAmountAndCurrency) {
  const auto refused = [](auto change) {
    ContractData draft = ContractDraft();
    change(draft);
    return FieldOf(Contract::Draft(draft, By(kSeller)).status());
  };
  EXPECT_EQ(refused([](ContractData& d) { d.owner = ""; }), "contract.owner");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.customer = ""; }), "contract.customer");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.customer = "leads/1"; }), "contract.customer");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.opportunity = "x"; }), "contract.opportunity");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.amount.minor = 0; }), "contract.amount");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.amount.minor = -1; }), "contract.amount");
  EXPECT_EQ(refused([](ContractData& d) { d.terms.amount.currency = "XYZ"; }),
            "contract.amount.currency_code");
}

TEST(ContractDraft, TakesAPlanThatFitsOrNone) {
  ContractData draft = ContractDraft();
  draft.terms.plan[0].amount = Cny(29'999);
  EXPECT_EQ(ReasonOf(Contract::Draft(draft, By(kSeller)).status()), "PLAN_DOES_NOT_SUM");
  draft.terms.plan.clear();
  auto contract = Contract::Draft(draft, By(kSeller));
  ASSERT_TRUE(contract.ok());
  EXPECT_EQ(ReasonOf(contract->Submit(OneApprover(), BossFound(), By(kSeller))), "PLAN_MISSING");
  EXPECT_EQ(contract->data().state, ContractState::kDraft);
}

TEST(ContractDraft, RefusesWhatChangesNothing) {
  Contract contract = NewContract();
  EXPECT_EQ(ReasonOf(contract.Change(contract.data().terms, By(kSeller))), "NOTHING_TO_CHANGE");
  EXPECT_EQ(ReasonOf(contract.Assign(kSeller, "", By(kSeller))), "NOTHING_TO_CHANGE");
}

TEST(ContractApproval, KeepsTheCycleFromTheFirstSubmission) {
  Contract contract = NewContract();
  ASSERT_TRUE(contract.Submit(OneApprover(), BossFound(), By(kSeller, kNow + Hours(1))).ok());
  EXPECT_EQ(LastOf<ContractSubmitted>(contract).waiting_for, std::vector<std::string>{kBoss});
  ASSERT_TRUE(contract.SendBack("amount", By(kBoss, kNow + Hours(5))).ok());
  EXPECT_EQ(LastOf<ContractSentBack>(contract).reason, "amount");
  EXPECT_EQ(contract.ApprovalCycle(), std::nullopt);
  ASSERT_TRUE(contract.Submit(OneApprover(), BossFound(), By(kSeller, kNow + Hours(7))).ok());
  ASSERT_TRUE(contract.Approve(By(kBoss, kNow + Hours(8))).ok());
  EXPECT_EQ(contract.ApprovalCycle(), Hours(7));
  EXPECT_EQ(LastOf<ContractApproved>(contract).cycle, Hours(7));
  EXPECT_EQ(LastOf<ContractApproved>(contract).flow_version, 3);
  ASSERT_EQ(contract.data().approvals.size(), 2u);
  EXPECT_EQ(contract.data().approvals[0].state, ApprovalState::kSentBack);
  EXPECT_EQ(contract.data().approvals[1].state, ApprovalState::kApproved);
}

TEST(ContractApproval, StaysUntilTheLastRequiredOne) {
  ApprovalFlow flow = OneApprover();
  flow.nodes.push_back({"finance", NodeMode::kAllOf, {{ApproverKind::kMember, kFinance}}, {}});
  Contract contract = NewContract();
  ASSERT_TRUE(contract.Submit(flow, {"", kBoss, {{kBoss}, {kFinance}}}, By(kSeller)).ok());
  EXPECT_EQ(contract.data().approvals.back().submitter, kSeller);
  EXPECT_EQ(ReasonOf(contract.Approve(By(kFinance))), "NOT_AN_APPROVER");
  ASSERT_TRUE(contract.Approve(By(kBoss)).ok());
  EXPECT_EQ(contract.data().state, ContractState::kUnderApproval);
  EXPECT_EQ(LastOf<ContractApprovalGiven>(contract).node, "manager");
  EXPECT_EQ(LastOf<ContractApprovalGiven>(contract).waiting_for,
            std::vector<std::string>{kFinance});
  ASSERT_TRUE(contract.Approve(By(kFinance)).ok());
  EXPECT_EQ(contract.data().state, ContractState::kApproved);
}

TEST(ContractApproval, IsWithdrawnByTheSubmitterAlone) {
  for (const auto state : {ContractState::kUnderApproval, ContractState::kApproved}) {
    Contract contract = ContractIn(state);
    const ContractData before = contract.data();
    const absl::Status status = contract.Withdraw(By(kBoss));
    EXPECT_EQ(ReasonOf(status), "NOT_THE_SUBMITTER");
    EXPECT_EQ(MetadataOf(status, "submitter"), kSeller);
    EXPECT_EQ(contract.data(), before);
    ASSERT_TRUE(contract.Withdraw(By(kSeller)).ok());
    EXPECT_EQ(LastOf<ContractWithdrawn>(contract).from, state);
    EXPECT_EQ(contract.data().approve_time, std::nullopt);
    EXPECT_EQ(ReasonOf(contract.Sign(Day("2026-05-28"), By(kSeller))), "ILLEGAL_TRANSITION")
        << "the earlier approval does not count";
  }
}

// Where the flow asks nobody the contract is approved at once, and both facts are said.
TEST(ContractApproval, BelowTheThresholdIsAtOnce) {
  ApprovalFlow flow = OneApprover();
  flow.nodes[0].from_amount = Cny(100'001);
  Contract contract = NewContract();
  ASSERT_TRUE(contract.Submit(flow, BossFound(), By(kSeller)).ok());
  EXPECT_EQ(contract.data().state, ContractState::kApproved);
  EXPECT_EQ(contract.data().version, 3);
  EXPECT_EQ(LastOf<ContractApproved>(contract).member, "");
}

TEST(ContractCancel, NeedsAReasonAndEndsTheApproval) {
  Contract contract = ContractIn(ContractState::kUnderApproval);
  EXPECT_EQ(FieldOf(contract.Cancel("whim", By(kSeller))), "cancel_reason");
  EXPECT_EQ(contract.data().approvals.back().state, ApprovalState::kPending);
  ASSERT_TRUE(contract.Cancel("customer_withdrew", By(kSeller)).ok());
  EXPECT_EQ(contract.data().approvals.back().state, ApprovalState::kCancelled);
  EXPECT_EQ(LastOf<ContractCancelled>(contract).from, ContractState::kUnderApproval);
  EXPECT_EQ(LastOf<ContractCancelled>(contract).opportunity, "opportunities/7");
}

TEST(ContractTime, FollowsWhatMovedItBefore) {
  Contract contract = ContractIn(ContractState::kApproved);
  const Occasion early{kSeller, kNow, kNow - Microseconds(1)};
  EXPECT_EQ(FieldOf(contract.Sign(Day("2026-05-28"), early)), "occurred_at");
  EXPECT_EQ(contract.data().signed_on, std::nullopt);
  ASSERT_TRUE(contract.Sign(Day("2026-05-28"), By(kSeller, kNow - Hours(1))).ok());
  EXPECT_EQ(contract.data().sign_time, kNow) << "a clock that steps back does not reorder";
  EXPECT_EQ(contract.data().signed_on, Day("2026-05-28"));
}

}  // namespace
}  // namespace steward::orders
