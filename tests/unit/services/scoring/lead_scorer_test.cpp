// What is reckoned for many leads at once is what is reckoned and explained for each of them.

#include "services/scoring/domain/lead_scorer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace steward::scoring {
namespace {

constexpr Time kNow{1'790'000'000'000'000};

template <class T>
T OneOf(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
int Below(int n) { return *rc::gen::inRange(0, n); }
std::string Name(const char* prefix, int n) { return prefix + std::to_string(n); }

Limits AnyLimits() {
  Limits limits{{}, {}};
  if (Below(2)) {
    limits.least = Whole(Below(40) - 30);
  }
  if (Below(2)) {
    limits.most = Whole(Below(40) + 5);
  }
  return limits;
}

Decimal AnyPoints(bool large) {
  const int64_t size = large ? 3'000'000'000'000'000'000 : 40'000'000;
  return {*rc::gen::inRange<int64_t>(-size, size)};
}

std::set<std::string> AnyValues() {
  std::set<std::string> values;
  for (int i = Below(3); i > 0; --i) {
    values.insert(OneOf<std::string>({"a", "b", "c", ""}));
  }
  return values;
}

// `large`: points that no CheckModel lets by, so that sums do not fit.
ScoringModel AnyModel(bool large) {
  ScoringModel model;
  PointModel& points = model.points;
  points.id = "any";
  const int groups = 1 + Below(3);
  for (int i = 0; i < groups; ++i) {
    points.groups.push_back({Name("group-", i), AnyLimits()});
  }
  for (int i = Below(12); i > 0; --i) {
    points.features.push_back({Name("feature-", i), Name("group-", Below(groups)),
                               OneOf<std::string>({"source", "channel", "industry", "utm_medium",
                                                   "campaign", "tier.x", "tier.y"}),
                               AnyValues(), AnyPoints(large)});
  }
  for (int i = Below(4); i > 0; --i) {
    const auto kind = static_cast<Decay::Kind>(Below(4));
    const Duration span = kind == Decay::Kind::kNone ? Duration{} : Hours(1 + Below(900));
    points.events.push_back({Name("event-", i),
                             Name("group-", Below(groups)),
                             OneOf<std::string>({"touch", "touch/visit", "tou", "won"}),
                             AnyPoints(large),
                             {kind, span}});
  }
  for (int i = Below(3); i > 0; --i) {
    points.idle.push_back({Name("idle-", i), Hours(1 + Below(500)), Whole(Below(20)),
                           OneOf<std::string>({"", "source", "tier.x"}), AnyValues()});
  }
  points.overall = AnyLimits();
  model.bands = {{"low", Whole(0)}, {"high", Whole(20)}};
  model.win = {1 + Below(4), 1 + Below(4), Whole(1 + Below(9))};
  if (Below(3) == 0) {
    model.win = {};
    model.win.method = WinMethod::kNaiveBayes;
    model.win.stages = {"one", "two"};
    model.win.features = {"source", "channel"};
    model.win.count_missing = {"channel"};
  }
  return model;
}

LeadFacts AnyFacts() {
  const auto value = [] { return OneOf<std::string>({"", "a", "b", "c", "d"}); };
  LeadFacts facts;
  LeadRecord& record = facts.record;
  for (std::string* text : {&record.source, &record.channel, &record.industry, &record.campaign,
                            &record.utm_source, &record.utm_medium}) {
    *text = value();
  }
  record.team = OneOf<std::string>({"", "teams/1", "teams/2", "teams/3"});
  for (int i = Below(4); i > 0; --i) {
    facts.tiers.push_back(OneOf<std::string>({"x:a", "x:b", "y:", "y:c", "z:a", "none", "x:a:b"}));
  }
  const int events = Below(6);
  for (int i = 0; i < events; ++i) {
    LeadEvent event{{},
                    OneOf<std::string>({"touch", "touch/visit", "touched", "won"}),
                    kNow + Hours(Below(900) - 880)};
    event.id.bytes[15] = static_cast<uint8_t>(i);
    facts.events.push_back(std::move(event));
  }
  for (int i = Below(3); i > 0; --i) {
    facts.opportunities.push_back({Name("opportunities/", Below(9)), "", 1, Below(2) == 1,
                                   Below(10'000), OneOf<std::string>({"", "teams/2"}),
                                   OneOf<std::string>({"", "one", "two", "new"})});
  }
  return facts;
}

WinScopes AnyScopes(const WinSettings& win) {
  OutcomeCounts::Rows rows;
  for (int i = Below(12); i > 0; --i) {
    const FeatureValue feature = OneOf<FeatureValue>({{"", ""},
                                                      {"", ""},
                                                      {"source", "a"},
                                                      {"source", "b"},
                                                      {"channel", "a"},
                                                      {kStageVariable, "one"},
                                                      {kStageVariable, "two"},
                                                      {"campaign", "c"}});
    rows[{Name("teams/", 1 + Below(3)), feature}] = {Below(6), Below(6)};
  }
  return {rows,
          {{"teams/1", "teams/3"}, {"teams/2", "teams/3"}},
          win.method == WinMethod::kNaiveBayes ? &win : nullptr};
}

void Same(const ScoredLead& fast, const LeadScore& score) {
  RC_ASSERT(fast.score == score.points.score);
  RC_ASSERT(fast.band == (fast.score < Decimal{} ? "" : fast.score < Whole(20) ? "low" : "high"));
  RC_ASSERT(fast.win == (score.win ? std::optional(score.win->percent) : std::nullopt));
  if (score.win) {
    RC_ASSERT(fast.win_of_scope == (score.win->basis == WinChance::Basis::kScope));
  }
  RC_ASSERT(fast.feature_hash == score.feature_hash);
  RC_ASSERT(fast.as_of == score.as_of);
  RC_ASSERT(fast.event_count == score.event_count);
  RC_ASSERT(fast.last_event ==
            (score.last_event ? std::optional(score.last_event->id) : std::nullopt));
}

RC_GTEST_PROP(LeadScorer, ScoresABatchAsEachOfItsLeads, ()) {
  const ScoringModel model = AnyModel(false);
  const WinScopes scopes = AnyScopes(model.win);
  const Time day_start = kNow - Hours(9);
  LeadDictionary dictionary;
  LeadScorer scorer(model, scopes, dictionary);
  // Later batches find codes of earlier ones, and bring further ones.
  for (int batches = 1 + Below(3); batches > 0; --batches) {
    std::vector<LeadFacts> leads;
    LeadBatch batch(dictionary);
    for (int i = Below(8); i > 0; --i) {
      leads.push_back(AnyFacts());
      batch.Add(leads.back(), kNow);
    }
    const std::vector<ScoredLead> scores = scorer.Score(batch, day_start).value();
    RC_ASSERT(scores.size() == leads.size());
    for (size_t i = 0; i < leads.size(); ++i) {
      Same(scores[i], ScoreLead(model, scopes, leads[i], day_start, kNow).value());
      RC_ASSERT(batch.FeaturesOf(i) == FeaturesOf(leads[i].record, leads[i].tiers));
    }
  }
}

RC_GTEST_PROP(PointKernel, RefusesWhatDoesNotFitAndNothingElse, ()) {
  const PointModel model = AnyModel(true).points;
  LeadDictionary dictionary;
  PointKernel kernel(model, dictionary);
  const LeadFacts lead = AnyFacts();
  LeadBatch batch(dictionary);
  batch.Add(lead, kNow);
  const std::vector<Time> at = {kNow - Hours(Below(48))};
  std::vector<Decimal> points(1);
  const absl::Status status = kernel.Score(batch, at, points);
  const auto traced = ScorePoints(model, FeaturesOf(lead.record, lead.tiers), lead.events, at[0]);
  RC_ASSERT(status == traced.status());
  if (traced.ok()) {  // RC_ASSERT evaluates both sides of an `||`
    RC_ASSERT(points[0] == traced->score);
  }
}

RC_GTEST_PROP(LeadBatch, CountsAnEventOnceInAnyOrder, ()) {
  LeadFacts lead = AnyFacts();
  const std::vector<LeadEvent> once = lead.events;
  lead.events.insert(lead.events.end(), once.rbegin(), once.rend());
  LeadDictionary dictionary;
  LeadBatch batch(dictionary);
  batch.Add(lead, kNow);
  std::vector<LeadEvent> settled = once;
  SettleEvents(settled, kNow);
  RC_ASSERT(batch.EventsOf(0).size() == settled.size());
  for (size_t i = 0; i < settled.size(); ++i) {
    RC_ASSERT(batch.EventsOf(0)[i].id == settled[i].id);
  }
}

// More leads than are summed at once, features that stop in the middle, and more tables than are added at once.
TEST(PointKernel, SumsBlocksOfLeadsWithManyFeatures) {
  PointModel model;
  model.id = "wide";
  model.groups = {{"fit", {{}, Whole(30)}}};
  for (int i = 0; i < 11; ++i) {
    model.features.push_back({Name("rule-", i), "fit", Name("tier.s", i), {"a"}, Whole(i + 1)});
  }
  LeadDictionary dictionary;
  PointKernel kernel(model, dictionary);
  LeadBatch batch(dictionary);
  std::vector<LeadFacts> leads(2500);
  for (size_t n = 0; n < leads.size(); ++n) {
    for (size_t i = 0; i < 11; ++i) {
      if (n < 1500 + 100 * i) {
        leads[n].tiers.push_back("s" + std::to_string(i) + ":" + ((n + i) % 3 == 0 ? "a" : "b"));
      }
    }
    batch.Add(leads[n], kNow);
  }
  const std::vector<Time> at(leads.size(), kNow);
  std::vector<Decimal> points(leads.size());
  ASSERT_TRUE(kernel.Score(batch, at, points).ok());
  for (size_t n = 0; n < leads.size(); ++n) {
    const Features features = FeaturesOf({}, leads[n].tiers);
    ASSERT_EQ(points[n], ScorePoints(model, features, {}, kNow)->score) << n;
  }
}

TEST(LeadDictionary, SaysWhenItIsFull) {
  LeadDictionary dictionary;
  EXPECT_TRUE(dictionary.HasRoomFor(1000));
  for (size_t i = 0; i + 2 < LeadDictionary::kMostValues; ++i) {
    dictionary.CodeOf(0, Name("v", static_cast<int>(i)));
  }
  EXPECT_FALSE(dictionary.HasRoomFor(1000));
  EXPECT_TRUE(dictionary.HasRoomFor(1));
  EXPECT_EQ(dictionary.CodeOf(0, "v1"), 2);
}

}  // namespace
}  // namespace steward::scoring
