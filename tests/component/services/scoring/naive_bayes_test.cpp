// Cases of tests/vectors/pls_vectors.json by events, a stored model that chooses `naive_bayes`, the rescorer and the API.

#include <cmath>

#include "tests/component/services/scoring/lead_fixture.h"
#include "tests/unit/services/scoring/pls_leads.h"

namespace steward::scoring {
namespace {

using testing::File;
using testing::Lead;

class NaiveBayes : public LeadsTest {
 protected:
  // The vectors' fields as features that a lead has here.
  static std::string Feature(const std::string& field) {
    return field == "country_id"    ? "territory"
           : field == "state_id"    ? "industry"
           : field == "email_state" ? "campaign"
           : field == "phone_state" ? "utm_source"
                                    : "source";
  }
  static v1::ScoringModel ModelOf(const testing::json& fields) {
    v1::ScoringModel model;
    model.set_name("scoringModels/sample");
    (*model.mutable_display_names())["en"] = "As before";
    (*model.mutable_display_names())["zh-Hans"] = "同旧系统";
    auto& win = *model.mutable_win();
    win.set_method("naive_bayes");
    for (const testing::json& stage : File()["stages"]) {
      if (!stage["is_won"]) {
        win.add_stages(*testing::Text(stage["id"]));
      }
    }
    for (const std::string field : fields) {
      win.add_features(Feature(field));
      if (field == "email_state" || field == "phone_state") {
        win.add_count_missing(Feature(field));
      }
    }
    return model;
  }
  void Tell(const testing::Leads& leads) {
    const Time at = At("2026-11-20T09:00");
    for (const auto& [id, lead] : leads) {
      const std::string name = "leads/" + std::to_string(id);
      const std::string team = lead.data.team ? "teams/" + *lead.data.team : "";
      LeadsEvent captured, opened, decided;
      auto& m = *captured.mutable_lead_captured();
      const auto value = [&lead = lead](const char* field) {
        return lead.data.fields.at(field).value_or("");
      };
      m.set_territory(value("country_id"));
      m.set_industry(value("state_id"));
      m.set_campaign(value("email_state"));
      m.set_utm_source(value("phone_state"));
      m.set_source(value("source_id"));
      m.set_team(team);
      auto& o = *opened.mutable_opportunity_opened();
      o.set_lead(name);
      o.set_team(team);
      o.set_stage(*lead.data.stage);
      const std::string opportunity = "opportunities/" + std::to_string(id);
      Apply({Event(kLeadsTopic, name, captured, at), Event(kLeadsTopic, opportunity, opened, at)});
      if (lead.status != PlsStatus::kOpen) {
        auto& d = lead.status == PlsStatus::kWon ? *decided.mutable_opportunity_won()
                                                 : *decided.mutable_opportunity_lost();
        d.set_lead(name);
        d.set_team(team);
        d.set_from_stage(*lead.data.stage);
        Apply({Event(kLeadsTopic, opportunity, decided, at)});
      }
    }
  }
  void ExpectAll(const testing::Leads& leads, const testing::json& fields,
                 const testing::json& expected) {
    Create(ModelOf(fields));
    Activate(1);
    Tell(leads);
    Rescore();
    for (const auto& [id, percent] : expected.items()) {
      SCOPED_TRACE(id);
      const v1::LeadScore score = Get(id);
      EXPECT_NEAR(std::stod(score.win_percent()), percent.get<double>(), testing::Tolerance());
      EXPECT_EQ(score.win_basis(), "scope");
      EXPECT_EQ(score.score(), "0");
      const v1::LeadScoreExplanation trace = Explain(id);
      EXPECT_TRUE(trace.stored_is_current());
      int64_t sum = ParseDecimal("", trace.win().prior_log_odds())->scaled;
      for (const auto& line : trace.win().contributions()) {
        sum += ParseDecimal("", line.log_odds())->scaled;
      }
      EXPECT_EQ(sum, ParseDecimal("", trace.win().log_odds())->scaled);
      EXPECT_NEAR(100 / (1 + std::exp(-std::stod(trace.win().log_odds()))), percent.get<double>(),
                  testing::Tolerance());
    }
  }
};

TEST_F(NaiveBayes, CaseA) {
  ExpectAll(testing::CaseA(), testing::Fields(), File()["case_A_full_rebuild"]["expected_percent"]);
  const v1::LeadScoreExplanation trace = Explain("3");
  EXPECT_EQ(trace.win().scope(), "teams/1");
  EXPECT_EQ(trace.win().won(), 1);
  EXPECT_EQ(trace.win().lost(), 2);
  EXPECT_EQ(trace.win().contributions_size(), 6);
}

TEST_F(NaiveBayes, CaseA2WithoutTeamAllRowsCount) {
  ExpectAll(testing::CaseA2(), testing::Fields(),
            File()["case_A2_no_team_uses_pooled_rows"]["expected_percent"]);
  EXPECT_EQ(Explain("13").win().scope(), "company");
  EXPECT_EQ(Explain("13").win().won(), 3);
  EXPECT_EQ(Explain("13").win().lost(), 6);
}

class NaiveBayesRefit : public NaiveBayes {
 protected:
  static testing::Leads State() {
    testing::Leads leads;
    for (const testing::json& row : File()["case_E_refit_after_field_change"]["leads_state"]) {
      leads[row["lead"]] = testing::LeadOf(row);
    }
    return leads;
  }
};

TEST_F(NaiveBayesRefit, CaseE) {
  ExpectAll(State(), testing::Fields(),
            File()["case_E_refit_after_field_change"]["expected_percent"]);
}

TEST_F(NaiveBayesRefit, CaseEWithStagesAlone) {
  ExpectAll(State(), testing::json::array(),
            File()["case_E_refit_after_field_change"]["with_no_configured_fields_only_stage"]);
}

TEST_F(NaiveBayes, AStageThatTheModelDoesNotNameHasItsDefault) {
  testing::Leads leads = testing::CaseA();
  leads.at(3).data.stage = "new";
  Create(ModelOf(testing::Fields()));
  Activate(1);
  Tell(leads);
  Rescore();
  EXPECT_EQ(Get("3").win_basis(), "stage_default");
  EXPECT_EQ(Get("8").win_basis(), "scope");
}

TEST_F(NaiveBayes, FaultsNameTheirFields) {
  const auto field = [&](auto change) {
    v1::CreateScoringModelVersionRequest request;
    *request.mutable_model() = ModelOf(testing::Fields());
    change(*request.mutable_model()->mutable_win());
    v1::ScoringModel model;
    return FieldOf(Do(api, &LeadScoresApi::CreateScoringModelVersion, request, &model));
  };
  using Win = v1::ScoringModel::WinSettings;
  EXPECT_EQ(field([](Win& w) { w.set_method("guess"); }), "model.win.method");
  EXPECT_EQ(field([](Win& w) { w.clear_stages(); }), "model.win.stages");
  EXPECT_EQ(field([](Win& w) { w.add_stages("1"); }), "model.win.stages[3]");
  EXPECT_EQ(field([](Win& w) { w.set_features(0, "tier.abc"); }), "model.win.features[0]");
  EXPECT_EQ(field([](Win& w) { w.set_count_missing(0, "channel"); }), "model.win.count_missing[0]");
  EXPECT_EQ(field([](Win& w) { w.set_least_won(5); }), "model.win.least_won");
  EXPECT_EQ(field([](Win& w) { w.set_weight_of_prior("5"); }), "model.win.weight_of_prior");
  EXPECT_EQ(field([](Win& w) {
              w.Clear();
              w.add_stages("1");
            }),
            "model.events")
      << "a model of another method needs a rule";
}

}  // namespace
}  // namespace steward::scoring
