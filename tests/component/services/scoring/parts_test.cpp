// Parts of a period (K8), months rolled up (K10), and cards opened.

#include "tests/component/services/scoring/period_fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Parts : public Periods {
 protected:
  // A KPI of what was signed, in per cent of 1,000 yuan a month.
  pb::Kpi Sales(const std::string& roll_up) {
    pb::GetKpiRequest get;
    get.set_name("kpis/k-002-sa-1");
    pb::CreateKpiVersionRequest create;
    pb::Kpi& kpi = *create.mutable_kpi();
    kpi = Must(scorecards, &ScorecardsApi::GetKpi, get);
    kpi.set_method("ratio");
    kpi.set_period("month");
    kpi.set_missing("renormalise");
    kpi.mutable_target()->set_value("1000");
    kpi.set_roll_up(roll_up);
    return Must(scorecards, &ScorecardsApi::CreateKpiVersion, create);
  }
  void Card() {
    pb::CreateScorecardVersionRequest create;
    pb::Scorecard& card = *create.mutable_scorecard();
    card.set_name("scorecards/mine");
    card.set_subject_kind("member");
    (*card.mutable_display_names())["en"] = "Mine";
    card.add_items()->set_kpi("kpis/k-002-sa-1");
    card.mutable_items(0)->set_weight("100");
    Must(scorecards, &ScorecardsApi::CreateScorecardVersion, create);
  }
  pb::ScorecardResult Get(const std::string& period) {
    pb::GetScorecardRequest request;
    request.set_scorecard("scorecards/mine");
    request.set_subject(kLi);
    request.set_period("periods/" + period);
    return Must(scorecards, &ScorecardsApi::GetScorecard, request);
  }
  pb::SetEligibilityRequest Part(const std::string& period, const std::string& first,
                                 const std::string& last, int days, int of) {
    pb::SetEligibilityRequest request;
    pb::Eligibility& part = *request.mutable_eligibility();
    part.set_scorecard("scorecards/mine");
    part.set_subject(kLi);
    part.set_period("periods/" + period);
    *part.mutable_first_day() = Day(first);
    *part.mutable_last_day() = Day(last);
    part.set_days(days);
    part.set_period_days(of);
    return request;
  }
  absl::Status Refused(const pb::SetEligibilityRequest& request) {
    pb::Eligibility response;
    return Do(eligibility, &EligibilityApi::SetEligibility, request, &response);
  }
  void SetTarget(const std::string& period, const std::string& value) {
    pb::SetTargetRequest request;
    request.mutable_target()->set_kpi("kpis/k-002-sa-1");
    request.mutable_target()->set_subject(kLi);
    request.mutable_target()->set_period("periods/" + period);
    request.mutable_target()->mutable_target()->set_value(value);
    Must(scorecards, &ScorecardsApi::SetTarget, request);
  }
};

TEST_F(Parts, AJoinersTargetIsProratedAndOnlyTheOwnDaysCount) {
  Sales("");
  Card();
  Apply({Signed("before", "2026-02-10", 40'000), Signed("after", "2026-02-20", 30'000)});
  EXPECT_EQ(Get("2026-02").lines(0).percent(), "70.00");
  const auto request = Part("2026-02", "2026-02-16", "2026-02-28", 10, 20);
  EXPECT_EQ(Must(eligibility, &EligibilityApi::SetEligibility, request).version(), 1);
  const auto card = Get("2026-02");
  EXPECT_EQ(card.lines(0).value(), "300");
  EXPECT_EQ(card.lines(0).target().value(), "500");
  EXPECT_EQ(card.lines(0).whole_target().value(), "1000");
  EXPECT_EQ(card.lines(0).percent(), "60.00");
  EXPECT_EQ(card.part().days(), 10);
  SetTarget("2026-02", "3000");  // an own one is for the whole period too
  EXPECT_EQ(Get("2026-02").lines(0).target().value(), "1500");
  pb::ExplainKpiRequest explain;
  explain.set_kpi("kpis/k-002-sa-1");
  explain.set_subject(kLi);
  explain.set_period("periods/2026-02");
  explain.set_scorecard("scorecards/mine");
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::ExplainKpi, explain).facts_size(), 1);
  explain.clear_scorecard();
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::ExplainKpi, explain).line().value(), "700");
  const auto row =
      Rows("test_part", "SELECT aggregate FROM journal WHERE type = 'eligibility.set'");
  EXPECT_THAT(row, ElementsAre("eligibilities/mine/2026-02/members/li"));
}

