#include "tools/stewardctl/scorecard_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stewardctl {
namespace {

namespace pb = steward::scoring::v1;
using ::testing::HasSubstr;

void Name(google::protobuf::Map<std::string, std::string>& names, const char* en, const char* zh) {
  names["en"] = en;
  names["zh-Hans"] = zh;
}

pb::ScorecardResult Card() {
  pb::ScorecardResult card;
  card.set_scorecard("scorecards/sc-1");
  Name(*card.mutable_display_names(), "Sales", "销售");
  card.set_subject("members/li");
  card.set_period("periods/2026-q1");
  card.set_period_state("OPEN");
  pb::ResultLine& amount = *card.add_lines();
  amount.set_kpi("kpis/k-1");
  Name(*amount.mutable_display_names(), "Sales amount", "销售额");
  amount.set_weight("60");
  amount.set_value("1234567.5");
  amount.set_unit("money");
  amount.set_currency("CNY");
  amount.mutable_target()->set_value("1000000");
  amount.set_met("yes");
  amount.set_percent("100.00");
  amount.set_points("60.00");
  amount.set_state("SCORED");
  pb::ResultLine& rate = *card.add_lines();
  rate.set_kpi("kpis/k-2");
  Name(*rate.mutable_display_names(), "Satisfaction", "满意度");
  rate.set_weight("40");
  rate.set_unit("percent");
  rate.mutable_target()->set_value("90");
  rate.set_state("PENDING");
  rate.set_detail("waits for external values from survey");
  rate.set_treatment("blocks");
  card.add_missing("kpis/k-2");
  for (const char* mode : {"normalise", "raw", "core_plus_bonus"}) {
    pb::ResultTotal& total = *card.add_totals();
    total.set_mode(mode);
    total.set_lowest("60.00");
    total.set_highest("100.00");
  }
  return card;
}

TEST(ScorecardText, InEnglish) {
  EXPECT_EQ(CardText(Card(), "en", false), R"(Sales  members/li  2026-q1  OPEN

KPI  NAME          WEIGHT            VALUE         TARGET  MET  PERCENT  POINTS  STATE
k-1  Sales amount     60%  1,234,567.5 CNY  1,000,000 CNY  yes  100.00%   60.00  SCORED
k-2  Satisfaction     40%                             90%                        PENDING

MODE             TOTAL  LOWEST  HIGHEST
normalise            -   60.00   100.00
raw                  -   60.00   100.00
core_plus_bonus      -   60.00   100.00

Missing:
  Satisfaction: PENDING, waits for external values from survey (blocks the total)
)");
}

TEST(ScorecardText, InChinese) {
  EXPECT_EQ(CardText(Card(), "zh", false), R"(销售  members/li  2026-q1  进行中

指标  名称    权重             实际           目标  达标   完成率   得分  状态
k-1   销售额   60%  1,234,567.5 CNY  1,000,000 CNY  是    100.00%  60.00  已计分
k-2   满意度   40%                             90%                        待数据

计分方式    合计  最低可达  最高可达
按权重折算     -     60.00    100.00
按原权重       -     60.00    100.00
核心加附加     -     60.00    100.00

尚缺：
  满意度：待数据, 等待外部数据：survey (缺此项不计合计)
)");
}

TEST(ScorecardText, AsCsv) {
  const std::string csv = CardCsv(Card(), "en");
  EXPECT_THAT(csv, HasSubstr("k-1,Sales amount,60,1234567.5,CNY,1000000,yes,100.00,60.00,SCORED"));
  EXPECT_THAT(csv, HasSubstr("TOTAL,normalise,,,,,,,,,,60.00,100.00\n"));
}

TEST(ScorecardText, ExplainedDownToEvents) {
  pb::ExplainKpiResponse explained;
  *explained.mutable_line() = Card().lines(0);
  explained.mutable_line()->set_kpi_version(3);
  explained.set_formula("sum(sales_amount)");
  auto& part = *explained.add_parts();
  part.set_term("sum(sales_amount)");
  part.set_total(123456750);
  part.set_currency("CNY");
  for (const int64_t value : {23456750, 100000000}) {
    pb::Fact& fact = *explained.add_facts();
    fact.set_event_id("0193a5c2-7b1e-7c34-9d55-0a1b2c3d4e5f");
    fact.set_measure("sales_amount");
    fact.set_aggregate("contracts/c1");
    fact.mutable_day()->set_year(2026);
    fact.mutable_day()->set_month(2);
    fact.mutable_day()->set_day(5);
    fact.set_currency("CNY");
    fact.set_value(value);
  }
  EXPECT_EQ(ExplainText(explained, "en", false),
            R"(Sales amount: 1,234,567.5 CNY  (target 1,000,000 CNY)
Formula: sum(sales_amount)  (k-1, version 3)

Parts
TERM                          TOTAL
sum(sales_amount)  1,234,567.50 CNY

Facts
DAY         MEASURE                  VALUE  OF            EVENT
2026-02-05  sales_amount    234,567.50 CNY  contracts/c1  0193a5c2-7b1e-7c34-9d55-0a1b2c3d4e5f
2026-02-05  sales_amount  1,000,000.00 CNY  contracts/c1  0193a5c2-7b1e-7c34-9d55-0a1b2c3d4e5f
)");
}

TEST(ScorecardText, ACardExplained) {
  pb::ExplainScorecardResponse explained;
  pb::ScorecardResult& card = *explained.mutable_result();
  card.set_scorecard("scorecards/c");
  card.set_subject("members/li");
  card.set_period("periods/2026-q1");
  card.set_period_state("CLOSED");
  (*card.mutable_display_names())["en"] = "Service";
  (*card.mutable_display_names())["zh-Hans"] = "客服";
  auto& part = *card.mutable_part();
  part.mutable_first_day()->set_year(2026);
  part.mutable_first_day()->set_month(2);
  part.mutable_first_day()->set_day(16);
  *part.mutable_last_day() = part.first_day();
  part.mutable_last_day()->set_day(28);
  part.set_days(10);
  part.set_period_days(58);
  pb::ResultLine& line = *card.add_lines();
  line.set_kpi("kpis/k-2");
  line.set_kpi_version(2);
  (*line.mutable_display_names())["en"] = "Time to close";
  (*line.mutable_display_names())["zh-Hans"] = "办结时长";
  line.set_weight("40");
  line.set_state("SCORED");
  line.set_value("26");
  line.set_unit("hours");
  line.mutable_target()->set_value("24");
  line.mutable_whole_target()->set_value("48");
  line.set_percent("91.67");
  line.set_points("36.67");
  line.set_source("measured");
  line.set_roll_up("mean_of_ratios");
  auto& month = *line.add_periods();
  month.set_period("periods/2026-02");
  month.set_value("26");
  month.mutable_target()->set_value("24");
  month.set_percent("91.67");
  month.set_state("SCORED");
  auto& opened = *explained.add_lines();
  opened.set_kpi("kpis/k-2");
  opened.set_formula("mean of clocks of svc-001");
  auto& total = *opened.add_parts();
  total.set_term("sum(clock_elapsed)");
  total.set_total(187'200'000'000);
  total.set_unit("duration");
  pb::Fact& fact = *opened.add_facts();
  fact.set_event_id("0193a5c2-7b1e-7c34-9d55-0a1b2c3d4e5f");
  fact.set_measure("clock_elapsed");
  fact.set_aggregate("clocks/k1");
  *fact.mutable_day() = part.first_day();
  fact.set_value(93'600'000'000);
  fact.set_unit("duration");
  opened.set_total_facts(2);
  opened.set_late_facts(1);
  const std::string text = ExplainText(explained, "en", false);
  EXPECT_NE(text.find("Assessed: 2026-02-16 – 2026-02-28, 10 / 58 working days\n"),
            std::string::npos)
      << text;
  const std::string rule(72, '-');
  EXPECT_EQ(text.substr(text.find(rule)), rule + R"(
Time to close: 26 hours  (target 24 hours / 48 hours)
Formula: mean of clocks of svc-001  (k-2, version 2)
PERCENT 91.67%, WEIGHT 40, POINTS 36.67

Periods (mean_of_ratios)
PERIOD      VALUE    TARGET  PERCENT  STATE
2026-02  26 hours  24 hours   91.67%  SCORED

Parts
TERM                TOTAL
sum(clock_elapsed)    52h

Facts (1 / 2)
DAY         MEASURE        VALUE  OF         EVENT
2026-02-16  clock_elapsed    26h  clocks/k1  0193a5c2-7b1e-7c34-9d55-0a1b2c3d4e5f
All: stewardctl kpis explain k-2 members/li 2026-q1
Came after the period was closed: 1
)");
  const std::string chinese = ExplainText(explained, "zh", false);
  EXPECT_NE(chinese.find("考核区间：2026-02-16 – 2026-02-28, 10 / 58 个工作日"), std::string::npos)
      << chinese;
  EXPECT_NE(chinese.find("分期 (完成率平均)"), std::string::npos) << chinese;
}

}  // namespace
}  // namespace stewardctl
