#include "services/scoring/domain/point_kernel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr size_t kBlock = 1024;  // leads whose sums stay in the nearest cache
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
constexpr double kSafe = 4e18;  // below what int64 holds, by more than a double is wrong

double SizeOf(const std::optional<Decimal>& value) {
  return value ? std::abs(static_cast<double>(value->scaled)) : 0;
}

bool Gives(const std::set<std::string>& values, const std::string& value) {
  return values.empty() || values.count(value) > 0;
}

// One column of codes with its table.
struct Lookup {
  const Code* codes;
  const int64_t* points;
};
void AddOne(int64_t* sums, size_t count, Lookup a) {
  for (size_t i = 0; i < count; ++i) {
    sums[i] += a.points[a.codes[i]];
  }
}
// Four at a time: the sums are read and written once for all of them.
void AddFour(int64_t* sums, size_t count, Lookup a, Lookup b, Lookup c, Lookup d) {
  for (size_t i = 0; i < count; ++i) {
    sums[i] += (a.points[a.codes[i]] + b.points[b.codes[i]]) +
               (c.points[c.codes[i]] + d.points[d.codes[i]]);
  }
}

}  // namespace

PointKernel::PointKernel(PointModel model, LeadDictionary& dictionary)
    : model_(std::move(model)), dictionary_(dictionary) {
  for (const PointGroup& group : model_.groups) {
    Group& made = groups_.emplace_back();
    made.least = group.limits.least ? group.limits.least->scaled : kLowest;
    made.most = group.limits.most ? group.limits.most->scaled : kHighest;
    for (const FeatureRule& rule : model_.features) {
      const size_t column = dictionary.ColumnOf(rule.feature);
      const bool known = std::any_of(made.tables.begin(), made.tables.end(),
                                     [&](const Table& table) { return table.column == column; });
      if (rule.group == group.id && !known) {
        made.tables.push_back({column, {0}});
      }
    }
    bound_ += SizeOf(group.limits.least) + SizeOf(group.limits.most);
  }
  for (const FeatureRule& rule : model_.features) {
    bound_ += SizeOf(rule.points) + 100;
  }
  for (const EventRule& rule : model_.events) {
    event_bound_ += SizeOf(rule.points) + 100;
  }
  for (const IdleLimit& limit : model_.idle) {
    const bool excepts = !limit.except_feature.empty() && !limit.except_values.empty();
    idle_.push_back({excepts ? dictionary.ColumnOf(limit.except_feature) : 0, {}});
    bound_ += SizeOf(limit.most);
  }
  bound_ += SizeOf(model_.overall.least) + SizeOf(model_.overall.most);
}

// Tables for what the dictionary has learnt since.
void PointKernel::Extend(const LeadBatch& batch) {
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (Table& table : groups_[g].tables) {
      const std::vector<std::string>& values = batch.dictionary().ValuesOf(table.column);
      for (size_t code = table.points.size(); code < values.size(); ++code) {
        int64_t points = 0;
        for (const FeatureRule& rule : model_.features) {
          if (rule.group == model_.groups[g].id && Gives(rule.values, values[code]) &&
              rule.feature == batch.dictionary().FeatureOf(table.column)) {
            points += Decayed(rule.points, {}, {}).scaled;
          }
        }
        table.points.push_back(points);
      }
    }
    const std::vector<std::string>& kinds = batch.dictionary().kinds.texts();
    for (size_t kind = groups_[g].rules.size(); kind < kinds.size(); ++kind) {
      std::vector<const EventRule*>& rules = groups_[g].rules.emplace_back();
      for (const EventRule& rule : model_.events) {
        if (rule.group == model_.groups[g].id && Takes(rule.event_kind, kinds[kind])) {
          rules.push_back(&rule);
        }
      }
    }
  }
  for (size_t i = 0; i < idle_.size(); ++i) {
    const IdleLimit& limit = model_.idle[i];
    if (limit.except_feature.empty() || limit.except_values.empty()) {
      continue;
    }
    const std::vector<std::string>& values = batch.dictionary().ValuesOf(idle_[i].column);
    for (size_t code = idle_[i].excepted.size(); code < values.size(); ++code) {
      idle_[i].excepted.push_back(code != kAbsent && limit.except_values.count(values[code]) > 0);
    }
  }
}

