#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"

namespace steward::rpc {
namespace {

template <class Detail>
std::optional<Detail> Find(const WireStatus& wire) {
  google::rpc::Status status;
  EXPECT_TRUE(status.ParseFromString(wire.details));
  std::optional<Detail> found;
  for (const auto& any : status.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) {
      EXPECT_FALSE(found) << "at most one of a type";
      found = detail;
    }
  }
  return found;
}

TEST(WireStatus, OkHasNothing) {
  WireStatus wire = ToWire(absl::OkStatus(), "sla");
  EXPECT_EQ(wire.code, 0);
  EXPECT_TRUE(wire.details.empty());
  EXPECT_TRUE(FromWire(0, "", "").ok());
}

TEST(WireStatus, EveryCodeGetsAReasonOfItsName) {
  const std::pair<absl::StatusCode, const char*> cases[] = {
      {absl::StatusCode::kUnavailable, "UNAVAILABLE"},
      {absl::StatusCode::kInternal, "INTERNAL"},
      {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED"},
      {absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED"}};
  for (const auto& [code, reason] : cases) {
    WireStatus wire = ToWire(absl::Status(code, "text"), "sla");
    auto info = Find<google::rpc::ErrorInfo>(wire);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->reason(), reason);
    EXPECT_EQ(info->domain(), "sla.steward");
    EXPECT_EQ(wire.code, static_cast<int>(code));
  }
}

TEST(WireStatus, TheTextOfAnUnexpectedErrorStaysInside) {
  EXPECT_EQ(ToWire(absl::InternalError("secret"), "sla").message, "internal error");
  EXPECT_EQ(ToWire(absl::UnknownError("secret"), "sla").details.find("secret"), std::string::npos);
  EXPECT_EQ(ToWire(absl::UnavailableError("database is away"), "sla").message, "database is away");
}

TEST(WireStatus, FieldsBecomeBadRequest) {
  auto bad = Find<google::rpc::BadRequest>(
      ToWire(FieldsInvalid({{"a", "is required"}, {"b.c", "too long"}}), "sla"));
  ASSERT_TRUE(bad);
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(1).field(), "b.c");
}

TEST(WireStatus, NotFoundNamesTheResource) {
  auto resource = Find<google::rpc::ResourceInfo>(ToWire(NotFound("complaints/x"), "complaints"));
  ASSERT_TRUE(resource);
  EXPECT_EQ(resource->resource_name(), "complaints/x");
  EXPECT_EQ(resource->resource_type(), "complaints");
}

TEST(WireStatus, RetryInfoKeepsMilliseconds) {
  auto retry = Find<google::rpc::RetryInfo>(ToWire(
      Refuse(absl::StatusCode::kAborted, "x", {.reason = "R", .retry_after_ms = 2'050}), "sla"));
  ASSERT_TRUE(retry);
  EXPECT_EQ(retry->retry_delay().seconds(), 2);
  EXPECT_EQ(retry->retry_delay().nanos(), 50'000'000);
}

TEST(WireStatus, ComesBackAsItWent) {
  Refusal refusal{.reason = "QUEUE_FULL",
                  .metadata = {{"a", "1"}, {"b", "二"}},
                  .fields = {{"f", "d"}},
                  .retry_after_ms = 100};
  WireStatus wire = ToWire(Refuse(absl::StatusCode::kResourceExhausted, "busy", refusal), "sla");
  absl::Status back = FromWire(wire.code, wire.message, wire.details);
  EXPECT_EQ(back.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(FromAbsl(back.message()), "busy");
  EXPECT_EQ(RefusalOf(back), refusal);
}

TEST(WireStatus, GarbageInDetailsIsNoCrash) {
  absl::Status back = FromWire(3, "m", "\xFF\xFF\xFF");
  EXPECT_EQ(back.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(RefusalOf(back));
  EXPECT_EQ(FromWire(99, "m", "").code(), absl::StatusCode::kUnknown);
}

TEST(WireStatus, StaysBelowTheLimitOfTrailers) {
  Refusal refusal{.reason = "MANY"};
  for (int i = 0; i < 1'000; ++i) {
    refusal.fields.push_back({"field" + std::to_string(i), "说明说明说明说明说明说明说明说明"});
    refusal.metadata.emplace_back("k" + std::to_string(i), std::string(2'000, 'v'));
  }
  std::string text;
  for (int i = 0; i < 3'000; ++i) {
    text += "错";
  }
  WireStatus wire = ToWire(Refuse(absl::StatusCode::kInvalidArgument, text, refusal), "sla");
  // base64 takes 4/3, percent-encoding three times.
  EXPECT_LT(wire.details.size() * 4 / 3 + wire.message.size() * 3, 8'192u);
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(wire)->reason(), "MANY");
  EXPECT_EQ(wire.message.substr(wire.message.size() - 3), "...");
  EXPECT_EQ((wire.message.size() - 3) % 3, 0u) << "cut between characters";
}

TEST(WireStatus, FieldsAreCutBeforeTheReason) {
  std::vector<FieldViolation> fields(500, {"some.long.field.path", std::string(100, 'd')});
  auto bad = Find<google::rpc::BadRequest>(ToWire(FieldsInvalid(fields), "sla"));
  ASSERT_TRUE(bad);
  EXPECT_GT(bad->field_violations_size(), 10);
  EXPECT_LT(bad->field_violations_size(), 500);
}

}  // namespace
}  // namespace steward::rpc
