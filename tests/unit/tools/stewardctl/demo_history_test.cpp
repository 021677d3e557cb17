#include "tools/stewardctl/demo_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "libs/rpc/validate.h"
#include "tools/stewardctl/context.h"

namespace stewardctl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMapping[] =
    "columns: {number: id, order: n, time: at, raised: raised, state: state, reopenings: again,\n"
    "          channel: by, severity: prio, group: group, person: person}\n"
    "unknown: '?'\n"
    "time_format: '%d-%m-%Y %H:%M'\n"
    "kind: complaint\n"
    "summary: 'about {topic}'\n"
    "channels: {Phone: hotline}\n"
    "severities: {High: major, Low: ordinary}\n"
    "states:\n"
    "  New: {}\n"
    "  Active: {reaches: [ticket.first_responded]}\n"
    "  Awaiting: {reaches: [ticket.first_responded], hold: waiting_customer}\n"
    "  Problem: {reaches: [ticket.first_responded], hold: waiting_third_party}\n"
    "  Resolved: {reaches: [ticket.first_responded, ticket.resolved]}\n"
    "  Closed: {reaches: [ticket.first_responded, ticket.resolved, ticket.verified, "
    "ticket.closed]}\n"
    "teams:\n"
    "  - {team: teams/a, owners: [members/a1, members/a2, members/a3]}\n"
    "  - {team: teams/b, owners: [members/b1, members/b2, members/b3]}\n";

constexpr char kHeader[] = "id,n,at,raised,state,again,by,prio,group,person,topic\n";

Mapping TestMapping(const std::string& more = "") {
  const auto mapping = ParseMapping(kMapping + more);
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return *mapping;
}

History Read(const std::string& rows, const Mapping& mapping = TestMapping()) {
  const auto csv = ParseCsv(kHeader + rows);
  EXPECT_TRUE(csv.ok()) << csv.status();
  auto history = ReadHistory(*csv, mapping);
  EXPECT_TRUE(history.ok()) << history.status();
  return history.ok() ? *std::move(history) : History{};
}

// Day of March 2016 at that minute, as the tests' rows say it.
std::string Row(const std::string& id, int order, const std::string& time, const std::string& state,
                int again = 0, const std::string& group = "G1", const std::string& person = "P1") {
  return id + "," + std::to_string(order) + "," + time + ",01-03-2016 08:00," + state + "," +
         std::to_string(again) + ",Phone,High," + group + "," + person + ",screens\n";
}

// `first_responded 01T09:30`.
std::vector<std::string> Told(const PastTicket& ticket) {
  std::vector<std::string> told;
  for (const PastTicket::Fact& fact : ticket.facts) {
    const std::string cause = fact.cause.empty() ? "" : " " + fact.cause;
    told.push_back(fact.type.substr(7) + cause + " " + steward::FormatTime(fact.at).substr(8, 8));
  }
  return told;
}

TEST(ReadHistory, TellsWhatTheTicketIs) {
  const History history = Read(Row("T1", 0, "01-03-2016 08:10", "New"));
  ASSERT_EQ(history.tickets.size(), 1u);
  const PastTicket& ticket = history.tickets[0];
  EXPECT_EQ(ticket.number, "T1");
  EXPECT_EQ(ticket.line, 2);
  EXPECT_EQ(ticket.channel, "hotline");
  EXPECT_EQ(ticket.severity, "major");
  EXPECT_EQ(ticket.summary, "about screens");
  EXPECT_EQ(steward::FormatTime(ticket.raised), "2016-03-01T08:00:00Z");
  EXPECT_TRUE(ticket.facts.empty());
}

TEST(ReadHistory, FirstResponseIsTheFirstStateThatShowsOne) {
  for (const char* state : {"Active", "Awaiting", "Resolved"}) {
    const History history =
        Read(Row("T1", 0, "01-03-2016 08:10", "New") + Row("T1", 1, "01-03-2016 09:30", state) +
             Row("T1", 2, "01-03-2016 10:00", "Active"));
    EXPECT_THAT(Told(history.tickets[0]), ::testing::Contains("first_responded 01T09:30"));
    EXPECT_EQ(std::count_if(history.tickets[0].facts.begin(), history.tickets[0].facts.end(),
                            [](const auto& fact) { return fact.type == "ticket.first_responded"; }),
              1);
  }
}

