// Approval through the API on a small organisation: who is asked, and the stated rules.

#include <gmock/gmock.h>

#include "libs/rpc/values.h"
#include "tests/component/services/orders/fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Approvals : public OrdersTest {
 protected:
  using Flow = v1::ApprovalFlow;
  static Flow::Approver ApproverOf(const std::string& name) {
    Flow::Approver approver;
    if (name.starts_with("members/")) {
      approver.set_member(name);
    } else if (name.starts_with("roles/")) {
      approver.set_role_above(name);
    } else {
      approver.mutable_department_head()->set_team(name);
    }
    return approver;
  }
  // One node for each list of approvers.
  v1::CreateApprovalFlowVersionRequest FlowOfNodes(
      const std::vector<std::vector<std::string>>& nodes) {
    v1::CreateApprovalFlowVersionRequest request;
    request.mutable_flow()->set_name("approvalFlows/strict");
    for (const auto& names : nodes) {
      Flow::Node& node = *request.mutable_flow()->add_nodes();
      node.set_id("n" + std::to_string(request.flow().nodes_size()));
      for (const std::string& name : names) {
        *node.add_approvers() = ApproverOf(name);
      }
    }
    return request;
  }
  Flow Put(v1::CreateApprovalFlowVersionRequest request) {
    request.set_activate(true);
    return Must(&ApprovalFlowsApi::CreateApprovalFlowVersion, request);
  }
  pb::SubmitContractRequest Strict(const std::string& name) {
    auto request = For<pb::SubmitContractRequest>(name);
    request.set_flow("approvalFlows/strict");
    return request;
  }
  absl::Status RefusedApproval(const std::string& name, const std::string& member) {
    return Refused(&ContractsApi::ApproveContract, For<pb::ApproveContractRequest>(name),
                   Agent(member, {"teams/east"}));
  }
};

TEST_F(Approvals, TheShippedFlowAsksTheHeadOfTheDepartment) {
  const pb::Contract submitted = Submit(Create().name());
  EXPECT_THAT(submitted.waiting_for(), ElementsAre(kWang));
  EXPECT_EQ(submitted.approvals(0).flow(), "approvalFlows/default");
  EXPECT_EQ(submitted.approvals(0).flow_version(), 1);
}

TEST_F(Approvals, WhoeverIsAskedReachesTheContract) {
  Put(FlowOfNodes({{"members/finance"}}));
  org = testing::OrgBuilder().Member("members/finance").Member(kLi).Build();
  const std::string name = Create().name();
  const Caller finance = Agent("members/finance");
  EXPECT_EQ(
      ReasonOf(Refused(&ContractsApi::GetContract, For<pb::GetContractRequest>(name), finance)),
      "NOT_FOUND");
  Must(&ContractsApi::SubmitContract, Strict(name));
  EXPECT_EQ(Get(name, finance).name(), name);
  const auto approved =
      Must(&ContractsApi::ApproveContract, For<pb::ApproveContractRequest>(name), finance);
  EXPECT_EQ(approved.state(), pb::Contract::APPROVED);
  EXPECT_THAT(approved.waiting_for(), IsEmpty());
  EXPECT_EQ(Get(name, finance).name(), name);
}

TEST_F(Approvals, ASubmitterWhoHeadsTheDepartmentIsApprovedByTheirSuperior) {
  EXPECT_THAT(Submit(Create().name(), kWang).waiting_for(), ElementsAre(kZhao));
}

TEST_F(Approvals, ASubmitterNobodyIsAboveIsRefused) {
  const absl::Status status =
      Refused(&ContractsApi::SubmitContract, For<pb::SubmitContractRequest>(Create().name()),
              Agent(kZhao, {"teams/east"}));
  EXPECT_EQ(ReasonOf(status), "NO_APPROVER_FOUND");
  EXPECT_EQ(MetadataOf(status, "node"), "department");
}

