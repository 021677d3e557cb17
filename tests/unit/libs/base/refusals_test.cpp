#include "libs/base/refusals.h"

#include <gtest/gtest.h>

#include <array>

namespace steward {
namespace {

constexpr std::array<std::string_view, 2> kColours = {"red", "green"};

TEST(Refusals, NameWhatIsAllowed) {
  EXPECT_EQ(Join(kColours), "red, green");
  EXPECT_EQ(Join(std::vector<std::string>{}), "");
  EXPECT_TRUE(CheckCode("colour", "green", kColours).ok());
  const auto refusal = RefusalOf(CheckCode("colour", "blue", kColours));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->fields, (std::vector<FieldViolation>{{"colour", "is not one of red, green"}}));
}

TEST(Refusals, NothingToChangeNamesFieldAndValue) {
  const absl::Status status = NothingToChange("owner", "members/a");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "NOTHING_TO_CHANGE");
  EXPECT_EQ(RefusalOf(status)->metadata, (std::vector<std::pair<std::string, std::string>>{
                                             {"field", "owner"}, {"value", "members/a"}}));
}

TEST(Refusals, WhatIsRequiredIsCleanAndShort) {
  EXPECT_TRUE(CheckRequired("id", std::string(200, 'x')).ok());
  for (const std::string& wrong : {std::string(), std::string(201, 'x'), std::string("\xff")}) {
    EXPECT_EQ(ReasonOf(CheckRequired("id", wrong)), "FIELD_INVALID") << wrong.size();
  }
}

}  // namespace
}  // namespace steward
