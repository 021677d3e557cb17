#include "tools/stewardctl/exit_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace stewardctl {
namespace {

using ::testing::HasSubstr;

TEST(ExitCode, EveryCanonicalCode) {
  const std::pair<absl::StatusCode, int> table[] = {
      {absl::StatusCode::kOk, 0},
      {absl::StatusCode::kCancelled, 1},
      {absl::StatusCode::kUnknown, 1},
      {absl::StatusCode::kInvalidArgument, 2},
      {absl::StatusCode::kDeadlineExceeded, 124},
      {absl::StatusCode::kNotFound, 3},
      {absl::StatusCode::kAlreadyExists, 4},
      {absl::StatusCode::kPermissionDenied, 1},
      {absl::StatusCode::kResourceExhausted, 5},
      {absl::StatusCode::kFailedPrecondition, 4},
      {absl::StatusCode::kAborted, 4},
      {absl::StatusCode::kOutOfRange, 2},
      {absl::StatusCode::kUnimplemented, 1},
      {absl::StatusCode::kInternal, 1},
      {absl::StatusCode::kUnavailable, 5},
      {absl::StatusCode::kDataLoss, 1},
      {absl::StatusCode::kUnauthenticated, 1},
  };
  for (const auto& [code, exit_code] : table) {
    EXPECT_EQ(ExitCode(absl::Status(code, "x")), exit_code) << absl::StatusCodeToString(code);
  }
}

TEST(Explain, NamesReasonMetadataAndFields) {
  const absl::Status status = steward::Refuse(
      absl::StatusCode::kInvalidArgument, "two fields are wrong",
      {.reason = "FIELD_INVALID",
       .metadata = {{"name", "members/a"}},
       .fields = {{"member.email", "is no address"}, {"member.mobile", "is no number"}},
       .retry_after_ms = 50});
  const std::string text = Explain(status);
  EXPECT_THAT(text, HasSubstr("error: two fields are wrong"));
  EXPECT_THAT(text, HasSubstr("reason: FIELD_INVALID (INVALID_ARGUMENT)"));
  EXPECT_THAT(text, HasSubstr("name: members/a"));
  EXPECT_THAT(text, HasSubstr("field member.email: is no address"));
  EXPECT_THAT(text, HasSubstr("field member.mobile: is no number"));
  EXPECT_THAT(text, HasSubstr("try again in 50 ms"));
}

TEST(Explain, AServersTextCannotMoveTheCursor) {
  EXPECT_EQ(Explain(absl::InternalError("a\x1b[2Jb")), "error: a?[2Jb\n  code: INTERNAL\n");
}

}  // namespace
}  // namespace stewardctl