TEST_F(Approvals, SkipAndAllowAreRulesOfTheFlow) {
  auto flow = FlowOfNodes({{kLi}});
  flow.mutable_flow()->set_submitter(Flow::SKIP);
  Put(flow);
  const pb::Contract skipped = Must(&ContractsApi::SubmitContract, Strict(Create().name()));
  EXPECT_EQ(skipped.state(), pb::Contract::APPROVED);
  EXPECT_EQ(skipped.approvals(0).nodes(0).skips(0).reason(), pb::Approval::SUBMITTER);
  flow.mutable_flow()->set_submitter(Flow::ALLOW);
  Put(flow);
  const pb::Contract allowed = Must(&ContractsApi::SubmitContract, Strict(Create().name()));
  EXPECT_THAT(allowed.waiting_for(), ElementsAre(kLi));
  EXPECT_EQ(Approve(allowed.name(), kLi).state(), pb::Contract::APPROVED);
}

TEST_F(Approvals, ARoleIsLookedForAlongTheLineAlone) {
  Put(FlowOfNodes({{"roles/sales-director"}}));
  EXPECT_THAT(Must(&ContractsApi::SubmitContract, Strict(Create().name())).waiting_for(),
              ElementsAre(kZhao));
  Put(FlowOfNodes({{"roles/sales-rep"}}));  // Li holds it, and is not above Li
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::SubmitContract, Strict(Create().name()))),
            "NO_APPROVER_FOUND");
}

TEST_F(Approvals, WhoApprovedIsNotAskedAgainUnlessTheFlowSaysSo) {
  Put(FlowOfNodes({{kWang}, {kWang, kZhao}}));
  std::string name = Create().name();
  Must(&ContractsApi::SubmitContract, Strict(name));
  EXPECT_EQ(ReasonOf(RefusedApproval(name, kZhao)), "NOT_AN_APPROVER");
  EXPECT_THAT(Approve(name).waiting_for(), ElementsAre(kZhao));
  EXPECT_EQ(ReasonOf(RefusedApproval(name, kWang)), "APPROVAL_ALREADY_GIVEN");
  EXPECT_EQ(Approve(name, kZhao).state(), pb::Contract::APPROVED);
  EXPECT_THAT(TypesOf(name), ElementsAre("contract.drafted", "contract.submitted",
                                         "contract.approval_given", "contract.approved"));

  auto each = FlowOfNodes({{kWang}, {kWang}});
  each.mutable_flow()->set_repeat(Flow::EACH);
  Put(each);
  name = Create().name();
  Must(&ContractsApi::SubmitContract, Strict(name));
  EXPECT_THAT(Approve(name).waiting_for(), ElementsAre(kWang));
  EXPECT_EQ(Approve(name).state(), pb::Contract::APPROVED);
}

TEST_F(Approvals, NobodyFoundIsRefusedOrPassed) {
  auto flow = FlowOfNodes({{"members/nobody"}, {kWang}});
  Put(flow);
  const std::string name = Create().name();
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::SubmitContract, Strict(name))), "NO_APPROVER_FOUND");
  EXPECT_EQ(Get(name).state(), pb::Contract::DRAFT);
  flow.mutable_flow()->set_missing(Flow::PASS);
  Put(flow);
  const pb::Contract passed = Must(&ContractsApi::SubmitContract, Strict(name));
  EXPECT_THAT(passed.waiting_for(), ElementsAre(kWang));
  EXPECT_EQ(passed.approvals(0).nodes(0).skips(0).reason(), pb::Approval::NOBODY_FOUND);
}

TEST_F(Approvals, SentBackWithdrawnAndSubmittedAgainAreRunsOfTheirOwn) {
  const std::string name = Create().name();
  Submit(name);
  auto back = For<pb::SendBackContractRequest>(name);
  back.set_reason("because");
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::SendBackContract, back, Agent(kWang, {"teams/east"}))),
            "reason");
  back.set_reason("amount");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::SendBackContract, back)), "NOT_AN_APPROVER");
  EXPECT_EQ(Must(&ContractsApi::SendBackContract, back, Agent(kWang, {"teams/east"})).state(),
            pb::Contract::DRAFT);
  EXPECT_EQ(Journal().back().event.contract_sent_back().reason(), "amount");
  Submit(name);
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::WithdrawContract,
                             For<pb::WithdrawContractRequest>(name), Agent(kWang, {"teams/east"}))),
            "NOT_THE_SUBMITTER");
  Step(&ContractsApi::WithdrawContract, name, kLi);
  Submit(name);
  const pb::Contract approved = Approve(name);
  ASSERT_EQ(approved.approvals_size(), 3);
  EXPECT_EQ(approved.approvals(0).state(), pb::Approval::SENT_BACK);
  EXPECT_EQ(approved.approvals(1).state(), pb::Approval::WITHDRAWN);
  EXPECT_EQ(approved.approvals(2).state(), pb::Approval::APPROVED);
}

