// What a client should not send: bytes that are no message, too much, compressed, unknown methods.

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "tests/component/libs/rpc/harness.h"

namespace steward::rpc {
namespace {

class HostileTest : public ::testing::Test, protected Harness {
 protected:
  void SetUp() override {
    policy[OpsMethod("ListChanges")].max_request_bytes = 4 << 20;
    ASSERT_EQ(Start(), absl::OkStatus());
    channel_ = PlainChannel(target());
  }
  absl::Status Send(const std::string& method, std::string_view body, bool gzip = false) {
    RawAnswer answer =
        CallRaw(channel_, method, body, {{"authorization", "Bearer " + Token("members/ann")}},
                Seconds(10), gzip);
    return FromWire(answer.code, answer.message, answer.details);
  }
  void ExpectAlive() {
    ops::Version version;
    EXPECT_TRUE(
        ClientFor("members/ann")
            ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5))
            .ok());
  }
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(HostileTest, UnknownMethodsAndServicesAreUnimplemented) {
  for (const char* method : {"/steward.operations.v1.OperationsService/Nothing",
                             "/no.such.Service/Method", "/x", "/", "/grpc.health.v1.Health/List",
                             "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}) {
    absl::Status status = Send(method, "");
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << method << status;
    EXPECT_EQ(ReasonOf(status), "METHOD_UNKNOWN") << method;
  }
}

TEST_F(HostileTest, BytesThatAreNoMessageNeverReachAHandler) {
  const std::string cases[] = {
      std::string("\xFF\xFF\xFF\xFF\xFF"),
      std::string("\x0A\x05"
                  "ab"),
      std::string(1, '\0'),
      std::string("\x0A\x02\xC3\x28", 4)};  // the last one: `name` is not UTF-8
  for (const std::string& body : cases) {
    absl::Status status = Send(OpsMethod("GetParkedRecord"), body);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(status), "REQUEST_UNPARSABLE");
  }
  EXPECT_EQ(entered, 0);
}

TEST_F(HostileTest, NulInTextIsNamed) {
  absl::Status status = Send(OpsMethod("GetParkedRecord"), std::string("\x0A\x03"
                                                                       "a\0b",
                                                                       5));
  ASSERT_TRUE(RefusalOf(status));
  EXPECT_EQ(RefusalOf(status)->fields,
            (std::vector<FieldViolation>{{"name", "must be UTF-8 without NUL"}}));
  EXPECT_EQ(entered, 0);
}

TEST_F(HostileTest, SizesAreLimitedPerMethodAndAtAll) {
  ops::GetParkedRecordRequest request;
  request.set_name(std::string((1 << 20) + 1, 'x'));
  absl::Status status = Send(OpsMethod("GetParkedRecord"), request.SerializeAsString());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "REQUEST_TOO_LARGE");
  // A bulk method takes it, and then its own limits apply.
  ops::ListChangesRequest bulk;
  bulk.set_aggregate(request.name());
  EXPECT_EQ(Send(OpsMethod("ListChanges"), bulk.SerializeAsString()).code(),
            absl::StatusCode::kInvalidArgument);
  // Beyond 4 MiB gRPC itself refuses.
  EXPECT_EQ(Send(OpsMethod("ListChanges"), std::string(10 << 20, 'x')).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(entered, 0);
  ExpectAlive();
}

TEST_F(HostileTest, CompressedRequestsAreRefusedUnread) {
  absl::Status status = Send(OpsMethod("ListChanges"), std::string(1 << 20, '\0'), /*gzip=*/true);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(entered, 0);
  ExpectAlive();
}

TEST_F(HostileTest, BadTokensNeverReachAHandler) {
  const std::string token = Token("members/ann");
  std::string flipped = token;
  flipped[flipped.size() - 10] = flipped[flipped.size() - 10] == 'A' ? 'B' : 'A';
  for (const std::string& authorization :
       {std::string("Bearer"), std::string("Bearer x.y.z"), "Basic " + token, token,
        "Bearer " + flipped, "Bearer " + Token("members/ann", Minutes(20)),
        "Bearer " + Token("members/ann", Minutes(-5))}) {
    RawAnswer answer =
        CallRaw(channel_, OpsMethod("GetVersion"), "", {{"authorization", authorization}});
    EXPECT_EQ(answer.code, 16) << authorization;
  }
  // Two headers say two things.
  EXPECT_EQ(CallRaw(channel_, OpsMethod("GetVersion"), "",
                    {{"authorization", "Bearer " + token},
                     {"authorization", "Bearer " + Token("members/bob")}})
                .code,
            16);
  EXPECT_EQ(entered, 0);
}

}  // namespace
}  // namespace steward::rpc
