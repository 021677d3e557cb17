#include "services/scoring/api/score_mapping.h"

#include "libs/rpc/validate.h"
#include "services/scoring/rescore/rescore.h"

namespace steward::scoring {
namespace {

const char* NameOf(Contribution::Source source) {
  switch (source) {
    case Contribution::Source::kFeature:
      return "feature";
    case Contribution::Source::kEvent:
      return "event";
    case Contribution::Source::kGroupLimit:
      return "group_limit";
    case Contribution::Source::kIdleLimit:
      return "idle_limit";
    case Contribution::Source::kOverallLimit:
      return "overall_limit";
  }
  return "";
}

void ToProto(const WinChance& from, v1::LeadScoreExplanation::Win* to) {
  to->set_scope(from.scope);
  to->mutable_too_small()->Assign(from.too_small.begin(), from.too_small.end());
  if (from.basis == WinChance::Basis::kStageDefault) {
    return;
  }
  to->set_won(from.sample.won);
  to->set_lost(from.sample.lost);
  to->set_prior_log_odds(FormatDecimal(from.prior_log_odds));
  to->set_log_odds(FormatDecimal(from.log_odds));
  for (const WinContribution& line : from.contributions) {
    v1::LeadScoreExplanation::WinContribution& added = *to->add_contributions();
    added.set_variable(line.feature.variable);
    added.set_value(line.feature.value);
    added.set_won(line.count.won);
    added.set_lost(line.count.lost);
    added.set_log_odds(FormatDecimal(line.log_odds));
  }
}

}  // namespace

void ToProto(const StoredScore& from, v1::LeadScore* to) {
  to->set_name(ScoreName(from.lead));
  to->set_lead(from.lead);
  to->set_score(FormatDecimal(from.score));
  to->set_band(from.band);
  to->set_win_percent(from.win ? FormatFigure(*from.win) : "");
  to->set_win_basis(from.win_basis);
  to->set_model(from.model);
  to->set_model_version(from.model_version);
  to->set_feature_hash(from.feature_hash);
  *to->mutable_as_of_time() = rpc::ToProto(from.as_of);
  *to->mutable_score_time() = rpc::ToProto(from.scored_at);
  to->set_event_count(from.event_count);
  to->set_last_event_id(from.last_event);
  to->set_lead_version(from.lead_version);
  to->set_owner(from.owner);
  to->set_team(from.team);
  to->set_model_active(from.model_active);
}

void ToProto(const LeadScore& from, v1::LeadScoreExplanation* to) {
  for (const Contribution& line : from.points.contributions) {
    v1::LeadScoreExplanation::Contribution& added = *to->add_contributions();
    added.set_source(NameOf(line.source));
    added.set_group(line.group);
    added.set_rule(line.rule);
    added.set_event_id(line.event ? line.event->ToString() : "");
    added.set_points(FormatDecimal(line.points));
  }
  for (const auto& [group, points] : from.points.groups) {
    v1::LeadScoreExplanation::Group& added = *to->add_groups();
    added.set_group(group);
    added.set_points(FormatDecimal(points));
  }
  if (from.win) {
    ToProto(*from.win, to->mutable_win());
  }
  to->mutable_features()->insert(from.features.begin(), from.features.end());
}

}  // namespace steward::scoring
