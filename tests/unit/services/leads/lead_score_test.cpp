#include "services/leads/domain/lead_score.h"

#include <gtest/gtest.h>

namespace steward::leads {
namespace {

TEST(LeadScore, IsADecimalOfAtMostThirteenDigitsAndSixPlaces) {
  for (const char* text : {"0", "86.25", "-0.000001", "9223372036854.775807", "007"}) {
    EXPECT_TRUE(IsScore(text)) << text;
  }
  for (const char* text : {"", "-", ".5", "5.", "+1", "1e3", " 1", "1 ", "1.0000001", "1,5", "--1",
                           "12345678901234", "NaN", "-Infinity", "1.5.2"}) {
    EXPECT_FALSE(IsScore(text)) << text;
  }
}

}  // namespace
}  // namespace steward::leads
