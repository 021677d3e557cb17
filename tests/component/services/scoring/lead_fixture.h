#pragma once
// Leads and their scores on a real PostgreSQL: events come as the consumer hands them over, the rescorer runs step by step.

#include "services/scoring/api/lead_scores_api.h"
#include "services/scoring/rescore/rescorer.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {

class LeadsTest : public ScoringTest {
 protected:
  using LeadsEvent = leads::events::v1::LeadsEvent;

  LeadsTest()
      : api({.env = env,
             .tokens = &tokens,
             .zone = *LoadZone("zone", "Asia/Shanghai"),
             .parents = [this] { return parents; },
             .asked = nullptr}),
        rescorer({.pg = options,
                  .clock = &clock,
                  .ids = &ids,
                  .zone = *LoadZone("zone", "Asia/Shanghai"),
                  .parents = [this] { return parents; },
                  .metrics = nullptr,
                  .said = nullptr,
                  .batch = 3}) {}

  eventing::Event Captured(const std::string& lead, const std::string& source, Time at,
                           const std::string& owner = kLi, const std::string& customer = "") {
    LeadsEvent message;
    auto* m = message.mutable_lead_captured();
    m->set_source(source);
    m->set_channel("web");
    m->set_owner(owner);
    m->set_team(kEast);
    m->set_customer(customer);
    return Event(kLeadsTopic, "leads/" + lead, message, at);
  }
  eventing::Event Touch(const std::string& touch, const std::string& lead, Time at,
                        bool effective = true) {
    LeadsEvent message;
    auto* m = message.mutable_touch_recorded();
    m->set_kind("visit");
    m->set_effective(effective);
    m->set_member(kLi);
    m->set_lead("leads/" + lead);
    return Event(kLeadsTopic, "touches/" + touch, message, at);
  }
  eventing::Event Opened(const std::string& opportunity, const std::string& lead, Time at,
                         const std::string& stage = "first") {
    LeadsEvent message;
    auto* m = message.mutable_opportunity_opened();
    m->set_lead("leads/" + lead);
    m->set_team(kEast);
    m->set_win_basis_points(2500);
    m->set_stage(stage);
    return Event(kLeadsTopic, "opportunities/" + opportunity, message, at);
  }
  // verdict: won, lost or reopened
  eventing::Event Decided(const std::string& opportunity, const std::string& lead,
                          const std::string& verdict, Time at) {
    LeadsEvent message;
    auto* m = verdict == "won"    ? message.mutable_opportunity_won()
              : verdict == "lost" ? message.mutable_opportunity_lost()
                                  : message.mutable_opportunity_reopened();
    m->set_lead("leads/" + lead);
    m->set_team(kEast);
    return Event(kLeadsTopic, "opportunities/" + opportunity, message, at);
  }
  eventing::Event Tiers(const std::string& customer, const std::string& tier, Time at) {
    LeadsEvent message;
    message.mutable_customer_tier_changed()->add_tiers(tier);
    return Event(kLeadsTopic, "customers/" + customer, message, at);
  }

  // Fit by source and tier, engagement by visits that halve in 30 days.
  static v1::ScoringModel Model() {
    v1::ScoringModel model;
    model.set_name("scoringModels/sample");
    const auto name = [](auto* names, const char* en, const char* zh) {
      (*names)["en"] = en;
      (*names)["zh-Hans"] = zh;
    };
    name(model.mutable_display_names(), "Sample", "示例");
    for (const char* id : {"fit", "engagement"}) {
      auto* group = model.add_groups();
      group->set_id(id);
      group->mutable_limits()->set_most("50");
      name(group->mutable_display_names(), id, id);
    }
    auto* feature = model.add_features();
    feature->set_id("fair");
    feature->set_group("fit");
    feature->set_feature("source");
    feature->add_values("fair");
    feature->set_points("40");
    auto* tier = model.add_features();
    tier->set_id("tier-a");
    tier->set_group("fit");
    tier->set_feature("tier.abc");
    tier->add_values("A");
    tier->set_points("15.5");
    auto* event = model.add_events();
    event->set_id("reached");
    event->set_group("engagement");
    event->set_event_kind("touch/effective");
    event->set_points("20");
    event->set_decay("half_life");
    event->mutable_span()->set_seconds(30 * 86'400);
    auto* hot = model.add_bands();
    hot->set_id("hot");
    hot->set_least("50");
    name(hot->mutable_display_names(), "Hot", "热");
    model.mutable_win()->set_least_won(1);
    model.mutable_win()->set_least_lost(1);
    return model;
  }
  v1::ScoringModel Create(const v1::ScoringModel& model) {
    v1::CreateScoringModelVersionRequest request;
    *request.mutable_model() = model;
    return Must(api, &LeadScoresApi::CreateScoringModelVersion, request);
  }
  void Activate(int version) {
    v1::ActivateScoringModelRequest request;
    request.set_name("scoringModels/sample");
    request.set_version(version);
    Must(api, &LeadScoresApi::ActivateScoringModel, request);
  }
  // Until nothing is left.
  void Rescore() {
    for (int steps = 0; steps < 200; ++steps) {
      const absl::StatusOr<bool> more = rescorer.Step(*db);
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) {
        return;
      }
    }
    FAIL() << "the rescorer does not end";
  }
  v1::LeadScore Get(const std::string& lead, const Caller& caller = {}) {
    v1::GetLeadScoreRequest request;
    request.set_lead("leads/" + lead);
    return Must(api, &LeadScoresApi::GetLeadScore, request, caller);
  }
  v1::LeadScoreExplanation Explain(const std::string& lead) {
    v1::ExplainLeadScoreRequest request;
    request.set_lead("leads/" + lead);
    return Must(api, &LeadScoresApi::ExplainLeadScore, request);
  }
  std::vector<events::v1::ScoringEvent> Journal(const std::string& aggregate) {
    const auto rows = eventing::ReadAggregate(*db, aggregate, 0, 100);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<events::v1::ScoringEvent> said;
    for (const eventing::JournalRow& row : *rows) {
      EXPECT_TRUE(said.emplace_back().ParseFromString(row.payload)) << row.type;
      EXPECT_EQ(row.type, eventing::EventName(said.back()));
    }
    return said;
  }

  std::map<std::string, std::string> parents;
  LeadScoresApi api;
  Rescorer rescorer;
};

}  // namespace steward::scoring
