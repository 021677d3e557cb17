#include "libs/log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "libs/base/text.h"
#include "libs/base/time.h"

namespace steward::log {
namespace {

using nlohmann::json;

// What `write` sends to stderr, line by line, each parsed strictly.
template <class F>
std::vector<json> Lines(F write) {
  ::testing::internal::CaptureStderr();
  write();
  std::istringstream text(::testing::internal::GetCapturedStderr());
  std::vector<json> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(json::parse(line));
  }
  return lines;
}

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { Init("sla", Level::kInfo); }
};

TEST_F(LogTest, HasTheFixedKeysThenTheFields) {
  auto lines = Lines([] {
    Info("served",
         {{"code", "OK"}, {"dur_ms", 1.5}, {"rows", 3}, {"big", size_t{7}}, {"late", true}});
  });
  ASSERT_EQ(lines.size(), 1u);
  const json& line = lines[0];
  EXPECT_TRUE(ParseTime(line["ts"].get<std::string>()).ok());
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "sla");
  EXPECT_EQ(line["msg"], "served");
  EXPECT_EQ(line["code"], "OK");
  EXPECT_EQ(line["dur_ms"], 1.5);
  EXPECT_EQ(line["rows"], 3);
  EXPECT_EQ(line["big"], 7);
  EXPECT_EQ(line["late"], true);
  EXPECT_FALSE(line.contains("request_id"));
}

TEST_F(LogTest, LevelsFilterAndChangeAtRunTime) {
  auto all = [] {
    Debug("d");
    Info("i");
    Warning("w");
    Error("e");
  };
  EXPECT_EQ(Lines(all).size(), 3u);
  SetLevel(Level::kError);
  EXPECT_EQ(Lines(all).size(), 1u);
  SetLevel(Level::kDebug);
  EXPECT_EQ(GetLevel(), Level::kDebug);
  auto lines = Lines(all);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0]["level"], "debug");
  EXPECT_EQ(lines[2]["level"], "warning");
}

TEST_F(LogTest, ScopesNestAndBelongToTheirThread) {
  auto lines = Lines([] {
    Scope outer("r-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "/a/B");
    {
      Scope inner("", "", "/c/D");
      Info("inner");
      std::thread([] { Info("other thread"); }).join();
    }
    Info("outer");
  });
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["method"], "/c/D");
  EXPECT_EQ(lines[0]["request_id"], "r-1");
  EXPECT_EQ(lines[0]["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(lines[0]["span_id"], "00f067aa0ba902b7");
  EXPECT_FALSE(lines[1].contains("request_id"));
  EXPECT_EQ(lines[2]["method"], "/a/B");
}

TEST_F(LogTest, NumbersThatJsonLacksBecomeText) {
  auto lines = Lines([] {
    Info("n", {{"a", NAN}, {"b", INFINITY}, {"c", -INFINITY}, {"d", INT64_MIN}});
  });
  EXPECT_EQ(lines.at(0)["a"], "NaN");
  EXPECT_EQ(lines.at(0)["b"], "Infinity");
  EXPECT_EQ(lines.at(0)["c"], "-Infinity");
  EXPECT_EQ(lines.at(0)["d"], INT64_MIN);
}

TEST_F(LogTest, LongTextIsCutBetweenCharacters) {
  std::string text;
  while (text.size() < 100'000) {
    text += "\xE5\xAE\xA2";
  }
  auto lines = Lines([&] { Info("long", {{"text", "x" + text}}); });
  std::string out = lines.at(0)["text"].get<std::string>();
  EXPECT_LT(out.size(), 9'000u);
  EXPECT_THAT(out, ::testing::EndsWith("\xE5\xAE\xA2..."));
}

TEST_F(LogTest, LinesOfThreadsStayWhole) {
  auto lines = Lines([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 50; ++i) {
          Info("line", {{"text", std::string(3'000, 'x')}});
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  });
  EXPECT_EQ(lines.size(), 200u);
}

RC_GTEST_FIXTURE_PROP(LogTest, HostileTextIsOneValidLine, ()) {
  auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::string msg = *bytes;
  std::string key = *bytes;
  std::string value = *bytes;
  std::vector<json> lines;
  lines = Lines([&] {
    Scope scope(value, msg, key);
    Error(msg, {{"k" + key, value}});
  });
  RC_ASSERT(lines.size() == 1u);
  if (IsCleanUtf8(value) && IsCleanUtf8(key)) {
    RC_ASSERT(lines[0]["k" + key] == value);
  }
}

}  // namespace
}  // namespace steward::log
