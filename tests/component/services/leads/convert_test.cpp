// A lead becomes an opportunity exactly once.

#include <thread>

#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

class Conversion : public PoolTest {
 protected:
  absl::Status Refused(const pb::ConvertLeadRequest& request, const Caller& caller = {}) {
    pb::ConvertLeadResponse response;
    return Try(pool, &LeadPoolApi::ConvertLead, request, &response, caller);
  }
};

TEST_F(Conversion, MakesTheOpportunityAndTheCustomerInOneTransaction) {
  const pb::Lead lead = Assigned("form-1");
  auto request = For<pb::ConvertLeadRequest>(lead.name());
  request.set_request_id(kRequestId);
  request.mutable_new_customer()->set_display_name("Acme");
  request.mutable_new_customer()->add_tiers("abc:b");
  request.set_customer_id("acme");
  request.mutable_amount()->set_currency_code("CNY");
  request.mutable_amount()->set_units(1200);
  const auto made = Ask(pool, &LeadPoolApi::ConvertLead, request);
  EXPECT_EQ(made.lead().state(), pb::Lead::CONVERTED);
  EXPECT_EQ(made.lead().opportunity(), made.opportunity());
  EXPECT_EQ(made.customer(), "customers/acme");
  EXPECT_EQ(Get("customers/acme").owner(), kWang);
  EXPECT_EQ(Ask(pool, &LeadPoolApi::ConvertLead, request).SerializeAsString(),
            made.SerializeAsString());
  const Row opened = LastOf(made.opportunity());
  EXPECT_EQ(opened.type, "opportunity.opened");
  EXPECT_EQ(opened.event.opportunity_opened().lead(), lead.name());
  EXPECT_EQ(opened.event.opportunity_opened().owner(), kWang);
  EXPECT_EQ(opened.event.opportunity_opened().amount().units(), 1200);
  const Row converted = LastOf(lead.name());
  EXPECT_EQ(converted.type, "lead.converted");
  EXPECT_EQ(converted.event.lead_converted().customer(), "customers/acme");
  EXPECT_EQ(TypesOf("customers/acme"), std::vector<std::string>{"customer.registered"});
  EXPECT_EQ(Count("SELECT count(*) FROM customer_tier"), 1);
  request.set_request_id("0190d9a0-0000-7000-8000-000000000002");
  request.set_customer_id("other");
  const absl::Status again = Refused(request);
  EXPECT_EQ(RefusalOf(again)->reason, "ALREADY_CONVERTED");
  EXPECT_EQ(MetadataOf(again, "opportunity"), made.opportunity());
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 1);
  EXPECT_TRUE(Shows("steward_lead_transitions_total{move=\"captured\"} 1"));
  EXPECT_TRUE(Shows("steward_lead_transitions_total{move=\"assigned\"} 1"));
  EXPECT_TRUE(Shows("steward_lead_transitions_total{move=\"converted\"} 1"));
  EXPECT_TRUE(Shows("steward_lead_transitions_total{move=\"recycled\"} 0"));
  EXPECT_TRUE(Shows("steward_opportunity_transitions_total{move=\"opened\"} 1"));
  EXPECT_TRUE(Shows("steward_customers_registered_total 1"));
  request.set_request_id(kRequestId);
  EXPECT_EQ(RefusalOf(Refused(request))->reason, "REQUEST_ID_REUSED");
}

TEST_F(Conversion, GivesTheEvidenceThatTheStageAsksFor) {
  Create("acme");
  auto request = For<pb::ConvertLeadRequest>(Assigned("form-1").name());
  request.set_customer("customers/acme");
  request.set_stage("proposal");
  const absl::Status missing = Refused(request);
  EXPECT_EQ(RefusalOf(missing)->reason, "EVIDENCE_MISSING");
  EXPECT_EQ(MetadataOf(missing, "stage") + " " + MetadataOf(missing, "missing"),
            "proposal proposal");
  pb::Evidence& proposal = *request.add_evidence();
  proposal.set_code("proposal");
  proposal.set_reference("two words");
  EXPECT_EQ(FieldOf(Refused(request)), "evidence[0].reference");
  proposal.set_reference("files/proposal-1");
  const auto made = Ask(pool, &LeadPoolApi::ConvertLead, request);
  EXPECT_EQ(LastOf(made.opportunity()).event.opportunity_opened().stage(), "proposal");
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity WHERE proof_codes = '{proposal,source}' AND "
                  "proof_references[1] = 'files/proposal-1'"),
            1);
  auto other = For<pb::ConvertLeadRequest>(Assigned("form-2").name());
  other.set_customer("customers/acme");
  pb::Evidence& source = *other.add_evidence();
  source.set_code("source");
  source.set_reference("files/card-7");
  Ask(pool, &LeadPoolApi::ConvertLead, other);
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity WHERE proof_references = '{files/card-7}'"), 1);
}