TEST_F(Parts, ARateIsNotProrated) {
  pb::CreateScorecardVersionRequest card;
  card.mutable_scorecard()->set_name("scorecards/mine");
  card.mutable_scorecard()->set_subject_kind("member");
  (*card.mutable_scorecard()->mutable_display_names())["en"] = "Mine";
  card.mutable_scorecard()->add_items()->set_kpi("kpis/k-002-cs-3");
  Must(scorecards, &ScorecardsApi::CreateScorecardVersion, card);
  Must(eligibility, &EligibilityApi::SetEligibility,
       Part("2026-02", "2026-02-16", "2026-02-28", 10, 20));
  EXPECT_EQ(Get("2026-02").lines(0).target().value(), "90");
  EXPECT_FALSE(Get("2026-02").lines(0).has_whole_target());
}

TEST_F(Parts, TwoRolesHaveNoMoreDaysThanThePeriod) {
  Sales("");
  Card();
  Must(eligibility, &EligibilityApi::SetEligibility,
       Part("2026-02", "2026-02-16", "2026-02-28", 10, 20));
  auto other = Part("2026-02", "2026-02-01", "2026-02-15", 11, 20);
  other.mutable_eligibility()->set_scorecard("scorecards/sc-002-sales");
  EXPECT_EQ(FieldOf(Refused(other)), "eligibility.days");
  other.mutable_eligibility()->set_days(10);
  other.mutable_eligibility()->set_period_days(21);
  EXPECT_EQ(FieldOf(Refused(other)), "eligibility.period_days");
  other.mutable_eligibility()->set_period_days(20);
  Must(eligibility, &EligibilityApi::SetEligibility, other);
  pb::ListEligibilitiesRequest list;
  list.set_subject(kLi);
  list.set_page_size(1);
  auto page = Must(eligibility, &EligibilityApi::ListEligibilities, list);
  EXPECT_EQ(page.eligibilities(0).scorecard(), "scorecards/mine");
  list.set_page_token(page.next_page_token());
  page = Must(eligibility, &EligibilityApi::ListEligibilities, list);
  EXPECT_EQ(page.eligibilities(0).scorecard(), "scorecards/sc-002-sales");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(Parts, APartIsRefusedWithItsFieldAndSetOnceForARequest) {
  Sales("");
  Card();
  EXPECT_EQ(FieldOf(Refused(Part("2026-02", "2026-01-31", "2026-02-28", 10, 20))),
            "eligibility.first_day");
  EXPECT_EQ(FieldOf(Refused(Part("2026-02", "2026-02-16", "2026-03-01", 10, 20))),
            "eligibility.last_day");
  EXPECT_EQ(FieldOf(Refused(Part("2026-02", "2026-02-16", "2026-02-28", 0, 20))),
            "eligibility.days");
  EXPECT_EQ(FieldOf(Refused(Part("2026-02", "2026-02-16", "2026-02-17", 3, 20))),
            "eligibility.days");
  EXPECT_EQ(FieldOf(Refused(Part("2026-02", "2026-02-16", "2026-02-28", 3, 29))),
            "eligibility.period_days");
  auto request = Part("2026-02", "2026-02-16", "2026-02-28", 10, 20);
  request.mutable_eligibility()->set_scorecard("scorecards/none");
  EXPECT_EQ(Refused(request), NotFound("scorecards/none"));
  request = Part("2026-02", "2026-02-16", "2026-02-28", 10, 20);
  pb::Eligibility response;
  EXPECT_EQ(Do(eligibility, &EligibilityApi::SetEligibility, request, &response, Agent(kWang)),
            NotFound(kLi));
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  const auto first = Must(eligibility, &EligibilityApi::SetEligibility, request);
  EXPECT_EQ(Must(eligibility, &EligibilityApi::SetEligibility, request).SerializeAsString(),
            first.SerializeAsString());
  request.mutable_eligibility()->set_days(9);
  EXPECT_EQ(ReasonOf(Refused(request)), "REQUEST_ID_REUSED");
  request.clear_request_id();
  EXPECT_EQ(Must(eligibility, &EligibilityApi::SetEligibility, request).version(), 2);
  CaughtUp();
  pb::FreezePeriodRequest freeze = Freeze("2026-02");
  Must(periods, &PeriodsApi::FreezePeriod, freeze);
  pb::ClosePeriodRequest close;
  close.set_name("periods/2026-02");
  Must(periods, &PeriodsApi::ClosePeriod, close);
  EXPECT_EQ(ReasonOf(Refused(request)), "PERIOD_CLOSED");
}

TEST_F(Parts, AQuarterIsRolledUpAsTheVersionSays) {
  Apply({Signed("c1", "2026-01-10", 100'000), Signed("c2", "2026-02-10", 100'000),
         Signed("c3", "2026-03-10", 100'000)});
  Sales("ratio_of_sums");
  Card();
  SetTarget("2026-01", "2000");
  auto line = Get("2026-q1").lines(0);
  EXPECT_EQ(line.roll_up(), "ratio_of_sums");
  EXPECT_EQ(line.value(), "3000");
  EXPECT_EQ(line.target().value(), "4000") << "2000 of January, 1000 of each other month";
  EXPECT_EQ(line.percent(), "75.00");
  ASSERT_EQ(line.periods_size(), 3);
  EXPECT_EQ(line.periods(0).period(), "periods/2026-01");
  EXPECT_EQ(line.periods(0).percent(), "50.00");
  EXPECT_EQ(line.periods(1).percent(), "100.00");
  EXPECT_EQ(Get("2026-01").lines(0).periods_size(), 0) << "a month is measured as it is";
  Sales("mean_of_ratios");
  Card();
  line = Get("2026-q1").lines(0);
  EXPECT_EQ(line.percent(), "83.33");
  EXPECT_EQ(line.value(), "");
  SetTarget("2026-q1", "6000");
  line = Get("2026-q1").lines(0);
  EXPECT_EQ(line.percent(), "50.00") << "an own target for the quarter is measured against";
  EXPECT_EQ(line.roll_up(), "");
}

TEST_F(Parts, MonthsOfAJoinerAreThoseOfHisDays) {
  Apply({Signed("c2", "2026-02-20", 30'000), Signed("c3", "2026-03-10", 100'000)});
  Sales("ratio_of_sums");
  Card();
  Must(eligibility, &EligibilityApi::SetEligibility,
       Part("2026-q1", "2026-02-16", "2026-03-31", 30, 58));
  auto line = Get("2026-q1").lines(0);
  EXPECT_EQ(line.state(), "PENDING");
  EXPECT_THAT(line.detail(), HasSubstr("waits for the eligible days of periods/2026-02"));
  EXPECT_EQ(line.periods(0).state(), "NOT_APPLICABLE");
  Must(eligibility, &EligibilityApi::SetEligibility,
       Part("2026-02", "2026-02-16", "2026-02-28", 10, 20));
  line = Get("2026-q1").lines(0);
  EXPECT_EQ(line.target().value(), "1500") << "half of February's, all of March's";
  EXPECT_EQ(line.value(), "1300");
  EXPECT_EQ(line.periods(1).whole_target().value(), "1000");
}

TEST_F(Parts, ARollUpThatCannotBeIsRefused) {
  pb::GetKpiRequest get;
  get.set_name("kpis/k-002-sa-1");
  pb::CreateKpiVersionRequest create;
  *create.mutable_kpi() = Must(scorecards, &ScorecardsApi::GetKpi, get);
  pb::Kpi response;
  create.mutable_kpi()->set_roll_up("sum");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::CreateKpiVersion, create, &response)),
            "kpi.roll_up");
  create.mutable_kpi()->set_method("ratio");
  create.mutable_kpi()->mutable_target()->set_value("1");
  create.mutable_kpi()->set_rate(true);
  create.mutable_kpi()->set_roll_up("ratio_of_sums");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::CreateKpiVersion, create, &response)),
            "kpi.roll_up");
}

