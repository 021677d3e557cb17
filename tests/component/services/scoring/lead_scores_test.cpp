// Scores follow what happens to a lead, are said when they change, and explain themselves.

#include "services/scoring/storage/lead_store.h"
#include "tests/component/services/scoring/lead_fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Time kMorning = At("2026-11-20T09:00");

class LeadScores : public LeadsTest {
 protected:
  void SetUpModel() {
    Create(Model());
    Activate(1);
  }
  std::string Marks() { return Rows("marks", "SELECT count(*)::text FROM lead_mark").at(0); }
};

TEST_F(LeadScores, WithoutAnActiveModelNothingIsScored) {
  Apply({Captured("a", "fair", kMorning)});
  Rescore();
  EXPECT_THAT(Rows("scores", "SELECT lead FROM lead_score"), IsEmpty());
  v1::LeadScore score;
  v1::GetLeadScoreRequest get;
  get.set_lead("leads/a");
  EXPECT_EQ(Do(api, &LeadScoresApi::GetLeadScore, get, &score), NotFound("leadScores/a"));
  v1::RecomputeLeadScoresRequest recompute;
  recompute.add_leads("leads/a");
  v1::RecomputeLeadScoresResponse done;
  EXPECT_EQ(ReasonOf(Do(api, &LeadScoresApi::RecomputeLeadScores, recompute, &done)),
            "NO_ACTIVE_MODEL");
  v1::ExplainLeadScoreRequest explain;
  explain.set_lead("leads/a");
  v1::LeadScoreExplanation trace;
  EXPECT_EQ(ReasonOf(Do(api, &LeadScoresApi::ExplainLeadScore, explain, &trace)),
            "NO_ACTIVE_MODEL");
  SetUpModel();
  Rescore();
  EXPECT_EQ(Get("a").score(), "40") << "what came before the model is scored by it";
}

TEST_F(LeadScores, FollowEventsAndAreSaidWhenTheyChange) {
  SetUpModel();
  Apply({Captured("a", "fair", kMorning)});
  Rescore();
  Apply({Touch("t1", "a", kMorning + Hours(1))});
  Rescore();
  Apply({Touch("t2", "a", kMorning + Hours(2), false)});  // gives nothing
  Rescore();
  const v1::LeadScore score = Get("a");
  EXPECT_EQ(score.name(), "leadScores/a");
  EXPECT_EQ(score.band(), "hot");
  EXPECT_EQ(score.model(), "scoringModels/sample");
  EXPECT_EQ(score.model_version(), 1);
  EXPECT_EQ(score.event_count(), 2);
  EXPECT_EQ(score.lead_version(), 1);
  EXPECT_EQ(score.feature_hash().size(), 16u);
  EXPECT_EQ(Marks(), "0");

  const auto said = Journal("leadScores/a");
  ASSERT_GE(said.size(), 2u);
  EXPECT_EQ(said[0].lead_scored().score(), "40");
  EXPECT_EQ(said[0].lead_scored().band(), "");
  EXPECT_EQ(said[1].lead_scored().score(), "60");
  EXPECT_EQ(said[1].lead_scored().band(), "hot");
  EXPECT_EQ(said[1].lead_scored().lead(), "leads/a");
  Rescore();
  EXPECT_EQ(Journal("leadScores/a").size(), said.size());
}

TEST_F(LeadScores, CountOnWhereTheJournalEndedWhenTheirRowsWereLost) {
  SetUpModel();
  Apply({Captured("a", "fair", kMorning)});
  Rescore();
  Apply({Touch("t1", "a", kMorning + Hours(1))});
  Rescore();
  const v1::LeadScore before = Get("a");
  const size_t said = Journal("leadScores/a").size();
  ASSERT_GE(said, 2u);
  ASSERT_TRUE(db->RunScript("DELETE FROM lead_score").ok());
  v1::RecomputeLeadScoresRequest request;
  request.add_leads("leads/a");
  Must(api, &LeadScoresApi::RecomputeLeadScores, request);
  Apply({Captured("b", "fair", kMorning)});
  Rescore();
  EXPECT_EQ(Get("a").score(), before.score());
  const auto journal = Journal("leadScores/a");
  ASSERT_EQ(journal.size(), said + 1);
  EXPECT_EQ(journal.back().lead_scored().score(), "60");
  EXPECT_EQ(Journal("leadScores/b").size(), 1u);
  Rescore();
  EXPECT_EQ(Journal("leadScores/a").size(), said + 1);
}

