#include "services/complaints/kinds.h"

#include <gtest/gtest.h>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

TEST(ShippedKinds, AreTheNineOfTheDocuments) {
  for (const char* id :
       {"inquiry", "after_sales", "return_exchange", "complaint", "quality_complaint",
        "channel_complaint", "negative_review", "opinion_event", "feedback"}) {
    const Kind* kind = Kinds().Find(id);
    ASSERT_NE(kind, nullptr) << id;
    EXPECT_FALSE(kind->source.empty()) << id;
    EXPECT_NE(kind->display_names.at("zh-Hans"), kind->display_names.at("en"));
  }
  EXPECT_EQ(Kinds().kinds().size(), 9u);
  EXPECT_EQ(Kinds().Path("quality_complaint"),
            (std::vector<std::string>{"quality_complaint", "complaint"}));
  EXPECT_EQ(Kinds().Path("channel_complaint"), std::vector<std::string>{"channel_complaint"});
  EXPECT_TRUE(Kinds().Path("nothing").empty());
}

TEST(ShippedKinds, UseEveryExtraMilestone) {
  for (const std::string_view milestone : kExtraMilestones) {
    bool used = false;
    for (const Kind& kind : Kinds().kinds()) {
      used = used || std::find(kind.milestones.begin(), kind.milestones.end(), milestone) !=
                         kind.milestones.end();
    }
    EXPECT_TRUE(used) << milestone;
  }
}

std::string FaultOf(std::string_view text) {
  return std::string(FromAbsl(ParseKinds(text).status().message()));
}

TEST(ParseKinds, NamesTheFault) {
  const std::string names =
      R"(display_names { key: "en" value: "A" } display_names { key: "zh-Hans" value: "甲" })";
  EXPECT_NE(FaultOf("kinds { id: \"a\" severitees: \"x\" }").find("line 1"), std::string::npos);
  EXPECT_NE(FaultOf("").find("no kinds"), std::string::npos);
  EXPECT_NE(FaultOf("kinds { id: \"a\" " + names + " }").find("severity"), std::string::npos);
  EXPECT_NE(FaultOf("kinds { id: \"a\" severities: \"x\" }").find("display names"),
            std::string::npos);
  EXPECT_NE(
      FaultOf("kinds { id: \"a\" parent: \"b\" severities: \"x\" " + names + " }").find("parent"),
      std::string::npos);
  EXPECT_NE(
      FaultOf("kinds { id: \"a\" parent: \"a\" severities: \"x\" " + names + " }").find("parent"),
      std::string::npos);
  const std::string one = "kinds { id: \"a\" severities: \"x\" " + names + " }";
  EXPECT_NE(FaultOf(one + one).find("twice"), std::string::npos);
  EXPECT_NE(
      FaultOf("kinds { id: \"a\" severities: \"x\" milestones: \"ticket.closed\" " + names + " }")
          .find("milestone"),
      std::string::npos);
  EXPECT_TRUE(ParseKinds(one).ok());
  EXPECT_FALSE(LoadKinds("no/such/file").ok());
}

}  // namespace
}  // namespace steward::complaints
