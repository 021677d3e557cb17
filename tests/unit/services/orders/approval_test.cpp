#include "services/orders/domain/approval.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/services/orders/builders.h"

namespace steward::orders {
namespace {

const std::string kA = "members/a", kB = "members/b", kC = "members/c";

FlowNode Node(std::string id, NodeMode mode, size_t approvers,
              std::optional<Money> from_amount = {}) {
  return {std::move(id), mode,
          std::vector<Approver>(approvers, {ApproverKind::kRoleAbove, "manager"}), from_amount};
}
ApprovalFlow Flow(std::vector<FlowNode> nodes) {
  ApprovalFlow flow;
  flow.id = "contract";
  flow.version = 1;
  flow.nodes = std::move(nodes);
  return flow;
}
Approval Submitted(const ApprovalFlow& flow, std::vector<std::vector<std::string>> nodes,
                   std::string superior = "members/superior") {
  auto approval =
      Approval::Submit(flow, {kSeller, std::move(superior), std::move(nodes)}, Cny(5'000), kNow);
  EXPECT_TRUE(approval.ok()) << approval.status();
  return *std::move(approval);
}
using Members = std::vector<std::string>;

TEST(Flow, RefusesWhatCannotBeRun) {
  EXPECT_TRUE(CheckFlow(OneApprover()).ok());
  const auto refused = [](auto change) {
    ApprovalFlow flow = OneApprover();
    change(flow);
    return FieldOf(CheckFlow(flow));
  };
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.id = ""; }), "flow.id");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.version = 0; }), "flow.version");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes.clear(); }), "flow.nodes");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes[0].id = ""; }), "flow.nodes[0].id");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes.push_back(f.nodes[0]); }), "flow.nodes[1].id");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes[0].approvers.clear(); }),
            "flow.nodes[0].approvers");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes[0].approvers[0].who = ""; }),
            "flow.nodes[0].approvers[0].who");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes[0].approvers[0].kind = ApproverKind::kMember; }),
            "flow.nodes[0].approvers[0].who");
  EXPECT_EQ(refused([](ApprovalFlow& f) { f.nodes[0].from_amount = Cny(0); }),
            "flow.nodes[0].from_amount");
}

TEST(Modes, AllAnyAndInSequence) {
  Approval all = Submitted(Flow({Node("n", NodeMode::kAllOf, 2)}), {{kA, kB}});
  ASSERT_TRUE(all.Approve(kB, kNow).ok());
  EXPECT_EQ(all.WaitingFor(), Members{kA});
  const absl::Status twice = all.Approve(kB, kNow);
  EXPECT_EQ(ReasonOf(twice), "APPROVAL_ALREADY_GIVEN");
  EXPECT_EQ(MetadataOf(twice, "waiting_for"), kA);
  ASSERT_TRUE(all.Approve(kA, kNow).ok());
  EXPECT_EQ(all.data().state, ApprovalState::kApproved);

  Approval any = Submitted(Flow({Node("n", NodeMode::kAnyOf, 2)}), {{kA, kB}});
  EXPECT_EQ(ReasonOf(any.Approve(kC, kNow)), "NOT_AN_APPROVER");
  ASSERT_TRUE(any.Approve(kB, kNow).ok());
  EXPECT_EQ(any.data().state, ApprovalState::kApproved);

  Approval row = Submitted(Flow({Node("n", NodeMode::kInSequence, 2)}), {{kA, kB}});
  EXPECT_EQ(ReasonOf(row.Approve(kB, kNow)), "NOT_AN_APPROVER") << "not yet";
  ASSERT_TRUE(row.Approve(kA, kNow).ok());
  ASSERT_TRUE(row.Approve(kB, kNow + Hours(2)).ok());
  EXPECT_EQ(row.data().state, ApprovalState::kApproved);
  EXPECT_EQ(row.data().end_time, kNow + Hours(2));
  EXPECT_EQ(row.data().decisions.size(), 2u);
}

