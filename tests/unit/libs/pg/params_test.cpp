#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "libs/base/status.h"
#include "libs/pg/connection.h"
#include "libs/pg/wire.h"

namespace steward::pg {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string out;
  for (const int b : bytes) {
    out.push_back(static_cast<char>(b));
  }
  return out;
}

TEST(ParamsTest, IntegersAreBigEndian) {
  const Params params = Params().Add(int64_t{-2}).Add(int32_t{258}).Add(int16_t{1}).Add(true);
  ASSERT_EQ(params.values().size(), 4u);
  EXPECT_EQ(params.values()[0].oid, wire::kInt8);
  EXPECT_EQ(params.values()[0].bytes, Bytes({255, 255, 255, 255, 255, 255, 255, 254}));
  EXPECT_EQ(params.values()[1].bytes, Bytes({0, 0, 1, 2}));
  EXPECT_EQ(params.values()[2].bytes, Bytes({0, 1}));
  EXPECT_EQ(params.values()[3].bytes, Bytes({1}));
}

TEST(ParamsTest, InstantsCountFrom2000) {
  const Params params = Params().Add(Time{946'684'800'000'001});
  EXPECT_EQ(params.values()[0].oid, wire::kTimestamptz);
  EXPECT_EQ(params.values()[0].bytes, Bytes({0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(ParamsTest, EndsOfTimeAreInfinite) {
  EXPECT_EQ(wire::FromTime(kMaxTime), wire::kInfinity);
  EXPECT_EQ(wire::FromTime(kMinTime), wire::kMinusInfinity);
  EXPECT_EQ(wire::ToTime(wire::kInfinity), kMaxTime);
  EXPECT_EQ(wire::ToTime(wire::kMinusInfinity), kMinTime);
}

TEST(ParamsTest, NullHasNoType) {
  const Params params = Params().AddNull().AddOptional(std::optional<int64_t>());
  EXPECT_EQ(params.values()[0].oid, wire::kUnknown);
  EXPECT_FALSE(params.values()[1].bytes.has_value());
}

TEST(ParamsTest, EmptyArrayHasNoDimension) {
  const Params params = Params().AddInts({});
  EXPECT_EQ(params.values()[0].bytes, Bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20}));
}

TEST(ParamsTest, TextWithNulOrBrokenUtf8IsRefused) {
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\xff"), std::string("\xe4\xb8")}) {
    EXPECT_EQ(Params().Add(text).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(Params().AddTexts({"fine", text}).status()), "TEXT_INVALID");
    EXPECT_TRUE(Params().AddBytes(text).status().ok());
  }
  EXPECT_TRUE(Params().Add("客户投诉").status().ok());
}

TEST(WireTest, IntegersComeBack) {
  EXPECT_TRUE(rc::check([](int64_t a, int32_t b, int16_t c) {
    std::string out;
    wire::AppendInt64(out, a);
    wire::AppendInt32(out, b);
    wire::AppendInt16(out, c);
    RC_ASSERT(wire::ReadInt(out.data(), 8) == a);
    RC_ASSERT(wire::ReadInt(out.data() + 8, 4) == b);
    RC_ASSERT(wire::ReadInt(out.data() + 12, 2) == c);
  }));
}

}  // namespace
}  // namespace steward::pg
