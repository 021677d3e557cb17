#include "services/scoring/domain/points.h"

#include <algorithm>
#include <tuple>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

using Source = Contribution::Source;

constexpr Decimal kMostPoints = Whole(1'000'000);

// Adds up and writes the trace.
class Ledger {
 public:
  absl::Status Enter(Contribution line) {
    ASSIGN_OR_RETURN(score_.score, Add(score_.score, line.points));
    if (line.points != Decimal{}) {
      score_.contributions.push_back(std::move(line));
    }
    return absl::OkStatus();
  }
  // Enters what brings `sum`, a part of the score, within the limits; the sum is brought along.
  absl::Status Limit(const Limits& limits, Decimal& sum, Contribution line) {
    Decimal within = limits.least ? std::max(sum, *limits.least) : sum;
    within = limits.most ? std::min(within, *limits.most) : within;
    ASSIGN_OR_RETURN(line.points, Subtract(within, sum));
    sum = within;
    return Enter(std::move(line));
  }
  Decimal score() const { return score_.score; }
  void SetGroup(const std::string& id, Decimal sum) { score_.groups[id] = sum; }
  PointScore Take() { return std::move(score_); }

 private:
  PointScore score_;
};

bool Has(const Features& features, const std::string& feature, const std::set<std::string>& values,
         bool any_when_empty) {
  const auto found = features.find(feature);
  return found != features.end() &&
         ((any_when_empty && values.empty()) || values.count(found->second) > 0);
}

absl::Status EnterGroup(const PointModel& model, const PointGroup& group, const Features& features,
                        const std::vector<LeadEvent>& events, Time at, Ledger& ledger) {
  const Decimal before = ledger.score();
  for (const FeatureRule& rule : model.features) {
    if (rule.group == group.id && Has(features, rule.feature, rule.values, true)) {
      RETURN_IF_ERROR(
          ledger.Enter({Source::kFeature, group.id, rule.id, {}, Decayed(rule.points, {}, {})}));
    }
  }
  for (const EventRule& rule : model.events) {
    for (const LeadEvent& event : events) {
      if (rule.group == group.id && Takes(rule.event_kind, event.kind)) {
        RETURN_IF_ERROR(ledger.Enter({Source::kEvent, group.id, rule.id, event.id,
                                      Decayed(rule.points, rule.decay, at - event.at)}));
      }
    }
  }
  ASSIGN_OR_RETURN(Decimal sum, Subtract(ledger.score(), before));
  RETURN_IF_ERROR(
      ledger.Limit(group.limits, sum, {Source::kGroupLimit, group.id, group.id, {}, {}}));
  ledger.SetGroup(group.id, sum);
  return absl::OkStatus();
}

// Gathers faults of a model.
class Faults {
 public:
  void AddIf(bool wrong, std::string field, std::string_view description) {
    if (wrong) {
      found_.push_back({"model." + std::move(field), std::string(description)});
    }
  }
  void Id(const std::string& path, const std::string& id) {
    AddIf(id.empty() || !ids_.insert(id).second, path + ".id",
          "is needed and stands for one thing");
  }
  void Points(const std::string& path, Decimal points) {
    AddIf(points == Decimal{} || points > kMostPoints || points < Decimal{-kMostPoints.scaled},
          path + ".points", "is not zero and lies within +-1000000");
  }
  void Limit(const std::string& path, const Limits& limits) {
    const Decimal most = limits.most.value_or(kMostPoints);
    AddIf(limits.least && *limits.least > most, path, "has its least above its most");
    AddIf((limits.least && *limits.least < Decimal{-kMostPoints.scaled}) || most > kMostPoints,
          path, "lies within +-1000000");
  }
  absl::Status Status() { return found_.empty() ? absl::OkStatus() : FieldsInvalid(found_); }

 private:
  std::set<std::string> ids_;
  std::vector<FieldViolation> found_;
};

std::string PathOf(const char* list, size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

}  // namespace

