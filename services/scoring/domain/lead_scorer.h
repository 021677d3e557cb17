#pragma once
// A scoring model and the counted outcomes, compiled for many leads at once. Gives exactly what ScoreLead gives, without what explains it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/scoring/domain/point_kernel.h"

namespace steward::scoring {

// What is kept of a score.
struct ScoredLead {
  Decimal score;
  std::string band;
  std::optional<Decimal> win;
  bool win_of_scope = false;  // else it is the default of the stage
  std::string feature_hash;
  Time as_of;
  int event_count = 0;
  std::optional<Uuid> last_event;
};

// Not thread-safe.
class LeadScorer {
 public:
  // The dictionary outlives the scorer; batches are of it.
  LeadScorer(ScoringModel model, WinScopes scopes, LeadDictionary& dictionary);

  // Each lead of a batch that was gathered for `now`; `day_start` as for ScoreLead.
  absl::StatusOr<std::vector<ScoredLead>> Score(const LeadBatch& batch, Time day_start);

 private:
  // The scope that speaks for a team, and what each value of a feature moves there.
  struct Chance {
    std::vector<std::string> teams;  // empty = no scope speaks
    Tally sample;
    int64_t prior = 0;
    std::vector<std::vector<int64_t>> tables;  // by column of the record, by code
  };
  Chance& ChanceOf(uint32_t team);
  std::optional<Decimal> WinOf(const LeadBatch& batch, size_t lead, Chance& chance);
  // By the other method, lead by lead.
  void WinByNaiveBayes(const LeadBatch& batch, size_t lead, ScoredLead& score) const;

  ScoringModel model_;
  WinScopes scopes_;
  LeadDictionary& dictionary_;
  PointKernel kernel_;
  std::map<uint32_t, Chance> chances_;  // by team
};

}  // namespace steward::scoring
