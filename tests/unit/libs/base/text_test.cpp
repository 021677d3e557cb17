#include "libs/base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "libs/base/status.h"

namespace steward {
namespace {

TEST(CleanUtf8, TakesWellFormedText) {
  for (const char* text : {"", "plain", "\xE5\xAE\xA2\xE6\x88\xB7", "caf\xC3\xA9",
                           "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\x7F"}) {
    EXPECT_TRUE(IsCleanUtf8(text)) << text;
  }
}

TEST(CleanUtf8, RefusesTheRest) {
  for (std::string_view text :
       {std::string_view("a\0b", 3), std::string_view("\x80"), std::string_view("\xC3"),
        std::string_view("\xC0\x80"), std::string_view("\xE0\x80\xAF"),
        std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
        std::string_view("\xF8\x88\x80\x80\x80"), std::string_view("\xFF"),
        std::string_view("a\xE5\xAE")}) {
    EXPECT_FALSE(IsCleanUtf8(text));
  }
}

TEST(CheckText, CountsCharactersNotBytes) {
  EXPECT_TRUE(CheckText("note", "\xE5\xAE\xA2\xE6\x88\xB7", 2).ok());
  absl::Status status = CheckText("note", "\xE5\xAE\xA2\xE6\x88\xB7x", 2);
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
  EXPECT_EQ(RefusalOf(status)->fields.at(0),
            (FieldViolation{"note", "has 3 characters; at most 2 are allowed"}));
  EXPECT_EQ(ReasonOf(CheckText("note", std::string_view("\0", 1), 9)), "FIELD_INVALID");
  EXPECT_EQ(ReasonOf(CheckText("note", "\xFF", 9)), "FIELD_INVALID");
}

TEST(DisplayWidth, ChineseTakesTwoColumns) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("\xE5\xAE\xA2\xE6\x88\xB7"), 4u);  // two Chinese characters
  EXPECT_EQ(DisplayWidth("\xEF\xBC\x8C"), 2u);              // full-width comma
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);                 // e and a combining accent
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x98\x80"), 2u);          // an emoji
}

RC_GTEST_PROP(TextProperty, NoBytesCrash, ()) {
  std::string bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RC_ASSERT(DisplayWidth(bytes) <= 2 * bytes.size());
  RC_ASSERT(CheckText("f", bytes, bytes.size()).ok() == IsCleanUtf8(bytes));
}

}  // namespace
}  // namespace steward