bool Takes(std::string_view kind, std::string_view of_event) {
  return of_event.starts_with(kind) &&
         (of_event.size() == kind.size() || of_event[kind.size()] == '/');
}

absl::Status CheckModel(const PointModel& model) {
  Faults faults;
  std::set<std::string> groups;
  faults.AddIf(model.id.empty(), "id", "is needed");
  faults.AddIf(model.version < 1, "version", "counts from 1");
  faults.AddIf(model.features.empty() && model.events.empty(), "events", "the model has no rule");
  for (size_t i = 0; i < model.groups.size(); ++i) {
    const std::string path = PathOf("groups", i);
    faults.Id(path, model.groups[i].id);
    faults.Limit(path + ".limits", model.groups[i].limits);
    groups.insert(model.groups[i].id);
  }
  for (size_t i = 0; i < model.features.size(); ++i) {
    const FeatureRule& rule = model.features[i];
    const std::string path = PathOf("features", i);
    faults.Id(path, rule.id);
    faults.AddIf(groups.count(rule.group) == 0, path + ".group", "is one of the model's groups");
    faults.AddIf(rule.feature.empty(), path + ".feature", "is needed");
    faults.Points(path, rule.points);
  }
  for (size_t i = 0; i < model.events.size(); ++i) {
    const EventRule& rule = model.events[i];
    const std::string path = PathOf("events", i);
    faults.Id(path, rule.id);
    faults.AddIf(groups.count(rule.group) == 0, path + ".group", "is one of the model's groups");
    faults.AddIf(rule.event_kind.empty(), path + ".event_kind", "is needed");
    faults.Points(path, rule.points);
    faults.AddIf((rule.decay.kind != Decay::Kind::kNone) != (rule.decay.span > Duration{}),
                 path + ".decay.span", "is above zero, and zero without decay");
  }
  for (size_t i = 0; i < model.idle.size(); ++i) {
    const std::string path = PathOf("idle_limits", i);
    faults.Id(path, model.idle[i].id);
    faults.AddIf(model.idle[i].idle <= Duration{}, path + ".idle", "is above zero");
    faults.Limit(path + ".most", {{}, model.idle[i].most});
  }
  faults.Limit("overall", model.overall);
  return faults.Status();
}

void SettleEvents(std::vector<LeadEvent>& events, Time at) {
  if (events.size() < 2) {
    std::erase_if(events, [at](const LeadEvent& event) { return event.at > at; });
    return;
  }
  std::sort(events.begin(), events.end(), [](const LeadEvent& a, const LeadEvent& b) {
    return std::tie(a.id, a.at, a.kind) < std::tie(b.id, b.at, b.kind);
  });
  events.erase(std::unique(events.begin(), events.end(),
                           [](const LeadEvent& a, const LeadEvent& b) { return a.id == b.id; }),
               events.end());
  std::erase_if(events, [at](const LeadEvent& event) { return event.at > at; });
  std::sort(events.begin(), events.end(), [](const LeadEvent& a, const LeadEvent& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
}

absl::StatusOr<PointScore> ScorePoints(const PointModel& model, const Features& features,
                                       std::vector<LeadEvent> events, Time at) {
  SettleEvents(events, at);
  Ledger ledger;
  for (const PointGroup& group : model.groups) {
    RETURN_IF_ERROR(EnterGroup(model, group, features, events, at, ledger));
  }
  Decimal sum = ledger.score();
  for (const IdleLimit& limit : model.idle) {
    const bool excepted = Has(features, limit.except_feature, limit.except_values, false);
    if (!events.empty() && at - events.back().at >= limit.idle && !excepted) {
      RETURN_IF_ERROR(
          ledger.Limit({{}, limit.most}, sum, {Source::kIdleLimit, "", limit.id, {}, {}}));
    }
  }
  RETURN_IF_ERROR(ledger.Limit(model.overall, sum, {Source::kOverallLimit, "", "", {}, {}}));
  return ledger.Take();
}

}  // namespace steward::scoring