TEST(SubmitterRule, SkipAllowSuperior) {
  ApprovalFlow flow = Flow({Node("n", NodeMode::kAllOf, 2)});
  flow.submitter = SubmitterRule::kSkip;
  const Approval skip = Submitted(flow, {{kSeller, kB}});
  EXPECT_EQ(skip.WaitingFor(), Members{kB});
  EXPECT_EQ(skip.data().nodes[0].skips, (std::vector<Skip>{{0, SkipReason::kSubmitter}}));
  flow.submitter = SubmitterRule::kAllow;
  EXPECT_EQ(Submitted(flow, {{kSeller, kB}}).WaitingFor(), (Members{kSeller, kB}));
  flow.submitter = SubmitterRule::kSuperior;
  EXPECT_EQ(Submitted(flow, {{kSeller, kB}}, kC).WaitingFor(), (Members{kC, kB}));
  const absl::Status nobody =
      Approval::Submit(flow, {kSeller, "", {{kSeller, kB}}}, Cny(1), kNow).status();
  EXPECT_EQ(ReasonOf(nobody), "NO_APPROVER_FOUND") << "the head of all has nobody above";
}

TEST(RepeatRule, CountsOnlyWhatWasApproved) {
  ApprovalFlow flow = Flow({Node("one", NodeMode::kAnyOf, 2), Node("two", NodeMode::kAllOf, 1)});
  Approval by_a = Submitted(flow, {{kA, kB}, {kA}});
  ASSERT_TRUE(by_a.Approve(kA, kNow).ok());
  EXPECT_EQ(by_a.data().state, ApprovalState::kApproved);
  EXPECT_EQ(by_a.data().decisions.back().verdict, Verdict::kApprovedBefore);
  Approval by_b = Submitted(flow, {{kA, kB}, {kA}});
  ASSERT_TRUE(by_b.Approve(kB, kNow).ok());
  EXPECT_EQ(by_b.WaitingFor(), Members{kA}) << "a was named before, but never approved";
  flow.repeat = RepeatRule::kEach;
  Approval each = Submitted(flow, {{kA, kB}, {kA}});
  ASSERT_TRUE(each.Approve(kA, kNow).ok());
  EXPECT_EQ(each.WaitingFor(), Members{kA});
  ASSERT_TRUE(each.Approve(kA, kNow).ok());
  EXPECT_EQ(each.data().state, ApprovalState::kApproved);
}

TEST(MissingRule, RefusesOrPasses) {
  ApprovalFlow flow = Flow({Node("one", NodeMode::kAllOf, 2), Node("two", NodeMode::kAnyOf, 2)});
  const auto submit = [&](std::vector<Members> nodes) {
    return Approval::Submit(flow, {kSeller, kC, std::move(nodes)}, Cny(1), kNow);
  };
  const absl::Status all = submit({{kA, ""}, {kB, kC}}).status();
  EXPECT_EQ(ReasonOf(all), "NO_APPROVER_FOUND");
  EXPECT_EQ(MetadataOf(all, "node"), "one");
  EXPECT_EQ(MetadataOf(all, "approver"), "2");
  EXPECT_TRUE(submit({{kA, kB}, {"", kC}}).ok()) << "one of any is enough";
  EXPECT_EQ(MetadataOf(submit({{kA, kB}, {"", ""}}).status(), "node"), "two");
  flow.missing = MissingRule::kPass;
  const auto passed = submit({{kA, ""}, {"", ""}});
  ASSERT_TRUE(passed.ok());
  EXPECT_EQ(passed->WaitingFor(), Members{kA});
  EXPECT_EQ(passed->data().nodes[1].skips.size(), 2u);
  EXPECT_EQ(FieldOf(submit({{kA, kB}}).status()), "found.nodes");
  EXPECT_EQ(FieldOf(submit({{kA, kB}, {kC}}).status()), "found.nodes[1]");
}

