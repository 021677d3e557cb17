#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "libs/contact/contact.h"
#include "libs/contact/width.h"

namespace steward::contact {
namespace {

// Legal forms behind a Chinese name, longest first.
constexpr std::array<std::string_view, 14> kChineseForms = {"股份有限责任公司",
                                                            "股份有限責任公司",
                                                            "有限责任公司",
                                                            "有限責任公司",
                                                            "股份有限公司",
                                                            "集团有限公司",
                                                            "集團有限公司",
                                                            "有限公司",
                                                            "股份公司",
                                                            "集团公司",
                                                            "集團公司",
                                                            "集团",
                                                            "集團",
                                                            "公司"};
// The same as words behind a Latin one.
constexpr std::array<std::string_view, 22> kLatinForms = {
    "co",   "company", "corp",    "corporation", "inc",  "incorporated", "llc", "llp",
    "lp",   "ltd",     "limited", "plc",         "gmbh", "ag",           "kg",  "sa",
    "sarl", "bv",      "group",   "pte",         "pty",  "holdings"};

bool IsPunctuation(char32_t c) {
  if (c < 0x80) {
    return !IsAsciiDigit(c) && !IsAsciiLetter(c);
  }
  return c == 0xB7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) || c == 0x30FB ||
         c == 0xFEFF || (c >= 0xFF5F && c <= 0xFF65) || c == 0xFFFD || (c >= 0x80 && c < 0xA0);
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (const char32_t c : FoldedCodePoints(FoldWidth(text))) {
    if (IsPunctuation(c)) {
      open = false;
      continue;
    }
    if (!open) {
      words.emplace_back();
      open = true;
    }
    words.back() += ToUtf8({c});
  }
  return words;
}

// One round: legal forms off the end.
std::string WithoutForm(std::string_view text) {
  std::vector<std::string> words = Words(text);
  while (words.size() > 1 &&
         std::find(kLatinForms.begin(), kLatinForms.end(), words.back()) != kLatinForms.end()) {
    words.pop_back();
  }
  std::string name;
  for (const std::string& word : words) {
    name += word;
  }
  for (const std::string_view form : kChineseForms) {
    if (name.size() > form.size() && name.ends_with(form)) {
      name.resize(name.size() - form.size());
      break;
    }
  }
  return name;
}

}  // namespace

std::string NormaliseCompanyName(std::string_view text) {
  // A round may uncover the next form; each one shortens the name or is the last.
  std::string name = WithoutForm(text);
  for (std::string next = WithoutForm(name); next != name; next = WithoutForm(name)) {
    name = std::move(next);
  }
  return name;
}

}  // namespace steward::contact
