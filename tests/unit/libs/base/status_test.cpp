#include "libs/base/status.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "absl/strings/cord.h"

namespace steward {
namespace {

TEST(Refusal, PlainStatusHasNone) {
  EXPECT_EQ(RefusalOf(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(RefusalOf(absl::NotFoundError("x")), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), "");
}

TEST(Refusal, FieldInvalidNamesTheField) {
  absl::Status status = FieldInvalid("ticket.kind", "is unknown; see ListKinds");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromAbsl(status.message()), "ticket.kind: is unknown; see ListKinds");
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_EQ(RefusalOf(status)->fields,
            (std::vector<FieldViolation>{{"ticket.kind", "is unknown; see ListKinds"}}));
}

TEST(Refusal, FieldsInvalidNamesAll) {
  absl::Status status = FieldsInvalid({{"a", "x"}, {"b", "y"}});
  EXPECT_EQ(FromAbsl(status.message()), "a: x; b: y");
  EXPECT_EQ(RefusalOf(status)->fields.size(), 2u);
}

TEST(Refusal, CommonOnesCarryTheirValuesAsMetadata) {
  using Metadata = std::vector<std::pair<std::string, std::string>>;
  absl::Status missing = NotFound("tickets/1");
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(missing), "NOT_FOUND");
  EXPECT_EQ(RefusalOf(missing)->metadata, (Metadata{{"name", "tickets/1"}}));
  absl::Status stale = EtagMismatch("tickets/1", "\"7\"");
  EXPECT_EQ(stale.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(stale), "ETAG_MISMATCH");
  EXPECT_EQ(RefusalOf(stale)->metadata, (Metadata{{"name", "tickets/1"}, {"etag", "\"7\""}}));
  absl::Status illegal = IllegalTransition("closed", "resolve", "reopen");
  EXPECT_EQ(illegal.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(illegal), "ILLEGAL_TRANSITION");
  EXPECT_EQ(RefusalOf(illegal)->metadata,
            (Metadata{{"from", "closed"}, {"action", "resolve"}, {"allowed", "reopen"}}));
}

TEST(Refusal, MacrosPassItOn) {
  auto fails = []() -> absl::StatusOr<int> { return NotFound("x"); };
  auto outer = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(int value, fails());
    return value == 0 ? absl::OkStatus() : absl::InternalError("not reached");
  };
  auto outermost = [&]() -> absl::Status {
    RETURN_IF_ERROR(outer());
    return absl::OkStatus();
  };
  EXPECT_EQ(ReasonOf(outermost()), "NOT_FOUND");
}

TEST(Refusal, BrokenPayloadIsNone) {
  absl::Status status = FieldInvalid("a", "b");
  std::string url;
  std::string bytes;
  status.ForEachPayload([&](absl::string_view u, const absl::Cord& payload) {
    url = std::string(u);
    bytes = std::string(payload);
  });
  for (size_t n = 0; n < bytes.size(); ++n) {
    status.SetPayload(url, absl::Cord(bytes.substr(0, n)));
    EXPECT_EQ(RefusalOf(status), std::nullopt) << n;
  }
  status.SetPayload(url, absl::Cord(bytes + "x"));
  EXPECT_EQ(RefusalOf(status), std::nullopt);
  status.SetPayload(url, absl::Cord(bytes));
  EXPECT_NE(RefusalOf(status), std::nullopt);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;
rc::Gen<std::string> Bytes() {
  return rc::gen::resize(12, rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
}
rc::Gen<Pairs> SomePairs() {
  return rc::gen::resize(6, rc::gen::container<Pairs>(rc::gen::pair(Bytes(), Bytes())));
}

RC_GTEST_PROP(RefusalProperty, SurvivesTheStatus, ()) {
  Refusal refusal;
  refusal.reason = *Bytes();
  refusal.metadata = *SomePairs();
  for (const auto& [field, text] : *SomePairs()) {
    refusal.fields.push_back({field, text});
  }
  if (*rc::gen::arbitrary<bool>()) {
    refusal.retry_after_ms = *rc::gen::arbitrary<int64_t>();
  }
  absl::Status status = Refuse(absl::StatusCode::kAborted, "m", refusal);
  RC_ASSERT(RefusalOf(status) == refusal);
  RC_ASSERT(ReasonOf(status) == refusal.reason);
}

}  // namespace
}  // namespace steward
