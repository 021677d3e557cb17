#include "libs/rpc/paging.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::rpc {
namespace {

TEST(PageSize, DefaultsAndCaps) {
  EXPECT_EQ(PageSize(0).value(), 50);
  EXPECT_EQ(PageSize(1).value(), 1);
  EXPECT_EQ(PageSize(200).value(), 200);
  EXPECT_EQ(PageSize(1'000'000).value(), 200);
  EXPECT_EQ(RefusalOf(PageSize(-1).status())->fields[0].field, "page_size");
}

TEST(PageTokens, ComeBackForTheSameQueryOnly) {
  PageTokens tokens("secret");
  std::vector<std::string> cursor = {"2026-01-01T00:00:00Z", "", std::string("a\0b", 3)};
  std::string token = tokens.Make("List|a=1", cursor);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_EQ(tokens.Read("List|a=1", token).value(), cursor);
  EXPECT_EQ(ReasonOf(tokens.Read("List|a=2", token).status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(PageTokens("other").Read("List|a=1", token).status()), "PAGE_TOKEN_INVALID");
  EXPECT_TRUE(tokens.Read("List|a=1", "").value().empty());
}

TEST(PageTokens, EveryChangedCharacterIsFound) {
  PageTokens tokens("secret");
  const std::string token = tokens.Make("q", {"cursor", "17"});
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(tokens.Read("q", changed).status().code(), absl::StatusCode::kInvalidArgument) << i;
    EXPECT_FALSE(
        tokens.Read("q", token.substr(0, i + 1) == token ? token + "A" : token.substr(0, i + 1))
            .ok())
        << i;
  }
  for (const char* garbage : {"!", "AAAA", "====", "a b"}) {
    EXPECT_EQ(ReasonOf(tokens.Read("q", garbage).status()), "PAGE_TOKEN_INVALID");
  }
  EXPECT_FALSE(tokens.Read("q", std::string(100'000, 'A')).ok());
}

class FilterTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<FilterTerm>> Parse(std::string_view text) {
    return ParseFilter(text, {{"kind", "= !="}, {"occurred_at", "< <= > >="}});
  }
  std::string Fault(std::string_view text) {
    auto refusal = RefusalOf(Parse(text).status());
    EXPECT_TRUE(refusal) << text;
    return refusal && refusal->fields[0].field == "filter" ? refusal->fields[0].description : "";
  }
};

TEST_F(FilterTest, ReadsTerms) {
  auto terms = Parse(
      R"(  kind = "a \"b\" \\ c" AND kind!=channel/x-1 AND occurred_at >= "2026-01-01T00:00:00Z" )");
  ASSERT_TRUE(terms.ok()) << terms.status();
  ASSERT_EQ(terms->size(), 3u);
  EXPECT_EQ((*terms)[0].value, R"(a "b" \ c)");
  EXPECT_EQ((*terms)[1].op, "!=");
  EXPECT_EQ((*terms)[1].value, "channel/x-1");
  EXPECT_EQ((*terms)[2].field, "occurred_at");
  EXPECT_EQ((*terms)[2].op, ">=");
  EXPECT_TRUE(Parse("")->empty());
  EXPECT_TRUE(Parse("   ")->empty());
  EXPECT_EQ(Parse("kind = 投诉")->at(0).value, "投诉");
  EXPECT_EQ(Parse("kind = \"\"")->at(0).value, "");
}

TEST_F(FilterTest, FaultsNameTheTermAndWhatIsAllowed) {
  EXPECT_NE(Fault("color = red").find("unknown field `color`"), std::string::npos);
  EXPECT_NE(Fault("color = red").find("kind (= !=)"), std::string::npos);
  EXPECT_NE(Fault("kind > a").find("takes the operators = !="), std::string::npos);
  EXPECT_NE(Fault("kind = a OR kind = b").find("joined by AND"), std::string::npos);
  EXPECT_NE(Fault("kind = \"a").find("not closed"), std::string::npos);
  for (const char* bad : {"kind", "kind =", "= a", "kind = a AND", "kind = a kind = b", "kind == a",
                          "kind = \"a\"b", "kind = a;b", "kind = (a)", "NOT kind = a", "\xFF"}) {
    EXPECT_FALSE(Fault(bad).empty()) << bad;
  }
  std::string many = "kind = a";
  for (int i = 0; i < 20; ++i) {
    many += " AND kind = a";
  }
  EXPECT_NE(Fault(many).find("more than 20"), std::string::npos);
}

}  // namespace
}  // namespace steward::rpc
