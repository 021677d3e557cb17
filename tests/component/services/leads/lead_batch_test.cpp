// Many leads at once: good rows are stored, the others are reported.

#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

using LeadBatch = PoolTest;

TEST_F(LeadBatch, StoresTheGoodAndReportsTheRest) {
  const pb::Lead known = CreateLead("form-1");
  pb::BatchCreateLeadsRequest request;
  request.set_request_id(kRequestId);
  *request.add_requests() = Intake("form-0");
  *request.add_requests() = Intake("form-1");
  *request.add_requests() = Intake("form-2");
  request.mutable_requests(2)->mutable_lead()->mutable_person()->set_phone("1");
  request.mutable_requests(2)->mutable_lead()->clear_source();
  *request.add_requests() = Intake("form-0");
  *request.add_requests() = Intake("form-4");
  request.mutable_requests(4)->set_rule("assignmentRules/none");
  *request.add_requests() = Intake("form-5");
  const auto made = Ask(pool, &LeadPoolApi::BatchCreateLeads, request);
  ASSERT_EQ(made.outcomes_size(), 6);
  EXPECT_EQ(made.created_count(), 2);
  EXPECT_EQ(made.existing_count(), 2);
  EXPECT_EQ(made.refused_count(), 2);
  EXPECT_EQ(made.outcomes(1).lead(), known.name());
  EXPECT_TRUE(made.outcomes(1).already_existed());
  ASSERT_EQ(made.outcomes(2).faults_size(), 2);
  EXPECT_EQ(made.outcomes(2).faults(0).field(), "lead.source");
  EXPECT_EQ(made.outcomes(2).faults(1).field(), "lead.person.phone");
  EXPECT_EQ(made.outcomes(3).lead(), made.outcomes(0).lead());
  EXPECT_EQ(made.outcomes(4).faults(0).field(), "rule");
  EXPECT_EQ(Ask(pool, &LeadPoolApi::BatchCreateLeads, request).SerializeAsString(),
            made.SerializeAsString());
  EXPECT_EQ(Count("SELECT count(*) FROM lead"), 3);
  EXPECT_EQ(Journal().size(), 3u);
}

TEST_F(LeadBatch, AThousandAtOnceAndNoMore) {
  pb::BatchCreateLeadsRequest request;
  for (int i = 0; i < 1000; ++i) {
    *request.add_requests() = Intake("form-" + std::to_string(i));
  }
  EXPECT_EQ(Ask(pool, &LeadPoolApi::BatchCreateLeads, request).created_count(), 1000);
  EXPECT_EQ(Ask(pool, &LeadPoolApi::BatchCreateLeads, request).existing_count(), 1000);
  *request.add_requests() = Intake("one more");
  pb::BatchCreateLeadsResponse response;
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::BatchCreateLeads, request, &response)), "requests");
  request.clear_requests();
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::BatchCreateLeads, request, &response)), "requests");
}

TEST_F(LeadBatch, AssignsByRuleUntilNobodyCanHaveMore) {
  Know("members/a");
  Know("members/b");
  MakeRule({"members/a", "members/b"}, 2);
  pb::BatchCreateLeadsRequest request;
  for (int i = 0; i < 5; ++i) {
    pb::CreateLeadRequest& each = *request.add_requests();
    each = Intake("form-" + std::to_string(i));
    each.set_rule(kRule);
  }
  const auto made = Ask(pool, &LeadPoolApi::BatchCreateLeads, request);
  std::vector<std::string> owners;
  for (const auto& outcome : made.outcomes()) {
    owners.push_back(outcome.owner());
  }
  EXPECT_EQ(owners,
            (std::vector<std::string>{"members/a", "members/b", "members/a", "members/b", ""}));
  EXPECT_EQ(made.created_count(), 5);
  EXPECT_EQ(Count("SELECT count(*) FROM lead_choice WHERE member = ''"), 1);
  EXPECT_EQ(Count("SELECT turn FROM assignment_rule"), 4);
}

}  // namespace
}  // namespace steward::leads
