// Measurements from outside, and periods that are frozen and closed.

#include <set>
#include <thread>

#include "libs/runtime/failpoint.h"
#include "tests/component/services/scoring/period_fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(Periods, AMeasurementFillsTheCard) {
  EXPECT_EQ(Satisfaction().state(), "PENDING");
  const auto recorded = Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "91.5"));
  EXPECT_EQ(recorded.version(), 1);
  EXPECT_EQ(recorded.recorder(), "members/operator");
  EXPECT_EQ(Satisfaction().value(), "91.5");
  EXPECT_EQ(Satisfaction().met(), "yes");
  auto correction = Value("a", "88");
  correction.mutable_measurement()->set_version(2);
  Must(measurements, &MeasurementsApi::RecordMeasurement, correction);
  EXPECT_EQ(Satisfaction().value(), "88");
  EXPECT_EQ(Satisfaction().met(), "no");
  EXPECT_EQ(Must(measurements, &MeasurementsApi::RecordMeasurement, correction).version(), 2)
      << "the same again";
  pb::ListMeasurementsRequest list;
  list.set_subject(kLi);
  list.set_page_size(1);
  auto page = Must(measurements, &MeasurementsApi::ListMeasurements, list);
  EXPECT_EQ(page.measurements(0).value(), "88");
  list.set_page_token(page.next_page_token());
  page = Must(measurements, &MeasurementsApi::ListMeasurements, list);
  EXPECT_EQ(page.measurements(0).value(), "91.5");
  EXPECT_EQ(page.next_page_token(), "");
  EXPECT_THAT(Rows("test_m",
                   "SELECT aggregate || aggregate_version FROM journal WHERE type = "
                   "'measurement.recorded' ORDER BY seq"),
              ElementsAre("measurements/survey/a1", "measurements/survey/a2"));
}

TEST_F(Periods, AMeasurementIsRefusedPrecisely) {
  for (const char* value : {"NaN", "inf", "1e3", "", "1.1234567", "9999999999999999"}) {
    EXPECT_EQ(FieldOf(Refused(Value("a", value))), "measurement.value") << value;
  }
  EXPECT_EQ(FieldOf(Refused(Value("a", "1", "2026-11-21"))), "measurement.day");
  EXPECT_EQ(FieldOf(Refused(Value("", "1"))), "measurement.external_id");
  auto request = Value("a", "1");
  request.mutable_measurement()->set_kpi("kpis/k-404");
  EXPECT_EQ(FieldOf(Refused(request)), "measurement.kpi");
  request.mutable_measurement()->set_kpi("kpis/k-002-sa-1");
  EXPECT_THAT(std::string(Refused(request).message()), HasSubstr("measured from events"));
  request = Value("a", "1");
  request.mutable_measurement()->set_version(2);
  EXPECT_EQ(ReasonOf(Refused(request)), "VERSION_NOT_NEXT");
  Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "1"));
  EXPECT_EQ(ReasonOf(Refused(Value("a", "2"))), "VERSION_NOT_NEXT") << "another value, no version";
  request = Value("b", "1");
  request.mutable_measurement()->set_subject(kWang);
  pb::Measurement response;
  EXPECT_EQ(Do(measurements, &MeasurementsApi::RecordMeasurement, request, &response, Agent(kLi)),
            NotFound(kWang));
}

TEST_F(Periods, ABatchIsRecordedWholeOrNotAtAll) {
  pb::BatchRecordMeasurementsRequest batch;
  *batch.add_measurements() = Value("a", "1").measurement();
  *batch.add_measurements() = Value("b", "NaN").measurement();
  *batch.add_measurements() = Value("a", "1").measurement();
  pb::BatchRecordMeasurementsResponse response;
  const absl::Status status =
      Do(measurements, &MeasurementsApi::BatchRecordMeasurements, batch, &response);
  EXPECT_THAT(RefusalOf(status)->fields, SizeIs(2)) << status;
  EXPECT_EQ(FieldOf(status), "measurements[1].value");
  batch.mutable_measurements()->RemoveLast();
  batch.mutable_measurements(1)->set_value("2");
  EXPECT_EQ(
      Must(measurements, &MeasurementsApi::BatchRecordMeasurements, batch).measurements_size(), 2);
}

