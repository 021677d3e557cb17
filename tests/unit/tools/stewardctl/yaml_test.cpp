#include "tools/stewardctl/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "steward/directory/v1/directory_service.pb.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/context.h"

namespace stewardctl {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const absl::Status& status) { return std::string(status.message()); }

TEST(YamlToJson, ScalarsStayText) {
  EXPECT_EQ(*YamlToJson("seed: 003\ndays: 7\nyes: true\nnone: ~\nquoted: \"~\""),
            R"({"seed":"003","days":"7","yes":"true","none":null,"quoted":"~"})");
}

TEST(YamlToJson, ListsAndMapsKeepTheirOrder) {
  EXPECT_EQ(*YamlToJson("b: [1, {x: y}]\na: []"), R"({"b":["1",{"x":"y"}],"a":[]})");
}

TEST(YamlToJson, JsonIsYaml) {
  EXPECT_EQ(*YamlToJson(R"({"name": "x", "list": [1, 2]})"), R"({"name":"x","list":["1","2"]})");
}

TEST(YamlToJson, AKeyGivenTwiceIsNamedWithItsLine) {
  const auto result = YamlToJson("a: 1\nb: 2\na: 3\n");
  EXPECT_THAT(ErrorOf(result.status()), HasSubstr("line 3"));
  EXPECT_THAT(ErrorOf(result.status()), HasSubstr("`a` is given twice"));
}

TEST(YamlToJson, BrokenTextSaysWhere) {
  EXPECT_THAT(ErrorOf(YamlToJson("a: [1, 2\nb: }").status()), HasSubstr("line "));
  EXPECT_FALSE(YamlToJson(std::string(100, '[') + std::string(100, ']')).ok());
}

TEST(JsonToMessage, ReadsEveryKindOfFieldFromText) {
  steward::sla::v1::Policy policy;
  const std::string yaml =
      "name: policies/x\n"
      "display_names: {en: X, zh-Hans: 某}\n"
      "target: {wall_clock: 172800s}\n"
      "warnings: [{share_percent: 80}]\n"
      "levels: [{role: roles/r, suggested: true, interval: 3600s}]\n"
      "binding: PROMISED\n"
      "source: {seed: 003}\n";
  ASSERT_TRUE(JsonToMessage(*YamlToJson(yaml), &policy).ok());
  EXPECT_EQ(policy.target().wall_clock().seconds(), 172800);
  EXPECT_EQ(policy.warnings(0).share_percent(), 80);
  EXPECT_TRUE(policy.levels(0).suggested());
  EXPECT_EQ(policy.binding(), steward::sla::v1::Policy::PROMISED);
  EXPECT_EQ(policy.source().seed(), "003");
  EXPECT_EQ(policy.display_names().at("zh-Hans"), "某");
}

TEST(JsonToMessage, AnUnknownFieldIsNamed) {
  steward::sla::v1::Policy policy;
  EXPECT_THAT(ErrorOf(JsonToMessage(*YamlToJson("name: policies/x\nwarning_at: 80"), &policy)),
              HasSubstr("warning_at"));
}

TEST(ReadMessageFile, TheSampleOrganisationIsAnImport) {
  steward::directory::v1::ImportOrganisationRequest request;
  const absl::Status status =
      ReadMessageFile(STEWARD_SOURCE_DIR "/deploy/demo/organisation.yaml", &request);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GE(request.members_size(), 15);
  EXPECT_GE(request.roles_size(), 11);
  EXPECT_TRUE(request.members(0).kind() == steward::directory::v1::Member::SYSTEM);
}

TEST(ReadMessageFile, TheShippedCalendarIsACalendar) {
  steward::sla::v1::Calendar calendar;
  const absl::Status status =
      ReadMessageFile(STEWARD_SOURCE_DIR "/services/sla/calendars/cn-mainland.json", &calendar);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(calendar.time_zone(), "Asia/Shanghai");
  EXPECT_GT(calendar.holidays_size(), 100);
}

TEST(ReadMessageFile, AMissingFileIsNamed) {
  steward::sla::v1::Calendar calendar;
  EXPECT_THAT(ErrorOf(ReadMessageFile("no-such-file.yaml", &calendar)),
              HasSubstr("no-such-file.yaml"));
}

}  // namespace
}  // namespace stewardctl