TEST_F(LeadScores, ExplainThemselvesDownToEvents) {
  SetUpModel();
  const auto touch = Touch("t1", "a", kMorning - Hours(24 * 30));
  Apply({Captured("a", "fair", kMorning - Hours(24 * 40), kLi, "customers/acme"), touch,
         Tiers("acme", "abc:A", kMorning)});
  Rescore();
  const v1::LeadScoreExplanation trace = Explain("a");
  Decimal sum;
  std::vector<std::string> lines;
  for (const auto& line : trace.contributions()) {
    sum = *Add(sum, *ParseDecimal("points", line.points()));
    lines.push_back(line.source() + " " + line.rule());
    EXPECT_EQ(line.event_id(), line.source() == "event" ? touch.event_id.ToString() : "");
  }
  EXPECT_EQ(FormatDecimal(sum), trace.score().score());
  EXPECT_THAT(lines,
              ElementsAre("feature fair", "feature tier-a", "group_limit fit", "event reached"));
  EXPECT_EQ(trace.features().at("tier.abc"), "A");
  EXPECT_TRUE(trace.stored_is_current());
  EXPECT_EQ(trace.stored().score(), trace.score().score());
  Apply({Touch("t2", "a", kMorning)});
  EXPECT_FALSE(Explain("a").stored_is_current()) << "it waits to be scored";
}

TEST_F(LeadScores, OutcomesGiveAChanceToOpenLeads) {
  SetUpModel();
  Apply({Captured("a", "fair", kMorning), Captured("b", "fair", kMorning),
         Captured("c", "web", kMorning), Opened("1", "b", kMorning), Opened("2", "c", kMorning)});
  Rescore();
  EXPECT_EQ(Get("a").win_percent(), "");
  EXPECT_EQ(Get("b").win_percent(), "25.00");
  EXPECT_EQ(Get("b").win_basis(), "stage_default");
  Apply({Decided("1", "b", "won", kMorning + Hours(1)),
         Decided("2", "c", "lost", kMorning + Hours(1))});
  clock.Advance(Minutes(2));
  Rescore();
  const auto trace = Explain("a");
  EXPECT_EQ(trace.win().scope(), kEast);
  EXPECT_EQ(trace.win().won(), 1);
  EXPECT_EQ(trace.win().lost(), 1);
  EXPECT_EQ(Get("a").win_basis(), "scope");
  EXPECT_GT(std::stod(Get("a").win_percent()), 50);
  const std::string closed = Get("b").win_percent();
  EXPECT_EQ(closed, "25.00") << "a closed lead keeps what it had";
  Apply({Decided("1", "b", "reopened", kMorning + Hours(2))});
  EXPECT_EQ(Explain("a").win().won(), 0);
  EXPECT_THAT(Explain("b").win().too_small(), ElementsAre(kEast, "company"));
}

TEST_F(LeadScores, FadeWhenTheDayTurns) {
  SetUpModel();
  Apply({Captured("a", "web", kMorning), Touch("t1", "a", kMorning)});
  Rescore();
  EXPECT_EQ(Get("a").score(), "20");
  clock.Advance(Hours(6));
  Rescore();
  EXPECT_EQ(Get("a").score(), "20");
  clock.Advance(Hours(24 * 30));
  Rescore();
  EXPECT_LT(std::stod(Get("a").score()), 10.5);
  EXPECT_EQ(Journal("leadScores/a").size(), 2u);
}

TEST_F(LeadScores, TwiceIsOnce) {
  SetUpModel();
  const std::vector<eventing::Event> events = {
      Captured("a", "fair", kMorning), Touch("t1", "a", kMorning), Opened("1", "a", kMorning),
      Decided("1", "a", "won", kMorning)};
  Apply(events);
  Apply(events);
  EXPECT_EQ(Rows("events", "SELECT kind FROM lead_event ORDER BY kind").size(), 2u);
  EXPECT_THAT(Rows("counts", "SELECT variable || '=' || won FROM outcome_count ORDER BY 1"),
              ElementsAre("=1", "channel=1", "source=1", "stage=1"));
}