TEST_F(Periods, AClosedPeriodNeverChanges) {
  CaughtUp();
  Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "91.5"));
  pb::Period response;
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::ClosePeriod, Close(true), &response)), "PERIOD_STATE")
      << "open";
  EXPECT_EQ(Must(periods, &PeriodsApi::FreezePeriod, Freeze()).state(), "FROZEN");
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response)), "PERIOD_STATE");
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::ClosePeriod, Close(false), &response)),
            "VALUES_MISSING");
  const pb::Period closed = Must(periods, &PeriodsApi::ClosePeriod, Close(true));
  EXPECT_EQ(closed.state(), "CLOSED");
  EXPECT_THAT(closed.hash(), SizeIs(64));

  EXPECT_EQ(ReasonOf(Refused(Value("b", "10"))), "PERIOD_CLOSED");
  Must(measurements, &MeasurementsApi::RecordMeasurement, Value("c", "10", "2026-04-05"));
  EXPECT_EQ(Satisfaction().value(), "91.5");

  pb::ListScorecardResultsRequest list;
  list.set_period("periods/2026-q1");
  const auto before = Must(periods, &PeriodsApi::ListScorecardResults, list);
  ASSERT_EQ(before.results_size(), 2);
  EXPECT_THAT(before.results(0).hash(), SizeIs(64));
  complaints::events::v1::ComplaintsEvent late;
  late.mutable_ticket_registered()->set_owner(kLi);
  Apply({Event(kComplaintsTopic, "complaints/late", late, At("2026-02-10T10:00"))});
  EXPECT_EQ(rpc::DeterministicBytes(Must(periods, &PeriodsApi::ListScorecardResults, list)),
            rpc::DeterministicBytes(before));
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_EQ(Must(periods, &PeriodsApi::GetPeriod, get).late_facts(), 1);
  pb::ListLateFactsRequest late_facts;
  late_facts.set_period("periods/2026-q1");
  const auto listed = Must(periods, &PeriodsApi::ListLateFacts, late_facts);
  ASSERT_EQ(listed.facts_size(), 1);
  EXPECT_EQ(listed.facts(0).aggregate(), "complaints/late");
  EXPECT_EQ(listed.facts(0).member(), kLi);
  EXPECT_EQ(Must(periods, &PeriodsApi::ListLateFacts, late_facts, Agent(kWang)).facts_size(), 0);
  EXPECT_EQ(Must(periods, &PeriodsApi::ListScorecardResults, list, Agent(kLi)).results_size(), 1);
  EXPECT_EQ(Must(periods, &PeriodsApi::ListPeriods, pb::ListPeriodsRequest()).periods_size(), 1);
  EXPECT_THAT(Rows("test_p",
                   "SELECT type FROM journal WHERE aggregate = 'periods/2026-q1' ORDER "
                   "BY aggregate_version"),
              ElementsAre("period.frozen", "period.closed"));
}

TEST_F(Periods, LateFactsAreListedInPages) {
  CaughtUp();
  pb::ListLateFactsRequest request;
  request.set_period("periods/2026-q1");
  pb::ListLateFactsResponse page;
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::ListLateFacts, request, &page)), "PERIOD_STATE");
  request.set_period("periods/2026-x");
  EXPECT_EQ(FieldOf(Do(periods, &PeriodsApi::ListLateFacts, request, &page)), "period");
  Must(periods, &PeriodsApi::FreezePeriod, Freeze());
  Must(periods, &PeriodsApi::ClosePeriod, Close(true));
  for (const char* id : {"c1", "c2", "c3"}) {
    Apply({Signed(id, "2026-03-05", 100)});  // an amount and a count each
  }
  request.set_period("periods/2026-q1");
  request.set_page_size(4);
  page = Must(periods, &PeriodsApi::ListLateFacts, request);
  std::set<std::string> seen;
  EXPECT_EQ(page.facts_size(), 4);
  request.set_page_token(page.next_page_token());
  const auto rest = Must(periods, &PeriodsApi::ListLateFacts, request);
  EXPECT_EQ(rest.next_page_token(), "");
  page.MergeFrom(rest);
  for (const pb::Fact& fact : page.facts()) {
    EXPECT_TRUE(seen.insert(fact.aggregate() + fact.measure()).second) << fact.ShortDebugString();
  }
  EXPECT_THAT(seen, SizeIs(6));
}

TEST_F(Periods, WhatComesWhileAPeriodIsClosedIsInItsResults) {
  CaughtUp();
  Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "91.5"));
  EXPECT_EQ(Must(periods, &PeriodsApi::FreezePeriod, Freeze()).state(), "FROZEN");
  ASSERT_TRUE(runtime::ArmFailpoints("period.reckoned=wait@1").ok());
  pb::Period closed;
  absl::Status status;
  std::thread closer([&] {
    const pb::ClosePeriodRequest request = Close(true);
    rpc::Call call = CallFor(request, {});
    call.worker = 1;
    status = periods.ClosePeriod(call, request, &closed);
  });
  EXPECT_TRUE(runtime::AwaitFailpoint("period.reckoned", Seconds(10)));
  auto correction = Value("a", "88");
  correction.mutable_measurement()->set_version(2);
  Must(measurements, &MeasurementsApi::RecordMeasurement, correction);
  complaints::events::v1::ComplaintsEvent ticket;
  ticket.mutable_ticket_registered()->set_owner(kLi);
  Apply({Event(kComplaintsTopic, "complaints/meanwhile", ticket, At("2026-02-10T10:00"))});
  runtime::ReleaseFailpoint("period.reckoned");
  closer.join();
  runtime::DisarmFailpoints();
  ASSERT_TRUE(status.ok()) << status;

  pb::ListScorecardResultsRequest list;
  list.set_period("periods/2026-q1");
  const auto results = Must(periods, &PeriodsApi::ListScorecardResults, list);
  EXPECT_EQ(results.results(0).lines(2).value(), "88");
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_EQ(Must(periods, &PeriodsApi::GetPeriod, get).late_facts(), 0) << "it is counted";
}

}  // namespace
}  // namespace steward::scoring