TEST(ReadHistory, AHoldLastsUntilItsStateIsLeft) {
  const History history = Read(
      Row("T1", 0, "01-03-2016 09:00", "Awaiting") + Row("T1", 1, "01-03-2016 09:10", "Awaiting") +
      Row("T1", 2, "01-03-2016 09:20", "Problem") + Row("T1", 3, "01-03-2016 09:30", "Closed"));
  EXPECT_THAT(Told(history.tickets[0]),
              ElementsAre("held waiting_customer 01T09:00", "first_responded 01T09:00",
                          "resumed waiting_customer 01T09:20", "held waiting_third_party 01T09:20",
                          "resumed waiting_third_party 01T09:30", "resolved 01T09:30",
                          "verified 01T09:30", "closed 01T09:30"));
}

TEST(ReadHistory, OneMoreReopeningBeginsACycle) {
  const History history = Read(Row("T1", 0, "01-03-2016 09:00", "Resolved") +
                               Row("T1", 1, "02-03-2016 09:00", "Active", 1) +
                               Row("T1", 2, "03-03-2016 09:00", "Active", 1) +
                               Row("T1", 3, "04-03-2016 09:00", "Closed", 1));
  EXPECT_THAT(Told(history.tickets[0]),
              ElementsAre("first_responded 01T09:00", "resolved 01T09:00", "reopened 02T09:00",
                          "first_responded 02T09:00", "resolved 04T09:00", "verified 04T09:00",
                          "closed 04T09:00"));
}

TEST(ReadHistory, RowsGoByCountThenTime) {
  const History history =
      Read(Row("T1", 2, "03-03-2016 09:00", "Resolved") +
           Row("T1", 2, "02-03-2016 09:00", "Active") + Row("T1", 1, "01-03-2016 09:00", "New"));
  EXPECT_THAT(Told(history.tickets[0]),
              ElementsAre("first_responded 02T09:00", "resolved 03T09:00"));
  EXPECT_EQ(history.moved_rows, 0);
}

TEST(ReadHistory, ARowBeforeItsTurnIsToldAtTheFactBeforeIt) {
  const History history = Read(Row("T1", 0, "01-03-2016 07:00", "Active") +
                               Row("T1", 1, "02-03-2016 09:00", "Resolved") +
                               Row("T1", 2, "01-03-2016 10:00", "Closed"));
  EXPECT_THAT(Told(history.tickets[0]), ElementsAre("first_responded 01T08:00", "resolved 02T09:00",
                                                    "verified 02T09:00", "closed 02T09:00"));
  EXPECT_EQ(history.moved_rows, 2);
}

TEST(ReadHistory, AGroupIsAlwaysTheSameTeamAndAPersonTheSameOwner) {
  std::string rows;
  for (int i = 0; i < 64; ++i) {
    rows += Row("T" + std::to_string(i), 0, "01-03-2016 09:00", "New", 0,
                "G" + std::to_string(i % 16), "P" + std::to_string(i % 16));
  }
  const History history = Read(rows);
  ASSERT_EQ(history.tickets.size(), 64u);
  std::set<std::string> teams;
  for (size_t i = 0; i < 64; ++i) {
    const PastTicket& ticket = history.tickets[i];
    EXPECT_EQ(ticket.team, history.tickets[i % 16].team);
    EXPECT_EQ(ticket.owner, history.tickets[i % 16].owner);
    EXPECT_EQ(ticket.owner.substr(0, 9), "members/" + ticket.team.substr(6));
    teams.insert(ticket.team);
  }
  EXPECT_EQ(teams.size(), 2u);
}

TEST(ReadHistory, AnotherGroupOrPersonIsATransferOrAnAssignment) {
  const auto team_of = [](const std::string& group) {
    return Read(Row("T1", 0, "01-03-2016 09:00", "New", 0, group)).tickets[0].team;
  };
  std::string other = "G1";
  for (int i = 2; team_of(other) == team_of("G0"); ++i) {
    ASSERT_LT(i, 64);
    other = "G" + std::to_string(i);
  }
  std::string rows;
  for (int i = 0; i < 12; ++i) {
    rows += Row("T1", i, "01-03-2016 09:" + std::to_string(10 + i), "New", 0,
                i == 5  ? "?"
                : i < 6 ? "G0"
                        : other,
                i == 3 ? "?" : "P" + std::to_string(i));
  }
  const PastTicket ticket = Read(rows).tickets[0];
  std::string team = ticket.team, owner = ticket.owner;
  int transfers = 0, assignments = 0;
  for (const PastTicket::Fact& fact : ticket.facts) {
    EXPECT_NE(fact.owner, "");
    if (fact.type == "ticket.transferred") {
      EXPECT_NE(fact.team, team);
      team = fact.team;
      ++transfers;
    } else {
      ASSERT_EQ(fact.type, "ticket.assigned");
      EXPECT_NE(fact.owner, owner);
      ++assignments;
    }
    owner = fact.owner;
    EXPECT_NE(steward::FormatTime(fact.at).substr(14, 2), "13") << "an unknown person moved it";
  }
  EXPECT_EQ(transfers, 1);
  EXPECT_GT(assignments, 0);
}