void PointKernel::AddEvents(const LeadBatch& batch, size_t first, std::span<const Time> at,
                            const Group& group, std::span<int64_t> sums) const {
  for (size_t i = 0; i < sums.size(); ++i) {
    for (const LeadBatch::Event& event : batch.EventsOf(first + i)) {
      if (event.at > at[first + i]) {
        break;
      }
      for (const EventRule* rule : group.rules[event.kind]) {
        sums[i] += Decayed(rule->points, rule->decay, at[first + i] - event.at).scaled;
      }
    }
  }
}

// The limits of the whole score.
void PointKernel::Finish(const LeadBatch& batch, size_t first, std::span<const Time> at,
                         std::span<int64_t> totals) const {
  for (size_t i = 0; i < totals.size() && batch.HasEvents() && !idle_.empty(); ++i) {
    const std::span<const LeadBatch::Event> events = batch.EventsOf(first + i);
    const auto after = std::find_if(events.rbegin(), events.rend(),
                                    [&](const auto& event) { return event.at <= at[first + i]; });
    if (after == events.rend()) {
      continue;
    }
    for (size_t n = 0; n < idle_.size(); ++n) {
      const bool excepted =
          !idle_[n].excepted.empty() && idle_[n].excepted[batch.CodeOf(idle_[n].column, first + i)];
      if (at[first + i] - after->at >= model_.idle[n].idle && !excepted) {
        totals[i] = std::min(totals[i], model_.idle[n].most.scaled);
      }
    }
  }
  const int64_t least = model_.overall.least ? model_.overall.least->scaled : kLowest;
  const int64_t most = model_.overall.most ? model_.overall.most->scaled : kHighest;
  for (int64_t& total : totals) {
    total = std::min(std::max(total, least), most);
  }
}

absl::Status PointKernel::Score(const LeadBatch& batch, std::span<const Time> at,
                                std::span<Decimal> to) {
  Extend(batch);
  size_t most_events = 0;
  for (size_t i = 0; i < batch.size() && batch.HasEvents(); ++i) {
    most_events = std::max(most_events, batch.EventsOf(i).size());
  }
  if (bound_ + event_bound_ * static_cast<double>(most_events) > kSafe) {
    return ScoreLarge(batch, at, to);
  }
  std::array<int64_t, kBlock> sum_block, total_block;
  for (size_t first = 0; first < batch.size(); first += kBlock) {
    const size_t count = std::min(kBlock, batch.size() - first);
    const std::span<int64_t> sums(sum_block.data(), count), totals(total_block.data(), count);
    std::fill(totals.begin(), totals.end(), 0);
    for (const Group& group : groups_) {
      std::fill(sums.begin(), sums.end(), 0);
      AddTables(batch, first, group, sums);
      if (batch.HasEvents()) {
        AddEvents(batch, first, at, group, sums);
      }
      for (size_t i = 0; i < count; ++i) {
        totals[i] += std::min(std::max(sums[i], group.least), group.most);
      }
    }
    Finish(batch, first, at, totals);
    for (size_t i = 0; i < count; ++i) {
      to[first + i] = {totals[i]};
    }
  }
  return absl::OkStatus();
}

void PointKernel::AddTables(const LeadBatch& batch, size_t first, const Group& group,
                            std::span<int64_t> sums) {
  std::vector<Lookup> whole;
  for (const Table& table : group.tables) {
    const size_t known = table.column < batch.columns() ? batch.column(table.column).size() : 0;
    if (known <= first) {
      continue;  // none of these leads has the feature
    }
    const Lookup lookup{batch.column(table.column).data() + first, table.points.data()};
    if (known - first < sums.size()) {
      AddOne(sums.data(), known - first, lookup);
    } else {
      whole.push_back(lookup);
    }
  }
  size_t i = 0;
  for (; i + 4 <= whole.size(); i += 4) {
    AddFour(sums.data(), sums.size(), whole[i], whole[i + 1], whole[i + 2], whole[i + 3]);
  }
  for (; i < whole.size(); ++i) {
    AddOne(sums.data(), sums.size(), whole[i]);
  }
}

// Where a sum might not fit, step by step as it is explained.
absl::Status PointKernel::ScoreLarge(const LeadBatch& batch, std::span<const Time> at,
                                     std::span<Decimal> to) const {
  for (size_t i = 0; i < batch.size(); ++i) {
    std::vector<LeadEvent> events;
    for (const LeadBatch::Event& event : batch.EventsOf(i)) {
      events.push_back({event.id, batch.dictionary().kinds.texts()[event.kind], event.at});
    }
    ASSIGN_OR_RETURN(const PointScore score,
                     ScorePoints(model_, batch.FeaturesOf(i), std::move(events), at[i]));
    to[i] = score.score;
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
