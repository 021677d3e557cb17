#include "libs/rpc/client.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "tests/component/libs/rpc/harness.h"

namespace steward::rpc {
namespace {

class ClientTest : public ::testing::Test, protected Harness {};

TEST_F(ClientTest, PassesIdentityTraceAndDeadlineOn) {
  Harness second;
  Call inner;
  second.handlers["GetVersion"] = [&](Call& call, const google::protobuf::Message&,
                                      google::protobuf::Message*) {
    inner = call;
    return absl::OkStatus();
  };
  second.key = key;
  ASSERT_TRUE(second.Start().ok());
  ClientOptions client_options;
  client_options.target = second.target();
  Client onward(client_options);
  Call outer;
  handlers["GetVersion"] = [&](Call& call, const google::protobuf::Message& request,
                               google::protobuf::Message* response) {
    outer = call;
    return onward.Invoke(OpsMethod("GetVersion"), request, response, Seconds(20), &call);
  };
  ASSERT_EQ(Start(), absl::OkStatus());
  RawAnswer answer =
      CallRaw(PlainChannel(target()), OpsMethod("GetVersion"), "",
              {{"authorization", "Bearer " + Token("members/bob")}, {"x-correlation-id", "case-1"}},
              Seconds(3));
  ASSERT_EQ(answer.code, 0) << answer.message;
  EXPECT_EQ(inner.caller, "members/bob");
  EXPECT_EQ(inner.correlation, "case-1");
  EXPECT_EQ(inner.traceparent.substr(0, 35), outer.traceparent.substr(0, 35));
  EXPECT_LT(inner.deadline_micros, outer.deadline_micros) << "less than the caller's own";
}

TEST_F(ClientTest, DoesNotCallWithoutTime) {
  ASSERT_EQ(Start(), absl::OkStatus());
  Call call;
  call.deadline_micros = MonotonicMicros() + 1'000;
  ops::Version version;
  absl::Status status =
      ClientFor("members/ann")
          ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5), &call);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Metric("grpc_server_in_flight"), 0);
  EXPECT_EQ(entered, 0);
}

TEST_F(ClientTest, BringsTheServersRefusalBack) {
  Refusal refusal{.reason = "ILLEGAL_TRANSITION",
                  .metadata = {{"allowed", "close, hold"}, {"from", "OPEN"}},
                  .fields = {{"state", "说明"}},
                  .retry_after_ms = 1'500};
  handlers["GetVersion"] = [&](Call&, const google::protobuf::Message&,
                               google::protobuf::Message*) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "cannot move", refusal);
  };
  ASSERT_EQ(Start(), absl::OkStatus());
  ops::Version version;
  absl::Status status =
      ClientFor("members/ann")
          ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(FromAbsl(status.message()), "cannot move");
  EXPECT_EQ(RefusalOf(status), refusal);
}

TEST_F(ClientTest, AHugeRefusalStillArrives) {
  Refusal refusal{.reason = "MANY"};
  for (int i = 0; i < 500; ++i) {
    refusal.fields.push_back({"field" + std::to_string(i), std::string(200, 'x')});
    refusal.metadata.emplace_back("key" + std::to_string(i), std::string(200, 'y'));
  }
  handlers["GetVersion"] = [&](Call&, const google::protobuf::Message&,
                               google::protobuf::Message*) {
    return Refuse(absl::StatusCode::kInvalidArgument, std::string(5'000, 'm') + "结束", refusal);
  };
  ASSERT_EQ(Start(), absl::OkStatus());
  ops::Version version;
  absl::Status status =
      ClientFor("members/ann")
          ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "MANY");
}

TEST_F(ClientTest, NobodyThereIsUnavailable) {
  ClientOptions client_options;
  client_options.target = "127.0.0.1:1";
  Client client(client_options);
  ops::Version version;
  EXPECT_EQ(
      client.Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5)).code(),
      absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace steward::rpc
