#include "services/sla/domain/ladder.h"

#include <algorithm>
#include <cstring>

#include "libs/base/status.h"

namespace steward::sla {
namespace {

using Kind = PlannedRung::Kind;

constexpr uint8_t kFormat = 1;
enum HeadFlag : uint8_t { kHasLimit = 1, kClosed = 2, kHasAcknowledgement = 4 };
enum Flag : uint8_t {
  kHasAt = 1,
  kNotApplicable = 2,
  kHasInterval = 4,
  kEvenIfAcknowledged = 8,
  kStanding = 16,
  kAcknowledged = 32,
  kHasCalendar = 64
};

void PutInt(std::string& out, int64_t v) {
  for (int i = 0; i < 8; ++i) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(v) >> (8 * i)));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint8_t Byte() {
    if (at_ >= bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return static_cast<uint8_t>(bytes_[at_++]);
  }
  int64_t Int() {
    uint64_t v = 0;
    for (int i = 0; i < 8; ++i) {
      v |= static_cast<uint64_t>(Byte()) << (8 * i);
    }
    return static_cast<int64_t>(v);
  }
  bool Done() const { return ok_ && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

const Rung* Find(const std::vector<Rung>& rungs, Kind kind, int number) {
  const auto it = std::find_if(rungs.begin(), rungs.end(),
                               [&](const Rung& r) { return r.kind == kind && r.number == number; });
  return it == rungs.end() ? nullptr : &*it;
}
Rung* Find(std::vector<Rung>& rungs, Kind kind, int number) {
  return const_cast<Rung*>(Find(std::as_const(rungs), kind, number));
}

// The instant of a level that waits for the one before it; empty = not pending.
std::optional<Time> AfterPrevious(const Rung& rung, const Rung* previous, const Policy& policy,
                                  const RuleSet& rules) {
  if (previous == nullptr || !previous->standing ||
      (previous->acknowledged && !rung.even_if_acknowledged)) {
    return std::nullopt;
  }
  const std::string& calendar = policy.levels[static_cast<size_t>(rung.number) - 1].calendar;
  if (calendar.empty()) {
    return previous->detected_at + *rung.interval;
  }
  const CompiledCalendar* compiled = rung.calendar_version > 0
                                         ? rules.Calendar(calendar, rung.calendar_version)
                                         : rules.Active(calendar);  // stored before it was kept
  return compiled == nullptr
             ? previous->detected_at + *rung.interval
             : compiled->Add(previous->detected_at, *rung.interval, Boundary::kEndOfInterval).at;
}

bool Acknowledged(const Ladder& ladder) {
  return std::any_of(ladder.rungs.begin(), ladder.rungs.end(),
                     [](const Rung& r) { return r.standing && r.acknowledged; });
}

}  // namespace

std::string RungName(Kind kind, int number) {
  switch (kind) {
    case Kind::kWarning:
      return "warning-" + std::to_string(number);
    case Kind::kBreach:
      return "breach";
    case Kind::kLevel:
      return "level-" + std::to_string(number);
  }
  return "";
}

std::string EncodeLadder(const Ladder& ladder) {
  std::string out;
  out.reserve(12 + ladder.rungs.size() * 30);
  out.push_back(static_cast<char>(kFormat));
  out.push_back(static_cast<char>((ladder.limit ? kHasLimit : 0) | (ladder.closed ? kClosed : 0) |
                                  (ladder.acknowledged_at ? kHasAcknowledgement : 0)));
  if (ladder.limit) {
    PutInt(out, ladder.limit->micros);
  }
  if (ladder.acknowledged_at) {
    PutInt(out, ladder.acknowledged_at->micros);
  }
  for (const Rung& r : ladder.rungs) {
    out.push_back(static_cast<char>(r.kind));
    out.push_back(static_cast<char>(r.number));
    out.push_back(static_cast<char>(
        (r.at ? kHasAt : 0) | (r.not_applicable ? kNotApplicable : 0) |
        (r.interval ? kHasInterval : 0) | (r.even_if_acknowledged ? kEvenIfAcknowledged : 0) |
        (r.standing ? kStanding : 0) | (r.acknowledged ? kAcknowledged : 0) |
        (r.calendar_version > 0 ? kHasCalendar : 0)));
    out.push_back(static_cast<char>(std::min(r.armings, 255)));
    if (r.at) {
      PutInt(out, r.at->micros);
    }
    if (r.interval) {
      PutInt(out, r.interval->micros);
    }
    if (r.armings > 0) {
      PutInt(out, r.occurred_at.micros);
      PutInt(out, r.detected_at.micros);
    }
    if (r.calendar_version > 0) {
      PutInt(out, r.calendar_version);
    }
  }
  return out;
}

absl::StatusOr<Ladder> DecodeLadder(std::string_view bytes) {
  Ladder ladder;
  if (bytes.empty()) {
    return ladder;
  }
  if (static_cast<uint8_t>(bytes[0]) != kFormat) {
    return absl::DataLossError("ladder: unknown format");
  }
  Reader in(bytes.substr(1));
  const uint8_t head = in.Byte();
  if (head & kHasLimit) {
    ladder.limit = Time{in.Int()};
  }
  if (head & kHasAcknowledgement) {
    ladder.acknowledged_at = Time{in.Int()};
  }
  ladder.closed = head & kClosed;
  while (!in.Done()) {
    Rung r;
    const uint8_t kind = in.Byte();
    r.kind = static_cast<Kind>(kind);
    r.number = in.Byte();
    const uint8_t flags = in.Byte();
    r.armings = in.Byte();
    if (flags & kHasAt) {
      r.at = Time{in.Int()};
    }
    if (flags & kHasInterval) {
      r.interval = Duration{in.Int()};
    }
    if (r.armings > 0) {
      r.occurred_at = Time{in.Int()};
      r.detected_at = Time{in.Int()};
    }
    if (flags & kHasCalendar) {
      r.calendar_version = static_cast<int>(in.Int());
    }
    r.not_applicable = flags & kNotApplicable;
    r.even_if_acknowledged = flags & kEvenIfAcknowledged;
    r.standing = flags & kStanding;
    r.acknowledged = flags & kAcknowledged;
    if (kind > static_cast<uint8_t>(Kind::kLevel) || ladder.rungs.size() > 64) {
      return absl::DataLossError("ladder: damaged");
    }
    ladder.rungs.push_back(r);
  }
  return ladder;
}

Ladder Replan(const ClockPlan& plan, const Policy& policy, const Ladder& old,
              std::vector<Retraction>* retracted) {
  Ladder ladder;
  ladder.closed = plan.state == RunState::kCancelled && plan.cancel_reason == kSubjectCancelled;
  ladder.limit = plan.stop ? plan.stop : ladder.closed ? std::nullopt : plan.cancelled_at;
  ladder.acknowledged_at = old.acknowledged_at;
  for (const PlannedRung& planned : plan.rungs) {
    Rung rung;
    rung.kind = planned.kind;
    rung.number = planned.number;
    rung.at = planned.at;
    rung.not_applicable = planned.not_applicable;
    rung.calendar_version = planned.calendar_version;
    if (planned.kind == Kind::kLevel) {
      const LevelSpec& level = policy.levels[static_cast<size_t>(planned.number) - 1];
      rung.interval = level.interval;
      rung.even_if_acknowledged = level.even_if_acknowledged;
    }
    if (const Rung* before = Find(old.rungs, planned.kind, planned.number)) {
      rung.armings = before->armings;
      rung.standing = before->standing;
      rung.occurred_at = before->occurred_at;
      rung.detected_at = before->detected_at;
      rung.acknowledged = before->acknowledged;
    }
    ladder.rungs.push_back(rung);
  }
  Rung* breach = Find(ladder.rungs, Kind::kBreach, 1);
  if (breach == nullptr || !breach->standing || plan.state == RunState::kCancelled) {
    return ladder;  // a breach of a cancelled clock stands (R45)
  }
  if (breach->occurred_at < plan.start) {
    return ladder;  // of an earlier beginning: a change of rules takes nothing back
  }
  const bool true_still = breach->at && *breach->at == breach->occurred_at &&
                          (!ladder.limit || *breach->at < *ladder.limit);
  if (true_still) {
    return ladder;
  }
  const Time breached_at = breach->occurred_at;
  for (Rung& rung : ladder.rungs) {
    const bool after =
        rung.kind == Kind::kLevel && rung.standing && rung.occurred_at >= breached_at;
    if (&rung == breach || after) {
      retracted->push_back({rung.kind, rung.number, rung.armings});
      rung.standing = false;
      rung.acknowledged = false;
    }
  }
  return ladder;
}

std::optional<NextFiring> Next(const Ladder& ladder, const Policy& policy, const RuleSet& rules) {
  if (ladder.closed) {
    return std::nullopt;
  }
  std::optional<NextFiring> next;
  const auto consider = [&](const Rung& rung, Time at) {
    if ((!ladder.limit || at < *ladder.limit) && (!next || at < next->at)) {
      next = NextFiring{rung.kind, rung.number, at, rung.armings + 1,
                        rung.kind == Kind::kBreach && rung.armings > 0 && rung.occurred_at == at};
    }
  };
  const Rung* breach = Find(ladder.rungs, Kind::kBreach, 1);
  const Rung* previous = nullptr;
  const bool acknowledged = Acknowledged(ladder);
  for (const Rung& rung : ladder.rungs) {
    if (rung.kind != Kind::kLevel) {
      if (!rung.standing && !rung.not_applicable && rung.at) {
        consider(rung, *rung.at);
      }
      continue;
    }
    if (rung.standing || rung.not_applicable) {
      previous = rung.standing ? &rung : previous;
      continue;
    }
    if (acknowledged && !rung.even_if_acknowledged) {
      continue;  // silenced; a later level may insist
    }
    // The first level that has not fired; the later ones wait for it.
    const std::optional<Time> at =
        rung.interval ? AfterPrevious(rung, previous, policy, rules) : rung.at;
    const bool needs_breach = breach != nullptr && (!breach->at || (at && *at >= *breach->at));
    if (at && (!needs_breach || breach->standing)) {
      consider(rung, *at);
    }
    break;
  }
  return next;
}

bool IsDue(const NextFiring& next, Time now) {
  return next.kind == Kind::kBreach ? next.at < now : next.at <= now;
}

void Fire(Ladder& ladder, const NextFiring& next, Time detected_at) {
  Rung* rung = Find(ladder.rungs, next.kind, next.number);
  rung->armings = next.arming;
  rung->standing = true;
  rung->occurred_at = next.at;
  rung->detected_at = detected_at;
  rung->acknowledged = false;
}

void Acknowledge(Ladder& ladder, int level, Time at) {
  ladder.acknowledged_at = std::min(ladder.acknowledged_at.value_or(at), at);
  if (Rung* rung = Find(ladder.rungs, Kind::kLevel, level)) {
    rung->acknowledged = true;
  }
}

bool HasStanding(const Ladder& ladder, Kind kind) {
  return std::any_of(ladder.rungs.begin(), ladder.rungs.end(),
                     [&](const Rung& r) { return r.kind == kind && r.standing; });
}

}  // namespace steward::sla
