// Scores of leads: stored from the scoring service's events, shown, filtered by, ordered by.

#include <gmock/gmock.h>

#include "tests/component/services/leads/scores_fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LeadScores : public ScoresTest {
 protected:
  pb::ListLeadsRequest Query(const std::string& filter, const std::string& order_by) {
    pb::ListLeadsRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    return request;
  }
  // External ids of all pages, in order.
  std::vector<std::string> List(const std::string& filter, const std::string& order_by = "",
                                int page_size = 200, const Caller& caller = {}) {
    pb::ListLeadsRequest request = Query(filter, order_by);
    request.set_page_size(page_size);
    std::vector<std::string> found;
    do {
      const auto page = Ask(pool, &LeadPoolApi::ListLeads, request, caller);
      EXPECT_LE(page.leads_size(), page_size);
      for (const pb::Lead& lead : page.leads()) {
        found.push_back(lead.external_id());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && found.size() < 100);
    return found;
  }
};

TEST_F(LeadScores, AreShownAsTheyWereSaid) {
  const pb::Lead before = CreateLead("form-1");
  EXPECT_FALSE(before.has_score());
  EXPECT_FALSE(GetLead(before.name()).has_score());
  Tell(before.name(), "86.25");
  pb::Lead after = GetLead(before.name());
  EXPECT_EQ(after.score().score(), "86.25");
  EXPECT_EQ(after.score().band(), "A");
  EXPECT_EQ(after.score().win_percent(), "41.50");
  EXPECT_EQ(after.score().model(), "scoringModels/fit");
  EXPECT_EQ(after.score().model_version(), 3);
  EXPECT_EQ(rpc::FromProto(after.score().as_of_time()), kStart + Hours(1));
  after.clear_score();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString())
      << "a score is no change of the lead";
  EXPECT_EQ(TypesOf(before.name()).size(), 1u);
}

TEST_F(LeadScores, TheLastOfABatchHoldsAndTwiceIsOnce) {
  const std::string first = CreateLead("form-1").name();
  const std::string second = CreateLead("form-2").name();
  const std::vector<eventing::Event> batch = {
      EventOf(ScoreKey(first), 1, Scored(first, "10")),
      EventOf(ScoreKey(second), 1, Scored(second, "-0.5", "")),
      EventOf(ScoreKey(first), 2, Scored(first, "20"))};
  ASSERT_TRUE(Apply(batch).ok());
  ASSERT_TRUE(Apply(batch).ok());
  EXPECT_EQ(ScoreOf(first), "20");
  EXPECT_EQ(ScoreOf(second), "-0.5");
  EXPECT_EQ(Count("SELECT count(*) FROM lead_score"), 2);
  EXPECT_EQ(Count("SELECT max(version) FROM lead_score"), 2);
}

TEST_F(LeadScores, OtherEventsOfTheTopicSayNothingHere) {
  ScoringEvent activated;
  activated.mutable_model_activated()->set_version(1);
  EXPECT_TRUE(Apply({EventOf("scoringModels/fit", 1, activated)}).ok());
  EXPECT_EQ(directory_changes, 0);
}

TEST_F(LeadScores, OfALeadThatIsNotThereAndWhatIsNoScoreAreRefused) {
  const std::string known = CreateLead("form-1").name();
  const std::string lost = "leads/00000000-0000-7000-8000-000000000000";
  EXPECT_TRUE(absl::IsNotFound(Apply({EventOf(ScoreKey(known), 1, Scored(known, "1")),
                                      EventOf(ScoreKey(lost), 1, Scored(lost, "2"))})));
  EXPECT_EQ(ScoreOf(known), "") << "all or nothing";
  const auto refused = [&](const std::string& lead, const std::string& score) {
    return FieldOf(Apply({EventOf(ScoreKey(known), 1, Scored(lead, score))}));
  };
  EXPECT_EQ(refused("x", "1"), "lead");
  EXPECT_EQ(refused("leads/x", "1"), "lead");
  EXPECT_EQ(refused(known, "NaN"), "score");
  EXPECT_EQ(refused(known, ""), "score");
}

