// Values that outside systems write to a topic of their own: records go through the consumer's own batch, as Kafka would give them.

#include "libs/eventing/batch.h"
#include "libs/eventing/operations.h"
#include "steward/scoring/intake/v1/measurement.pb.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kGroup[] = "steward.scoring";

class Intake : public ScoringTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InstallCards(*db, env, *ShippedCards()).ok());
    ASSERT_TRUE(eventing::store::MakeOffset(*db, kGroup, {kMeasurementsTopic, 0}, 0).ok());
  }
  intake::v1::Measurement Value(const std::string& value, const std::string& day = "2026-02-05") {
    intake::v1::Measurement message;
    auto* m = message.mutable_measurement_reported();
    m->set_kpi("kpis/k-002-cs-3");
    m->set_subject(kLi);
    *m->mutable_day() = Day(day);
    m->set_value(value);
    return message;
  }
  // A record as an outside system writes it.
  kafka::Record Record(const std::string& id, int64_t version, const std::string& value) {
    kafka::Record record;
    record.topic = kMeasurementsTopic;
    record.offset = offset_++;
    record.timestamp = clock.Now();
    record.key = "measurements/survey/" + id;
    record.value = value;
    record.headers = {{"ce_specversion", "1.0"},
                      {"ce_id", ids.NewId(clock.Now()).ToString()},
                      {"ce_type", std::string(kMeasurementsTopic) + ".measurement.reported"},
                      {"ce_subject", *record.key},
                      {"ce_time", "2026-02-05T10:00:00Z"},
                      {"ce_recordedtime", "2026-02-05T10:00:01Z"},
                      {"ce_sequence", std::to_string(version)}};
    return record;
  }
  kafka::Record Record(const std::string& id, int64_t version,
                       const intake::v1::Measurement& message) {
    return Record(id, version, message.SerializeAsString());
  }
  // What the consumer does with a record: refused = parked with the refusal's text.
  void Consume(const kafka::Record& record) {
    const eventing::Received received{record,
                                      eventing::Decode(record, *MeasurementsInput().prototype)};
    eventing::Batch batch;
    batch.records = {&received};
    batch.moves = {{{record.topic, 0}, next_, next_ + 1}};
    eventing::BatchOutcome outcome;
    absl::Status status = eventing::ApplyBatch(*db, kGroup, batch, projection, &outcome);
    if (eventing::FaultOf(status, true) == eventing::Fault::kRefused) {
      batch.instead = eventing::Decision{eventing::Verdict::kPark, eventing::reason::kRefused,
                                         std::string(status.message())};
      status = eventing::ApplyBatch(*db, kGroup, batch, projection, &outcome);
    }
    ASSERT_TRUE(status.ok()) << status;
    ++next_;
    for (const std::string& aggregate : outcome.plan.release) {
      Release(aggregate);
    }
  }
  int64_t Release(const std::string& key = "") {
    eventing::ConsumerOptions of;
    of.group = kGroup;
    of.inputs = Inputs(12);
    const auto released = eventing::ReleaseParked(
        *db, of, projection, {.ids = {}, .key = key, .reason = "", .dry_run = false});
    EXPECT_TRUE(released.ok()) << released.status();
    return released.ok() ? released->released : -1;
  }
  std::vector<std::string> Recorded() {
    return Rows("test_recorded",
                "SELECT external_id || ' ' || version || ' ' || value / 1000000 || ' ' || recorder "
                "FROM measurement ORDER BY external_id, version");
  }
  std::vector<std::string> Parked() {
    return Rows("test_parked",
                "SELECT reason || ': ' || error FROM parked_record WHERE state = 'parked' ORDER BY "
                "record_offset");
  }

 private:
  int64_t offset_ = 0;
  int64_t next_ = 0;
};

TEST_F(Intake, AValueAndItsCorrectionAreRecorded) {
  Consume(Record("a", 1, Value("91.5")));
  Consume(Record("a", 2, Value("88")));
  EXPECT_THAT(Recorded(), ElementsAre("a 1 91 sources/survey", "a 2 88 sources/survey"));
  pb::GetScorecardRequest request;
  request.set_scorecard("scorecards/sc-002-cs");
  request.set_subject(kLi);
  request.set_period("periods/2026-q1");
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::GetScorecard, request).lines(2).value(), "88");
  EXPECT_THAT(
      Rows("test_said",
           "SELECT aggregate || ' ' || aggregate_version || ' ' || actor || ' ' || (causation "
           "<> '') FROM journal WHERE type = 'measurement.recorded' ORDER BY seq"),
      ElementsAre("measurements/survey/a 1 sources/survey true",
                  "measurements/survey/a 2 sources/survey true"));
}

TEST_F(Intake, TwiceIsOnce) {
  kafka::Record record = Record("a", 1, Value("91.5"));
  Consume(record);
  record.offset = Record("a", 1, "").offset;
  Consume(record);
  EXPECT_THAT(Recorded(), SizeIs(1));
  EXPECT_THAT(Parked(), SizeIs(0));
}

TEST_F(Intake, WhatACallRecordedAlreadyIsTheSame) {
  pb::RecordMeasurementRequest request;
  pb::Measurement& m = *request.mutable_measurement();
  m.set_source("survey");
  m.set_external_id("a");
  m.set_kpi("kpis/k-002-cs-3");
  m.set_subject(kLi);
  *m.mutable_day() = Day("2026-02-05");
  m.set_value("91.5");
  Must(measurements, &MeasurementsApi::RecordMeasurement, request);
  Consume(Record("a", 1, Value("91.50")));
  EXPECT_THAT(Recorded(), ElementsAre("a 1 91 members/operator"));
  Consume(Record("b", 1, Value("1")));
  m.set_external_id("b");
  m.set_version(2);
  m.set_value("2");
  Must(measurements, &MeasurementsApi::RecordMeasurement, request);
  Consume(Record("b", 2, Value("3")));
  EXPECT_THAT(Parked(), ElementsAre("refused: measurement.version: 3 is next"));
}

