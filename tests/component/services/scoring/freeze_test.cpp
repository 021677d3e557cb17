// What a freeze waits for.

#include <atomic>
#include <thread>

#include "tests/component/services/scoring/period_fixture.h"

namespace steward::scoring {
namespace {

namespace ops = operations::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Freezing = Periods;

ops::ServiceStatus StatusAt(const std::string& local) {
  ops::ServiceStatus status;
  *status.mutable_database_time() = rpc::ToProto(At(local));
  return status;
}

TEST(FaultOf, SaysWhatAnOwnerStillHolds) {
  const Time end = At("2026-04-01T00:00");
  ops::ServiceStatus status = StatusAt("2026-04-01T00:10");
  EXPECT_EQ(FaultOf(status, end), "");
  status.set_outbox_pending(3);
  status.set_outbox_oldest_age_seconds(602);
  EXPECT_EQ(FaultOf(status, end),
            "its relay holds 3 events back, the oldest of 2026-03-31T15:59:58Z");
  status.set_outbox_oldest_age_seconds(541);
  EXPECT_THAT(FaultOf(status, end), HasSubstr("holds 3 events back"))
      << "what lies behind it may be older";
  status.set_outbox_oldest_age_seconds(540);
  EXPECT_EQ(FaultOf(status, end), "") << "events of the next period alone";
  status.set_oldest_writer_age_seconds(600);
  EXPECT_EQ(FaultOf(status, end), "");
  status.set_oldest_writer_age_seconds(600.5);
  EXPECT_EQ(FaultOf(status, end),
            "a transaction that began at 2026-03-31T15:59:59.500000Z is still writing");
  status = StatusAt("2026-04-01T00:10");
  status.set_relay_refusal("the system identifier differs");
  EXPECT_EQ(FaultOf(status, end), "its relay refuses to run: the system identifier differs");
  EXPECT_EQ(FaultOf(StatusAt("2026-03-31T23:59"), end),
            "its clock says 2026-03-31T15:59:00Z, the period ends at 2026-03-31T16:00:00Z");
  EXPECT_EQ(FaultOf(ops::ServiceStatus(), end), "its answer does not say when it was given");
}

TEST_F(Freezing, AFreezeListsWhatIsMissing) {
  pb::Period response;
  leads_says = [](ops::ServiceStatus* leads) {
    leads->set_outbox_pending(1);
    return absl::OkStatus();
  };
  EXPECT_THAT(
      std::string(Do(periods, &PeriodsApi::FreezePeriod, Freeze("2026-q4"), &response).message()),
      Not(HasSubstr("leads")))
      << "a period that is not over: nobody is asked";
  leads_says = nullptr;
  const absl::Status status = Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response);
  EXPECT_EQ(ReasonOf(status), "PERIOD_INCOMPLETE");
  EXPECT_THAT(std::string(status.message()), HasSubstr("steward.directory.v1/0: never read"));
  CaughtUp();
  EXPECT_THAT(
      std::string(Do(periods, &PeriodsApi::FreezePeriod, Freeze("2026-q4"), &response).message()),
      HasSubstr("the period itself"));
  ASSERT_TRUE(db->RunScript("UPDATE consumer_offset SET end_offset = 7 WHERE partition = 1").ok());
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_THAT(Must(periods, &PeriodsApi::GetPeriod, get).missing(),
              ElementsAre("steward.directory.v1/1: 2 records behind"));
  ASSERT_TRUE(db->RunScript("UPDATE consumer_offset SET next_offset = 7, end_offset = 7, "
                            "end_confirmed_at = '2026-03-31' WHERE partition = 1")
                  .ok());
  EXPECT_THAT(Must(periods, &PeriodsApi::GetPeriod, get).missing(),
              ElementsAre(HasSubstr("its end was not confirmed since 2026-03-31T16:00:00Z")));
}

TEST_F(Freezing, AnOwnerThatHoldsEventsBackIsNamed) {
  CaughtUp();
  leads_says = [](ops::ServiceStatus* leads) {
    leads->set_outbox_pending(2);
    leads->set_outbox_oldest_age_seconds(300.0 * 86400);
    return absl::OkStatus();
  };
  pb::Period response;
  const pb::FreezePeriodRequest request = Freeze();
  const absl::Status status = Do(periods, &PeriodsApi::FreezePeriod, request, &response);
  EXPECT_EQ(ReasonOf(status), "PERIOD_INCOMPLETE");
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("missing: leads (steward.leads.v1): its relay holds 2 events back, the "
                        "oldest of 2026-01-24T04:00:00Z"));
  pb::GetPeriodRequest get;
  get.set_name("periods/2026-q1");
  EXPECT_THAT(Must(periods, &PeriodsApi::GetPeriod, get).missing(),
              ElementsAre(HasSubstr("leads (steward.leads.v1): its relay holds 2 events back")));
  leads_says = nullptr;
  EXPECT_EQ(Must(periods, &PeriodsApi::FreezePeriod, request).state(), "FROZEN");
  leads_says = [](ops::ServiceStatus*) { return absl::UnavailableError("connection refused"); };
  EXPECT_EQ(ReasonOf(Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response)), "PERIOD_STATE");
}

TEST_F(Freezing, AnOwnerThatDoesNotAnswerIsMissing) {
  CaughtUp();
  pb::Period response;
  leads_says = [](ops::ServiceStatus*) { return absl::UnavailableError("connection refused"); };
  EXPECT_THAT(
      std::string(Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response).message()),
      HasSubstr("leads (steward.leads.v1): its relay could not be asked: connection refused"));
  leads_says = [](ops::ServiceStatus*) { return absl::PermissionDeniedError("no grant"); };
  EXPECT_THAT(std::string(Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response).message()),
              HasSubstr("could not be asked as you"));
}

TEST_F(Freezing, AnEndIsReadAfterTheOwnerHasAnswered) {
  CaughtUp();
  const auto confirm = [](pg::Connection& connection, const std::string& offsets) {
    return connection.RunScript("UPDATE consumer_offset SET " + offsets +
                                ", end_confirmed_at = clock_timestamp()");
  };
  leads_says = [&](ops::ServiceStatus*) { return confirm(*db, "end_offset = 5"); };
  pb::Period response;
  EXPECT_THAT(std::string(Do(periods, &PeriodsApi::FreezePeriod, Freeze(), &response).message()),
              HasSubstr("steward.directory.v1/0: its end was not confirmed since"));
  // What it published is seen in an end that is confirmed later, and then applied.
  std::atomic<bool> done = false;
  std::thread consumer([&] {
    const auto own = *pg::Connection::Open(options);
    while (!done) {
      EXPECT_TRUE(confirm(*own, "next_offset = end_offset, end_offset = 7").ok());
    }
  });
  EXPECT_EQ(Must(periods, &PeriodsApi::FreezePeriod, Freeze()).state(), "FROZEN");
  done = true;
  consumer.join();
}

}  // namespace
}  // namespace steward::scoring
