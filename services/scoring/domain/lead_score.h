#pragma once
// A model as it is kept: rules, bands and win settings; and the score of one lead by it.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/lead_record.h"
#include "services/scoring/domain/pls_win.h"
#include "services/scoring/domain/points.h"
#include "services/scoring/domain/win_model.h"

namespace steward::scoring {

// A lead is in the band with the highest `least` that its score reaches.
struct ScoreBand {
  std::string id;
  Decimal least;
};
struct ScoringModel {
  PointModel points;
  std::vector<ScoreBand> bands;
  WinSettings win;
};
// INVALID_ARGUMENT naming all fields at fault, as CheckModel; also features that no lead has, and bands that are two for one.
[[nodiscard]] absl::Status CheckScoringModel(const ScoringModel& model);
std::string BandOf(const ScoringModel& model, Decimal score);  // "" = below all

// Outcomes by the scope that they count in: each team with all below it, and `company`.
class WinScopes {
 public:
  WinScopes() = default;
  // `parents`: team -> the team above it. One that names itself above counts where the way up first repeats.
  // `naive_bayes`: settings that choose it; else null.
  WinScopes(const OutcomeCounts::Rows& rows, const std::map<std::string, std::string>& parents,
            const WinSettings* naive_bayes = nullptr);
  const OutcomeCounts& counts() const { return counts_; }
  // Of a team, nearest first; the last is the company.
  std::vector<Scope> Of(const std::string& team) const;
  const PlsModel* naive_bayes() const { return naive_bayes_.get(); }

 private:
  std::vector<std::string> Up(const std::string& team) const;
  std::map<std::string, std::string> parents_;
  OutcomeCounts counts_;
  std::shared_ptr<const PlsModel> naive_bayes_;
};

struct LeadFacts {
  LeadRecord record;
  std::vector<LeadEvent> events;
  std::vector<LeadOpportunity> opportunities;
  std::vector<std::string> tiers;
};

// The one that the chance is of: open, with the smallest name, so that any order of events gives the same. Null = none.
const LeadOpportunity* OpenOpportunity(const std::vector<LeadOpportunity>& opportunities);

struct LeadScore {
  PointScore points;
  std::string band;
  std::optional<WinChance>
      win;  // none: too few outcomes and no open opportunity whose stage has a default
  Features features;
  std::string feature_hash;
  Time as_of;
  int event_count = 0;  // up to `as_of`
  std::optional<LeadEvent> last_event;
};

// Points fade by the day: to `day_start`, the beginning of the company's day, or to the lead's newest event up to `now` where that is
// later. So a score changes when something happens or the day turns, and not between.
absl::StatusOr<LeadScore> ScoreLead(const ScoringModel& model, const WinScopes& scopes,
                                    const LeadFacts& facts, Time day_start, Time now);

}  // namespace steward::scoring
