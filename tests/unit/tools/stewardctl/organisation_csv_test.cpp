// CSV files of the directory: kinds by header, rows over what is stored, faults with their place.

#include "tools/stewardctl/organisation_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "libs/base/status.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::directory::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

pb::ImportOrganisationRequest Stored(const std::string& yaml) {
  pb::ImportOrganisationRequest stored;
  const auto json = YamlToJson(yaml);
  EXPECT_TRUE(json.ok() && JsonToMessage(*json, &stored).ok()) << yaml;
  return stored;
}

std::vector<std::string> FaultsOf(const std::vector<NamedText>& files) {
  const auto read = ReadOrganisationCsv(files, {});
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  const steward::Refusal refusal = steward::RefusalOf(read.status()).value();
  std::vector<std::string> faults;
  for (const auto& violation : refusal.fields) {
    faults.push_back(violation.field + ": " + violation.description);
  }
  return faults;
}

TEST(OrganisationCsv, EveryKindIsKnownByItsHeader) {
  const auto read = ReadOrganisationCsv(
      {{"l.csv", "member,from,to\na-1,2026-02-16T00:00:00+08:00,\n"},
       {"a.csv",
        "superior,to,member,role,team,lead\n,,a-1,agent,teams/east,true\n"
        "b-1,2026-01-01T00:00:00Z,a-1,,,\nb-2,,a-1,,,\n"},
       {"m.csv",
        "\xEF\xBB\xBFmember,name,name_zh,kind\r\na-1,\"Agent, \"\"One\"\"\","
        "东区客服一号,\r\n,,,\r\nrobot,Robot,,system\r\n"},
       {"t.csv", "team,name,name_zh,parent,region\neast,East,东区,root,e\n"},
       {"r.csv", "role, name ,grants,source\nagent,Agent,agent; supervisor,seed 001\n"}},
      {});
  ASSERT_TRUE(read.ok()) << read.status();
  const pb::ImportOrganisationRequest wanted = Stored(R"(
roles: [{name: roles/agent, display_names: {en: Agent}, grants: [agent, supervisor], source: seed 001}]
teams: [{name: teams/east, display_names: {en: East, zh-Hans: 东区}, parent: teams/root, region: e}]
members:
  - name: members/a-1
    display_name: Agent, "One"
    display_name_zh: 东区客服一号
    kind: PERSON
    roles: [{role: roles/agent}]
    teams: [{team: teams/east, lead: true}]
    superiors:
      - {member: members/b-1, period: {end_time: "2026-01-01T00:00:00Z"}}
      - {member: members/b-2}
    leaves: [{start_time: "2026-02-15T16:00:00Z"}]
  - {name: members/robot, display_name: Robot, kind: SYSTEM}
)");
  EXPECT_EQ(read->request.DebugString(), wanted.DebugString());
  EXPECT_EQ(read->places.at("members[0]"), "m.csv line 2");
  EXPECT_EQ(read->places.at("members[1]"), "m.csv line 4");
  EXPECT_EQ(read->places.at("members[0].superiors[1]"), "a.csv line 4");
}

TEST(OrganisationCsv, WhatAFileDoesNotSayStays) {
  const std::string stored = R"(
teams: [{name: teams/east, display_names: {en: East, zh-Hans: 东区}, region: e}]
members:
  - name: members/a-1
    display_name: Agent
    email: a@example.test
    roles: [{role: roles/agent}]
    teams: [{team: teams/east}]
    superiors: [{member: members/b-1}]
  - {name: members/b-1, display_name: Lead}
)";
  const auto read = ReadOrganisationCsv({{"m.csv", "member,name_zh,email\na-1,一号,\n"},
                                         {"a.csv", "member,team\na-1,west\na-1,south\n"},
                                         {"t.csv", "team,name\neast,The East\n"}},
                                        Stored(stored));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->request.DebugString(), Stored(R"(
teams: [{name: teams/east, display_names: {en: The East, zh-Hans: 东区}, region: e}]
members:
  - name: members/a-1
    display_name: Agent
    display_name_zh: 一号
    roles: [{role: roles/agent}]
    teams: [{team: teams/west}, {team: teams/south}]
    superiors: [{member: members/b-1}]
)")
                                             .DebugString());
}

