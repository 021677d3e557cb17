#pragma once
// Leads and what the scoring service says of them.

#include <memory>
#include <string>
#include <vector>

#include "services/leads/events/inputs.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"
#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {

using scoring::events::v1::ScoringEvent;

inline std::string ScoreKey(const std::string& lead) {
  return "leadScores/" + lead.substr(std::string("leads/").size());
}

inline ScoringEvent Scored(const std::string& lead, const std::string& score,
                           const std::string& band = "A") {
  ScoringEvent event;
  auto& scored = *event.mutable_lead_scored();
  scored.set_lead(lead);
  scored.set_score(score);
  scored.set_band(band);
  scored.set_win_percent("41.50");
  scored.set_model("scoringModels/fit");
  scored.set_model_version(3);
  scored.set_feature_hash("f00d");
  *scored.mutable_as_of_time() = rpc::ToProto(kStart + Hours(1));
  return event;
}

class ScoresTest : public PoolTest {
 protected:
  eventing::Event EventOf(const std::string& key, int64_t version, const ScoringEvent& message) {
    eventing::Event event;
    event.event_id = ids.NewId(clock.Now());
    event.topic = kScoringTopic;
    event.aggregate = key;
    event.version = version;
    event.type = eventing::EventName(message);
    event.message = std::make_shared<ScoringEvent>(message);
    return event;
  }
  absl::Status Apply(const std::vector<eventing::Event>& events) {
    auto db = pg::Connection::Open(options);
    EXPECT_TRUE(db.ok()) << db.status();
    RETURN_IF_ERROR(
        pg::RunInTx(**db, {}, [&](pg::Tx& tx) { return projection.Apply(tx, events); }));
    projection.Applied(events);
    return absl::OkStatus();
  }
  void Tell(const std::string& lead, const std::string& score, const std::string& band = "A",
            int64_t version = 1) {
    const absl::Status status =
        Apply({EventOf(ScoreKey(lead), version, Scored(lead, score, band))});
    EXPECT_TRUE(status.ok()) << status;
  }
  // `86.25`, or "" without one.
  std::string ScoreOf(const std::string& lead) { return GetLead(lead).score().score(); }

  int directory_changes = 0;
  InputProjection projection{{.clock = &clock,
                              .ids = &ids,
                              .pipelines = &pipelines,
                              .directory_changed = [this] { ++directory_changes; },
                              .told = [] {}}};
};

}  // namespace steward::leads
