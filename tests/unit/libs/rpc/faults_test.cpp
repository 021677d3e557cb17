#include "libs/rpc/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::rpc {
namespace {

TEST(Faults, NoneIsOk) {
  Faults faults;
  faults.Add(absl::OkStatus());
  EXPECT_TRUE(faults.status().ok());
}

TEST(Faults, NameEveryField) {
  Faults faults("order");
  faults.Add(FieldsInvalid({{"order.a", "is needed"}, {"order.b", "is too long"}}));
  faults.Add("c", "is odd");
  EXPECT_EQ(std::string(faults.status().message()),
            "order.a: is needed; order.b: is too long; order.c: is odd");
}

TEST(Faults, AnErrorWithoutFieldsIsNotLost) {
  Faults faults;
  faults.Add(absl::OutOfRangeError("too large"));
  faults.Add(absl::DataLossError("second"));
  EXPECT_EQ(faults.status(), absl::OutOfRangeError("too large"));
  const absl::Status refusal = Refuse(absl::StatusCode::kFailedPrecondition, "no fields",
                                      {.reason = "SOMETHING", .metadata = {}});
  Faults refused;
  refused.Add(refusal);
  EXPECT_EQ(refused.status(), refusal);
}

TEST(Faults, FieldsComeBeforeAnErrorWithoutThem) {
  Faults faults;
  faults.Add(absl::OutOfRangeError("too large"));
  faults.Add("value", "is beyond every value");
  EXPECT_EQ(faults.status(), FieldInvalid("value", "is beyond every value"));
}

}  // namespace
}  // namespace steward::rpc
