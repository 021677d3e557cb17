#include "services/sla/domain/plan.h"

#include <algorithm>
#include <set>

#include "services/sla/domain/track.h"

namespace steward::sla {
namespace {

constexpr char kHeld[] = "ticket.held";
constexpr char kResumed[] = "ticket.resumed";
constexpr char kReopened[] = "ticket.reopened";
constexpr char kClosed[] = "ticket.closed";
constexpr char kAcknowledged[] = "escalation.acknowledged";

bool IsCancelled(const std::string& type) {
  return type == "ticket.cancelled" || type == "campaign.cancelled";
}

bool Ends(const std::string& type) {
  return type == kClosed || type == "campaign.archived" || IsCancelled(type);
}

// In order of time. A ledger's instalments in the order of their events: the same due date passes
// again when a payment is taken back.
void Sort(std::vector<Fact>& facts) {
  const bool ledger = !facts.empty() && facts.front().type.starts_with("instalment.");
  std::sort(facts.begin(), facts.end(), [&](const Fact& a, const Fact& b) {
    return ledger ? a.number < b.number
                  : std::tie(a.occurred_at, a.number) < std::tie(b.occurred_at, b.number);
  });
}

bool ChangesMatch(const Fact& fact) {
  return fact.kind_path || fact.severity || fact.tiers || fact.channel || fact.region;
}

void Take(const Fact& fact, Attributes& a) {
  if (fact.kind_path) {
    a.kind_path = *fact.kind_path;
  }
  if (fact.severity) {
    a.severity = *fact.severity;
  }
  if (fact.tiers) {
    a.tiers = *fact.tiers;
  }
  if (fact.channel) {
    a.channel = *fact.channel;
  }
  if (fact.region) {
    a.region = *fact.region;
  }
  if (fact.owner) {
    a.owner = *fact.owner;
    a.owner_since = fact.occurred_at;
  }
  if (fact.team) {
    a.team = *fact.team;
    a.team_since = fact.occurred_at;
  }
}

class Planner {
 public:
  Planner(const RuleSet& rules, const std::map<std::string, Pin>& pins, FactNumber fresh_from)
      : rules_(rules), pins_(pins), fresh_from_(fresh_from) {}

  SubjectPlan Run(std::vector<Fact> facts) {
    Sort(facts);
    for (const Fact& fact : facts) {
      Acknowledge(fact.occurred_at);
      Step(fact);
    }
    Acknowledge(kMaxTime);
    for (auto& [name, track] : tracks_) {
      if (track.begun) {
        Finish(track, rules_);
        result_.clocks.push_back(std::move(track.plan));
      }
    }
    result_.losers = {losers_.begin(), losers_.end()};
    return std::move(result_);
  }

 private:
  // The version that a clock of this policy keeps, or would get with a start at `start`; null = no clock. Its track learns what
  // else the clock keeps.
  const Policy* Choose(const std::string& name, Time start, Track& track) {
    const auto pin = pins_.find(name);
    if (pin != pins_.end()) {
      track.plan.calendar_version = pin->second.calendar_version;
      track.plan.since = pin->second.since;
      track.acknowledged = pin->second.acknowledged;
      track.pin = &pin->second;
      return rules_.Find(name, pin->second.policy_version);
    }
    track.plan.since = fresh_from_;
    const Policy* policy = fresh_from_ == kNoFreshFact ? nullptr : rules_.InForceAt(name, start);
    if (policy != nullptr) {
      track.plan.calendar_version = rules_.ActiveCalendar(policy->calendar);
    }
    return policy;
  }

  void Arm(const Fact& fact) {
    for (const auto& [name, versions] : rules_.in_force) {
      Track& track = tracks_[name];
      if (track.started) {
        if (track.policy->start_event == fact.type) {
          OnStartAgain(track, fact, rules_);
        }
        continue;
      }
      const Policy* policy = Choose(name, fact.occurred_at, track);
      if (policy == nullptr || policy->start_event != fact.type) {
        continue;
      }
      track.started = true;
      track.armed_by = fact.number;
      track.planned = fact.planned;
      track.policy = policy;
      track.plan.policy = name;
      track.plan.policy_version = policy->version;
      track.plan.calendar = policy->calendar;
      track.calendar = rules_.Calendar(policy->calendar, track.plan.calendar_version);
      for (const std::string& cause : open_holds_) {
        if (PausesOn(*policy, cause)) {
          track.causes.insert(cause);
        }
      }
    }
  }

