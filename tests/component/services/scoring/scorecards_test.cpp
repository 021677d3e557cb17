#include "services/scoring/storage/figure_reads.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Scorecards : public ScoringTest {
 protected:
  void SetUp() override {
    const auto shipped = ShippedCards();
    ASSERT_TRUE(shipped.ok()) << shipped.status();
    ASSERT_TRUE(InstallCards(*db, env, *shipped).ok());
  }
  pb::ScorecardResult Card(const std::string& card, const std::string& subject,
                           const std::string& period = "periods/2026-q1") {
    pb::GetScorecardRequest request;
    request.set_scorecard("scorecards/" + card);
    request.set_subject(subject);
    request.set_period(period);
    return Must(scorecards, &ScorecardsApi::GetScorecard, request);
  }
  static const pb::ResultLine& Line(const pb::ScorecardResult& result, const std::string& kpi) {
    for (const pb::ResultLine& line : result.lines()) {
      if (line.kpi() == "kpis/" + kpi) {
        return line;
      }
    }
    ADD_FAILURE() << "no line " << kpi;
    return pb::ResultLine::default_instance();
  }
  pb::SetTargetRequest Target(const std::string& kpi, const std::string& value) {
    pb::SetTargetRequest request;
    request.mutable_target()->set_kpi("kpis/" + kpi);
    request.mutable_target()->set_subject(kLi);
    request.mutable_target()->set_period("periods/2026-q1");
    request.mutable_target()->mutable_target()->set_value(value);
    return request;
  }
  // The KPI with a curve, so that it gives points.
  pb::Kpi WithCurve(const std::string& id, const std::string& method, const std::string& target) {
    pb::GetKpiRequest get;
    get.set_name("kpis/" + id);
    pb::CreateKpiVersionRequest create;
    *create.mutable_kpi() = Must(scorecards, &ScorecardsApi::GetKpi, get);
    create.mutable_kpi()->set_method(method);
    create.mutable_kpi()->mutable_target()->set_value(target);
    create.mutable_kpi()->set_missing("renormalise");
    return Must(scorecards, &ScorecardsApi::CreateKpiVersion, create);
  }
};

TEST_F(Scorecards, TheShippedOnesAreInstalledOnce) {
  EXPECT_THAT(Rows("test_kpis", "SELECT count(*)::text FROM definition WHERE name LIKE 'kpis/%'"),
              ElementsAre("82"));
  EXPECT_THAT(Rows("test_events", "SELECT count(*)::text FROM journal"), ElementsAre("96"));
  ASSERT_TRUE(InstallCards(*db, env, *ShippedCards()).ok());
  EXPECT_THAT(Rows("test_events", "SELECT count(*)::text FROM journal"), ElementsAre("96"));
  auto cards = *ShippedCards();
  cards[0].mutable_kpis(0)->set_unit("ratio");
  ASSERT_TRUE(InstallCards(*db, env, cards).ok());
  EXPECT_THAT(Rows("test_events", "SELECT count(*)::text FROM journal"), ElementsAre("98"))
      << "and the card that keeps the new version";
  pb::GetKpiRequest get;
  get.set_name(cards[0].kpis(0).name());
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::GetKpi, get).version(), 2);
}