// A sweep of more leads than one transaction takes; each is written and said once, whatever batch it falls into.
TEST_F(LeadScores, ASweepTakesLeadsInBatchesAndEachOnce) {
  SetUpModel();
  std::vector<eventing::Event> captured, touched;
  for (int i = 0; i < 20; ++i) {
    const std::string id = std::to_string(100 + i);
    captured.push_back(Captured(id, i % 2 == 0 ? "fair" : "web", kMorning));
    if (i % 4 == 0) {
      touched.push_back(Touch("t" + id, id, kMorning + Minutes(i)));
    }
  }
  Apply(captured);
  Apply(touched);
  Rescore();
  ASSERT_THAT(Rows("scores", "SELECT lead FROM lead_score"), ::testing::SizeIs(20));
  v1::ScoringModel better = Model();
  better.mutable_features(0)->set_points("41");
  Create(better);
  Activate(2);
  Rescore();
  for (int i = 0; i < 20; ++i) {
    const std::string id = std::to_string(100 + i);
    const v1::LeadScoreExplanation why = Explain(id);
    EXPECT_TRUE(why.stored_is_current()) << id;
    EXPECT_EQ(Get(id).model_version(), 2);
    EXPECT_EQ(Journal("leadScores/" + id).back().lead_scored().score(), Get(id).score());
  }
  EXPECT_EQ(Rows("most", "SELECT max(version)::text FROM lead_score").at(0), "2");
}

// What one worker keeps of the rules must not outlive them: another replica's turn may lie between.
TEST_F(LeadScores, AWorkerNoticesThatOthersCountedAndActivated) {
  SetUpModel();
  Apply({Captured("a", "fair", kMorning), Captured("b", "fair", kMorning)});
  Apply({Opened("o", "b", kMorning), Opened("p", "b", kMorning)});
  Rescore();
  EXPECT_EQ(Get("a").win_percent(), "");
  Rescorer other({.pg = options,
                  .clock = &clock,
                  .ids = &ids,
                  .zone = *LoadZone("zone", "Asia/Shanghai"),
                  .parents = [this] { return parents; },
                  .metrics = nullptr,
                  .said = nullptr,
                  .batch = 3});
  Apply({Decided("o", "b", "won", kMorning), Decided("p", "b", "lost", kMorning)});
  v1::ScoringModel better = Model();
  better.mutable_features(0)->set_points("41");
  Create(better);
  Activate(2);
  for (int steps = 0; steps < 20; ++steps) {
    ASSERT_TRUE(other.Step(*db).ok());
  }
  EXPECT_EQ(Get("a").score(), "41");
  EXPECT_NE(Get("a").win_percent(), "");
  const size_t said = Journal("leadScores/a").size();
  v1::RecomputeLeadScoresRequest all;
  all.set_all(true);
  Must(api, &LeadScoresApi::RecomputeLeadScores, all);
  Rescore();  // by the first, which had scored before
  EXPECT_EQ(Journal("leadScores/a").size(), said) << "nothing is different";
  EXPECT_TRUE(Explain("a").stored_is_current());
}

TEST_F(LeadScores, AreReckonedOnDemand) {
  SetUpModel();
  Apply({Captured("a", "fair", kMorning), Captured("b", "web", kMorning),
         Opened("1", "b", kMorning), Decided("1", "b", "lost", kMorning)});
  v1::RecomputeLeadScoresRequest request;
  for (const char* lead : {"leads/a", "leads/b", "leads/x", "leads/a"}) {
    request.add_leads(lead);
  }
  request.set_request_id("r1");
  const auto first = Must(api, &LeadScoresApi::RecomputeLeadScores, request);
  EXPECT_EQ(first.scored(), 1);
  EXPECT_EQ(first.changed(), 1);
  EXPECT_EQ(first.closed(), 1);
  EXPECT_EQ(first.unknown(), 1);
  const auto again = Must(api, &LeadScoresApi::RecomputeLeadScores, request);
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Journal("leadScores/a").size(), 1u);

  v1::RecomputeLeadScoresResponse response;
  request.set_all(true);
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::RecomputeLeadScores, request, &response)), "leads");
  request.clear_leads();
  EXPECT_FALSE(Do(api, &LeadScoresApi::RecomputeLeadScores, request, &response).ok())
      << "the id belongs to another body";
  request.set_request_id("r2");
  EXPECT_EQ(Must(api, &LeadScoresApi::RecomputeLeadScores, request).waiting(), 1);
  request.Clear();
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::RecomputeLeadScores, request, &response)), "leads");
}