TEST(ReadHistory, SoManyPercentOfTheTicketsStayOpenHoweverEarlyTheyClose) {
  std::string rows = Row("LATE", 0, "27-12-2016 08:00", "Active");  // it never closes
  for (int i = 10; i < 29; ++i) {
    const std::string number = "T" + std::to_string(i), day = std::to_string(i) + "-03-2016 08:00";
    rows += Row(number, 0, day, "Active") + Row(number, 1, day, "Closed");
  }
  const History history = Read(rows, TestMapping("leave_open_percent: 10\n"));
  ASSERT_EQ(history.tickets.size(), 20u);
  for (const PastTicket& ticket : history.tickets) {
    EXPECT_EQ(ticket.left_open, ticket.number == "T27" || ticket.number == "T28") << ticket.number;
  }
}

TEST(ReadHistory, AHoldThatEndedWithTheSolutionStays) {
  const std::string rows =
      Row("T1", 0, "02-03-2016 08:00", "Awaiting") + Row("T1", 1, "10-03-2016 08:00", "Closed") +
      Row("T2", 0, "02-03-2016 08:00", "New") + Row("T2", 1, "11-03-2016 08:00", "Closed");
  const History history = Read(rows, TestMapping("leave_open_percent: 99\n"));
  EXPECT_THAT(Told(history.tickets[0]),
              ElementsAre("held waiting_customer 02T08:00", "first_responded 02T08:00"));
  EXPECT_THAT(Told(history.tickets[1]), ElementsAre("first_responded 11T08:00"));
}

TEST(ReadHistory, OfAReopenedTicketTheLastSolutionIsForgotten) {
  const std::string rows = Row("T1", 0, "02-03-2016 08:00", "Active") +
                           Row("T1", 1, "03-03-2016 08:00", "Resolved") +
                           Row("T1", 2, "04-03-2016 08:00", "Active", 1) +
                           Row("T1", 3, "05-03-2016 08:00", "Resolved", 1) +
                           Row("T1", 4, "06-03-2016 08:00", "Closed", 1);
  const History history = Read(rows, TestMapping("leave_open_percent: 1\n"));
  EXPECT_TRUE(history.tickets[0].left_open);
  EXPECT_THAT(Told(history.tickets[0]), Contains("resolved 03T08:00"));
  EXPECT_THAT(Told(history.tickets[0]), Contains("reopened 04T08:00"));
  EXPECT_THAT(Told(history.tickets[0]), Not(Contains(HasSubstr("05T"))));
  EXPECT_THAT(Told(history.tickets[0]), Not(Contains(HasSubstr("06T"))));
}

TEST(ReadHistory, WhatClosesLastIsToldUpToItsSolutionAndStaysOpen) {
  const std::string rows =
      Row("T1", 0, "02-03-2016 08:00", "Active") + Row("T1", 1, "10-03-2016 08:00", "Resolved") +
      Row("T1", 2, "11-03-2016 08:00", "Closed") + Row("T2", 0, "02-03-2016 08:00", "Closed");
  const History history = Read(rows, TestMapping("leave_open_percent: 20\n"));
  EXPECT_TRUE(history.tickets[0].left_open);
  EXPECT_THAT(Told(history.tickets[0]), ElementsAre("first_responded 02T08:00"));
  EXPECT_FALSE(history.tickets[1].left_open);
  EXPECT_EQ(history.tickets[1].facts.size(), 4u);
  EXPECT_FALSE(Read(rows).tickets[0].left_open);
}

