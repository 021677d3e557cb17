#include "services/scoring/domain/scorecard.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/scoring/domain/sheet.h"
#include "tests/unit/services/scoring/cards.h"

namespace steward::scoring::testing {
namespace {

const std::vector<int64_t> kHead = {4000, 2000, 1500, 1000, 1000, 500, 1000, 500};  // sums to 115 %

std::string CodesOf(const Scorecard& card) {
  std::string codes;
  for (const Finding& finding : Lint(card)) {
    codes += (codes.empty() ? "" : ",") + finding.code;
  }
  return codes;
}

std::vector<Attainment> All(const Scorecard& card, std::string_view percent) {
  return std::vector<Attainment>(card.items.size(), Scored(Of(percent)));
}

TEST(Scorecard, AnEmptyCardIsNotPublished) {
  EXPECT_EQ(ReasonOf(CheckPublishable(Card({}))), "EMPTY_CARD");
  EXPECT_TRUE(CheckPublishable(Card({10'000})).ok());
}

TEST(Scorecard, WeightsAreKeptAsPrintedAndTheSumIsSaid) {
  const Scorecard card = Card(kHead);
  EXPECT_TRUE(CheckPublishable(card).ok());
  EXPECT_EQ(SumOfWeights(card), 11'500);
  EXPECT_EQ(Lint(card),
            (std::vector<Finding>{{"WEIGHTS_NOT_100", "", "the weights sum to 115 %"}}));
  EXPECT_EQ(CodesOf(Card({5'000, 5'000})), "");
  EXPECT_EQ(Lint(Card({3'333})).at(0).detail, "the weights sum to 33.33 %");
}

TEST(Scorecard, WhatCannotWorkIsRefusedByField) {
  EXPECT_EQ(FieldsOf(CheckPublishable(Card({5'000, -1}))), "scorecard.items[1].weight");
  EXPECT_EQ(FieldsOf(CheckPublishable(Card({1'000'001}))), "scorecard.items[0].weight");
  EXPECT_EQ(FieldsOf(CheckPublishable(Card({0, 0}))), "scorecard.items");
  Scorecard card = Card({5'000, 5'000});
  card.items[1].weight.reset();
  EXPECT_EQ(FieldsOf(CheckPublishable(card)), "scorecard.items[1].weight");
  card = Card({5'000, 5'000});
  card.items[1].kpi.id = "k0";
  card.items[1].kpi.full_marks.reset();
  EXPECT_EQ(FieldsOf(CheckPublishable(card)),
            "scorecard.items[1].kpi.id,scorecard.items[1].kpi.full_marks");
  card = Card({5'000});
  card.mode = Mode::kCorePlusBonus;
  card.items[0].bonus = true;
  EXPECT_EQ(FieldsOf(CheckPublishable(card)), "scorecard.items");
  EXPECT_EQ(ParseMode("mode", "core_plus_bonus").value(), Mode::kCorePlusBonus);
  EXPECT_FALSE(ParseMode("mode", "mean").ok());
}

TEST(Scorecard, ACardWithoutWeightsShowsFiguresAndNoTotal) {
  Scorecard card = Card({1, 1});
  card.items[0].weight.reset();
  card.items[1].weight.reset();
  card.items[1].kpi = Named("k1", Kpi(Kind::kHigher));
  EXPECT_TRUE(CheckPublishable(card).ok());
  EXPECT_EQ(CodesOf(card), "UNWEIGHTED,NO_CURVE");
  const Sheet sheet =
      FillIn(card, Mode::kNormalise, {Scored(Of("90")), Missing(State::kNoCurve)}).value();
  EXPECT_EQ(Shown(sheet.total), "none");
  EXPECT_EQ(Shown(sheet.lowest), "none");
  EXPECT_EQ(Shown(sheet.lines[0].attainment.percent), "90.00");
}

TEST(Scorecard, LintNamesItems) {
  Scorecard card = Card({8'000, 0, 2'000});
  card.items[2].bonus = true;
  EXPECT_EQ(CodesOf(card), "ZERO_WEIGHT,BONUS_IGNORED");
  card.mode = Mode::kCorePlusBonus;
  EXPECT_EQ(CodesOf(card), "CORE_NOT_100,ZERO_WEIGHT");
}

TEST(Sheet, EveryModeIsShown) {
  Scorecard card = Card(kHead);
  card.items[6].bonus = card.items[7].bonus = true;  // the core sums to 100 %
  const auto sheets = FillInAll(card, All(card, "80")).value();
  EXPECT_EQ(Shown(sheets[0].total), "80.01") << "the sum of the figures shown";
  EXPECT_EQ(Shown(sheets[1].total), "92.00");
  EXPECT_EQ(Shown(sheets[2].total), "92.00");
  EXPECT_EQ(FormatDecimal(*sheets[0].lines[0].weight_used), "34.782609");
  EXPECT_EQ(FormatDecimal(*sheets[1].lines[0].weight_used), "40");
  EXPECT_EQ(Shown(sheets[0].lines[0].points), "27.83");
  EXPECT_EQ(FieldsOf(FillIn(card, Mode::kRaw, {}).status()), "attainments");
}

TEST(Sheet, MissingDataByPolicyWithBounds) {
  const auto fill = [](MissingPolicy policy, Mode mode = Mode::kNormalise) {
    return FillIn(Card({5'000, 3'000, 2'000}, policy), mode,
                  {Scored(Of("90")), Scored(Of("80")), Missing()})
        .value();
  };
  for (const Mode mode : {Mode::kNormalise, Mode::kRaw, Mode::kCorePlusBonus}) {
    EXPECT_EQ(Shown(fill(MissingPolicy::kZero, mode).total), "69.00");
    EXPECT_EQ(Shown(fill(MissingPolicy::kRenormalise, mode).total), "86.25");
    EXPECT_EQ(Shown(fill(MissingPolicy::kBlockClose, mode).total), "none");
  }
  for (const MissingPolicy policy :
       {MissingPolicy::kZero, MissingPolicy::kRenormalise, MissingPolicy::kBlockClose}) {
    const Sheet sheet = fill(policy);
    EXPECT_EQ(Shown(sheet.lowest), "69.00");
    EXPECT_EQ(Shown(sheet.highest), "89.00");
    EXPECT_EQ(sheet.missing, std::vector<std::string>{"k2"}) << "never silently";
    EXPECT_EQ(sheet.blocking.size(), policy == MissingPolicy::kBlockClose ? 1u : 0u);
  }
}

TEST(Sheet, WhatDoesNotApplyIsNotMissing) {
  const Scorecard card = Card({5'000, 3'000, 2'000});
  for (const State state : {State::kNotApplicable, State::kNoCurve}) {
    const Sheet sheet =
        FillIn(card, Mode::kRaw, {Scored(Of("90")), Scored(Of("80")), Missing(state)}).value();
    EXPECT_EQ(Shown(sheet.total), "86.25");
    EXPECT_EQ(Shown(sheet.lowest), "86.25");
    EXPECT_EQ(Shown(sheet.highest), "86.25");
    EXPECT_TRUE(sheet.missing.empty());
  }
  const Sheet nothing =
      FillIn(card, Mode::kNormalise, std::vector<Attainment>(3, Missing(State::kNotApplicable)))
          .value();
  EXPECT_EQ(Shown(nothing.total), "none");
}

TEST(Sheet, AVetoZeroesEveryFigure) {
  Scorecard card = Card({6'000, 4'000});
  KpiDefinition veto = Named("safety", Kpi(Kind::kVeto));
  veto.veto_scope = VetoScope::kCard;
  card.items.push_back({veto, 0, false});
  ASSERT_TRUE(CheckPublishable(card).ok());
  std::vector<Attainment> attained = All(card, "90");
  attained[2] = Attain(veto, Value("1"), {}).value();
  const Sheet vetoed = FillIn(card, Mode::kNormalise, attained).value();
  EXPECT_EQ(vetoed.vetoed_by, "safety");
  EXPECT_EQ(Shown(vetoed.total), "0.00");
  EXPECT_EQ(Shown(vetoed.highest), "0.00");
  EXPECT_EQ(Shown(vetoed.lines[0].points), "0.00");
  EXPECT_EQ(Shown(vetoed.lines[0].attainment.percent), "90.00");
  attained[2] = Missing(State::kPending);
  const Sheet open = FillIn(card, Mode::kNormalise, attained).value();
  EXPECT_EQ(Shown(open.lowest), "0.00") << "a breach may still be found";
  EXPECT_EQ(Shown(open.highest), "90.00");
}

TEST(Sheet, ACapKeepsOneItemFromPayingForAnother) {
  const Scorecard card = Card({5'000, 5'000});
  const KpiDefinition sales = Kpi(Kind::kHigher, Method::kRatio);
  const std::vector<Attainment> attained = {Attain(sales, Value("300"), At("100")).value(),
                                            Attain(sales, Value("0"), At("100")).value()};
  EXPECT_EQ(Shown(FillIn(card, Mode::kNormalise, attained)->total), "50.00");
}

// Any card, any states.
struct Filled {
  Scorecard card;
  std::vector<Attainment> attained;
  Sheet sheet;
};

Attainment AnyScore(const KpiDefinition& kpi) {
  return Scored(Decimal{*rc::gen::inRange<int64_t>(kpi.floor.scaled, kpi.cap.scaled + 1)});
}

Filled AnyFilled() {
  Filled filled;
  const auto count = *rc::gen::inRange<size_t>(1, 9);
  for (size_t i = 0; i < count; ++i) {
    KpiDefinition kpi = Named("k" + std::to_string(i), Kpi(Kind::kHigher, Method::kRatio));
    kpi.missing = *rc::gen::element(MissingPolicy::kBlockClose, MissingPolicy::kRenormalise,
                                    MissingPolicy::kZero);
    kpi.cap = Decimal{*rc::gen::inRange<int64_t>(50'000'000, 200'000'000)};
    filled.card.items.push_back(
        {kpi, *rc::gen::inRange<int64_t>(0, 9'000), *rc::gen::arbitrary<bool>()});
    const State state = *rc::gen::element(State::kScored, State::kScored, State::kScored,
                                          State::kNotMeasured, State::kPending, State::kNoTarget,
                                          State::kNotApplicable, State::kNoCurve);
    filled.attained.push_back(state == State::kScored ? AnyScore(kpi) : Missing(state));
  }
  filled.card.mode = *rc::gen::element(Mode::kNormalise, Mode::kRaw, Mode::kCorePlusBonus);
  filled.sheet = FillIn(filled.card, filled.card.mode, filled.attained).value();
  return filled;
}

RC_GTEST_PROP(SheetProperty, TheTotalIsTheSumOfTheFiguresShown, ()) {
  const Filled filled = AnyFilled();
  int64_t sum = 0;
  for (const Line& line : filled.sheet.lines) {
    sum += line.points.value_or(Decimal{}).scaled;
  }
  if (filled.sheet.total) {
    RC_ASSERT(filled.sheet.total->scaled == sum);
    RC_ASSERT(sum % 10'000 == 0);
  }
  RC_ASSERT(filled.sheet.blocking.empty() || !filled.sheet.total);
}

RC_GTEST_PROP(SheetProperty, WeightsUsedSumToTheWhole, ()) {
  const Filled filled = AnyFilled();
  int64_t pool = 0;
  int64_t printed = 0;
  bool any = false;
  for (size_t i = 0; i < filled.card.items.size(); ++i) {
    const Item& item = filled.card.items[i];
    const Line& line = filled.sheet.lines[i];
    if (filled.card.mode == Mode::kCorePlusBonus && item.bonus) {
      if (line.weight_used) {
        RC_ASSERT(line.weight_used->scaled == *item.weight * 10'000);
      }
      continue;
    }
    printed += *item.weight * 10'000;
    pool += line.weight_used.value_or(Decimal{}).scaled;
    any = any || (line.weight_used && *item.weight > 0);
  }
  const int64_t whole = filled.card.mode == Mode::kRaw ? printed : 100'000'000;
  RC_ASSERT(pool == (any ? whole : 0));
}

RC_GTEST_PROP(SheetProperty, BoundsContainEveryCompletion, ()) {
  const Filled filled = AnyFilled();
  std::vector<Attainment> completed = filled.attained;
  for (size_t i = 0; i < completed.size(); ++i) {
    const State state = completed[i].state;
    if (state == State::kNotMeasured || state == State::kPending || state == State::kNoTarget) {
      completed[i] = AnyScore(filled.card.items[i].kpi);
    }
  }
  const Sheet end = FillIn(filled.card, filled.card.mode, completed).value();
  RC_ASSERT(end.total.has_value() == filled.sheet.lowest.has_value());
  if (end.total) {
    RC_ASSERT(*filled.sheet.lowest <= *end.total);
    RC_ASSERT(*end.total <= *filled.sheet.highest);
    RC_ASSERT(*end.lowest == *end.total);
    RC_ASSERT(*end.highest == *end.total);
  }
}

}  // namespace
}  // namespace steward::scoring::testing
