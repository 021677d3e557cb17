#include "tools/stewardctl/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "libs/base/text.h"

namespace stewardctl {
namespace {

constexpr char kGap[] = "  ";

std::string Line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size()) {
      line.append(widths[i] - steward::DisplayWidth(cells[i]), ' ');
      line += kGap;
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

// `MORE FACTS` is the key `more_facts`.
std::string KeyOf(std::string header) {
  for (char& c : header) {
    c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return header;
}

}  // namespace

std::string Printable(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) {
      result += byte == '\n' || byte == '\t' ? ' ' : '?';
      i += c1 ? 1 : 0;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string RenderJson(const Table& table, bool lines) {
  using nlohmann::ordered_json;
  constexpr auto kReplace = ordered_json::error_handler_t::replace;
  ordered_json array = ordered_json::array();
  std::string text;
  for (const auto& row : table.rows) {
    ordered_json object = ordered_json::object();
    for (size_t i = 0; i < row.size() && i < table.header.size(); ++i) {
      object[KeyOf(table.header[i])] = row[i];
    }
    text += lines ? object.dump(-1, ' ', false, kReplace) + "\n" : "";
    array.push_back(std::move(object));
  }
  return lines ? text : array.dump(1, ' ', false, kReplace) + "\n";
}

std::string Render(const Table& table, bool color) {
  std::vector<std::vector<std::string>> lines = {table.header};
  lines.insert(lines.end(), table.rows.begin(), table.rows.end());
  std::vector<size_t> widths(table.header.size());
  for (auto& cells : lines) {
    cells.resize(widths.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i] = Printable(cells[i]);
      widths[i] = std::max(widths[i], steward::DisplayWidth(cells[i]));
    }
  }
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line = Line(lines[i], widths);
    text += (i == 0 && color ? "\x1b[2m" + line + "\x1b[0m" : line) + "\n";
  }
  return text;
}

}  // namespace stewardctl
