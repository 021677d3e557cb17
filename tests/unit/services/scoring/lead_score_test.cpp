// A lead's record, book and score: what is open, what counts, and that the order between partitions does not matter.

#include "services/scoring/domain/lead_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "libs/base/status.h"
#include "services/scoring/domain/lead_book.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kDay{1'790'000'000'000'000};

Uuid Id(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

ScoringModel Model() {
  ScoringModel model;
  model.points.id = "sample";
  model.points.groups = {{"fit", {}}, {"engagement", {}}};
  model.points.features = {{"fair", "fit", "source", {"fair"}, Whole(20)},
                           {"key", "fit", "tier.abc", {"A"}, Whole(15)}};
  model.points.events = {{"reached",
                          "engagement",
                          "touch/effective",
                          Whole(10),
                          {Decay::Kind::kHalfLife, Hours(24 * 30)}}};
  model.bands = {{"cold", Whole(0)}, {"hot", Whole(30)}};
  model.win = {2, 2, Whole(5)};
  return model;
}

LeadFacts Facts() {
  LeadFacts facts;
  facts.record.lead = "leads/a";
  facts.record.captured = facts.record.open = true;
  facts.record.source = "fair";
  facts.record.team = "teams/east";
  facts.tiers = {"abc:A"};
  return facts;
}

LeadScore Score(const LeadFacts& facts, Time day, Time now, const WinScopes& scopes = {}) {
  return *ScoreLead(Model(), scopes, facts, day, now);
}

TEST(LeadScore, PointsBandAndTierFeature) {
  LeadFacts facts = Facts();
  facts.events = {{Id(1), "touch/effective/visit", kDay - Hours(1)},
                  {Id(2), "touch/tried/phone", kDay - Hours(2)}};
  const LeadScore score = Score(facts, kDay, kDay + Hours(1));
  EXPECT_EQ(score.points.contributions.size(), 3u);
  EXPECT_EQ(score.band, "hot");
  EXPECT_FALSE(score.win) << "nothing was counted, and there is no stage";
  EXPECT_EQ(score.event_count, 2);
}

TEST(LeadScore, DoesNotMoveWithinTheDayUnlessSomethingHappens) {
  LeadFacts facts = Facts();
  facts.events = {{Id(1), "touch/effective/visit", kDay - Hours(100)}};
  const LeadScore morning = Score(facts, kDay, kDay + Hours(8));
  const LeadScore evening = Score(facts, kDay, kDay + Hours(20));
  EXPECT_EQ(morning.points.score, evening.points.score);
  EXPECT_EQ(evening.as_of, kDay);
  EXPECT_LT(Score(facts, kDay + Hours(24), kDay + Hours(25)).points.score, morning.points.score);
  facts.events.push_back({Id(2), "touch/effective/visit", kDay + Hours(9)});
  facts.events.push_back({Id(3), "touch/effective/visit", kDay + Hours(30)});  // not yet
  EXPECT_EQ(Score(facts, kDay, kDay + Hours(20)).as_of, kDay + Hours(9));
  EXPECT_EQ(Score(facts, kDay, kDay + Hours(20)).event_count, 2);
}

TEST(LeadScore, TheNearestScopeWithEnoughOutcomesSpeaks) {
  OutcomeCounts::Rows rows;
  rows[{"teams/east", {}}] = {1, 1};
  rows[{"teams/west", {}}] = {3, 1};
  rows[{"teams/other", {}}] = {5, 5};
  const WinScopes scopes(rows, {{"teams/east", "teams/all"}, {"teams/west", "teams/all"}});
  const LeadScore score = Score(Facts(), kDay, kDay, scopes);
  ASSERT_TRUE(score.win);
  EXPECT_EQ(score.win->scope, "teams/all");
  EXPECT_THAT(score.win->too_small, ElementsAre("teams/east"));
  EXPECT_EQ(score.win->sample, (Tally{4, 2}));
  EXPECT_EQ(scopes.Of("").back().name, "company");
}

TEST(LeadScore, WithTooFewOutcomesTheStagesDefault) {
  LeadFacts facts = Facts();
  facts.opportunities = {{"opportunities/1", "leads/a", 1, false, 2500, "teams/east"}};
  const LeadScore score = Score(facts, kDay, kDay);
  ASSERT_TRUE(score.win);
  EXPECT_EQ(score.win->basis, WinChance::Basis::kStageDefault);
  EXPECT_EQ(FormatFigure(score.win->percent), "25.00");
}

TEST(LeadScore, TeamsInACircleCountOnce) {
  OutcomeCounts::Rows rows;
  rows[{"teams/a", {}}] = {2, 2};
  const WinScopes scopes(rows, {{"teams/a", "teams/b"}, {"teams/b", "teams/a"}});
  EXPECT_EQ(scopes.counts().Of({"teams/b"}), (Tally{2, 2}));
}

TEST(CheckScoringModel, NamesEveryFault) {
  EXPECT_TRUE(CheckScoringModel(Model()).ok());
  ScoringModel model = Model();
  model.points.features[0].feature = "shoe_size";
  model.bands[1].least = Whole(0);
  model.win.least_won = 0;
  const auto refusal = RefusalOf(CheckScoringModel(model));
  ASSERT_TRUE(refusal);
  std::vector<std::string> fields;
  for (const FieldViolation& field : refusal->fields) {
    fields.push_back(field.field);
  }
  EXPECT_THAT(fields, ElementsAre("model.features[0].feature", "model.bands[1].least",
                                  "model.win.least_won"));
}

TEST(LeadRecord, IsOpenWhileItCanStillBeWon) {
  LeadRecord lead = Facts().record;
  EXPECT_TRUE(IsOpen(lead, {}));
  EXPECT_FALSE(IsOpen(lead, {{"opportunities/1", "leads/a", 1, true, 0, ""}}));
  EXPECT_TRUE(IsOpen(lead, {{"opportunities/1", "leads/a", 1, true, 0, ""},
                            {"opportunities/2", "leads/a", 1, false, 0, ""}}));
  lead.disqualified = true;
  EXPECT_FALSE(IsOpen(lead, {}));
}

// What a topic says of two leads and their opportunities: what happens to one of them, in its order.
struct Said {
  int opportunity;  // -1 = the lead is captured
  int kind;         // 0 won, 1 lost, 2 reopened
};

class Book {
 public:
  void Take(const Said& said, int lead, uint8_t id) {
    const std::string name = "leads/" + std::to_string(lead);
    if (said.opportunity < 0) {
      LeadRecord* record = book_.Lead(name, 1);
      record->captured = true;
      record->source = lead == 0 ? "fair" : "web";
      record->industry = "steel";
      return;
    }
    const std::string opportunity = "opportunities/" + std::to_string(said.opportunity);
    LeadOpportunity* one = book_.Opportunity(opportunity, name, ++versions_[said.opportunity]);
    one->team = "teams/" + std::to_string(said.opportunity % 2);
    one->closed = said.kind < 2;
    if (said.kind < 2) {
      book_.Decide(*one, Id(id), said.kind == 0 ? Verdict::kWon : Verdict::kLost);
    } else {
      book_.Withdraw(*one);
    }
  }
  LeadBook::Changes Finish() { return book_.Take(); }

 private:
  LeadBook book_{{}};
  std::map<int, int64_t> versions_;
};

rc::Gen<std::vector<Said>> Histories() {
  return rc::gen::container<std::vector<Said>>(
      rc::gen::construct<Said>(rc::gen::inRange(0, 4), rc::gen::inRange(0, 3)));
}

RC_GTEST_PROP(LeadBook, AnyOrderBetweenAggregatesCountsTheSame, ()) {
  auto said = *Histories();
  const auto run = [&](bool by_opportunity, bool leads_first) {
    Book book;
    const auto capture = [&] {
      book.Take({-1, 0}, 0, 0);
      book.Take({-1, 0}, 1, 0);
    };
    if (leads_first) {
      capture();
    }
    std::vector<size_t> order(said.size());
    for (size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    if (by_opportunity) {
      std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return said[a].opportunity < said[b].opportunity;
      });
    }
    for (const size_t i : order) {
      book.Take(said[i], said[i].opportunity % 2, static_cast<uint8_t>(i + 1));
    }
    if (!leads_first) {
      capture();
    }
    return book.Finish();
  };
  const LeadBook::Changes first = run(false, true);
  const LeadBook::Changes second = run(true, false);
  RC_ASSERT(first.counts == second.counts);
  RC_ASSERT(first.leads == second.leads);

  // The counts are those of the outcomes taken as facts, one by one.
  OutcomeCounts counts;
  for (const OpportunityOutcome& outcome : first.outcomes) {
    const bool even = (outcome.opportunity.back() - '0') % 2 == 0;
    RC_ASSERT(counts
                  .Apply({outcome.event,
                          outcome.version,
                          outcome.verdict,
                          outcome.team,
                          {{"source", even ? "fair" : "web"}, {"industry", "steel"}}})
                  .ok());
  }
  RC_ASSERT(counts.rows() == first.counts);
}

TEST(LeadBook, TakesEachVersionOnce) {
  LeadBook book{{}};
  EXPECT_NE(book.Lead("leads/a", 1), nullptr);
  EXPECT_EQ(book.Lead("leads/a", 1), nullptr);
  EXPECT_NE(book.Opportunity("opportunities/a", "", 3), nullptr);
  EXPECT_EQ(book.Opportunity("opportunities/a", "leads/a", 2), nullptr);
  const LeadBook::Changes changes = book.Take();
  EXPECT_THAT(changes.marks, ElementsAre("leads/a"));
  EXPECT_THAT(changes.counts, IsEmpty());
}

}  // namespace
}  // namespace steward::scoring
