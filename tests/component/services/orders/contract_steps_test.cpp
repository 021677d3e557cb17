// The way of one contract from the draft to the archive, and what its state forbids.

#include <gmock/gmock.h>

#include <algorithm>

#include "libs/rpc/values.h"
#include "tests/component/services/orders/fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";

class ContractSteps : public OrdersTest {};

TEST_F(ContractSteps, TheWholeWayIsInTheJournal) {
  const std::string name = Create().name();
  Submit(name);
  clock.Advance(Hours(5));
  EXPECT_EQ(Approve(name).approval_cycle().seconds(), 5 * 3600);
  const pb::Contract signed_one = Sign(name);
  EXPECT_EQ(signed_one.signed_on().day(), 29);  // 01:26 in Shanghai, the day after in UTC's count
  Step(&ContractsApi::StartContract, name, kLi);
  Step(&ContractsApi::CompleteContract, name, kLi);
  const pb::Contract last = Step(&ContractsApi::ArchiveContract, name, kLi);
  EXPECT_EQ(last.state(), pb::Contract::ARCHIVED);
  EXPECT_EQ(last.etag(), "\"7\"");
  EXPECT_EQ(Get(name).SerializeAsString(), last.SerializeAsString());
  EXPECT_THAT(TypesOf(name), ElementsAre("contract.drafted", "contract.submitted",
                                         "contract.approved", "contract.signed", "contract.started",
                                         "contract.completed", "contract.archived"));
  const auto rows = Journal();
  EXPECT_THAT(rows[1].event.contract_submitted().waiting_for(), ElementsAre(kWang));
  EXPECT_EQ(rows[2].event.contract_approved().submitter(), kLi);
  EXPECT_EQ(rows[2].event.contract_approved().team(), "teams/east");
  EXPECT_EQ(rows[2].event.contract_approved().region(), "east");
  EXPECT_EQ(rows[2].event.contract_approved().cycle().seconds(), 5 * 3600);
  EXPECT_EQ(rows[3].event.contract_signed().terms().plan_size(), 3);
  EXPECT_EQ(rows[3].event.contract_signed().team(), "teams/east");
  const auto started = std::find_if(rows.begin(), rows.end(),
                                    [](const Row& row) { return row.type == "contract.started"; });
  EXPECT_EQ(started->event.contract_started().to_state(), "IN_EXECUTION");
}

TEST_F(ContractSteps, AnIllegalMoveSaysWhatIsAllowed) {
  const std::string name = Create().name();
  const absl::Status status =
      Refused(&ContractsApi::SignContract, For<pb::SignContractRequest>(name));
  EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(status, "from"), "DRAFT");
  EXPECT_EQ(MetadataOf(status, "allowed"), "change, assign, submit, cancel");
  EXPECT_EQ(Get(name).etag(), "\"1\"");
}

TEST_F(ContractSteps, TermsChangeInADraftAlone) {
  const std::string name = Create().name();
  pb::UpdateContractRequest request;
  request.mutable_contract()->set_name(name);
  request.mutable_contract()->set_region("west");
  request.set_request_id(kRequest);
  const pb::Contract changed = Must(&ContractsApi::UpdateContract, request);
  EXPECT_EQ(changed.region(), "west");
  EXPECT_EQ(changed.plan_size(), 3);
  EXPECT_EQ(Must(&ContractsApi::UpdateContract, request).SerializeAsString(),
            changed.SerializeAsString());
  request.set_request_id("");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::UpdateContract, request)), "NOTHING_TO_CHANGE");
  EXPECT_EQ(Journal()[1].event.contract_changed().from_terms().region(), "east");
  request.mutable_contract()->set_etag("\"1\"");
  request.mutable_contract()->set_region("north");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::UpdateContract, request)), "ETAG_MISMATCH");
  request.mutable_contract()->clear_etag();
  rpc::ToProto(Money{"CNY", 1}, request.mutable_contract()->mutable_amount());
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::UpdateContract, request)), "PLAN_DOES_NOT_SUM");
  request.mutable_contract()->clear_amount();
  Submit(name);
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::UpdateContract, request)), "ILLEGAL_TRANSITION");
  request.mutable_update_mask()->add_paths("colour");
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::UpdateContract, request)), "update_mask");
}

TEST_F(ContractSteps, AnotherOwnerBringsTheirTeam) {
  const std::string name = Create().name();
  auto request = For<pb::AssignContractRequest>(name);
  request.set_owner(kZhao);
  const pb::Contract assigned = Must(&ContractsApi::AssignContract, request);
  EXPECT_EQ(assigned.owner(), kZhao);
  EXPECT_EQ(assigned.team(), "teams/sales");
  const auto row = Journal().back();
  EXPECT_EQ(row.event.contract_assigned().from_team(), "teams/east");
  EXPECT_EQ(row.event.contract_assigned().team(), "teams/sales");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::AssignContract, request)), "NOTHING_TO_CHANGE");
  request.set_owner("li");
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::AssignContract, request)), "owner");
}