TEST_F(LeadScores, ListsFilterByBand) {
  Tell(CreateLead("form-1").name(), "90", "A");
  Tell(CreateLead("form-2").name(), "50", "B");
  Tell(CreateLead("form-3").name(), "1", "");
  CreateLead("form-4");
  EXPECT_THAT(List("band = A"), ElementsAre("form-1"));
  EXPECT_THAT(List("band != A"), UnorderedElementsAre("form-2", "form-3", "form-4"));
  EXPECT_THAT(List("band = \"\""), UnorderedElementsAre("form-3", "form-4"));
  EXPECT_THAT(List("band = A AND band = B"), IsEmpty());
  EXPECT_THAT(List("band != B AND state = CAPTURED AND channel = web", "score"),
              ElementsAre("form-4", "form-3", "form-1"));
}

TEST_F(LeadScores, ListsAreOrderedByScoreAsNumbers) {
  for (const char* score : {"100", "9.5", "-20", "9.25"}) {
    Tell(CreateLead(score).name(), score);
  }
  CreateLead("none");
  EXPECT_THAT(List("", "score desc"), ElementsAre("100", "9.5", "9.25", "-20", "none"));
  EXPECT_THAT(List("", "score"), ElementsAre("none", "-20", "9.25", "9.5", "100"));
}

TEST_F(LeadScores, PagesOfEqualScoresHaveEachLeadOnce) {
  std::vector<std::string> all;
  for (int i = 0; i < 9; ++i) {
    all.push_back("form-" + std::to_string(i));
    const pb::Lead lead = CreateLead(all.back());
    if (i % 3 != 2) {
      Tell(lead.name(), i % 3 == 0 ? "40" : "40.00");
    }
  }
  for (const char* order : {"score desc", "score"}) {
    for (const int size : {1, 2, 4}) {
      const std::vector<std::string> found = List("", order, size);
      EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(all)) << order << " by " << size;
      EXPECT_EQ(found, List("", order)) << order << " by " << size;
    }
  }
}

TEST_F(LeadScores, APageTokenIsOfItsOrder) {
  CreateLead("form-1");
  CreateLead("form-2");
  pb::ListLeadsRequest request = Query("", "score");
  request.set_page_size(1);
  const auto page = Ask(pool, &LeadPoolApi::ListLeads, request);
  request.set_page_token(page.next_page_token());
  request.set_order_by("recorded_at");
  pb::ListLeadsResponse response;
  EXPECT_EQ(RefusalOf(Try(pool, &LeadPoolApi::ListLeads, request, &response))->reason,
            "PAGE_TOKEN_INVALID");
  EXPECT_EQ(FieldOf(Try(pool, &LeadPoolApi::ListLeads, Query("", "band"), &response)), "order_by");
}

TEST_F(LeadScores, AreWithinReachAlone) {
  const pb::Lead mine = Assigned("form-1", kWang);
  Tell(mine.name(), "70");
  EXPECT_THAT(List("band = A", "score desc", 200, Agent(kWang)), ElementsAre("form-1"));
  EXPECT_THAT(List("band = A", "score desc", 200, Agent("members/zhao")), IsEmpty());
  const auto again = Ask(pool, &LeadPoolApi::CreateLead, Intake("form-1"), Agent("members/zhao"));
  EXPECT_TRUE(again.already_existed());
  EXPECT_FALSE(again.lead().has_score());
}

TEST_F(LeadScores, ACommandAnswersTheScoreAndKeepsIt) {
  const pb::Lead lead = Assigned("form-1", kWang);
  Tell(lead.name(), "70");
  const pb::Lead released =
      Ask(pool, &LeadPoolApi::ReleaseLead, For<pb::ReleaseLeadRequest>(lead.name()));
  EXPECT_EQ(released.score().score(), "70");
  EXPECT_EQ(ScoreOf(lead.name()), "70");
}

TEST_F(LeadScores, TheOrderByScoreWalksItsIndex) {
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  ASSERT_TRUE((*db)->Run(pg::Statement{"no_sort", "SET enable_sort = off"}).ok());
  const auto plan = (*db)->Run(pg::Statement{
      "plan",
      "EXPLAIN SELECT l.id FROM lead l JOIN lead_score s ON s.lead = l.id WHERE (s.score, s.lead) "
      "< (5, '00000000-0000-7000-8000-000000000000') ORDER BY s.score DESC, s.lead DESC LIMIT 5"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string text;
  for (int row = 0; row < plan->rows(); ++row) {
    text += plan->Text(row, 0) + "\n";
  }
  EXPECT_THAT(text, ::testing::HasSubstr("lead_score_order"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("Sort")));
}

}  // namespace
}  // namespace steward::leads
