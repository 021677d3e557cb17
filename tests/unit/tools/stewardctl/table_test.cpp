#include "tools/stewardctl/table.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace stewardctl {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TEST(Render, ColumnsLineUpInTerminalColumns) {
  const auto lines =
      Lines(Render({{"姓名", "TEAM"}, {{"东区客服一号", "east"}, {"Agent", "south"}}}, false));
  ASSERT_EQ(lines.size(), 3u);
  const auto column = [&](int line, const std::string& cell) {
    return steward::DisplayWidth(lines[line].substr(0, lines[line].find(cell)));
  };
  EXPECT_EQ(column(0, "TEAM"), 14u);  // six characters of two columns, and the gap
  EXPECT_EQ(column(1, "east"), 14u);
  EXPECT_EQ(column(2, "south"), 14u);
}

TEST(Render, LeavesNoBlanksAtTheEndOfLines) {
  for (const std::string& line : Lines(Render({{"A", "B"}, {{"x", ""}, {"longer", "y"}}}, false))) {
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Render, AShortRowIsFilledUp) { EXPECT_EQ(Render({{"A", "B"}, {{"x"}}}, false), "A  B\nx\n"); }

TEST(Render, StoredTextCannotMoveTheCursor) {
  EXPECT_EQ(Printable("a\x1b[2Jb\r\nc"), "a?[2Jb? c");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "?31m");  // the one-character form of ESC [
  EXPECT_EQ(Printable("东区 · é"), "东区 · é");
}

}  // namespace
}  // namespace stewardctl