TEST_F(Conversion, NeedsACustomerThatIsThereAndAnOwner) {
  Create("acme");
  const pb::Lead lead = Assigned("form-1");
  auto request = For<pb::ConvertLeadRequest>(lead.name());
  EXPECT_EQ(FieldOf(Refused(request)), "customer");
  request.set_customer("customers/none");
  EXPECT_EQ(FieldOf(Refused(request)), "customer");
  request.set_customer("customers/acme");
  request.set_pipeline("pipelines/none");
  EXPECT_EQ(FieldOf(Refused(request)), "pipeline");
  request.set_pipeline("");
  request.set_stage("won");
  EXPECT_EQ(FieldOf(Refused(request)), "opportunity.stage");
  request.set_stage("");
  request.mutable_amount()->set_units(-1);
  EXPECT_EQ(FieldOf(Refused(request)), "amount.currency_code");
  request.clear_amount();
  request.set_etag("\"9\"");
  EXPECT_TRUE(absl::IsAborted(Refused(request)));
  request.set_etag("");
  auto taken = request;
  taken.mutable_new_customer()->set_display_name("Acme");
  taken.set_customer_id("acme");
  EXPECT_TRUE(absl::IsAlreadyExists(Refused(taken)));
  auto pooled = request;
  pooled.set_name(CreateLead("form-2").name());
  EXPECT_EQ(RefusalOf(Refused(pooled))->reason, "ILLEGAL_TRANSITION");
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity"), 0);
  EXPECT_EQ(Ask(pool, &LeadPoolApi::ConvertLead, request).customer(), "customers/acme");
}

TEST_F(Conversion, TakesTheRegionOfTheOwnersTeamWhereNoneIsGiven) {
  Create("acme");
  const auto org = std::make_shared<identity::Org>();
  org->teams["teams/east"].set_parent("teams/sales");
  org->teams["teams/sales"].set_region("r-east");
  LeadPoolDeps deps = PoolDeps();
  deps.org = [&org] { return org; };
  LeadPoolApi placed(std::move(deps));
  Know(kWang, true, "teams/east");
  for (const char* given : {"", "r-south"}) {
    auto intake = Intake(std::string("form-") + given);
    intake.set_owner(kWang);
    auto request =
        For<pb::ConvertLeadRequest>(Ask(placed, &LeadPoolApi::CreateLead, intake).lead().name());
    request.set_customer("customers/acme");
    request.set_region(given);
    const auto made = Ask(placed, &LeadPoolApi::ConvertLead, request);
    const auto opened = LastOf(made.opportunity()).event.opportunity_opened();
    EXPECT_EQ(opened.team(), "teams/east");
    EXPECT_EQ(opened.region(), *given == '\0' ? "r-east" : given);
  }
}

TEST_F(Conversion, ManyAtOnceMakeOneOpportunity) {
  constexpr int kThreads = 32;
  Create("acme");
  const pb::Lead lead = Assigned("form-1");
  pg::WorkerConnections wide(options, kThreads, &registry);
  env.db = &wide;
  LeadPoolApi shared(PoolDeps());
  std::atomic<int> made{0}, refused{0};
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kThreads; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      auto request = For<pb::ConvertLeadRequest>(lead.name());
      request.set_customer("customers/acme");
      // Half of them are retries of one request.
      request.set_request_id(worker % 2 == 0 ? kRequestId : "");
      pb::ConvertLeadResponse response;
      const absl::Status status =
          Try(shared, &LeadPoolApi::ConvertLead, request, &response, caller);
      if (status.ok()) {
        ++made;
      } else {
        EXPECT_EQ(RefusalOf(status)->reason, "ALREADY_CONVERTED") << status;
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(made + refused, kThreads);
  EXPECT_GE(made, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM opportunity"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE type = 'lead.converted'"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE type = 'opportunity.opened'"), 1);
}

}  // namespace
}  // namespace steward::leads
