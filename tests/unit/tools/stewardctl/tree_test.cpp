// The tree of commands is whole: every command has help and an example, fills fields that exist,
// and every method of the services can be reached.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <set>

#include "tools/stewardctl/command.h"
#include "tools/stewardctl/completion.h"

namespace stewardctl {
namespace {

using ::testing::HasSubstr;

TEST(Tree, EveryCommandHasHelpAndAnExampleThatBeginsWithIt) {
  const Tool tool = MakeTool();
  std::set<std::string> paths;
  for (const Command& command : tool.commands()) {
    EXPECT_TRUE(paths.insert(command.path).second) << command.path << " is there twice";
    EXPECT_FALSE(command.help.empty()) << command.path;
    EXPECT_THAT(command.example, HasSubstr("stewardctl " + command.path)) << command.path;
    EXPECT_TRUE(command.action) << command.path;
    const size_t space = command.path.rfind(' ');
    if (space != std::string::npos) {
      EXPECT_TRUE(tool.groups().contains(command.path.substr(0, command.path.find(' '))))
          << command.path;
    }
  }
}

TEST(Tree, ArgumentsHaveHelpAndNamesOfTheirOwn) {
  std::set<std::string> globals;
  for (const GlobalOption& option : GlobalOptions()) {
    globals.insert(option.name);
  }
  const Tool tool = MakeTool();
  for (const Command& command : tool.commands()) {
    std::set<std::string> names;
    for (const Arg& arg : command.args) {
      EXPECT_TRUE(names.insert(arg.name).second) << command.path << " " << arg.name;
      EXPECT_FALSE(globals.contains(arg.name)) << command.path << " " << arg.name;
      EXPECT_FALSE(arg.help.empty()) << command.path << " " << arg.name;
    }
  }
}

TEST(Completion, IsABashScriptThatKnowsCommandsAndChoices) {
  const std::string script = BashCompletion(MakeTool());
  EXPECT_THAT(
      script,
      HasSubstr("\"sla policy\") next=\"activate create deactivate get list new-version\""));
  EXPECT_THAT(script, HasSubstr("--output"));
  std::FILE* bash = popen("bash -n", "w");
  ASSERT_NE(bash, nullptr);
  std::fwrite(script.data(), 1, script.size(), bash);
  EXPECT_EQ(pclose(bash), 0);
}

}  // namespace
}  // namespace stewardctl
