#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/pg/connection.h"

namespace steward::pg {
namespace {

using absl::StatusCode;

struct Case {
  const char* sqlstate;
  StatusCode code;
  const char* reason;
  bool retry_after;
};

TEST(SqlStateTest, EveryStateHasItsStatus) {
  const Case cases[] = {
      {"23505", StatusCode::kAlreadyExists, "UNIQUE_VIOLATION", false},
      {"40001", StatusCode::kAborted, "SERIALIZATION_FAILURE", true},
      {"40P01", StatusCode::kAborted, "DEADLOCK", true},
      {"55P03", StatusCode::kAborted, "LOCK_TIMEOUT", true},
      {"57014", StatusCode::kDeadlineExceeded, "STATEMENT_TIMEOUT", false},
      {"53200", StatusCode::kResourceExhausted, "DATABASE_RESOURCES", true},
      {"53300", StatusCode::kResourceExhausted, "DATABASE_RESOURCES", true},
      {"57P01", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {"57P03", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {"08006", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {"25P03", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", true},
      {"25006", StatusCode::kUnavailable, "DATABASE_READ_ONLY", true},
      {"26000", StatusCode::kUnavailable, "PLAN_OUTDATED", true},
      {"28P01", StatusCode::kUnavailable, "DATABASE_REFUSED_LOGIN", false},
      {"23503", StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATION", false},
      {"23514", StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATION", false},
      {"22P02", StatusCode::kInvalidArgument, "DATA_INVALID", false},
      {"42P01", StatusCode::kInternal, "STATEMENT_INVALID", false},
      {"0A000", StatusCode::kInternal, "DATABASE_ERROR", false},
      {"XX000", StatusCode::kInternal, "DATABASE_ERROR", false},
  };
  for (const Case& c : cases) {
    const absl::Status status = StatusFromSqlState(c.sqlstate, "text", "");
    EXPECT_EQ(status.code(), c.code) << c.sqlstate;
    EXPECT_EQ(ReasonOf(status), c.reason) << c.sqlstate;
    EXPECT_EQ(RefusalOf(status)->retry_after_ms.has_value(), c.retry_after) << c.sqlstate;
    EXPECT_NE(FromAbsl(status.message()).find(c.sqlstate), std::string_view::npos);
  }
}

TEST(SqlStateTest, OutdatedPlanIsTransient) {
  EXPECT_EQ(ReasonOf(StatusFromSqlState("0A000", "cached plan must not change result type", "")),
            "PLAN_OUTDATED");
}

TEST(SqlStateTest, UniqueViolationNamesItsConstraint) {
  EXPECT_EQ(ViolatedConstraint(StatusFromSqlState("23505", "text", "ticket_pkey")), "ticket_pkey");
  EXPECT_EQ(ViolatedConstraint(StatusFromSqlState("23503", "text", "ticket_fkey")), "");
  EXPECT_EQ(ViolatedConstraint(absl::OkStatus()), "");
}

}  // namespace
}  // namespace steward::pg
