#include "services/leads/events/inputs.h"

#include <algorithm>
#include <map>
#include <set>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/leads/domain/lead_event.h"
#include "services/leads/events/contract_inputs.h"
#include "services/leads/storage/lead_score_store.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::leads {
namespace {

using scoring::events::v1::LeadScored;
using scoring::events::v1::ScoringEvent;

bool IsDirectory(const eventing::Event& event) { return event.topic == identity::kDirectoryTopic; }

// The score that this event says, or null.
const LeadScored* ScoreIn(const eventing::Event& event) {
  if (event.topic != kScoringTopic) {
    return nullptr;
  }
  const auto& message = static_cast<const ScoringEvent&>(*event.message);
  return message.has_lead_scored() ? &message.lead_scored() : nullptr;
}

absl::StatusOr<NewLeadScore> Read(const LeadScored& scored, int64_t version) {
  constexpr std::string_view kCollection = "leads/";
  const std::string_view name = scored.lead();
  const absl::StatusOr<Uuid> id =
      Uuid::Parse(name.substr(std::min(name.size(), kCollection.size())));
  if (!name.starts_with(kCollection) || !id.ok()) {
    return FieldInvalid("lead", "is not `leads/{uuid}`");
  }
  if (!IsScore(scored.score())) {
    return FieldInvalid("score", "is no decimal");
  }
  return NewLeadScore{*id,
                      version,
                      {scored.score(), scored.band(), scored.win_percent(), scored.model(),
                       scored.model_version(), rpc::FromProto(scored.as_of_time())}};
}

absl::Status Put(pg::Tx& tx, const std::vector<NewLeadScore>& scores) {
  const pg::Pending stored = QueuePutScores(tx, scores);
  RETURN_IF_ERROR(tx.Flush());
  std::set<Uuid> there;
  for (int row = 0; row < stored->rows(); ++row) {
    there.insert(stored->Uuid(row, 0));
  }
  for (const NewLeadScore& score : scores) {
    if (!there.contains(score.lead)) {
      return NotFound(LeadName(score.lead));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<eventing::Input> Inputs(int partitions) {
  return {identity::DirectoryInput(),
          {kScoringTopic, &ScoringEvent::default_instance(), partitions},
          {kOrdersTopic, &orders::events::v1::OrdersEvent::default_instance(), partitions}};
}

std::vector<pg::LockKey> InputProjection::Locks(const std::vector<eventing::Event>& events) const {
  std::vector<pg::LockKey> locks;
  for (const eventing::Event& event : events) {
    if (const std::string name = CancelledFor(event); !name.empty()) {
      locks.push_back(pg::LockKey::Exclusive(name));
    }
  }
  return locks;
}

absl::Status InputProjection::Apply(pg::Tx& tx, const std::vector<eventing::Event>& events) {
  std::map<Uuid, NewLeadScore> latest;
  for (const eventing::Event& event : events) {
    if (IsDirectory(event)) {
      RETURN_IF_ERROR(identity::ApplyDirectoryEvent(tx, event));
    } else if (const LeadScored* scored = ScoreIn(event); scored != nullptr) {
      ASSIGN_OR_RETURN(NewLeadScore score, Read(*scored, event.version));
      latest.insert_or_assign(score.lead, std::move(score));
    } else if (event.topic == kOrdersTopic) {
      RETURN_IF_ERROR(ApplyContractEvent(tx, deps_, event));
    }
  }
  if (latest.empty()) {
    return absl::OkStatus();
  }
  std::vector<NewLeadScore> scores;
  for (auto& [lead, score] : latest) {
    scores.push_back(std::move(score));
  }
  return Put(tx, scores);
}

void InputProjection::Applied(const std::vector<eventing::Event>& events) {
  if (std::any_of(events.begin(), events.end(), IsDirectory)) {
    deps_.directory_changed();
  }
  if (std::any_of(events.begin(), events.end(),
                  [](const auto& event) { return !CancelledFor(event).empty(); })) {
    deps_.told();
  }
}

}  // namespace steward::leads
