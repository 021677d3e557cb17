#include "services/complaints/api/clocks.h"

#include <gtest/gtest.h>

#include "libs/rpc/validate.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

namespace sla = steward::sla::v1;

// An sla service with these clocks; policies pause for the cause `waiting_parts` when their name
// says so.
class FakeSla {
 public:
  void Add(std::string policy, sla::Clock::RunState state, Time due) {
    sla::Clock& clock = *clocks_.add_clocks();
    clock.set_policy(std::move(policy));
    clock.set_policy_version(1);
    clock.set_run_state(state);
    *clock.mutable_due_time() = rpc::ToProto(due);
  }
  SlaClocks::Invoke invoke() {
    return [this](std::string_view method, const google::protobuf::Message& request,
                  google::protobuf::Message* response, Duration, const rpc::Call&) -> absl::Status {
      ++calls;
      if (down) {
        return absl::UnavailableError("down");
      }
      if (method == "/steward.sla.v1.SlaService/BatchGetClocks") {
        response->CopyFrom(clocks_);
        return absl::OkStatus();
      }
      EXPECT_EQ(method, "/steward.sla.v1.SlaService/GetPolicy");
      const auto& name = static_cast<const sla::GetPolicyRequest&>(request).name();
      if (name == "policies/pauses") {
        static_cast<sla::Policy*>(response)->add_pause_causes("waiting_parts");
      }
      return absl::OkStatus();
    };
  }
  bool down = false;
  int calls = 0;

 private:
  sla::BatchGetClocksResponse clocks_;
};

TEST(Clocks, FillTheDetail) {
  FakeSla fake;
  fake.Add("policies/a", sla::Clock::RUNNING, kNow + Hours(2));
  fake.Add("policies/b", sla::Clock::PAUSED, kNow + Hours(1));
  fake.Add("policies/c", sla::Clock::MET, kNow);
  v1::TicketDetail detail;
  SlaClocks(fake.invoke(), Milliseconds(500)).Fill({}, &detail);
  EXPECT_EQ(detail.clocks_size(), 3);
  EXPECT_FALSE(detail.clocks_unavailable());
  EXPECT_EQ(rpc::FromProto(detail.next_due_time()), kNow + Hours(1))
      << "the stopped clock is due no more";
}

TEST(Clocks, SayWhenTheyAreNotThere) {
  FakeSla fake;
  fake.down = true;
  v1::TicketDetail detail;
  SlaClocks(fake.invoke(), Milliseconds(500)).Fill({}, &detail);
  EXPECT_TRUE(detail.clocks_unavailable());
  EXPECT_FALSE(detail.has_next_due_time());
  EXPECT_EQ(SlaClocks(fake.invoke(), Milliseconds(500)).HoldEffect({}, "complaints/x", "other"),
            "");
  v1::TicketDetail unwired;
  SlaClocks(nullptr, Milliseconds(500)).Fill({}, &unwired);
  EXPECT_TRUE(unwired.clocks_unavailable());
}

TEST(HoldEffect, CountsTheClocksThatPause) {
  FakeSla fake;
  const SlaClocks clocks(fake.invoke(), Milliseconds(500));
  EXPECT_EQ(clocks.HoldEffect({}, "complaints/x", "other"),
            "0 clocks paused: no clock runs on this ticket");
  fake.Add("policies/strict", sla::Clock::RUNNING, kNow);
  EXPECT_EQ(clocks.HoldEffect({}, "complaints/x", "waiting_parts"),
            "0 clocks paused: no policy of its open clocks (1) lists holds for `waiting_parts`");
  fake.Add("policies/pauses", sla::Clock::RUNNING, kNow);
  EXPECT_EQ(clocks.HoldEffect({}, "complaints/x", "waiting_parts"),
            "1 of 2 open clocks paused: policies/pauses");
  EXPECT_EQ(clocks.HoldEffect({}, "complaints/x", "other"),
            "0 clocks paused: no policy of its open clocks (2) lists holds for `other`");
}

}  // namespace
}  // namespace steward::complaints