TEST_F(LeadScores, AreListedByScoreAndBandWithinReach) {
  SetUpModel();
  std::vector<eventing::Event> events;
  for (int i = 0; i < 5; ++i) {
    const std::string id(1, static_cast<char>('a' + i));
    events.push_back(Captured(id, i % 2 == 0 ? "fair" : "web", kMorning, i < 3 ? kLi : kWang));
    events.push_back(Touch("t" + id, id, kMorning));
  }
  Apply(events);
  Rescore();
  v1::ListLeadScoresRequest request;
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    const auto page = Must(api, &LeadScoresApi::ListLeadScores, request);
    for (const auto& score : page.scores()) {
      found.push_back(score.lead());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(found, ElementsAre("leads/e", "leads/c", "leads/a", "leads/d", "leads/b"));
  request.set_filter("band = hot AND score >= 60");
  EXPECT_EQ(Must(api, &LeadScoresApi::ListLeadScores, request).scores_size(), 2);
  request.clear_filter();
  request.set_order_by("score");
  request.set_page_size(50);
  const auto mine = Must(api, &LeadScoresApi::ListLeadScores, request, Agent(kWang));
  ASSERT_EQ(mine.scores_size(), 2);
  EXPECT_EQ(mine.scores(0).lead(), "leads/d");
  v1::LeadScore score;
  v1::GetLeadScoreRequest get;
  get.set_lead("leads/a");
  EXPECT_EQ(Do(api, &LeadScoresApi::GetLeadScore, get, &score, Agent(kWang)),
            NotFound("leadScores/a"));
  v1::ExplainLeadScoreRequest explain;
  explain.set_lead("leads/a");
  v1::LeadScoreExplanation trace;
  EXPECT_EQ(Do(api, &LeadScoresApi::ExplainLeadScore, explain, &trace, Agent(kWang)),
            NotFound("leads/a"));
  v1::BatchGetLeadScoresRequest batch;
  batch.add_leads("leads/b");
  batch.add_leads("leads/a");
  const auto both = Must(api, &LeadScoresApi::BatchGetLeadScores, batch);
  EXPECT_EQ(both.scores(0).lead(), "leads/b");
  v1::BatchGetLeadScoresResponse none;
  EXPECT_EQ(Do(api, &LeadScoresApi::BatchGetLeadScores, batch, &none, Agent(kWang)),
            NotFound("leadScores/b"));
}

TEST_F(LeadScores, BadInputNamesTheField) {
  v1::ListLeadScoresRequest list;
  v1::ListLeadScoresResponse listed;
  list.set_order_by("band");
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::ListLeadScores, list, &listed)), "order_by");
  list.set_order_by("");
  list.set_filter("score >= much");
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::ListLeadScores, list, &listed)), "filter");
  list.set_filter("");
  list.set_page_token("zzz");
  EXPECT_EQ(ReasonOf(Do(api, &LeadScoresApi::ListLeadScores, list, &listed)), "PAGE_TOKEN_INVALID");
  v1::GetLeadScoreRequest get;
  get.set_lead("a");
  v1::LeadScore score;
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::GetLeadScore, get, &score)), "lead");
  v1::BatchGetLeadScoresRequest batch;
  v1::BatchGetLeadScoresResponse none;
  EXPECT_EQ(FieldOf(Do(api, &LeadScoresApi::BatchGetLeadScores, batch, &none)), "leads");
}

}  // namespace
}  // namespace steward::scoring
