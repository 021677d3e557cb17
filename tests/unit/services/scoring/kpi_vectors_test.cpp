// Every case of tests/vectors/kpi_vectors.json. tests/vectors/README.md lists where Steward answers otherwise and why.

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "services/scoring/domain/roll_up.h"
#include "tests/unit/services/scoring/cards.h"
#include "tests/unit/services/scoring/vectors.h"

namespace steward::scoring::testing {
namespace {

using nlohmann::json;

const json& Kpis() {
  static const json vectors = LoadVectors("kpi_vectors.json");
  return vectors;
}

// Per cent as the file writes it: 75.0, 0.77 of 1 and so on, at the places it has.
void ExpectPercent(const Attainment& attainment, double expected, double tolerance = 0.005) {
  ASSERT_TRUE(attainment.percent) << NameOf(attainment.state);
  EXPECT_NEAR(AsDouble(*attainment.percent), expected, tolerance);
}

// Weights in per cent and manual values of `full` marks; null = not measured.
Sheet CardOf(const json& weights, const json& scores, std::string_view full,
             MissingPolicy missing) {
  Scorecard card{"vector", 1, Mode::kNormalise, {}};
  std::vector<Attainment> attained;
  for (size_t i = 0; i < weights.size(); ++i) {
    KpiDefinition kpi = Named("k" + std::to_string(i), Rated(full));
    kpi.missing = missing;
    card.items.push_back({kpi, weights[i].get<int64_t>() * 100, false});
    attained.push_back(Attain(kpi,
                              scores[i].is_null() ? Absent(State::kNotMeasured)
                                                  : ByHand(FormatDecimal(AsDecimal(scores[i]))),
                              {})
                           .value());
  }
  EXPECT_TRUE(CheckPublishable(card).ok());
  return FillIn(card, Mode::kNormalise, attained).value();
}
double TotalOf(const Sheet& sheet) { return AsDouble(sheet.total.value()); }

// A score of 5 is 100 per cent.
void CheckAppraisal(const json& vector) {
  const std::string name = vector["name"];
  SCOPED_TRACE(name);
  if (name == "manual rating" || name == "self rating") {
    json weights, scores;
    const bool self = name == "self rating";
    for (const json& row : vector["rows"]) {
      weights.push_back(row["weight"]);
      scores.push_back(row[self ? "rating_0_1" : "score_0_5"]);
    }
    const Sheet sheet = CardOf(weights, scores, self ? "1" : "5", MissingPolicy::kBlockClose);
    EXPECT_NEAR(TotalOf(sheet) / 20, vector[self ? "self_score" : "total_score"].get<double>(),
                1e-9);
    for (size_t i = 0; !self && i < sheet.lines.size(); ++i) {
      EXPECT_NEAR(AsDouble(*sheet.lines[i].points) / 20, vector["rows"][i]["earned"].get<double>(),
                  1e-9);
    }
  } else if (name == "missing parts count as zero" || name == "all parts") {
    const json scores = {vector["total_score"], vector["feedback"], vector["self"]};
    const Sheet sheet = CardOf({1, 1, 1}, scores, "5", MissingPolicy::kZero);
    EXPECT_NEAR(TotalOf(sheet) / 20, vector["final_score"].get<double>(), 0.0005);
    if (name != "all parts") {  // ours unless a KPI says `zero`: what is absent is no zero (K6)
      EXPECT_FALSE(CardOf({1, 1, 1}, scores, "5", MissingPolicy::kBlockClose).total);
      EXPECT_NEAR(TotalOf(CardOf({1, 1, 1}, scores, "5", MissingPolicy::kRenormalise)) / 20, 3.6,
                  1e-9);
    }
  } else if (name == "goal tree") {
    // The leaves as `tree` says; a parent is the mean of its children.
    const KpiDefinition leaf = Rated("100");
    const auto mean = [&](const char* a, const char* b) {
      return AttainOver(leaf, RollUp::kMeanOfRatios, {{ByHand(a), {}}, {ByHand(b), {}}}).value();
    };
    const std::vector<Attainment> goals = {mean("25", "0"), mean("100", "0")};
    ExpectPercent(goals[0], vector["quality"]["completion"]);
    ExpectPercent(goals[1], vector["development"]["completion"]);
    const Sheet sheet = FillIn(Card({3'000, 7'000}), Mode::kNormalise, goals).value();
    EXPECT_NEAR(AsDouble(*sheet.lines[0].points), vector["quality"]["goal_score"].get<double>(),
                1e-9);
    EXPECT_NEAR(AsDouble(*sheet.lines[1].points), vector["development"]["goal_score"].get<double>(),
                1e-9);
    EXPECT_NEAR(TotalOf(sheet), vector["goal_score_percentage"].get<double>(), 1e-9);
    EXPECT_NEAR(TotalOf(sheet) / 20, vector["total_score"].get<double>(), 0.000501);
    const Sheet parts =
        CardOf({1, 1, 1}, {TotalOf(sheet), nullptr, nullptr}, "100", MissingPolicy::kZero);
    EXPECT_NEAR(TotalOf(parts) / 20, vector["final_score"].get<double>(), 0.0005);
  } else {
    ADD_FAILURE() << "unknown";
  }
}

TEST(KpiVectors, Appraisals) {
  const json& section = Kpis()["hrms_weighted_appraisal"];
  EXPECT_EQ(section["vectors"].size(), 5u);
  for (const json& vector : section["vectors"]) {
    CheckAppraisal(vector);
  }
  // Their weights_rule turned round: a sum other than 100 is said and let pass, an empty table is refused.
  EXPECT_TRUE(CheckPublishable(Card({3'000, 6'000})).ok());
  EXPECT_EQ(Lint(Card({3'000, 6'000})).at(0).code, "WEIGHTS_NOT_100");
  EXPECT_EQ(ReasonOf(CheckPublishable(Card({}))), "EMPTY_CARD");
}

TEST(KpiVectors, Goals) {
  const json& vectors = Kpis()["odoo_gamification_goal"]["vectors"];
  EXPECT_EQ(vectors.size(), 6u);
  int otherwise = 0;
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector.dump());
    const bool higher = vector["condition"] == "higher";
    const KpiDefinition kpi =
        higher ? Kpi(Kind::kHigher, Method::kRatio) : Kpi(Kind::kLower, Method::kAllOrNothing);
    const Attainment attainment =
        Attain(kpi, Value(AsDecimal(vector["current"])), Target{AsDecimal(vector["target"]), {}})
            .value();
    if (higher && vector["target"] == 0) {  // K4: never 100
      EXPECT_EQ(attainment.state, State::kNoTarget);
      ++otherwise;
    } else if (!higher && vector["target"] == vector["current"]) {  // reached is reached
      ExpectPercent(attainment, 100);
      EXPECT_EQ(attainment.met, true);
      ++otherwise;
    } else {
      ExpectPercent(attainment, vector["completeness"]);
      if (vector.contains("state")) {
        EXPECT_EQ(attainment.met, vector["state"] == "reached");
      }
    }
  }
  EXPECT_EQ(otherwise, 2);
}

