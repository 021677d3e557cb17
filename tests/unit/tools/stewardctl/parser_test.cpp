#include "tools/stewardctl/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stewardctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Parser : public ::testing::Test {
 protected:
  Parser() {
    tool_.Group("box", "Boxes.");
    tool_.Add({"box move",
               "Moves a box.",
               "stewardctl box move 1 2",
               {Positional("BOX", "Which."), Positional("PLACE", "Where."), Option("when", "When."),
                OptionList("tag", "Tags."), Flag("fast", "Fast.")},
               [](Session&, const Args&) { return absl::OkStatus(); }});
    tool_.Add({"box drop",
               "Drops boxes.",
               "stewardctl box drop 1",
               {Positionals("BOX", "Which."), Option("why", "Why.").Needed()},
               [](Session&, const Args&) { return absl::OkStatus(); }});
  }
  Parsed Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "stewardctl");
    return ParseCommandLine(tool_, static_cast<int>(words.size()), words.data());
  }
  Tool tool_;
};

TEST_F(Parser, TakesEachPositionalOnce) {
  const Parsed parsed = Parse({"box", "move", "a", "b"});
  ASSERT_NE(parsed.command, nullptr) << parsed.err;
  EXPECT_EQ(parsed.command->path, "box move");
  EXPECT_EQ(parsed.args.Text("BOX"), "a");
  EXPECT_EQ(parsed.args.Text("PLACE"), "b");
  EXPECT_FALSE(parsed.args.Has("when"));
  EXPECT_FALSE(parsed.args.Flag("fast"));
}

TEST_F(Parser, OptionsMayStandAnywhereAndValuesMayBeginWithADash) {
  const Parsed parsed = Parse({"--output", "json", "box", "move", "--tag", "x", "a", "--when",
                               "-10m", "b", "--tag", "y", "--fast", "--yes"});
  ASSERT_NE(parsed.command, nullptr) << parsed.err;
  EXPECT_EQ(parsed.args.Text("BOX"), "a");
  EXPECT_EQ(parsed.args.Text("PLACE"), "b");
  EXPECT_EQ(parsed.args.Text("when"), "-10m");
  EXPECT_THAT(parsed.args.Texts("tag"), ElementsAre("x", "y"));
  EXPECT_TRUE(parsed.args.Flag("fast"));
  EXPECT_EQ(parsed.globals.Text("output"), "json");
  EXPECT_TRUE(parsed.globals.Flag("yes"));
  EXPECT_FALSE(parsed.globals.Flag("quiet"));
}

TEST_F(Parser, AListOfPositionalsTakesAll) {
  const Parsed parsed = Parse({"box", "drop", "a", "b", "c", "--why", "old"});
  ASSERT_NE(parsed.command, nullptr) << parsed.err;
  EXPECT_THAT(parsed.args.Texts("BOX"), ElementsAre("a", "b", "c"));
}

TEST_F(Parser, AnEmptyValueIsAValue) {
  const Parsed parsed = Parse({"box", "drop", "a", "--why", ""});
  ASSERT_NE(parsed.command, nullptr) << parsed.err;
  EXPECT_TRUE(parsed.args.Has("why"));
}

TEST_F(Parser, WrongUseIsTwo) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"box", "move", "a"},
                                             {"box", "move", "a", "b", "c"},
                                             {"box", "drop", "a"},
                                             {"box", "fly"},
                                             {"box", "move", "a", "b", "--slow"}}) {
    const Parsed parsed = Parse(words);
    EXPECT_EQ(parsed.command, nullptr);
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_FALSE(parsed.err.empty());
  }
}

TEST_F(Parser, HelpHasExamples) {
  const Parsed parsed = Parse({"box", "move", "--help"});
  EXPECT_EQ(parsed.command, nullptr);
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.out, HasSubstr("stewardctl box move 1 2"));
}

TEST_F(Parser, AGroupAloneSaysWhatThereIs) {
  const Parsed parsed = Parse({"box"});
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.out, HasSubstr("drop"));
}

// Every example of every command can be parsed.
TEST(ParserOnTheTool, ExamplesAreValid) {
  const Tool tool = MakeTool();
  for (const Command& command : tool.commands()) {
    for (size_t begin = 0; begin < command.example.size();) {
      const size_t end = std::min(command.example.find('\n', begin), command.example.size());
      std::vector<std::string> words(1);
      char quote = 0;
      for (const char c : command.example.substr(begin, end - begin)) {
        if (quote == 0 && (c == '>' || c == '<')) {
          break;
        }
        if (c == quote || (quote == 0 && c == '\'')) {
          quote = quote == 0 ? c : 0;
        } else if (c == ' ' && quote == 0) {
          words.emplace_back();
        } else {
          words.back() += c;
        }
      }
      if (words.back().empty()) {
        words.pop_back();
      }
      if (words.front() == "stewardctl") {
        Tool one;  // the command alone: making the whole parser for each would take seconds
        one.Add(command);
        std::vector<const char*> argv;
        for (const std::string& word : words) {
          argv.push_back(word.c_str());
        }
        const Parsed parsed = ParseCommandLine(one, static_cast<int>(argv.size()), argv.data());
        ASSERT_NE(parsed.command, nullptr) << command.example << "\n" << parsed.err;
        EXPECT_EQ(parsed.command->path, command.path);
      }
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace stewardctl
