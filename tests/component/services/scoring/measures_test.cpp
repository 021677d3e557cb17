#include "services/scoring/domain/measures.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

class MeasuresRpc : public ScoringTest {
 protected:
  pb::ListFactsRequest List(const std::string& subject) {
    pb::ListFactsRequest request;
    request.set_measure("won_amount");
    request.set_subject(subject);
    *request.mutable_first_day() = Day("2026-01-01");
    *request.mutable_last_day() = Day("2026-12-31");
    return request;
  }
};

TEST_F(MeasuresRpc, AreListedWithNamesAndSubjects) {
  const auto list = Must(measures, &MeasuresApi::ListMeasures, pb::ListMeasuresRequest());
  EXPECT_EQ(static_cast<size_t>(list.measures_size()), Measures().size());
  for (const pb::Measure& measure : list.measures()) {
    EXPECT_FALSE(measure.display_names().at("en").empty());
    EXPECT_FALSE(measure.display_names().at("zh-Hans").empty());
    EXPECT_GT(measure.subject_kinds_size(), 0);
  }
}

TEST_F(MeasuresRpc, OpenDownToEventIdsInPages) {
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    const auto won =
        Won("o" + std::to_string(i), At("2026-03-0" + std::to_string(i + 1) + "T10:00"), 100 + i);
    expected.push_back(won.event_id.ToString());
    Apply({won});
  }
  auto request = List(kLi);
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    const auto page = Must(measures, &MeasuresApi::ListFacts, request);
    for (const pb::Fact& fact : page.facts()) {
      found.push_back(fact.event_id());
      EXPECT_EQ(fact.currency(), "CNY");
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(found, expected);
  for (const char* subject : {kEast, "regions/east", "customers/acme", "company"}) {
    EXPECT_EQ(Must(measures, &MeasuresApi::ListFacts, List(subject)).facts_size(), 5) << subject;
  }
}

TEST_F(MeasuresRpc, AnotherMembersFiguresAreNotThere) {
  pb::ListFactsResponse response;
  EXPECT_TRUE(Do(measures, &MeasuresApi::ListFacts, List(kLi), &response, Agent(kLi)).ok());
  for (const char* subject : {kWang, kEast, "regions/east", "company"}) {
    const absl::Status status =
        Do(measures, &MeasuresApi::ListFacts, List(subject), &response, Agent(kLi));
    EXPECT_EQ(status, NotFound(subject)) << subject;
  }
}

TEST_F(MeasuresRpc, BadInputNamesTheField) {
  pb::ListFactsResponse response;
  auto request = List(kLi);
  request.set_measure("luck");
  EXPECT_EQ(FieldOf(Do(measures, &MeasuresApi::ListFacts, request, &response)), "measure");
  request = List("li");
  EXPECT_EQ(FieldOf(Do(measures, &MeasuresApi::ListFacts, request, &response)), "subject");
  request = List(kLi);
  request.mutable_last_day()->set_year(2025);
  EXPECT_EQ(FieldOf(Do(measures, &MeasuresApi::ListFacts, request, &response)), "last_day");
  request.mutable_first_day()->set_month(13);
  EXPECT_EQ(FieldOf(Do(measures, &MeasuresApi::ListFacts, request, &response)), "first_day");
  request = List(kLi);
  request.set_page_token("zzz");
  EXPECT_EQ(ReasonOf(Do(measures, &MeasuresApi::ListFacts, request, &response)),
            "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace steward::scoring