TEST(OrganisationCsv, EveryFaultIsNamedByLineAndColumn) {
  EXPECT_THAT(
      FaultsOf(
          {{"m.csv", "member,name,kind\na-1,A\n,B,\nb-1,B,robot\nb-1,B,\nc-1,\xC4\xE3,person\n"},
           {"a.csv",
            "member,role,team,lead,superior,from\nnobody,agent,,,,\nb-1,,,,,\n"
            "b-1,agent,,true,,2026-01-01\nb-1,,east,yes,,\n"},
           {"l.csv", "member,from,to\nb-1,,\n"}}),
      ElementsAre(
          "m.csv line 2: has 2 cells, the header has 3", "m.csv line 3 column member: is empty",
          "m.csv line 4 column kind: `robot` is neither person nor system",
          "m.csv line 5 column member: b-1 is given twice, also in m.csv line 4",
          "m.csv line 6 column name: is not UTF-8; save the file as `CSV UTF-8`",
          "a.csv line 2 column member: members/nobody is neither in a file of members nor in the "
          "directory",
          "a.csv line 3: names no role, no team and no superior",
          "a.csv line 4 column lead: there is no team",
          "a.csv line 4 column from: `2026-01-01` is no time with its zone, such as "
          "2026-01-02T03:04:05+08:00",
          "a.csv line 5 column lead: `yes` is neither true nor false",
          "l.csv line 2 column from: a leave needs a beginning or an end"));
}

TEST(OrganisationCsv, AHeaderMustFit) {
  EXPECT_THAT(FaultsOf({{"m.csv", "member,name,salary\na-1,A,1\n"}}),
              ElementsAre("m.csv line 1: unknown column `salary`; a file of members has "
                          "member,name,name_zh,email,mobile,kind,external_subject"));
  EXPECT_THAT(FaultsOf({{"x.csv", "id,value\n1,2\n"}}),
              ElementsAre(HasSubstr("x.csv: line 1: the header is of none of these kinds:")));
  EXPECT_THAT(FaultsOf({{"x.csv", "member,name\n\"a"}}),
              ElementsAre("x.csv: line 2: a quote begins here and never ends"));
}

TEST(OrganisationCsv, AFaultOfTheServerIsLedBackToItsLine) {
  const std::map<std::string, std::string> places = {{"members[1]", "m.csv line 3"},
                                                     {"members[1].roles[0]", "a.csv line 7"}};
  const absl::Status refused =
      AtPlaces(steward::FieldsInvalid({{"members[1].roles[0].role", "roles/x does not exist"},
                                       {"members[1].teams[0].team", "teams/x does not exist"},
                                       {"request_id", "is no UUID"}}),
               places);
  const steward::Refusal refusal = steward::RefusalOf(refused).value();
  std::vector<std::string> fields;
  for (const auto& violation : refusal.fields) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, ElementsAre("a.csv line 7 (members[1].roles[0].role)",
                                  "m.csv line 3 (members[1].teams[0].team)", "request_id"));
  EXPECT_TRUE(AtPlaces(absl::OkStatus(), places).ok());
  EXPECT_EQ(AtPlaces(absl::UnavailableError("x"), places), absl::UnavailableError("x"));
}

TEST(OrganisationCsv, TheShippedFilesAreRead) {
  std::vector<NamedText> files;
  for (const char* kind : {"roles", "teams", "members", "assignments", "leaves"}) {
    std::ifstream in(std::string(STEWARD_SOURCE_DIR) + "/deploy/demo/directory/" + kind + ".csv");
    std::stringstream text;
    text << in.rdbuf();
    files.push_back({kind, text.str()});
  }
  const auto read = ReadOrganisationCsv(files, {});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->request.members_size(), 3);
  EXPECT_EQ(read->request.members(2).display_name_zh(), "东区质量二号（试验台）");
}

}  // namespace
}  // namespace stewardctl
