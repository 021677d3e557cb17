// What may come between a freeze and its close, and what may not afterwards.

#include <thread>

#include "libs/runtime/failpoint.h"
#include "services/scoring/events/scoring_events.h"
#include "tests/component/services/scoring/period_fixture.h"

namespace steward::scoring {
namespace {

using ::testing::HasSubstr;

class Closing : public Periods {
 protected:
  void SetUp() override {
    Periods::SetUp();
    CaughtUp();
    Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "91.5"));
    complaints::events::v1::ComplaintsEvent ticket;
    ticket.mutable_ticket_registered()->set_owner(kLi);
    Apply({Event(kComplaintsTopic, "complaints/t1", ticket, At("2026-02-10T10:00"))});
    Must(periods, &PeriodsApi::FreezePeriod, Freeze());
  }
  void SetTarget(const std::string& value) {
    pb::SetTargetRequest request;
    request.mutable_target()->set_kpi("kpis/k-002-cs-3");
    request.mutable_target()->set_subject(kLi);
    request.mutable_target()->set_period("periods/2026-q1");
    request.mutable_target()->mutable_target()->set_value(value);
    Must(scorecards, &ScorecardsApi::SetTarget, request);
  }
  // Closes; `meanwhile` happens after the results were reckoned the first time.
  pb::Period CloseWhile(const std::function<void()>& meanwhile) {
    EXPECT_TRUE(runtime::ArmFailpoints("period.reckoned=wait@1").ok());
    pb::Period closed;
    absl::Status status;
    std::thread closer([&] {
      const pb::ClosePeriodRequest request = Close(true);
      rpc::Call call = CallFor(request, {});
      call.worker = 1;
      status = periods.ClosePeriod(call, request, &closed);
    });
    EXPECT_TRUE(runtime::AwaitFailpoint("period.reckoned", Seconds(10)));
    meanwhile();
    runtime::ReleaseFailpoint("period.reckoned");
    closer.join();
    runtime::DisarmFailpoints();
    EXPECT_TRUE(status.ok()) << status;
    return closed;
  }
  pb::ScorecardResult Stored() {
    pb::ListScorecardResultsRequest list;
    list.set_period("periods/2026-q1");
    return Must(periods, &PeriodsApi::ListScorecardResults, list).results(0);
  }
};

TEST_F(Closing, ATargetThatIsSetAfterTheFreezeCounts) {
  SetTarget("80");
  Must(periods, &PeriodsApi::ClosePeriod, Close(true));
  EXPECT_EQ(Stored().lines(2).target().value(), "80");
}

TEST_F(Closing, ATargetThatIsSetWhileItIsReckonedCounts) {
  CloseWhile([&] { SetTarget("99"); });
  EXPECT_EQ(Stored().lines(2).target().value(), "99");
  EXPECT_EQ(Stored().lines(2).met(), "no");
  pb::SetTargetRequest request;
  request.mutable_target()->set_kpi("kpis/k-002-cs-3");
  request.mutable_target()->set_subject(kLi);
  request.mutable_target()->set_period("periods/2026-q1");
  request.mutable_target()->mutable_target()->set_value("1");
  pb::Target response;
  EXPECT_EQ(ReasonOf(Do(scorecards, &ScorecardsApi::SetTarget, request, &response)),
            "PERIOD_CLOSED");
}

TEST_F(Closing, ATakingBackWhileItIsReckonedCounts) {
  const std::string period_facts =
      "SELECT sum(total)::text FROM measure_day WHERE subject = 'members/li' AND measure = "
      "'tickets_registered' AND day = '2026-02-10'";
  const pb::Period closed = CloseWhile([&] {
    complaints::events::v1::ComplaintsEvent cancelled;
    cancelled.mutable_ticket_cancelled();
    Apply({Event(kComplaintsTopic, "complaints/t1", cancelled, At("2026-05-02T10:00"))});
  });
  EXPECT_EQ(Rows("test_taken_back", period_facts.c_str()).front(), "0");
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_EQ(Must(periods, &PeriodsApi::GetPeriod, get).late_facts(), 0)
      << "it came before the instant that the results are of";
  EXPECT_EQ(Must(periods, &PeriodsApi::GetPeriod, get).hash(), closed.hash());
}