TEST(ReadHistory, ABadRowIsNamedItsTicketLeftOutAndTheRestRead) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"T1,0,31-02-2016 08:00,01-03-2016 08:00,New,0,Phone,High,G,P,x\n", "at: no day"},
      {"T1,0,2016-03-01,01-03-2016 08:00,New,0,Phone,High,G,P,x\n", "at: no time"},
      {"T1,0,01-03-2016 08:00,?,New,0,Phone,High,G,P,x\n", "raised: not known"},
      {"T1,-1,01-03-2016 08:00,01-03-2016 08:00,New,0,Phone,High,G,P,x\n", "n: no count"},
      {"T1,0,01-03-2016 08:00,01-03-2016 08:00,Lost,0,Phone,High,G,P,x\n", "state: no state"},
      {"T1,0,01-03-2016 08:00,01-03-2016 08:00,New,0,Fax,High,G,P,x\n", "by: no word"},
      {"T1,0,01-03-2016 08:00\n", "row: 3 cells"},
  };
  for (const auto& [row, wrong] : bad) {
    const History history = Read(Row("T2", 0, "01-03-2016 09:00", "New") + row +
                                 Row("T1", 1, "01-03-2016 09:00", "Active"));
    ASSERT_EQ(history.bad_rows.size(), 1u) << row;
    const BadRow& found = history.bad_rows[0];
    EXPECT_EQ(found.line, 3);
    EXPECT_EQ(found.field, wrong.substr(0, wrong.find(':')));
    EXPECT_THAT(found.reason, HasSubstr(wrong.substr(wrong.find(' ') + 1)));
    ASSERT_EQ(history.tickets.size(), 1u);
    EXPECT_EQ(history.tickets[0].number, "T2");
    EXPECT_EQ(history.left_out, 1);
  }
}

TEST(ReadHistory, AnUnknownWordTakesTheDefault) {
  const History history = Read("T1,0,01-03-2016 08:00,01-03-2016 08:00,New,0,?,?,?,?,?\n");
  ASSERT_EQ(history.tickets.size(), 1u);
  EXPECT_EQ(history.tickets[0].channel, "import");
  EXPECT_EQ(history.tickets[0].severity, "");
  EXPECT_EQ(history.tickets[0].summary, "about -");
  EXPECT_NE(history.tickets[0].team, "");
}

TEST(ReadHistory, AFileWithoutTheColumnsOrRowsIsRefused) {
  const auto other = ParseCsv("a,b\n1,2\n");
  EXPECT_THAT(std::string(ReadHistory(*other, TestMapping()).status().message()),
              HasSubstr("`id`"));
  const auto empty = ParseCsv(kHeader);
  EXPECT_THAT(std::string(ReadHistory(*empty, TestMapping()).status().message()),
              HasSubstr("there are none"));
}

TEST(ToRequest, MovesEveryTimeAndLeavesOutVerificationWhereNotAsked) {
  const PastTicket ticket = Read(Row("T1", 0, "02-03-2016 08:00", "Closed")).tickets[0];
  const auto request = ToRequest(ticket, "complaint", steward::Hours(24), true);
  EXPECT_EQ(request.ticket().external_id(), "T1");
  EXPECT_EQ(request.ticket().kind(), "complaint");
  EXPECT_EQ(steward::FormatTime(steward::rpc::FromProto(request.ticket().occurred_at())),
            "2016-03-02T08:00:00Z");
  ASSERT_EQ(request.past_facts_size(), 4);
  EXPECT_EQ(steward::FormatTime(steward::rpc::FromProto(request.past_facts(3).occurred_at())),
            "2016-03-03T08:00:00Z");
  EXPECT_EQ(ToRequest(ticket, "inquiry", {}, false).past_facts_size(), 3);
}

// The whole file is read by the end-to-end test.
TEST(ReadHistory, ReadsTheShippedFileAndMapping) {
  const std::string folder = STEWARD_SOURCE_DIR "/deploy/demo/incident_log/";
  const auto mapping = ReadMappingFile(folder + "mapping.yaml");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  std::string text = *ReadFile(folder + "incident_event_log.csv");
  text.resize(text.find('\n', 20'000) + 1);  // the first rows
  const auto csv = ParseCsv(text);
  const auto history = ReadHistory(*csv, *mapping);
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_TRUE(history->bad_rows.empty());
  EXPECT_GT(history->tickets.size(), 5u);
  for (const PastTicket& ticket : history->tickets) {
    EXPECT_TRUE(std::is_sorted(ticket.facts.begin(), ticket.facts.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; }))
        << ticket.number;
  }
}

}  // namespace
}  // namespace stewardctl