TEST_F(Parts, ACardOpensDownToEventIds) {
  std::vector<std::string> events;
  for (const char* day : {"2026-02-05", "2026-02-06", "2026-02-07"}) {
    const auto event = Signed(day, day, 10'000);
    events.push_back(event.event_id.ToString());
    Apply({event});
  }
  Must(measurements, &MeasurementsApi::RecordMeasurement, Value("a", "91.5"));
  pb::ExplainScorecardRequest request;
  request.set_scorecard("scorecards/sc-002-sales");
  request.set_subject(kLi);
  request.set_period("periods/2026-02");
  request.set_facts_per_kpi(2);
  auto opened = Must(scorecards, &ScorecardsApi::ExplainScorecard, request);
  ASSERT_EQ(opened.lines_size(), opened.result().lines_size());
  const auto& sales = opened.lines(0);
  EXPECT_EQ(sales.kpi(), "kpis/k-002-sa-1");
  EXPECT_EQ(sales.kpi_version(), 1);
  EXPECT_EQ(sales.formula(), "sum(sales_amount)");
  EXPECT_EQ(sales.parts(0).total(), 30'000);
  EXPECT_EQ(sales.parts(0).unit(), "money");
  ASSERT_EQ(sales.facts_size(), 2);
  EXPECT_EQ(sales.facts(0).event_id(), events[0]);
  EXPECT_EQ(sales.facts(1).event_id(), events[1]);
  EXPECT_EQ(sales.facts(0).unit(), "money");
  EXPECT_EQ(sales.total_facts(), 3);
  EXPECT_EQ(opened.result().lines(0).value(), "300");
  request.set_scorecard("scorecards/sc-002-cs");
  opened = Must(scorecards, &ScorecardsApi::ExplainScorecard, request);
  EXPECT_EQ(opened.lines(2).given(0).value(), "91.5");
  EXPECT_EQ(opened.lines(2).total_given(), 1);
  pb::ExplainScorecardResponse response;
  request.set_facts_per_kpi(-1);
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::ExplainScorecard, request, &response)),
            "facts_per_kpi");
  request.set_facts_per_kpi(0);
  request.set_subject(kWang);
  EXPECT_EQ(Do(scorecards, &ScorecardsApi::ExplainScorecard, request, &response, Agent(kLi)),
            NotFound(kWang));
}

