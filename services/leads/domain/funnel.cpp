#include "services/leads/domain/funnel.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "libs/base/status.h"

namespace steward::leads {
namespace {

struct Tally {
  int64_t now = 0, entered = 0, converted = 0;
  std::vector<Duration> finished, running;
};

struct Step {
  size_t stage;
  Time at;
};

const std::string& KeyOf(const FunnelEntry& entry, FunnelGrouping grouping) {
  static const std::string kAll;
  switch (grouping) {
    case FunnelGrouping::kOwner:
      return entry.owner;
    case FunnelGrouping::kTeam:
      return entry.team;
    case FunnelGrouping::kRegion:
      return entry.region;
    case FunnelGrouping::kNone:
      break;
  }
  return kAll;
}

bool IsTaken(const FunnelEntry& entry, AsOf as_of) {
  const Time at = as_of.clock == FunnelClock::kRecorded ? entry.recorded_at : entry.occurred_at;
  return at <= as_of.at;
}

Stays Summarise(std::vector<Duration>& stays) {
  Stays result;
  result.count = static_cast<int64_t>(stays.size());
  if (stays.empty()) {
    return result;
  }
  __int128 sum = 0;
  for (const Duration& stay : stays) {
    sum += stay.micros;
  }
  result.sum_seconds = static_cast<int64_t>(sum / Seconds(1).micros);
  const auto middle = stays.begin() + static_cast<long>(stays.size() / 2);
  std::nth_element(stays.begin(), middle, stays.end());
  if (stays.size() % 2 == 1) {
    result.median = *middle;
  } else {
    const Duration below = *std::max_element(stays.begin(), middle);
    result.median = Duration{below.micros + (middle->micros - below.micros) / 2};
  }
  return result;
}

// How to count in the stages of a pipeline.
class Stages {
 public:
  Stages(const Pipeline& pipeline, AsOf as_of) : as_of_(as_of) {
    for (const Stage& stage : pipeline.spec().stages) {
      index_.emplace(stage.id, index_.size());
      ranks_.push_back(pipeline.Rank(stage.id));
    }
    last_rank_ = *std::max_element(ranks_.begin(), ranks_.end());
  }

  bool Knows(const std::string& stage) const { return index_.count(stage) == 1; }

  // The entries of one opportunity, in order.
  void Count(const std::vector<const FunnelEntry*>& entries, std::vector<Tally>& tallies) const {
    std::vector<Step> steps;
    for (const FunnelEntry* entry : entries) {
      if (entry->to.empty()) {
        continue;
      }
      const size_t stage = index_.at(entry->to);
      // Two entries of one stage in a row, as late ones make them, are one stay.
      if (steps.empty() || steps.back().stage != stage) {
        steps.push_back({stage, entry->occurred_at});
      }
    }
    if (steps.empty()) {
      return;
    }
    // Backwards, so that the highest rank that comes after each step is known.
    std::vector<int> highest(index_.size(), -2);  // after the first entry of a stage
    int later = -1;
    for (size_t i = steps.size(); i-- > 0;) {
      highest[steps[i].stage] = later;
      later = std::max(later, ranks_[steps[i].stage]);
    }
    for (size_t stage = 0; stage < highest.size(); ++stage) {
      tallies[stage].entered += highest[stage] > -2 ? 1 : 0;
      tallies[stage].converted += ranks_[stage] >= 0 && highest[stage] > ranks_[stage] ? 1 : 0;
    }
    for (size_t i = 0; i + 1 < steps.size(); ++i) {
      tallies[steps[i].stage].finished.push_back(steps[i + 1].at - steps[i].at);
    }
    Tally& standing = tallies[steps.back().stage];
    standing.now += 1;
    standing.running.push_back(std::max(Duration{0}, as_of_.at - steps.back().at));
  }