  // Policies that match now, losers of their metric left out.
  std::set<std::string> Winners(Time at) {
    std::map<std::string, std::vector<const Track*>> by_metric;
    for (const auto& [name, track] : tracks_) {
      if (track.started && Matches(track.policy->match, result_.attributes)) {
        by_metric[track.policy->metric].push_back(&track);
      }
    }
    std::set<std::string> winners;
    for (const auto& [metric, tracks] : by_metric) {
      const bool all = std::all_of(tracks.begin(), tracks.end(), [](const Track* t) {
        return t->policy->same_metric == SameMetric::kAll;
      });
      const Track* best = nullptr;  // where all of them run, none is asked for
      for (const Track* t : tracks) {
        best = all || (best != nullptr && !Better(*t, *best, at)) ? best : t;
      }
      for (const Track* t : tracks) {
        if (all || t == best || t->policy->same_metric == SameMetric::kAll) {
          winners.insert(t->plan.policy);
        } else {
          losers_.insert(t->plan.policy + ": outranked by " + best->plan.policy);
        }
      }
    }
    return winners;
  }

  // Dues are worked out only where specificity does not decide: they cost most here.
  static bool Better(const Track& a, const Track& b, Time at) {
    if (a.policy->same_metric == SameMetric::kMostSpecific ||
        b.policy->same_metric == SameMetric::kMostSpecific) {
      const int of_a = Specificity(a.policy->match), of_b = Specificity(b.policy->match);
      if (of_a != of_b) {
        return of_a > of_b;
      }
    }
    const auto due = [&](const Track& t) {
      return Due(t.policy->target, t.calendar, t.begun ? t.plan.start : at, {})
          .at.value_or(kMaxTime);
    };
    const Time of_a = due(a), of_b = due(b);
    return of_a != of_b ? of_a < of_b : a.plan.policy < b.plan.policy;
  }

  // What a clock that begins now would measure has happened, or can happen no more.
  bool MeasuredAlready(const Track& track) const {
    return result_.ended || stopped_.contains(track.policy->stop_event) ||
           (StopsOnAcknowledgement(*track.policy) &&
            (track.was_acknowledged || stopped_.contains(kClosed)));
  }

  // Acknowledgements before `until`: they are of one clock, so they are no facts of the subject.
  void Acknowledge(Time until) {
    for (auto& [name, track] : tracks_) {
      if (!track.acknowledged || *track.acknowledged >= until || !track.started) {
        continue;
      }
      if (StopsOnAcknowledgement(*track.policy)) {
        Fact fact;
        fact.type = kAcknowledged;
        fact.occurred_at = *track.acknowledged;
        OnStop(track, fact);
      }
      track.was_acknowledged = true;
      track.acknowledged.reset();
    }
  }

  // Clocks that no longer match end; ones that match now begin, with the time used by the one they replace.
  void Rematch(const Fact& fact) {
    const std::set<std::string> winners = Winners(fact.occurred_at);
    std::map<std::string, Track*> replaced;  // by metric
    for (auto& [name, track] : tracks_) {
      if (IsOpen(track) && !winners.contains(name)) {
        Cancel(
            track, fact,
            Matches(track.policy->match, result_.attributes) ? "outranked" : "no_longer_matches");
        replaced[track.policy->metric] = &track;
      }
    }
    for (const std::string& name : winners) {
      Track& track = tracks_[name];
      const bool back = track.begun && track.plan.cancelled_at &&
                        !track.plan.cancel_reason.starts_with("subject_");
      if (track.begun && !back) {
        continue;
      }
      if (track.armed_by != fact.number && MeasuredAlready(track)) {
        continue;
      }
      if (fact.number < track.plan.since) {
        continue;
      }
      const auto old = replaced.find(track.policy->metric);
      track.plan.cancelled_at.reset();
      track.plan.cancel_reason.clear();
      track.plan.pauses.clear();
      Begin(track, fact,
            old == replaced.end() ? Duration{0} : Carried(track, *old->second, fact.occurred_at));
    }
  }

