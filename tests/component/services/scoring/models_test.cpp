// Scoring models are versions that never change; one of them scores.

#include "tests/component/services/scoring/lead_fixture.h"

namespace steward::scoring {
namespace {

class ScoringModels : public LeadsTest {};

TEST_F(ScoringModels, AreVersionedListedAndActivated) {
  const auto first = Create(Model());
  EXPECT_EQ(first.version(), 1);
  EXPECT_FALSE(first.active());
  EXPECT_EQ(first.created_by(), "members/operator");
  auto changed = Model();
  changed.mutable_features(0)->set_points("45");
  EXPECT_EQ(Create(changed).version(), 2);
  Activate(1);

  v1::GetScoringModelRequest get;
  get.set_name("scoringModels/sample");
  EXPECT_EQ(Must(api, &LeadScoresApi::GetScoringModel, get).features(0).points(), "45");
  get.set_version(1);
  const auto active = Must(api, &LeadScoresApi::GetScoringModel, get);
  EXPECT_TRUE(active.active());
  EXPECT_EQ(active.features(0).points(), "40");
  auto other = Model();
  other.set_name("scoringModels/other");
  Create(other);
  v1::ListScoringModelsRequest list;
  list.set_page_size(1);
  const auto page = Must(api, &LeadScoresApi::ListScoringModels, list);
  ASSERT_EQ(page.models_size(), 1);
  EXPECT_EQ(page.models(0).name(), "scoringModels/other");
  list.set_page_token(page.next_page_token());
  EXPECT_EQ(Must(api, &LeadScoresApi::ListScoringModels, list).models(0).version(), 2);

  const auto said = Journal("scoringModels/sample");
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[1].model_version_created().version(), 2);
  EXPECT_EQ(said[2].model_activated().version(), 1);
}

TEST_F(ScoringModels, AnotherVersionScoresEveryLeadAnew) {
  Create(Model());
  Activate(1);
  Apply({Captured("a", "fair", At("2026-11-20T09:00")),
         Captured("b", "web", At("2026-11-20T09:00"))});
  Rescore();
  auto changed = Model();
  changed.mutable_features(0)->set_points("45");
  Create(changed);
  Activate(2);
  Rescore();
  EXPECT_EQ(Get("a").score(), "45");
  EXPECT_EQ(Get("a").model_version(), 2);
  EXPECT_EQ(Get("b").model_version(), 2);
  EXPECT_EQ(Journal("leadScores/b").size(), 1u) << "nothing shows of its change";
  v1::ActivateScoringModelRequest again;
  again.set_name("scoringModels/sample");
  again.set_version(2);
  v1::ScoringModel model;
  EXPECT_EQ(ReasonOf(Do(api, &LeadScoresApi::ActivateScoringModel, again, &model)),
            "NOTHING_TO_CHANGE");
}

TEST_F(ScoringModels, ARepeatAnswersTheSameAndAnotherBodyIsRefused) {
  v1::CreateScoringModelVersionRequest request;
  *request.mutable_model() = Model();
  request.set_request_id("r1");
  const auto first = Must(api, &LeadScoresApi::CreateScoringModelVersion, request);
  EXPECT_EQ(rpc::DeterministicBytes(Must(api, &LeadScoresApi::CreateScoringModelVersion, request)),
            rpc::DeterministicBytes(first));
  request.mutable_model()->mutable_features(0)->set_points("41");
  v1::ScoringModel model;
  EXPECT_FALSE(Do(api, &LeadScoresApi::CreateScoringModelVersion, request, &model).ok());
  request.clear_request_id();
  request.set_validate_only(true);
  EXPECT_EQ(Must(api, &LeadScoresApi::CreateScoringModelVersion, request).version(), 2);
  EXPECT_EQ(Journal("scoringModels/sample").size(), 1u);

  v1::ActivateScoringModelRequest activate;
  activate.set_name("scoringModels/sample");
  activate.set_version(1);
  activate.set_request_id("r2");
  const auto active = Must(api, &LeadScoresApi::ActivateScoringModel, activate);
  EXPECT_EQ(rpc::DeterministicBytes(Must(api, &LeadScoresApi::ActivateScoringModel, activate)),
            rpc::DeterministicBytes(active));
  EXPECT_EQ(Journal("scoringModels/sample").size(), 2u);
  activate.set_version(7);
  activate.clear_request_id();
  EXPECT_EQ(Do(api, &LeadScoresApi::ActivateScoringModel, activate, &model),
            NotFound("scoringModels/sample@7"));
}

TEST_F(ScoringModels, DeactivationLeavesEveryScoreAsItWasLastReckoned) {
  Create(Model());
  Activate(1);
  Apply({Captured("a", "fair", At("2026-11-20T09:00"))});
  Rescore();
  const v1::LeadScore before = Get("a");
  EXPECT_TRUE(before.model_active());

  v1::DeactivateScoringModelRequest request;
  request.set_name("scoringModels/sample");
  request.set_request_id("r3");
  const auto taken = Must(api, &LeadScoresApi::DeactivateScoringModel, request);
  EXPECT_FALSE(taken.active());
  EXPECT_EQ(taken.version(), 1);
  EXPECT_EQ(rpc::DeterministicBytes(Must(api, &LeadScoresApi::DeactivateScoringModel, request)),
            rpc::DeterministicBytes(taken));
  EXPECT_EQ(Journal("scoringModels/sample").back().model_deactivated().version(), 1);
  EXPECT_EQ(Journal("scoringModels/sample").size(), 3u);

  Apply({Touch("t", "a", At("2026-11-20T10:00")), Captured("b", "fair", At("2026-11-20T11:00"))});
  Rescore();
  v1::LeadScore kept = Get("a");
  EXPECT_FALSE(kept.model_active());
  kept.set_model_active(true);
  EXPECT_EQ(rpc::DeterministicBytes(kept), rpc::DeterministicBytes(before));
  EXPECT_EQ(Journal("leadScores/a").size(), 1u);
  v1::GetLeadScoreRequest other;
  other.set_lead("leads/b");
  v1::LeadScore none;
  EXPECT_EQ(Do(api, &LeadScoresApi::GetLeadScore, other, &none), NotFound("leadScores/b"));

  // What came meanwhile is not lost: the next model scores all.
  Activate(1);
  Rescore();
  EXPECT_NE(Get("a").score(), before.score());
  EXPECT_TRUE(Get("a").model_active());
  EXPECT_TRUE(Get("b").model_active());
}

TEST_F(ScoringModels, OnlyTheActiveOneIsDeactivated) {
  Create(Model());
  v1::DeactivateScoringModelRequest request;
  v1::ScoringModel model;
  const auto reason = [&](const char* name) {
    request.set_name(name);
    return Do(api, &LeadScoresApi::DeactivateScoringModel, request, &model);
  };
  EXPECT_EQ(FieldOf(reason("sample")), "name");
  EXPECT_EQ(reason("scoringModels/none"), NotFound("scoringModels/none"));
  EXPECT_EQ(ReasonOf(reason("scoringModels/sample")), "MODEL_NOT_ACTIVE");
  Activate(1);
  auto other = Model();
  other.set_name("scoringModels/other");
  Create(other);
  EXPECT_THAT(std::string(reason("scoringModels/other").message()),
              ::testing::HasSubstr("scoringModels/sample"));
}

TEST_F(ScoringModels, FaultsNameTheirFields) {
  const auto field = [&](auto change) {
    v1::CreateScoringModelVersionRequest request;
    *request.mutable_model() = Model();
    change(*request.mutable_model());
    v1::ScoringModel model;
    return FieldOf(Do(api, &LeadScoresApi::CreateScoringModelVersion, request, &model));
  };
  using M = v1::ScoringModel;
  EXPECT_EQ(field([](M& m) { m.set_name("sample"); }), "model.name");
  EXPECT_EQ(field([](M& m) { m.mutable_display_names()->erase("zh-Hans"); }),
            "model.display_names");
  EXPECT_EQ(field([](M& m) { m.mutable_features(0)->set_points("many"); }),
            "model.features[0].points");
  EXPECT_EQ(field([](M& m) { m.mutable_features(0)->clear_points(); }), "model.features[0].points");
  EXPECT_EQ(field([](M& m) { m.mutable_features(0)->set_feature("shoe_size"); }),
            "model.features[0].feature");
  EXPECT_EQ(field([](M& m) { m.mutable_events(0)->set_group("luck"); }), "model.events[0].group");
  EXPECT_EQ(field([](M& m) { m.mutable_events(0)->set_decay("slowly"); }), "model.events[0].decay");
  EXPECT_EQ(field([](M& m) { m.mutable_events(0)->clear_span(); }), "model.events[0].decay.span");
  EXPECT_EQ(field([](M& m) { *m.add_bands() = m.bands(0); }), "model.bands[1].id");
  EXPECT_EQ(field([](M& m) { m.mutable_win()->set_least_won(-1); }), "model.win.least_won");
  EXPECT_EQ(field([](M& m) { m.mutable_overall()->set_most("-1"); }), "model.overall");
  EXPECT_EQ(field([](M& m) {
              auto* idle = m.add_idle_limits();
              idle->set_id("idle");
              idle->set_most("10");
            }),
            "model.idle_limits[0].idle");
}

}  // namespace
}  // namespace steward::scoring