TEST(KpiVectors, WorstToBest) {
  const json& vectors = Kpis()["worst_best_interpolation"]["vectors"];
  EXPECT_EQ(vectors.size(), 4u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    KpiDefinition kpi =
        Kpi(vector["worst"] > vector["best"] ? Kind::kLower : Kind::kHigher, Method::kWorstBest);
    kpi.worst = AsDecimal(vector["worst"]);
    kpi.best = AsDecimal(vector["best"]);
    const Scorecard card{
        "vector", 1, Mode::kRaw, {{kpi, vector["weight"].get<int64_t>() * 100, false}}};
    ASSERT_TRUE(CheckPublishable(card).ok());
    const Sheet sheet =
        FillIn(card, Mode::kRaw, {Attain(kpi, Value(AsDecimal(vector["actual"])), {}).value()})
            .value();
    EXPECT_NEAR(TotalOf(sheet), vector["weighted"].get<double>(), 1e-9);
  }
}

TEST(KpiVectors, IndicatorsBetweenTheirEnds) {
  const json& section = Kpis()["bsc_designer"];
  EXPECT_EQ(section["vectors"].size(), 1u);
  for (const json& vector : section["vectors"]) {
    const std::string min = FormatDecimal(AsDecimal(vector["min"]));
    const std::string max = FormatDecimal(AsDecimal(vector["max"]));
    const Actual value = Value(AsDecimal(vector["value"]));
    const double expected = vector["performance_percent"];
    ExpectPercent(Attain(WorstBest(Kind::kHigher, min, max), value, {}).value(), expected);
    // The other two formulas: minimise is the rest of 100, progress from `min` to a target of `max` the same.
    ExpectPercent(Attain(WorstBest(Kind::kLower, max, min), value, {}).value(), 100 - expected);
    ExpectPercent(Attain(Baseline(Kind::kHigher, min), value, At(max)).value(), expected);
  }
  EXPECT_EQ(section["formulas"].size(), 3u);
}

TEST(KpiVectors, KeyResults) {
  const json& vectors = Kpis()["okr"]["vectors"];
  EXPECT_EQ(vectors.size(), 3u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector.dump());
    const Kind kind = vector["target"] > vector["baseline"] ? Kind::kHigher : Kind::kLower;
    const KpiDefinition kpi = Baseline(kind, FormatDecimal(AsDecimal(vector["baseline"])));
    ExpectPercent(
        Attain(kpi, Value(AsDecimal(vector["actual"])), Target{AsDecimal(vector["target"]), {}})
            .value(),
        vector["score"].get<double>() * 100, 0.5);
  }
  // `bands_google` has gaps at more than one decimal, so no definition can be made of it.
  KpiDefinition bands = Kpi(Kind::kBand);
  bands.bands = {
      {{}, Of("0.3"), Of("0")}, {Of("0.4"), Of("0.6"), Of("50")}, {Of("0.7"), {}, Of("100")}};
  EXPECT_EQ(FieldsOf(CheckDefinition("kpi", bands)), "kpi.bands[1].from,kpi.bands[2].from");
}