TEST_F(Scorecards, AreListedInPagesWithWhatIsOdd) {
  pb::ListScorecardsRequest request;
  request.set_page_size(5);
  size_t seen = 0;
  do {
    const auto page = Must(scorecards, &ScorecardsApi::ListScorecards, request);
    for (const pb::Scorecard& card : page.scorecards()) {
      ++seen;
      ASSERT_GT(card.findings_size(), 0) << card.name();
      EXPECT_THAT(card.findings(0).code(), ::testing::AnyOf("WEIGHTS_NOT_100", "UNWEIGHTED"));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, 14u);
}

TEST_F(Scorecards, TheSalesCardShowsWhatHappened) {
  Apply({Signed("c1", "2026-02-05", 500'000), Won("o1", At("2026-02-01T10:00"), 100),
         Won("o2", At("2026-03-01T10:00"), 100, kLi, "other"),
         Won("o3", At("2025-12-01T10:00"), 100, kWang, "other")});
  Must(scorecards, &ScorecardsApi::SetTarget, Target("k-002-sa-1", "4000"));
  const auto card = Card("sc-002-sales", kLi);
  const pb::ResultLine& sales = Line(card, "k-002-sa-1");
  EXPECT_EQ(sales.value(), "5000");
  EXPECT_EQ(sales.currency(), "CNY");
  EXPECT_EQ(sales.met(), "yes");
  EXPECT_EQ(sales.target().value(), "4000");
  EXPECT_EQ(sales.state(), "NO_CURVE");
  EXPECT_EQ(sales.weight(), "40");
  EXPECT_EQ(Line(card, "k-002-sa-2").value(), "1") << "the other customer was won before, by Wang";
  const pb::ResultLine& complaints = Line(card, "k-002-sa-5");
  EXPECT_EQ(complaints.state(), "PENDING");
  EXPECT_EQ(complaints.detail(), "waits for external values from customer survey");
  EXPECT_EQ(complaints.source(), "external");
  const pb::ResultLine& collected = Line(card, "k-002-sa-3");
  EXPECT_EQ(collected.state(), "NOT_MEASURED");
  EXPECT_THAT(collected.detail(), HasSubstr("sum(instalment_due_amount) is 0"));
  EXPECT_EQ(Line(card, "k-002-sa-6").detail(), "the target is for a month");
  ASSERT_EQ(card.totals_size(), 3);
  EXPECT_EQ(card.totals(0).mode(), "normalise");
  EXPECT_EQ(card.totals(0).total(), "") << "nothing has a curve";
  EXPECT_EQ(card.period_state(), "OPEN");
}

TEST_F(Scorecards, ModesAreAllShownOnceCurvesAreSet) {
  Apply({Signed("c1", "2026-02-05", 450'000), Won("o1", At("2026-02-01T10:00"), 100)});
  WithCurve("k-002-sa-1", "ratio", "5000");
  WithCurve("k-002-sa-2", "ratio", "2");
  pb::CreateScorecardVersionRequest create;
  create.mutable_scorecard()->set_name("scorecards/mine");
  create.mutable_scorecard()->set_subject_kind("member");
  (*create.mutable_scorecard()->mutable_display_names())["en"] = "Mine";
  for (const auto& [kpi, weight] : std::map<std::string, std::string>{
           {"k-002-sa-1", "40"}, {"k-002-sa-2", "20"}, {"k-002-sa-5", "20"}}) {
    auto* item = create.mutable_scorecard()->add_items();
    item->set_kpi("kpis/" + kpi);
    item->set_weight(weight);
  }
  const pb::Scorecard made = Must(scorecards, &ScorecardsApi::CreateScorecardVersion, create);
  EXPECT_EQ(made.items(0).kpi_version(), 2) << "the version that it keeps";
  EXPECT_EQ(Line(Card("sc-002-sales", kLi), "k-002-sa-1").kpi_version(), 1)
      << "the shipped card keeps the shipped one";
  auto card = Card("mine", kLi);
  EXPECT_EQ(Line(card, "k-002-sa-1").percent(), "90.00");
  EXPECT_EQ(Line(card, "k-002-sa-2").percent(), "50.00");
  EXPECT_EQ(card.totals(0).total(), "") << "k-002-sa-5 blocks";
  EXPECT_THAT(card.blocking(), ElementsAre("kpis/k-002-sa-5"));
  EXPECT_EQ(card.totals(1).mode(), "raw");
  EXPECT_EQ(card.totals(1).lowest(), "46.00");
  EXPECT_EQ(card.totals(1).highest(), "66.00");
}

TEST_F(Scorecards, ATargetIsRefusedWhereItCannotServe) {
  pb::Target response;
  auto request = Target("k-002-sa-1", "NaN");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::SetTarget, request, &response)),
            "target.target.value");
  request = Target("k-404", "1");
  EXPECT_EQ(Do(scorecards, &ScorecardsApi::SetTarget, request, &response), NotFound("kpis/k-404"));
  request = Target("k-002-sa-1", "1");
  request.mutable_target()->set_period("periods/2026-13");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::SetTarget, request, &response)),
            "target.period");
  request = Target("k-002-sa-1", "1");
  request.mutable_target()->mutable_target()->set_upper("2");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::SetTarget, request, &response)),
            "target.target");
}

TEST_F(Scorecards, ATargetIsSetOnceForARequest) {
  auto request = Target("k-002-sa-1", "4000");
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  const pb::Target first = Must(scorecards, &ScorecardsApi::SetTarget, request);
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::SetTarget, request).SerializeAsString(),
            first.SerializeAsString());
  request.mutable_target()->mutable_target()->set_value("5000");
  pb::Target response;
  EXPECT_EQ(ReasonOf(Do(scorecards, &ScorecardsApi::SetTarget, request, &response)),
            "REQUEST_ID_REUSED");
  request.set_request_id("");
  EXPECT_EQ(Must(scorecards, &ScorecardsApi::SetTarget, request).version(), 2);
  pb::ListTargetsRequest list;
  list.set_subject(kLi);
  const auto targets = Must(scorecards, &ScorecardsApi::ListTargets, list);
  ASSERT_EQ(targets.targets_size(), 1);
  EXPECT_EQ(targets.targets(0).target().value(), "5000");
  EXPECT_THAT(Rows("test_targets", "SELECT aggregate FROM journal WHERE type = 'target.set'"),
              ElementsAre("targets/k-002-sa-1/2026-q1/members/li",
                          "targets/k-002-sa-1/2026-q1/members/li"));
}

