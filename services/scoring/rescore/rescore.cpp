#include "services/scoring/rescore/rescore.h"

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/api/model_mapping.h"
#include "services/scoring/storage/lead_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {
namespace {

constexpr char kOfScope[] = "scope", kStageDefault[] = "stage_default";

Decimal Rounded(Decimal value, int places) {
  const absl::StatusOr<Decimal> rounded = Round(ToRatio(value), places);
  return rounded.ok() ? *rounded : value;  // a score and a chance are far from overflow
}

// A score of no model says nothing.
bool Shows(const StoredScore& before, const StoredScore& now) {
  const auto whole = [](const StoredScore& score) {
    return score.win ? std::optional(Rounded(*score.win, 0)) : std::nullopt;
  };
  return before.model.empty() || before.version == 0 ||
         Rounded(before.score, 2) != Rounded(now.score, 2) || before.band != now.band ||
         whole(before) != whole(now);
}

events::v1::ScoringEvent EventOf(const StoredScore& score) {
  events::v1::ScoringEvent event;
  events::v1::LeadScored& scored = *event.mutable_lead_scored();
  scored.set_lead(score.lead);
  scored.set_score(FormatDecimal(score.score));
  scored.set_band(score.band);
  scored.set_win_percent(score.win ? FormatFigure(*score.win) : "");
  scored.set_model(score.model);
  scored.set_model_version(score.model_version);
  scored.set_feature_hash(score.feature_hash);
  *scored.mutable_as_of_time() = rpc::ToProto(score.as_of);
  return event;
}

StoredScore RowOf(ScoredLead score, const ReadBatch::Known& known, Time now) {
  StoredScore row;
  row.lead = known.lead;
  row.score = score.score;
  row.band = std::move(score.band);
  row.win = score.win;
  row.win_basis = !score.win ? "" : score.win_of_scope ? kOfScope : kStageDefault;
  row.feature_hash = std::move(score.feature_hash);
  row.as_of = score.as_of;
  row.scored_at = now;
  row.event_count = score.event_count;
  row.last_event = score.last_event ? score.last_event->ToString() : "";
  row.lead_version = known.lead_version;
  return row;
}

}  // namespace

std::string ScoreName(const std::string& lead) {
  return "leadScores/" + lead.substr(lead.find('/') + 1);
}

std::map<std::string, std::string> ParentsOf(const identity::Org& org) {
  std::map<std::string, std::string> parents;
  for (const auto& [team, state] : org.teams) {
    if (!state.parent().empty()) {
      parents.emplace(team, state.parent());
    }
  }
  return parents;
}

absl::StatusOr<std::optional<Rules>> LoadRules(pg::Tx& tx,
                                               const std::map<std::string, std::string>& parents) {
  const pg::Pending active = QueueActiveModel(tx);
  ASSIGN_OR_RETURN(const OutcomeCounts::Rows counts, LoadCounts(tx));
  if (active->rows() == 0) {
    return std::optional<Rules>();
  }
  const StoredModel stored = ReadModel(*active, 0);
  Rules rules{stored.id, stored.version, {}, {}};
  ASSIGN_OR_RETURN(rules.rules, FromStored(stored));
  const WinSettings& win = rules.rules.win;
  rules.scopes = WinScopes(counts, parents, win.method == WinMethod::kNaiveBayes ? &win : nullptr);
  return std::optional(std::move(rules));
}

Moment MomentOf(Time now, const absl::TimeZone& zone) {
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(now.micros), zone);
  return {now, Time{absl::ToUnixMicros(absl::FromCivil(day, zone))}, FormatDay(day)};
}

StoredScore RowOf(const Rules& rules, const LeadFacts& facts, const LeadScore& score, Time now) {
  StoredScore row;
  row.lead = facts.record.lead;
  row.score = score.points.score;
  row.band = score.band;
  if (score.win) {
    row.win = score.win->percent;
    row.win_basis = score.win->basis == WinChance::Basis::kScope ? kOfScope : kStageDefault;
  }
  row.model = ModelName(rules.model);
  row.model_version = rules.version;
  row.feature_hash = score.feature_hash;
  row.as_of = score.as_of;
  row.scored_at = now;
  row.event_count = score.event_count;
  row.last_event = score.last_event ? score.last_event->id.ToString() : "";
  row.lead_version = facts.record.version;
  return row;
}

bool SaysTheSame(const StoredScore& a, const StoredScore& b) {
  return a.score == b.score && a.band == b.band && a.win == b.win && a.win_basis == b.win_basis &&
         a.model == b.model && a.model_version == b.model_version &&
         a.feature_hash == b.feature_hash && a.event_count == b.event_count &&
         a.last_event == b.last_event && a.lead_version == b.lead_version;
}

void QueueScores(pg::Tx& tx, const Reckoned& reckoned) {
  QueueUpdateScores(tx, reckoned.updated);
  QueueInsertScores(tx, reckoned.inserted);
}

BatchScorer::BatchScorer(Rules rules)
    : model_(ModelName(rules.model)),
      version_(rules.version),
      scorer_(std::move(rules.rules), std::move(rules.scopes), dictionary_) {}

absl::Status BatchScorer::Reckon(const PendingBatch& leads, const Moment& moment, IdGenerator& ids,
                                 Reckoned& to) {
  ReadBatch read = ReadLeads(leads, dictionary_, moment.now);
  ASSIGN_OR_RETURN(std::vector<ScoredLead> scores, scorer_.Score(read.batch, moment.day_start));
  to.unknown += read.unknown;
  to.closed += read.closed;
  to.scored += static_cast<int64_t>(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    const ReadBatch::Known& known = read.known[i];
    StoredScore row = RowOf(std::move(scores[i]), known, moment.now);
    row.model = model_;
    row.model_version = version_;
    if (known.scored && SaysTheSame(known.score, row)) {
      continue;
    }
    row.version = known.score.version;
    if (Shows(known.score, row)) {
      ++to.changed;
      ++row.version;
      to.events.push_back(eventing::MakeEvent(ids, moment.now, ScoreName(row.lead), row.version,
                                              moment.now, EventOf(row)));
    }
    (known.scored ? to.updated : to.inserted).push_back(std::move(row));
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