TEST(KpiVectors, TreesOfScores) {
  const json& vectors = Kpis()["bamboobsc"]["vectors"];
  EXPECT_EQ(vectors.size(), 2u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector.dump());
    Scorecard card = Card({}, MissingPolicy::kZero);
    std::vector<Attainment> attained;
    for (const json& child : vector["children"]) {
      card.items.push_back({Named("k" + std::to_string(attained.size()), Rated("100")),
                            child[1].get<int64_t>() * 100, false});
      card.items.back().kpi.missing = MissingPolicy::kZero;
      attained.push_back(child[0].is_null() ? Missing() : Scored(AsDecimal(child[0])));
    }
    EXPECT_NEAR(TotalOf(FillIn(card, Mode::kRaw, attained).value()), vector["parent"].get<double>(),
                1e-9);
    // What the notes say of the other ways.
    for (Item& item : card.items) {
      item.kpi.missing = MissingPolicy::kRenormalise;
    }
    const bool complete = !vector["children"][1][0].is_null();
    EXPECT_NEAR(TotalOf(FillIn(card, Mode::kNormalise, attained).value()), complete ? 83.33 : 80.0,
                1e-9);
  }
}

TEST(KpiVectors, FiveMethodsGiveFourScores) {
  const json& section = Kpis()["lower_is_better_methods_compared"];
  const json& input = section["input"];
  const auto text = [&](const char* key) { return FormatDecimal(AsDecimal(input[key])); };
  const std::map<std::string, KpiDefinition> methods = {
      {"binary (Odoo)", Kpi(Kind::kLower, Method::kAllOrNothing)},
      {"target/actual", Kpi(Kind::kLower, Method::kTargetOverActual)},
      {"2-actual/target", Kpi(Kind::kLower, Method::kTwoMinusRatio)},
      {"worst-best", WorstBest(Kind::kLower, text("worst"), text("best"))},
      {"baseline-progress", Baseline(Kind::kLower, text("baseline"))},
  };
  EXPECT_EQ(section["percent"].size(), methods.size());
  for (const auto& [name, expected] : section["percent"].items()) {
    SCOPED_TRACE(name);
    ExpectPercent(Attain(methods.at(name), Value(text("actual")), At(text("target"))).value(),
                  expected);
  }
}

TEST(KpiVectors, ZeroAndSigns) {
  const json& vectors = Kpis()["zero_and_sign_edges"]["vectors"];
  EXPECT_EQ(vectors.size(), 4u);
  for (const json& vector : vectors) {
    SCOPED_TRACE(vector.dump());
    const KpiDefinition kpi = vector["kind"] == "higher"
                                  ? Kpi(Kind::kHigher, Method::kRatio)
                                  : Kpi(Kind::kLower, Method::kTwoMinusRatio);
    const Attainment attainment =
        Attain(kpi, Value(AsDecimal(vector["actual"])), Target{AsDecimal(vector["target"]), {}})
            .value();
    if (vector.contains("percent")) {
      ExpectPercent(attainment, vector["percent"]);
    } else {
      EXPECT_NE(vector["result"].get<std::string>().find(NameOf(attainment.state)),
                std::string::npos);
    }
  }
}

TEST(KpiVectors, MissingByPolicy) {
  const json& section = Kpis()["weight_policies"];
  const auto fill = [&](MissingPolicy policy) {
    return CardOf(section["weights"], section["scores"], "100", policy);
  };
  const Sheet blocked = fill(MissingPolicy::kBlockClose);
  EXPECT_FALSE(blocked.total);
  EXPECT_EQ(blocked.blocking.size(), 1u) << section["reject_missing"];
  EXPECT_NEAR(TotalOf(fill(MissingPolicy::kZero)), section["missing_as_zero"].get<double>(), 1e-9);
  EXPECT_NEAR(TotalOf(fill(MissingPolicy::kRenormalise)), section["renormalised"].get<double>(),
              1e-9);
  EXPECT_NEAR(AsDouble(*blocked.lowest), section["bounds"]["lowest_possible"].get<double>(), 1e-9);
  EXPECT_NEAR(AsDouble(*blocked.highest),
              section["bounds"]["highest_possible_with_100"].get<double>(), 1e-9);
}

TEST(KpiVectors, NoSectionIsForgotten) {
  const std::set<std::string> known = {"meta",
                                       "hrms_weighted_appraisal",
                                       "odoo_gamification_goal",
                                       "worst_best_interpolation",
                                       "bsc_designer",
                                       "okr",
                                       "bamboobsc",
                                       "lower_is_better_methods_compared",
                                       "zero_and_sign_edges",
                                       "weight_policies",
                                       "decay"};  // in points_test.cpp
  for (const auto& [name, section] : Kpis().items()) {
    EXPECT_EQ(known.count(name), 1u) << name;
  }
  EXPECT_EQ(Kpis().size(), known.size());
}

}  // namespace
}  // namespace steward::scoring::testing
