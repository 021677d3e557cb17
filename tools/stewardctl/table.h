#pragma once
// Tables for people: columns line up whatever the script, since width is counted in terminal
// columns.

#include <string>
#include <vector>

namespace stewardctl {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
// Two spaces between columns, none at the end of a line. With `color` the header is dimmed. Control
// characters are shown as `?`, so that no stored text can move the cursor.
std::string Render(const Table& table, bool color);

// For programs: an array of objects (or one object a line), keyed by the header in lower case.
std::string RenderJson(const Table& table, bool lines);

// Text that may go to a terminal.
std::string Printable(const std::string& text);

}  // namespace stewardctl
