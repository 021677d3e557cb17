#include "services/scoring/domain/points.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "tests/unit/services/scoring/cards.h"
#include "tests/unit/services/scoring/vectors.h"

namespace steward::scoring::testing {
namespace {

using nlohmann::json;
using Source = Contribution::Source;

constexpr Time kNow{1'800'000'000'000'000};
constexpr Duration kDay = Hours(24);
Duration Days(double days) {
  return {static_cast<int64_t>(days * static_cast<double>(kDay.micros))};
}

LeadEvent Event(uint8_t id, std::string kind, double days_ago) {
  LeadEvent event{{}, std::move(kind), kNow - Days(days_ago)};
  event.id.bytes[15] = id;
  return event;
}

// Fit by industry; engagement by visits that halve in 30 days and complaints that take points away.
PointModel Model() {
  PointModel model;
  model.id = "sample";
  model.groups = {{"fit", {Decimal{}, Of("40")}}, {"engagement", {Decimal{}, Of("60")}}};
  model.features = {{"chemistry", "fit", "industry", {"chemistry", "plastics"}, Of("25")},
                    {"has-region", "fit", "region", {}, Of("5")}};
  model.events = {{"visit", "engagement", "visit", Of("10"), {Decay::Kind::kHalfLife, Days(30)}},
                  {"complaint", "engagement", "complaint", Of("-15"), {}}};
  model.overall = {Decimal{}, Of("100")};
  return model;
}

std::string Total(const PointModel& model, const Features& features,
                  const std::vector<LeadEvent>& events) {
  return FormatDecimal(ScorePoints(model, features, events, kNow).value().score);
}

TEST(Points, FitAndEngagementAddUpWithATrace) {
  ASSERT_TRUE(CheckModel(Model()).ok());
  const PointScore score = ScorePoints(Model(), {{"industry", "plastics"}, {"region", "east"}},
                                       {Event(1, "visit", 30), Event(2, "call", 1)}, kNow)
                               .value();
  EXPECT_EQ(FormatDecimal(score.score), "35");
  EXPECT_EQ(FormatDecimal(score.groups.at("fit")), "30");
  EXPECT_EQ(FormatDecimal(score.groups.at("engagement")), "5");
  EXPECT_EQ(score.contributions,
            (std::vector<Contribution>{
                {Source::kFeature, "fit", "chemistry", {}, Of("25")},
                {Source::kFeature, "fit", "has-region", {}, Of("5")},
                {Source::kEvent, "engagement", "visit", Event(1, "", 0).id, Of("5")}}));
}

TEST(Points, AGroupNeitherDriftsBelowZeroNorAboveItsLimit) {
  EXPECT_EQ(Total(Model(), {}, {Event(1, "complaint", 1), Event(2, "complaint", 2)}), "0");
  std::vector<LeadEvent> visits;
  for (uint8_t i = 0; i < 9; ++i) {
    visits.push_back(Event(i, "visit", 0));
  }
  const PointScore score = ScorePoints(Model(), {}, visits, kNow).value();
  EXPECT_EQ(FormatDecimal(score.score), "60");
  EXPECT_EQ(score.contributions.back(),
            (Contribution{Source::kGroupLimit, "engagement", "engagement", {}, Of("-30")}));
}

TEST(Points, RepeatsAndWhatIsYetToComeDoNotCount) {
  const LeadEvent visit = Event(1, "visit", 0);
  EXPECT_EQ(Total(Model(), {}, {visit, visit, visit}), "10");
  EXPECT_EQ(Total(Model(), {}, {Event(1, "visit", -0.001)}), "0");
}

TEST(Points, AModelThatCannotWorkIsRefusedByField) {
  EXPECT_EQ(FieldsOf(CheckModel({})), "model.id,model.events");
  PointModel model = Model();
  model.features[0].group = "charm";
  model.features[1].id = "visit";
  model.events[0].decay.span = Duration{};
  model.events[1].points = Of("0");
  model.groups[0].limits.least = Of("50");
  model.overall.most = Of("1000001");
  EXPECT_EQ(FieldsOf(CheckModel(model)),
            "model.groups[0].limits,model.features[0].group,model.events[0].id,model.events[0]."
            "decay.span,"
            "model.events[1].points,model.overall");
}

TEST(Decay, HalvesOverAndOverToNothing) {
  const Decay decay{Decay::Kind::kHalfLife, Days(1)};
  EXPECT_EQ(Decayed(Of("1000000"), decay, Days(19)), Of("1.9073"));
  EXPECT_EQ(Decayed(Of("-10"), decay, Days(1)), Of("-5"));
  EXPECT_EQ(Decayed(Of("1000000"), decay, Days(62)), Of("0"));
  EXPECT_EQ(Decayed(Of("1000000"), {Decay::Kind::kHalfLife, {1}}, Days(10'000)), Of("0"));
  EXPECT_EQ(ParseDecay("decay", "half_life").value(), Decay::Kind::kHalfLife);
  EXPECT_FALSE(ParseDecay("decay", "cliff").ok());
}

RC_GTEST_PROP(DecayProperty, IsTheCurveToFourPlaces, ()) {
  const Duration span{*rc::gen::inRange<int64_t>(1, Days(400).micros)};
  const Duration age{*rc::gen::inRange<int64_t>(0, Days(4'000).micros)};
  const Decimal points{*rc::gen::inRange<int64_t>(-1'000'000'000, 1'000'000'000)};
  const double exact = AsDouble(points) * std::exp2(-static_cast<double>(age.micros) /
                                                    static_cast<double>(span.micros));
  RC_ASSERT(std::abs(AsDouble(Decayed(points, {Decay::Kind::kHalfLife, span}, age)) - exact) <
            0.000052);
}

RC_GTEST_PROP(PointsProperty, ContributionsSumToTheScoreInAnyOrder, ()) {
  PointModel model = Model();
  model.groups[1].limits = {Of("-20"), Decimal{*rc::gen::inRange<int64_t>(0, 90'000'000)}};
  model.overall.most = Decimal{*rc::gen::inRange<int64_t>(0, 120'000'000)};
  model.idle = {{"quiet", Days(45), Of("20"), "", {}}};
  std::vector<LeadEvent> events;
  const auto count = *rc::gen::inRange<uint8_t>(0, 30);
  for (uint8_t i = 0; i < count; ++i) {
    events.push_back(Event(*rc::gen::inRange<uint8_t>(0, 20),
                           *rc::gen::element<std::string>("visit", "complaint", "call"),
                           *rc::gen::inRange(-20, 300)));
  }
  const Features features = {{"industry", *rc::gen::element<std::string>("chemistry", "steel")}};
  const PointScore score = ScorePoints(model, features, events, kNow).value();
  Decimal sum;
  for (const Contribution& each : score.contributions) {
    sum = Add(sum, each.points).value();
  }
  RC_ASSERT(sum == score.score);
  RC_ASSERT(score.score >= Decimal{});
  RC_ASSERT(score.score <= *model.overall.most);
  RC_ASSERT(score.groups.at("engagement") <= *model.groups[1].limits.most);

  for (size_t i = events.size(); i > 1; --i) {
    std::swap(events[i - 1], events[*rc::gen::inRange<size_t>(0, i)]);
  }
  const PointScore again = ScorePoints(model, features, events, kNow).value();
  RC_ASSERT(again.score == score.score);
  RC_ASSERT(again.contributions == score.contributions);
}

// The section `decay` of tests/vectors/kpi_vectors.json. A month is 30 days.

const json& Section(const char* name) {
  static const json vectors = LoadVectors("kpi_vectors.json");
  return vectors["decay"][name];
}

TEST(PointVectors, Linear) {
  const json& section = Section("hubspot_linear");
  const Decay decay{Decay::Kind::kLinear, Days(30 / section["rate_per_month"].get<double>())};
  EXPECT_EQ(section["by_month"].size(), 6u);
  for (const auto& [month, expected] : section["by_month"].items()) {
    EXPECT_EQ(Decayed(AsDecimal(section["points"]), decay, Days(30 * std::stod(month))),
              AsDecimal(expected))
        << month;
  }
}

TEST(PointVectors, Window) {
  const json& section = Section("window_cutoff");
  const Decay decay{Decay::Kind::kWindow, Days(section["days"])};
  EXPECT_EQ(Decayed(AsDecimal(section["points"]), decay, Days(30)),
            AsDecimal(section["at_30_days"]));
  EXPECT_EQ(Decayed(AsDecimal(section["points"]), decay, Days(31)),
            AsDecimal(section["at_31_days"]));
}

TEST(PointVectors, HalfLife) {
  const json& section = Section("half_life");
  const Decay decay{Decay::Kind::kHalfLife, Days(section["half_life_days"])};
  EXPECT_EQ(section["at"].size(), 5u);
  for (const auto& [day, expected] : section["at"].items()) {
    EXPECT_EQ(Decayed(AsDecimal(section["points"]), decay, Days(std::stod(day))),
              AsDecimal(expected))
        << day;
  }
}

// No batch sets a score back; the limit for idle leads is reckoned whenever the score is, which comes to the same.
TEST(PointVectors, Idle) {
  const json& vectors = Section("marketo_inactivity_reset")["vectors"];
  EXPECT_EQ(vectors.size(), 5u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector.dump());
    PointModel model;
    model.id = "idle";
    model.groups = {{"engagement", {}}};
    model.events = {{"points", "engagement", "event", AsDecimal(vector["score"]), {}}};
    const std::set<std::string> working = {"working", "opportunity"};
    model.idle = {{"after-45", Days(45), Of("50"), "status", working},
                  {"after-90", Days(90), Of("0"), "", {}}};
    ASSERT_TRUE(CheckModel(model).ok());
    const Features features = {{"status", vector.value("status", "new")}};
    EXPECT_EQ(Total(model, features, {Event(1, "event", vector["idle_days"])}),
              FormatDecimal(AsDecimal(vector["result"])));
    // The gotcha: a lead that has just come in without any event is not idle.
    model.features = {{"status", "engagement", "status", {}, Of("120")}};
    EXPECT_EQ(Total(model, features, {}), "120");
  }
}

TEST(PointVectors, Limits) {
  const json& section = Section("group_and_total_caps");
  PointModel model;
  model.id = "limits";
  model.overall.most = AsDecimal(section["overall_limit"]);
  for (const json& group : section["groups"]) {
    const std::string id = "g" + std::to_string(model.groups.size());
    model.groups.push_back({id, {Decimal{}, AsDecimal(group["limit"])}});
    model.features.push_back({id + "-rule", id, "any", {}, AsDecimal(group["raw"])});
  }
  ASSERT_TRUE(CheckModel(model).ok());
  const PointScore score = ScorePoints(model, {{"any", "x"}}, {}, kNow).value();
  for (size_t i = 0; i < section["groups"].size(); ++i) {
    EXPECT_EQ(score.groups.at("g" + std::to_string(i)), AsDecimal(section["groups"][i]["counted"]));
  }
  EXPECT_EQ(score.score, AsDecimal(section["total"]));
  model.overall.most = Of("80");
  EXPECT_EQ(ScorePoints(model, {{"any", "x"}}, {}, kNow)->score, Of("80"));
}

TEST(PointVectors, NoCaseIsForgotten) {
  static const json vectors = LoadVectors("kpi_vectors.json");
  EXPECT_EQ(vectors["decay"].size(), 5u) << "one test above for each";
}

}  // namespace
}  // namespace steward::scoring::testing
