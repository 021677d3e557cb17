#pragma once
// The shipped cards, a KPI with values from outside, and inputs that are applied to their ends.

#include <string>

#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {

class Periods : public ScoringTest {
 protected:
  void SetUp() override { ASSERT_TRUE(InstallCards(*db, env, *ShippedCards()).ok()); }
  pb::RecordMeasurementRequest Value(const std::string& id, const std::string& value,
                                     const std::string& day = "2026-02-05") {
    pb::RecordMeasurementRequest request;
    pb::Measurement& m = *request.mutable_measurement();
    m.set_source("survey");
    m.set_external_id(id);
    m.set_kpi("kpis/k-002-cs-3");
    m.set_subject(kLi);
    *m.mutable_day() = Day(day);
    m.set_value(value);
    return request;
  }
  absl::Status Refused(const pb::RecordMeasurementRequest& request) {
    pb::Measurement response;
    return Do(measurements, &MeasurementsApi::RecordMeasurement, request, &response);
  }
  pb::ResultLine Satisfaction() {
    pb::GetScorecardRequest request;
    request.set_scorecard("scorecards/sc-002-cs");
    request.set_subject(kLi);
    request.set_period("periods/2026-q1");
    return Must(scorecards, &ScorecardsApi::GetScorecard, request).lines(2);
  }
  pb::FreezePeriodRequest Freeze(const std::string& id = "2026-q1") {
    pb::FreezePeriodRequest request;
    request.set_name("periods/" + id);
    return request;
  }
  pb::ClosePeriodRequest Close(bool allow_missing) {
    pb::ClosePeriodRequest request;
    request.set_name("periods/2026-q1");
    request.set_allow_missing(allow_missing);
    auto* card = request.add_cards();
    card->set_scorecard("scorecards/sc-002-cs");
    card->add_subjects(kLi);
    card->add_subjects(kWang);
    return request;
  }
  void CaughtUp() {
    ASSERT_TRUE(db->RunScript("INSERT INTO consumer_offset (consumer_group, topic, partition, "
                              "next_offset, end_offset, end_confirmed_at) SELECT 'steward.scoring',"
                              " 'steward.directory.v1', p, 5, 5, '2999-01-01' FROM "
                              "generate_series(0, 2) p")
                    .ok());
  }
};

}  // namespace steward::scoring