TEST_F(Scorecards, ADefinitionThatCannotWorkIsRefusedWithItsField) {
  pb::GetKpiRequest get;
  get.set_name("kpis/k-002-sa-1");
  pb::CreateKpiVersionRequest create;
  *create.mutable_kpi() = Must(scorecards, &ScorecardsApi::GetKpi, get);
  pb::Kpi response;
  EXPECT_EQ(ReasonOf(Do(scorecards, &ScorecardsApi::CreateKpiVersion, create, &response)),
            "NOTHING_TO_CHANGE");
  create.mutable_kpi()->mutable_formula()->mutable_value()->set_measure("luck");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::CreateKpiVersion, create, &response)),
            "kpi.formula.value.measure");
  pb::CreateScorecardVersionRequest card;
  card.mutable_scorecard()->set_name("scorecards/mine");
  card.mutable_scorecard()->set_subject_kind("member");
  pb::Scorecard made;
  EXPECT_EQ(ReasonOf(Do(scorecards, &ScorecardsApi::CreateScorecardVersion, card, &made)),
            "EMPTY_CARD");
  card.mutable_scorecard()->add_items()->set_kpi("kpis/k-002-sa-1");
  card.mutable_scorecard()->mutable_items(0)->set_weight("-5");
  EXPECT_EQ(FieldOf(Do(scorecards, &ScorecardsApi::CreateScorecardVersion, card, &made)),
            "scorecard.items[0].weight");
}

TEST_F(Scorecards, AKpiOpensDownToEventIds) {
  std::vector<std::string> events;
  for (const char* day : {"2026-01-05", "2026-02-05", "2026-03-05"}) {
    const auto event = Signed(day, day, 1000);
    events.push_back(event.event_id.ToString());
    Apply({event});
  }
  pb::ExplainKpiRequest request;
  request.set_kpi("kpis/k-002-sa-1");
  request.set_subject(kEast);
  request.set_period("periods/2026-q1");
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    const auto page = Must(scorecards, &ScorecardsApi::ExplainKpi, request);
    EXPECT_EQ(page.kpi().version(), 1);
    EXPECT_EQ(page.formula(), "sum(sales_amount)");
    EXPECT_EQ(page.line().value(), "30");
    ASSERT_EQ(page.parts_size(), 1);
    EXPECT_EQ(page.parts(0).total(), 3000);
    for (const pb::Fact& fact : page.facts()) {
      found.push_back(fact.event_id());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(found, events);
}

TEST_F(Scorecards, AnothersCardIsNotThere) {
  pb::GetScorecardRequest request;
  request.set_scorecard("scorecards/sc-002-sales");
  request.set_subject(kWang);
  request.set_period("periods/2026-q1");
  pb::ScorecardResult response;
  EXPECT_EQ(Do(scorecards, &ScorecardsApi::GetScorecard, request, &response, Agent(kLi)),
            NotFound(kWang));
  request.set_subject(kLi);
  EXPECT_TRUE(Do(scorecards, &ScorecardsApi::GetScorecard, request, &response, Agent(kLi)).ok());
  request.set_scorecard("scorecards/none");
  EXPECT_EQ(Do(scorecards, &ScorecardsApi::GetScorecard, request, &response),
            NotFound("scorecards/none"));
}

TEST_F(Scorecards, TheFirstFactOfACustomerIsFoundByTheirs) {
  const auto run = [&](const char* name, const char* sql) {
    const auto rows = db->Run(pg::Statement{name, sql});
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::string text;
    for (int row = 0; rows.ok() && row < rows->rows(); ++row) {
      text += rows->Text(row, 0) + "\n";
    }
    return text;
  };
  run("fill",
      "INSERT INTO fact SELECT gen_random_uuid(), 'won_count', 0, 'o/' || n, 1, now(), "
      "'2026-01-01', '', '', 'members/' || n % 50, '', '', 'customers/' || n % 500, 1 FROM "
      "generate_series(1, 5000) n");
  run("analyze", "ANALYZE fact");
  const FactQuery query{
      "members/7", "won_count", "", {absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 3, 31)}};
  ASSERT_TRUE(pg::RunInTx(*db, {}, [&](pg::Tx& tx) {
                QueueCustomers(tx, query);  // prepares its statement
                return tx.Flush();
              }).ok());
  const std::string plan = run("plan",
                               "EXPLAIN EXECUTE fact_customers ('members/7', 'won_count', "
                               "'2026-01-01', '2026-03-31', '')");
  EXPECT_THAT(plan, HasSubstr("Index Cond: ((customer = fact.customer)"));
}

}  // namespace
}  // namespace steward::scoring
