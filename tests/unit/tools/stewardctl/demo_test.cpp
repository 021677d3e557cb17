// What `demo replay` is made of besides the history: CSV, mapping, shift, progress, summary.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libs/base/ids.h"
#include "libs/rpc/validate.h"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/demo_mapping.h"
#include "tools/stewardctl/demo_progress.h"
#include "tools/stewardctl/demo_shift.h"
#include "tools/stewardctl/demo_summary.h"

namespace stewardctl {
namespace {

using steward::sla::v1::Clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ParseCsv, ReadsQuotesLineEndsAndALastLineWithoutOne) {
  const auto csv = ParseCsv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\n,\n3,投诉");
  ASSERT_TRUE(csv.ok()) << csv.status();
  EXPECT_THAT(csv->header, ElementsAre("a", "b"));
  ASSERT_EQ(csv->rows.size(), 3u);
  EXPECT_THAT(csv->rows[0].cells, ElementsAre("1", "x, \"y\"\nz"));
  EXPECT_THAT(csv->rows[1].cells, ElementsAre("", ""));
  EXPECT_EQ(csv->rows[1].line, 5);
  EXPECT_THAT(csv->rows[2].cells, ElementsAre("3", "投诉"));
  EXPECT_EQ(csv->Column("b"), 1u);
  EXPECT_FALSE(csv->Column("c").has_value());
}

TEST(ParseCsv, RefusesWhatIsNoTable) {
  EXPECT_THAT(std::string(ParseCsv("").status().message()), HasSubstr("no header"));
  EXPECT_THAT(std::string(ParseCsv("a,a\n").status().message()), HasSubstr("`a` twice"));
  EXPECT_THAT(std::string(ParseCsv("a\n1\n\"2\n3\n").status().message()), StartsWith("line 3"));
}

constexpr char kSmallest[] =
    "columns: {number: a, order: b, time: c, raised: d, state: e}\n"
    "kind: complaint\ntime_format: '%Y'\nstates: {New: {}}\n";

TEST(ParseMapping, NamesWhatIsWrong) {
  ASSERT_TRUE(ParseMapping(kSmallest).ok()) << ParseMapping(kSmallest).status();
  const std::string ok = kSmallest;
  const std::pair<std::string, const char*> wrong[] = {
      {ok + "colums: {}\n", "unknown key `colums`"},
      {ok + "teams: [{team: teams/a}]\n", "`owners`"},
      {ok + "leave_open_percent: many\n", "`leave_open_percent`"},
      {ok + "severities: [a]\n", "`severities`"},
      {"columns: {number: a}\nkind: k\nstates: {New: {}}\n", "`columns.order` is missing"},
      {"columns: {nummer: a}\n", "unknown key `nummer` in columns"},
      {ok.substr(0, ok.find("states")), "`states`"},
      {"columns: {number: a, order: b, time: c, raised: d, state: e}\nstates: {New: {hold: [x]}}\n",
       "`hold`"},
      {"columns: {number: a, order: b, time: c, raised: d, state: e}\nstates: {New: {reaches: "
       "x}}\n",
       "`reaches`"},
      {"columns: {number: a, order: b, time: c, raised: d, state: e}\nstates: {New: {}}\n",
       "`kind`"},
  };
  for (const auto& [yaml, text] : wrong) {
    const auto mapping = ParseMapping(yaml);
    ASSERT_FALSE(mapping.ok()) << yaml;
    EXPECT_THAT(std::string(mapping.status().message()), HasSubstr(text)) << yaml;
  }
}

TEST(ParseFileTime, IsUtcAndExact) {
  const std::string form = "%d-%m-%Y %H:%M";
  EXPECT_EQ(steward::FormatTime(*ParseFileTime("29-02-2016 01:16", form)), "2016-02-29T01:16:00Z");
  for (const char* text : {"", "29-02-2016", "29-02-2016 01:16 Z", "29-02-2015 01:16",
                           "31-04-2016 01:16", "1-13-2016 01:16"}) {
    EXPECT_FALSE(ParseFileTime(text, form).ok()) << text;
  }
}

class ShiftTest : public testing::Test {
 protected:
  ~ShiftTest() override { std::filesystem::remove_all(folder_); }
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / steward::RandomIdGenerator().NewId({}).ToString();
  const std::string file_ = folder_ / "deep" / "replay.json";
  const steward::Time last_ = *steward::ParseTime("2016-12-27T10:00:00Z");
};

TEST_F(ShiftTest, TheFirstRunDecidesAndLaterOnesKeepIt) {
  const auto first = TakeShift(file_, last_, *steward::ParseTime("2026-11-25T17:03:59.9Z"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(steward::FormatTime(last_ + first->by), "2026-11-25T17:03:00Z");
  EXPECT_EQ(first->run, 1);
  const auto second = TakeShift(file_, last_, *steward::ParseTime("2026-12-24T00:00:00Z"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->by, first->by);
  EXPECT_EQ(second->run, 2);
}

TEST_F(ShiftTest, AFileThatIsNoShiftIsNotOverwritten) {
  std::filesystem::create_directories(folder_ / "deep");
  std::ofstream(file_) << "{\"shift\": 1}";
  EXPECT_THAT(std::string(TakeShift(file_, last_, last_).status().message()), StartsWith(file_));
  std::string text;
  std::getline(std::ifstream(file_), text);
  EXPECT_EQ(text, "{\"shift\": 1}");
}

TEST_F(ShiftTest, APlaceThatCannotBeWrittenIsAnError) {
  std::ofstream(folder_) << "a file where a folder should be";
  EXPECT_FALSE(TakeShift(file_, last_, last_).ok());
}

TEST(ShiftFile, StandsBesideTheContextAndDependsOnTheContent) {
  EXPECT_THAT(ShiftFile("x/context.json", "a"), StartsWith("x/replay-"));
  EXPECT_THAT(ShiftFile("", "a"), StartsWith(".run/replay-"));
  EXPECT_EQ(ShiftFile("x/c", "a"), ShiftFile("x/c", "a"));
  EXPECT_NE(ShiftFile("x/c", "a"), ShiftFile("x/c", "b"));
}

TEST(RequestId, IsAUuidOfTicketShiftAndRun) {
  const Shift shift{steward::Hours(1), 1};
  const std::string id = RequestId("T1", shift);
  EXPECT_TRUE(steward::Uuid::Parse(id).ok()) << id;
  EXPECT_EQ(id[14], '8');
  EXPECT_EQ(id, RequestId("T1", shift));
  EXPECT_NE(id, RequestId("T2", shift));
  EXPECT_NE(id, RequestId("T1", {steward::Hours(2), 1}));
  EXPECT_NE(id, RequestId("T1", {steward::Hours(1), 2}));
}

TEST(Progress, ABarNeedsATerminalAndQuietIsNothing) {
  using Style = Progress::Style;
  EXPECT_EQ(*ParseProgress("auto", false, true), Style::kBar);
  EXPECT_EQ(*ParseProgress("auto", false, false), Style::kNone);
  EXPECT_EQ(*ParseProgress("bar", false, false), Style::kBar);
  EXPECT_EQ(*ParseProgress("json", false, true), Style::kJson);
  EXPECT_EQ(*ParseProgress("json", true, true), Style::kNone);
  EXPECT_EQ(*ParseProgress("none", false, true), Style::kNone);
  EXPECT_FALSE(ParseProgress("dots", false, true).ok());
  EXPECT_EQ(ProgressLine(Style::kBar, "tickets", 100, 445, steward::Seconds(4)),
            "tickets  100/445 (25/s, 14 s left)");
  EXPECT_EQ(ProgressLine(Style::kBar, "tickets", 0, 445, {}), "tickets  0/445");
  EXPECT_EQ(ProgressLine(Style::kJson, "tickets", 1, 2, steward::Milliseconds(30)),
            "{\"step\":\"tickets\",\"done\":1,\"total\":2,\"milliseconds\":30}");
}

Clock ClockOf(const std::string& subject, Clock::RunState state, steward::Duration over,
              Clock::Status status = Clock::STATUS_UNSPECIFIED) {
  Clock clock;
  clock.set_subject(subject);
  clock.set_policy("policies/p");
  clock.set_run_state(state);
  clock.set_status(status);
  *clock.mutable_due_time() = steward::rpc::ToProto(steward::Time{});
  *clock.mutable_stop_time() = steward::rpc::ToProto(steward::Time{} + over);
  return clock;
}

TEST(CountPromises, CountsAndFindsTheWorst) {
  const steward::Time now = steward::Time{} + steward::Hours(5);
  const Promises promises =
      CountPromises({ClockOf("complaints/a", Clock::MET, -steward::Hours(9)),
                     ClockOf("complaints/b", Clock::MISSED, steward::Hours(2)),
                     ClockOf("complaints/c", Clock::RUNNING, {}, Clock::STATUS_BREACHED),
                     ClockOf("complaints/d", Clock::RUNNING, {}, Clock::STATUS_RUNNING),
                     ClockOf("complaints/e", Clock::CANCELLED, {}),
                     ClockOf("complaints/f", Clock::MISSED, steward::Hours(1))},
                    {{"complaints/b", "T2"}, {"complaints/c", "T3"}}, now, 2);
  EXPECT_EQ(promises.clocks, 6);
  EXPECT_EQ(promises.met, 1);
  EXPECT_EQ(promises.breached, 3);
  EXPECT_EQ(promises.open, 2);
  EXPECT_EQ(promises.cancelled, 1);
  ASSERT_EQ(promises.worst.size(), 2u);
  EXPECT_EQ(promises.worst[0].external_id, "T3");
  EXPECT_TRUE(promises.worst[0].open);
  EXPECT_EQ(promises.worst[0].by, steward::Hours(5));
  EXPECT_EQ(promises.worst[1].external_id, "T2");
  EXPECT_EQ(promises.worst[1].by, steward::Hours(2));
}

TEST(Summary, SaysTheSameAsTableAndAsJson) {
  ReplaySummary summary;
  summary.rows = 12;
  summary.fresh = 3;
  summary.failed = 1;
  summary.escalations = 7;
  summary.shift = steward::Hours(24 * 3 + 4);
  summary.problems.push_back({17, "state", "`Lost` is no state"});
  summary.promises.worst.push_back(
      {"complaints/b", "T2", "policies/p", {}, true, steward::Minutes(125)});
  const std::string table = SummaryTable(summary, false);
  for (const char* line : {"tickets new        3\n", "escalations        7\n", "3d 4h later\n",
                           "T2     2h 5m    policies/p"}) {
    EXPECT_THAT(table, HasSubstr(line));
  }
  const std::string json = SummaryJson(summary, true);
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
  for (const char* part :
       {"\"new\":3", "\"failed\":1", "\"escalations\":7", "\"over_by_seconds\":7500",
        "{\"line\":17,\"field\":\"state\",\"reason\":\"`Lost` is no state\"}"}) {
    EXPECT_THAT(json, HasSubstr(part));
  }
}

}  // namespace
}  // namespace stewardctl