TEST(Threshold, IsInclusiveAndExcusesNobodyInAnotherCurrency) {
  const auto asked = [](Money from) {
    const ApprovalFlow flow = Flow({Node("n", NodeMode::kAllOf, 1, from)});
    return Submitted(flow, {{kA}}).WaitingFor();
  };
  EXPECT_EQ(asked(Cny(5'000)), Members{kA});
  EXPECT_EQ(asked(Cny(5'001)), Members{});
  EXPECT_EQ(asked({"USD", 5'001}), Members{kA});
}

TEST(Ending, SendBackAndWithdraw) {
  const ApprovalFlow flow = Flow({Node("n", NodeMode::kAllOf, 2)});
  Approval approval = Submitted(flow, {{kA, kB}});
  EXPECT_EQ(FieldOf(approval.SendBack(kA, "", kNow)), "reason");
  EXPECT_EQ(ReasonOf(approval.SendBack(kC, "amount", kNow)), "NOT_AN_APPROVER");
  EXPECT_EQ(ReasonOf(approval.Withdraw(kA, kNow)), "NOT_THE_SUBMITTER");
  Approval withdrawn = approval;
  ASSERT_TRUE(approval.SendBack(kA, "amount", kNow).ok());
  ASSERT_TRUE(withdrawn.Withdraw(kSeller, kNow).ok());
  for (Approval* ended : {&approval, &withdrawn}) {
    EXPECT_EQ(ReasonOf(ended->Approve(kB, kNow)), "ILLEGAL_TRANSITION");
    EXPECT_EQ(ReasonOf(ended->SendBack(kB, "amount", kNow)), "ILLEGAL_TRANSITION");
    EXPECT_EQ(ReasonOf(ended->Withdraw(kSeller, kNow)), "ILLEGAL_TRANSITION");
    EXPECT_EQ(ReasonOf(ended->Cancel(kSeller, kNow)), "ILLEGAL_TRANSITION");
  }
}

struct Case {
  ApprovalFlow flow;
  FoundApprovers found;
};

Case AnyCase() {
  const Members people = {kA, kB, kC, kSeller, ""};
  Case any;
  any.flow = Flow({});
  any.flow.submitter =
      *rc::gen::element(SubmitterRule::kSkip, SubmitterRule::kAllow, SubmitterRule::kSuperior);
  any.flow.repeat = *rc::gen::element(RepeatRule::kFirstOnly, RepeatRule::kEach);
  any.flow.missing = *rc::gen::element(MissingRule::kRefuse, MissingRule::kPass);
  any.found = {kSeller, *rc::gen::elementOf(Members{kA, "members/boss", ""}), {}};
  const int nodes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < nodes; ++i) {
    const auto size = static_cast<size_t>(*rc::gen::inRange(1, 4));
    any.flow.nodes.push_back(
        Node("n" + std::to_string(i),
             *rc::gen::element(NodeMode::kAllOf, NodeMode::kAnyOf, NodeMode::kInSequence), size,
             *rc::gen::element(std::optional<Money>(), std::optional<Money>(Cny(9'000)))));
    any.found.nodes.push_back(*rc::gen::container<Members>(size, rc::gen::elementOf(people)));
  }
  return any;
}

// Whether the log of approvals that went through satisfies node `n`, reckoned from the flow alone.
bool Satisfied(const Case& any, size_t n, const std::vector<std::pair<size_t, std::string>>& log) {
  const FlowNode& node = any.flow.nodes[n];
  if (node.from_amount && node.from_amount->minor > 5'000) {
    return true;
  }
  const auto approved = [&](const std::string& who) {
    return std::any_of(log.begin(), log.end(), [&](const auto& entry) {
      const bool counts =
          any.flow.repeat == RepeatRule::kFirstOnly ? entry.first <= n : entry.first == n;
      return counts && entry.second == who;
    });
  };
  size_t needed = 0, given = 0;
  for (std::string who : any.found.nodes[n]) {
    if (who == kSeller && any.flow.submitter == SubmitterRule::kSkip) {
      continue;
    }
    if (who == kSeller && any.flow.submitter == SubmitterRule::kSuperior) {
      who = any.found.superior;
    }
    if (who.empty()) {
      continue;  // a flow that refuses would not have been submitted
    }
    needed += 1;
    given += approved(who) ? 1 : 0;
  }
  return node.mode == NodeMode::kAnyOf ? needed == 0 || given > 0 : given == needed;
}

RC_GTEST_PROP(ApprovalProperty, NoPathSkipsARequiredApproval, ()) {
  const Case any = AnyCase();
  auto submitted = Approval::Submit(any.flow, any.found, Cny(5'000), kNow);
  RC_PRE(submitted.ok());
  Approval approval = *submitted;
  std::vector<std::pair<size_t, std::string>> log;  // node, member
  const auto check = [&] {
    bool all = true;
    for (size_t n = 0; n < any.flow.nodes.size(); ++n) {
      all = all && Satisfied(any, n, log);
    }
    RC_ASSERT(all == (approval.data().state == ApprovalState::kApproved));
  };
  check();
  const Members people = {kA, kB, kC, kSeller, "members/boss", "members/stranger"};
  const int steps = *rc::gen::inRange(0, 40);
  for (int i = 0; i < steps && approval.data().state == ApprovalState::kPending; ++i) {
    const std::string who = *rc::gen::elementOf(people);
    const size_t node = approval.data().current;
    const ApprovalData before = approval.data();
    if (approval.Approve(who, kNow).ok()) {
      log.emplace_back(node, who);
    } else {
      RC_ASSERT(approval.data() == before);
    }
    check();
  }
}

}  // namespace
}  // namespace steward::orders