  StageFigures FiguresOf(const std::string& id, Tally& tally) const {
    StageFigures figures{id, tally.now, tally.entered, tally.converted, {}, {}, {}};
    const int rank = ranks_[index_.at(id)];
    if (tally.entered > 0 && rank >= 0 && rank < last_rank_) {
      figures.conversion_basis_points = static_cast<int>(
          (tally.converted * 2 * kFullBasisPoints + tally.entered) / (2 * tally.entered));
    }
    figures.finished = Summarise(tally.finished);
    figures.running = Summarise(tally.running);
    return figures;
  }

 private:
  AsOf as_of_;
  std::map<std::string, size_t> index_;
  std::vector<int> ranks_;
  int last_rank_ = 0;
};

bool IsEarlier(const FunnelEntry* a, const FunnelEntry* b) {
  return std::tie(a->occurred_at, a->sequence) < std::tie(b->occurred_at, b->sequence);
}

}  // namespace

std::optional<FunnelEntry> FunnelEntryOf(const OpportunityEvent& event,
                                         const OpportunityData& after, Time recorded_at,
                                         int64_t sequence) {
  const Transition* transition = TransitionOf(event);
  if (transition == nullptr && !std::holds_alternative<OpportunityAssigned>(event.body)) {
    return std::nullopt;
  }
  return FunnelEntry{after.id,          sequence,    transition == nullptr ? "" : transition->to,
                     event.occurred_at, recorded_at, after.owner,
                     after.team,        after.region};
}

struct FunnelCounter::Impl {
  Stages stages;
  const Pipeline& pipeline;
  AsOf as_of;
  FunnelGrouping grouping;
  Counts counts;
  std::map<std::string, std::vector<Tally>> tallies;
};

FunnelCounter::FunnelCounter(const Pipeline& pipeline, AsOf as_of, FunnelGrouping grouping,
                             Counts counts)
    : impl_(std::make_unique<Impl>(
          Impl{Stages(pipeline, as_of), pipeline, as_of, grouping, std::move(counts), {}})) {}
FunnelCounter::~FunnelCounter() = default;
FunnelCounter::FunnelCounter(FunnelCounter&&) noexcept = default;

absl::Status FunnelCounter::Add(const std::vector<FunnelEntry>& entries) {
  std::vector<const FunnelEntry*> taken;
  for (const FunnelEntry& entry : entries) {
    if (!entry.to.empty() && !impl_->stages.Knows(entry.to)) {
      return FieldInvalid("entries.to", "`" + entry.to + "` is not a stage of pipeline `" +
                                            impl_->pipeline.spec().id + "`");
    }
    if (IsTaken(entry, impl_->as_of)) {
      taken.push_back(&entry);
    }
  }
  std::sort(taken.begin(), taken.end(), IsEarlier);
  if (taken.empty() || (impl_->counts && !impl_->counts(*taken.back()))) {
    return absl::OkStatus();
  }
  auto& group = impl_->tallies[KeyOf(*taken.back(), impl_->grouping)];
  group.resize(impl_->pipeline.spec().stages.size());
  impl_->stages.Count(taken, group);
  return absl::OkStatus();
}

std::vector<FunnelGroup> FunnelCounter::Groups() {
  std::vector<FunnelGroup> groups;
  for (auto& [key, group] : impl_->tallies) {
    FunnelGroup& figures = groups.emplace_back(FunnelGroup{key, {}});
    for (size_t i = 0; i < group.size(); ++i) {
      figures.stages.push_back(
          impl_->stages.FiguresOf(impl_->pipeline.spec().stages[i].id, group[i]));
    }
  }
  return groups;
}

absl::StatusOr<std::vector<FunnelGroup>> FunnelOf(const Pipeline& pipeline,
                                                  const std::vector<FunnelEntry>& entries,
                                                  AsOf as_of, FunnelGrouping grouping) {
  FunnelCounter counter(pipeline, as_of, grouping);
  std::map<Uuid, std::vector<FunnelEntry>> by_opportunity;
  for (const FunnelEntry& entry : entries) {
    by_opportunity[entry.opportunity].push_back(entry);
  }
  for (const auto& [opportunity, its] : by_opportunity) {
    RETURN_IF_ERROR(counter.Add(its));
  }
  return counter.Groups();
}

}  // namespace steward::leads