TEST_F(ContractSteps, TheSignatureOpensTheLedgerAndAnotherOwnerTakesItOver) {
  const std::string name = Create().name();
  Submit(name);
  Approve(name);
  EXPECT_THAT(TypesOf(name + "/receivable"), ElementsAre());
  Sign(name);
  EXPECT_THAT(TypesOf(name + "/receivable"), ElementsAre("receivable.opened"));
  EXPECT_EQ(Count("SELECT sum(amount)::bigint FROM instalment WHERE owner = 'members/li'"), 90'000);
  auto request = For<pb::AssignContractRequest>(name);
  request.set_owner(kZhao);
  Must(&ContractsApi::AssignContract, request);
  EXPECT_EQ(Count("SELECT count(*) FROM instalment WHERE owner = 'members/zhao'"), 3);
  EXPECT_EQ(Count("SELECT count(*) FROM receivable WHERE team = 'teams/sales'"), 1);
}

TEST_F(ContractSteps, ACancelledContractMakesRoomForTheOpportunitysNext) {
  pb::CreateContractRequest draft = Draft();
  draft.mutable_contract()->set_opportunity("opportunities/first");
  const std::string name = Create(draft).name();
  auto request = For<pb::CancelContractRequest>(name);
  request.set_reason("bad weather");
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::CancelContract, request)), "cancel_reason");
  request.set_reason("customer_withdrew");
  EXPECT_EQ(Must(&ContractsApi::CancelContract, request).state(), pb::Contract::CANCELLED);
  EXPECT_EQ(Journal().back().event.contract_cancelled().opportunity(), "opportunities/first");
  EXPECT_NE(Create(draft).name(), name);
}

TEST_F(ContractSteps, WhenItHappenedHasLimits) {
  const std::string name = Create().name();
  auto request = For<pb::CancelContractRequest>(name);
  request.set_reason("other");
  *request.mutable_occurred_at() = rpc::ToProto(kServiceStart + Hours(1));
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::CancelContract, request)), "occurred_at");
  *request.mutable_occurred_at() = rpc::ToProto(kServiceStart - Hours(1));
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::CancelContract, request)), "occurred_at");
}

TEST_F(ContractSteps, EveryCommandAnswersARepeatAndMissesTheMissing) {
  const std::string name = Create().name();
  auto submit = For<pb::SubmitContractRequest>(name);
  submit.set_request_id(kRequest);
  const pb::Contract first = Must(&ContractsApi::SubmitContract, submit);
  Approve(name);
  EXPECT_EQ(Must(&ContractsApi::SubmitContract, submit).SerializeAsString(),
            first.SerializeAsString());
  submit.set_flow("approvalFlows/other");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::SubmitContract, submit)), "REQUEST_ID_REUSED");
  auto missing = For<pb::StartContractRequest>("contracts/0190d9a0-0000-7000-8000-00000000ffff");
  EXPECT_EQ(ReasonOf(Refused(&ContractsApi::StartContract, missing)), "NOT_FOUND");
  missing.set_name("orders/1");
  EXPECT_EQ(FieldOf(Refused(&ContractsApi::StartContract, missing)), "name");
}

TEST_F(ContractSteps, HistoryIsWhatPeopleRead) {
  const std::string name = Create().name();
  pb::UpdateContractRequest update;
  update.mutable_contract()->set_name(name);
  update.mutable_contract()->set_region("west");
  update.mutable_contract()->set_kind("service");
  Must(&ContractsApi::UpdateContract, update);
  Submit(name);
  pb::ListContractHistoryRequest request;
  request.set_parent(name);
  request.set_page_size(2);
  std::vector<std::string> lines;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = Must(&ContractsApi::ListContractHistory, request);
    for (const pb::ContractChange& change : page.changes()) {
      lines.push_back(change.type() + " " + change.field() + " " + change.from() + ">" +
                      change.to());
    }
    request.set_page_token(page.next_page_token());
    if (page.next_page_token().empty()) {
      break;
    }
  }
  EXPECT_THAT(lines, ElementsAre("contract.drafted state >DRAFT", "contract.changed kind >service",
                                 "contract.changed region east>west",
                                 "contract.submitted state DRAFT>UNDER_APPROVAL"));
}

}  // namespace
}  // namespace steward::orders