TEST_F(Approvals, AContractWithoutPlanIsNotSubmitted) {
  pb::CreateContractRequest draft = Draft();
  draft.mutable_contract()->clear_plan();
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::SubmitContract,
                             For<pb::SubmitContractRequest>(Create(draft).name()))),
            "PLAN_MISSING");
}

TEST_F(Approvals, APreviewSaysWhomItWouldAskAndChangesNothing) {
  const std::string name = Create().name();
  const pb::Approval preview =
      Must(&ContractsApi::PreviewContractApproval, For<pb::PreviewContractApprovalRequest>(name));
  EXPECT_THAT(preview.nodes(0).approvers(), ElementsAre(kWang));
  EXPECT_EQ(Get(name).state(), pb::Contract::DRAFT);
}

TEST_F(Approvals, ARunKeepsTheVersionItBeganWith) {
  EXPECT_EQ(Put(FlowOfNodes({{kWang}})).version(), 1);
  const std::string name = Create().name();
  Must(&ContractsApi::SubmitContract, Strict(name));
  const Flow second = Put(FlowOfNodes({{kZhao}}));
  EXPECT_EQ(second.version(), 2);
  EXPECT_TRUE(second.active());
  EXPECT_THAT(Get(name).waiting_for(), ElementsAre(kWang));
  auto first = For<v1::ActivateApprovalFlowRequest>("approvalFlows/strict");
  first.set_version(1);
  Must(&ApprovalFlowsApi::ActivateApprovalFlow, first);
  EXPECT_THAT(Must(&ContractsApi::SubmitContract, Strict(Create().name())).waiting_for(),
              ElementsAre(kWang));
  first.set_version(7);
  EXPECT_EQ(ReasonOf(Refused(&ApprovalFlowsApi::ActivateApprovalFlow, first)), "NOT_FOUND");
  v1::ListApprovalFlowsRequest list;
  EXPECT_EQ(Must(&ApprovalFlowsApi::ListApprovalFlows, list).flows_size(), 2);
  list.set_flow("approvalFlows/strict");
  EXPECT_EQ(Must(&ApprovalFlowsApi::ListApprovalFlows, list).flows_size(), 2);
  EXPECT_FALSE(Must(&ApprovalFlowsApi::ListApprovalFlows, list).flows(1).active());
  EXPECT_EQ(Must(&ApprovalFlowsApi::GetApprovalFlow,
                 For<v1::GetApprovalFlowRequest>("approvalFlows/default"))
                .nodes(0)
                .display_names()
                .at("zh-Hans"),
            "部门负责人");
}

TEST_F(Approvals, AFaultyFlowIsNamed) {
  const auto field = [this](const std::function<void(Flow&)>& change) {
    auto request = FlowOfNodes({{kWang}});
    change(*request.mutable_flow());
    return FieldOf(Refused(&ApprovalFlowsApi::CreateApprovalFlowVersion, request));
  };
  EXPECT_EQ(field([](Flow& f) { f.set_name("strict"); }), "flow.name");
  EXPECT_EQ(field([](Flow& f) { f.clear_nodes(); }), "flow.nodes");
  EXPECT_EQ(field([](Flow& f) { f.mutable_nodes(0)->clear_approvers(); }),
            "flow.nodes[0].approvers");
  EXPECT_EQ(field([](Flow& f) { f.mutable_nodes(0)->mutable_approvers(0)->set_member("li"); }),
            "flow.nodes[0].approvers[0].member");
  EXPECT_EQ(field([](Flow& f) { f.mutable_nodes(0)->mutable_approvers(0)->clear_kind(); }),
            "flow.nodes[0].approvers[0]");
  EXPECT_EQ(field([](Flow& f) {
              rpc::ToProto(Money{"CNY", -1}, f.mutable_nodes(0)->mutable_from_amount());
            }),
            "flow.nodes[0].from_amount");
  EXPECT_EQ(field([](Flow& f) { *f.add_nodes() = f.nodes(0); }), "flow.nodes[1].id");
}

TEST_F(Approvals, AnUnknownFlowIsNamed) {
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::SubmitContract, Strict(Create().name()))), "flow");
}

}  // namespace
}  // namespace steward::orders