  // A13, R39 keep_elapsed: the same kind of budget takes the time used; another kind takes the share used. R41: a change never
  // breaches at once; the new clock then has its full target, but not past the old due.
  Duration Carried(const Track& now, const Track& old, Time at) {
    const auto kind = [](const Track& t) { return t.policy->target.kind; };
    if (kind(now) == Target::Kind::kImmediate || kind(old) == Target::Kind::kImmediate) {
      return Duration{0};
    }
    const Duration used = Used(old, at);
    const Duration full = Budget(now.policy->target, now.calendar, at);
    Duration carried = used;
    const bool amounts = kind(now) == kind(old) && kind(now) != Target::Kind::kWorkingDays &&
                         kind(now) != Target::Kind::kCalendarDays;
    if (!amounts) {
      const Duration whole = Budget(old.policy->target, old.calendar, old.plan.start);
      const double share =
          whole.micros > 0 ? static_cast<double>(used.micros) / static_cast<double>(whole.micros)
                           : 0;
      carried = Duration{static_cast<int64_t>(static_cast<double>(full.micros) * share)};
    }
    if (carried < full || now.policy->may_breach_on_change) {
      return carried;
    }
    const std::optional<Time> old_due = DueOf(old, PausesOf(old)).at;
    if (!old_due || *old_due <= at) {
      return Duration{0};
    }
    const Duration left = Charged(now.policy->target, now.calendar, at, *old_due, {});
    return std::max(full - left, Duration{0});
  }

  void Step(const Fact& fact) {
    const bool changes = ChangesMatch(fact);
    Take(fact, result_.attributes);
    if (fact.type == kHeld) {
      open_holds_.insert(fact.cause);
    } else if (fact.type == kResumed) {
      if (const auto it = open_holds_.find(fact.cause); it != open_holds_.end()) {
        open_holds_.erase(it);
      }
    }
    const size_t before = Started();
    Arm(fact);
    const bool armed = Started() != before;
    if (armed || changes) {
      Rematch(fact);
    }
    if (fact.type == kReopened) {
      result_.ended = false;
      for (const char* undone : {"ticket.resolved", "ticket.verified", "ticket.closed"}) {
        stopped_.erase(undone);
      }
    } else {
      stopped_.insert(fact.type);
      result_.ended = result_.ended || Ends(fact.type);
    }
    for (auto& [name, track] : tracks_) {
      if (!track.started) {
        continue;
      }
      if (fact.type == kHeld) {
        OnHold(track, fact);
      } else if (fact.type == kResumed) {
        OnResume(track, fact);
      } else if (fact.type == kReopened) {
        OnReopen(track, fact, rules_);
      } else if (IsCancelled(fact.type)) {
        Cancel(track, fact, kSubjectCancelled);
      } else if (fact.type == kClosed && StopsOnAcknowledgement(*track.policy)) {
        Cancel(track, fact, "subject_closed");
      } else if (fact.type == track.policy->stop_event) {
        OnStop(track, fact);
      }
    }
    result_.cancelled = result_.cancelled || IsCancelled(fact.type);
  }

  size_t Started() const {
    return static_cast<size_t>(std::count_if(tracks_.begin(), tracks_.end(),
                                             [](const auto& t) { return t.second.started; }));
  }

  const RuleSet& rules_;
  const std::map<std::string, Pin>& pins_;
  const FactNumber fresh_from_;
  std::map<std::string, Track> tracks_;
  std::multiset<std::string> open_holds_;
  std::set<std::string> stopped_;  // event types seen and not undone by a reopening
  std::set<std::string> losers_;
  SubjectPlan result_;
};

}  // namespace

SubjectPlan PlanSubject(std::vector<Fact> facts, const RuleSet& rules,
                        const std::map<std::string, Pin>& pins, FactNumber fresh_from) {
  return Planner(rules, pins, fresh_from).Run(std::move(facts));
}

bool CanStart(const std::string& type, const RuleSet& rules) {
  if (type == "ticket.registered" || type == "ticket.severity_changed" ||
      type == "ticket.kind_changed" || type == "ticket.transferred" ||
      type == "ticket.customer_tiers_changed" || type.starts_with("customer.")) {
    return true;
  }
  for (const auto& [name, versions] : rules.in_force) {
    for (const PolicyInForce& version : versions) {
      if (version.policy.start_event == type) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace steward::sla