TEST_F(Intake, VersionsOfOneBatchFollowEachOther) {
  const std::vector<kafka::Record> records = {
      Record("a", 1, Value("1")), Record("a", 2, Value("2")), Record("b", 1, Value("3"))};
  std::vector<eventing::Event> events;
  for (const kafka::Record& record : records) {
    events.push_back(eventing::Decode(record, *MeasurementsInput().prototype).event);
  }
  Apply(events);
  EXPECT_THAT(Recorded(),
              ElementsAre("a 1 1 sources/survey", "a 2 2 sources/survey", "b 1 3 sources/survey"));
}

TEST_F(Intake, AGapIsParkedAndClosesItself) {
  Consume(Record("a", 2, Value("88")));
  EXPECT_THAT(Parked(), ElementsAre("gap: version 1 has not come"));
  EXPECT_THAT(Recorded(), SizeIs(0));
  Consume(Record("a", 1, Value("91")));
  EXPECT_THAT(Recorded(), ElementsAre("a 1 91 sources/survey", "a 2 88 sources/survey"));
  EXPECT_THAT(Parked(), SizeIs(0));
}

TEST_F(Intake, ABadValueIsParkedWithFieldAndReason) {
  int n = 0;
  const auto parked_as = [&](const intake::v1::Measurement& message, const std::string& text) {
    Consume(Record("x" + std::to_string(n++), 1, message));
    const std::vector<std::string> parked = Parked();
    ASSERT_THAT(parked, SizeIs(n));
    EXPECT_THAT(parked.back(), HasSubstr(text));
  };
  for (const char* value : {"NaN", "-Infinity", "1e3", "", "1.1234567", "9999999999999999"}) {
    parked_as(Value(value), "refused: measurement.value: ");
  }
  parked_as(Value("1", "2026-11-21"), "refused: measurement.day: lies in the future");
  intake::v1::Measurement message = Value("1");
  message.mutable_measurement_reported()->mutable_day()->set_day(30);
  parked_as(message, "refused: measurement.day");
  message = Value("1");
  message.mutable_measurement_reported()->set_subject("li");
  parked_as(message, "refused: measurement.subject");
  message = Value("1");
  message.mutable_measurement_reported()->set_kpi("kpis/k-002-sa-1");
  parked_as(message, "refused: measurement.kpi: `kpis/k-002-sa-1` is measured from events");
  Consume(Record("broken", 1, "\xff\xff\xff"));
  EXPECT_THAT(Parked().back(), HasSubstr("unparsable: "));
  kafka::Record record = Record("key", 1, Value("1"));
  record.key = "elsewhere";
  record.headers[3].second = "elsewhere";
  Consume(record);
  EXPECT_EQ(Parked().back(), "refused: key: is `measurements/{source}/{external_id}`");
  EXPECT_THAT(Recorded(), SizeIs(0));
}

TEST_F(Intake, WhatBecomesGoodIsReleasedInOrder) {
  intake::v1::Measurement message = Value("7");
  message.mutable_measurement_reported()->set_kpi("kpis/k-new");
  Consume(Record("a", 1, message));
  message.mutable_measurement_reported()->set_value("8");
  Consume(Record("a", 2, message));
  EXPECT_THAT(Parked(), ElementsAre("refused: measurement.kpi: there is no `kpis/k-new`",
                                    "behind: version 1 is parked"));
  EXPECT_EQ(Release(), 0) << "still unknown";

  pb::GetKpiRequest get;
  get.set_name("kpis/k-002-cs-3");
  pb::CreateKpiVersionRequest create;
  *create.mutable_kpi() = Must(scorecards, &ScorecardsApi::GetKpi, get);
  create.mutable_kpi()->set_name("kpis/k-new");
  Must(scorecards, &ScorecardsApi::CreateKpiVersion, create);
  EXPECT_EQ(Release(), 2);
  EXPECT_THAT(Recorded(), ElementsAre("a 1 7 sources/survey", "a 2 8 sources/survey"));
}

TEST_F(Intake, AVersionThatWasDiscardedLeavesNoHole) {
  Apply({eventing::Decode(Record("a", 2, Value("7")), *MeasurementsInput().prototype).event});
  Apply({eventing::Decode(Record("a", 3, Value("8")), *MeasurementsInput().prototype).event});
  EXPECT_THAT(Recorded(), ElementsAre("a 1 7 sources/survey", "a 2 8 sources/survey"));
}

TEST_F(Intake, AClosedPeriodTakesNone) {
  ASSERT_TRUE(db->RunScript("INSERT INTO period (period, version, state, first_day, last_day, "
                            "freeze_time, frozen_by, close_time, closed_by, hash) VALUES "
                            "('periods/2026-q1', 2, 'CLOSED', '2026-01-01', '2026-03-31', "
                            "'2026-04-01', 'members/a', '2026-04-02', 'members/a', 'x')")
                  .ok());
  Consume(Record("a", 1, Value("1")));
  EXPECT_THAT(Parked(), ElementsAre("refused: measurement.day: 2026-02-05 lies in periods/2026-q1, "
                                    "which is closed"));
}

}  // namespace
}  // namespace steward::scoring
