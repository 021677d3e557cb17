#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/eventing/batch.h"
#include "libs/pg/connection.h"

namespace steward::eventing {
namespace {

Fault OfSqlState(const char* sqlstate) {
  return FaultOf(pg::StatusFromSqlState(sqlstate, "text", ""), true);
}

TEST(FaultOf, ContentionAndAnAbsentDatabaseNeverPark) {
  EXPECT_EQ(OfSqlState("40001"), Fault::kBusy);  // serialization
  EXPECT_EQ(OfSqlState("40P01"), Fault::kBusy);  // deadlock
  EXPECT_EQ(OfSqlState("55P03"), Fault::kBusy);  // lock timeout
  EXPECT_EQ(OfSqlState("53200"), Fault::kBusy);  // lock table full
  EXPECT_EQ(OfSqlState("57014"), Fault::kSlow);  // statement timeout
  EXPECT_EQ(OfSqlState("57P01"), Fault::kAway);  // shutting down
  EXPECT_EQ(OfSqlState("25006"), Fault::kAway);  // read only
  EXPECT_EQ(OfSqlState("08006"), Fault::kAway);
  EXPECT_EQ(FaultOf(absl::InternalError("x"), false), Fault::kAway);
  EXPECT_EQ(FaultOf(absl::FailedPreconditionError("x"), false), Fault::kAway);
}

TEST(FaultOf, WhatWillNeverWorkIsRefused) {
  EXPECT_EQ(OfSqlState("23514"), Fault::kRefused);  // check constraint
  EXPECT_EQ(OfSqlState("22003"), Fault::kRefused);  // out of range
  EXPECT_EQ(FaultOf(absl::FailedPreconditionError("x"), true), Fault::kRefused);
  EXPECT_EQ(FaultOf(absl::InvalidArgumentError("x"), true), Fault::kRefused);
  EXPECT_EQ(FaultOf(absl::NotFoundError("x"), true), Fault::kRefused);
}

TEST(FaultOf, TheRestIsTriedFiveTimes) {
  EXPECT_EQ(OfSqlState("42703"), Fault::kOther);
  EXPECT_EQ(OfSqlState("23505"), Fault::kOther);
  EXPECT_EQ(FaultOf(absl::AbortedError("etag"), true), Fault::kOther);
  EXPECT_EQ(FaultOf(absl::ResourceExhaustedError("quota"), true), Fault::kOther);
  EXPECT_EQ(FaultOf(absl::InternalError("x"), true), Fault::kOther);
  EXPECT_EQ(FaultOf(absl::OkStatus(), true), Fault::kNone);
}

TEST(FaultOf, AnotherOwner) {
  const absl::Status moved =
      Refuse(absl::StatusCode::kAborted, "x",
             {.reason = "OFFSET_MOVED", .metadata = {}, .fields = {}, .retry_after_ms = {}});
  EXPECT_EQ(FaultOf(moved, true), Fault::kMoved);
}

}  // namespace
}  // namespace steward::eventing