TEST_F(Closing, APartThatIsSetWhileItIsReckonedCounts) {
  CloseWhile([&] {
    pb::SetEligibilityRequest request;
    pb::Eligibility& part = *request.mutable_eligibility();
    part.set_scorecard("scorecards/sc-002-cs");
    part.set_subject(kLi);
    part.set_period("periods/2026-q1");
    *part.mutable_first_day() = Day("2026-02-01");
    *part.mutable_last_day() = Day("2026-03-31");
    part.set_days(40);
    part.set_period_days(60);
    Must(eligibility, &EligibilityApi::SetEligibility, request);
  });
  EXPECT_EQ(Stored().part().days(), 40);
}

TEST_F(Closing, GivesUpAfterFiveTimes) {
  // A fact that is newer than every instant: whenever it looks, something came meanwhile.
  ASSERT_TRUE(db->RunScript("INSERT INTO fact SELECT gen_random_uuid(), 'won_count', 0, 'o/1', 1, "
                            "now(), '2026-02-01', '', '', 'members/li', '', '', '', 1, "
                            "'2999-01-01'")
                  .ok());
  pb::Period response;
  const absl::Status status = Do(periods, &PeriodsApi::ClosePeriod, Close(true), &response);
  EXPECT_EQ(ReasonOf(status), "PERIOD_CHANGING");
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(registry.Text(),
              HasSubstr("steward_db_query_seconds_count{query=\"period_mark\"} 10"))
      << "before and after each of five times";
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_EQ(Must(periods, &PeriodsApi::GetPeriod, get).state(), "FROZEN");
  ASSERT_TRUE(db->RunScript("DELETE FROM fact WHERE aggregate = 'o/1'").ok());
  EXPECT_EQ(Must(periods, &PeriodsApi::ClosePeriod, Close(true)).state(), "CLOSED");
}

TEST_F(Closing, AClosedPeriodTakesNothingAndKeepsItsHashes) {
  auto request = Close(true);
  request.set_request_id("0190d9a0-0000-7000-8000-000000000002");
  const pb::Period closed = Must(periods, &PeriodsApi::ClosePeriod, request);
  EXPECT_EQ(Must(periods, &PeriodsApi::ClosePeriod, request).SerializeAsString(),
            closed.SerializeAsString());
  pb::Period response;
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::ClosePeriod, Close(true), &response)),
            "PERIOD_STATE");
  auto correction = Value("a", "1");
  correction.mutable_measurement()->set_version(2);
  EXPECT_EQ(ReasonOf(Refused(correction)), "PERIOD_CLOSED") << "a correction is a change too";
  EXPECT_EQ(FieldOf(Refused(Value("b", "NaN"))), "measurement.value");
  EXPECT_EQ(FieldOf(Refused(Value("b", "1", "2999-01-01"))), "measurement.day");
  EXPECT_EQ(ReasonOf(Refused(Value("b", "1"))), "PERIOD_CLOSED");

  pb::ListScorecardResultsRequest list;
  list.set_period("periods/2026-q1");
  auto results = Must(periods, &PeriodsApi::ListScorecardResults, list);
  pb::ListScorecardResultsResponse all;
  for (pb::ScorecardResult result : results.results()) {
    const std::string hash = result.hash();
    result.clear_hash();
    EXPECT_EQ(HexOf(rpc::RequestHash(result)), hash) << "anybody can check it";
    *all.add_results() = result;
  }
  EXPECT_EQ(HexOf(rpc::RequestHash(all)), closed.hash());
}

}  // namespace
}  // namespace steward::scoring