TEST_F(Parts, AClosedCardIsExplainedByWhatWasThere) {
  Sales("");
  Card();
  Apply({Signed("c1", "2026-02-05", 10'000)});
  CaughtUp();
  Must(periods, &PeriodsApi::FreezePeriod, Freeze("2026-02"));
  pb::ClosePeriodRequest close;
  close.set_name("periods/2026-02");
  close.set_allow_missing(true);
  close.add_cards()->set_scorecard("scorecards/mine");
  close.mutable_cards(0)->add_subjects(kLi);
  Must(periods, &PeriodsApi::ClosePeriod, close);
  Apply({Signed("late", "2026-02-06", 10'000)});
  pb::ExplainScorecardRequest request;
  request.set_scorecard("scorecards/mine");
  request.set_subject(kLi);
  request.set_period("periods/2026-02");
  const auto opened = Must(scorecards, &ScorecardsApi::ExplainScorecard, request);
  EXPECT_EQ(opened.result().lines(0).value(), "100");
  EXPECT_THAT(opened.result().hash(), SizeIs(64));
  EXPECT_EQ(opened.lines(0).facts_size(), 1);
  EXPECT_EQ(opened.lines(0).facts(0).aggregate(), "contracts/c1");
  EXPECT_EQ(opened.lines(0).total_facts(), 1);
  EXPECT_EQ(opened.lines(0).late_facts(), 1);
}

}  // namespace
}  // namespace steward::scoring
