#include "services/complaints/domain/ticket.h"

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::complaints {
namespace {

// Insert into a list that is in order of occurred_at, behind its equals.
template <class T>
void InsertInOrder(std::vector<T>& values, T value) {
  const auto at = std::upper_bound(values.begin(), values.end(), value, [](const T& a, const T& b) {
    return a.occurred_at < b.occurred_at;
  });
  values.insert(at, std::move(value));
}

absl::StatusOr<std::string> CheckedSeverity(const Kind& kind, std::string_view field,
                                            std::string_view severity) {
  if (severity.empty()) {
    return kind.severities.front();
  }
  if (!Contains(kind.severities, severity)) {
    return FieldInvalid(field,
                        "is not a severity of kind `" + kind.id + "`: " + Join(kind.severities));
  }
  return std::string(severity);
}

absl::StatusOr<const Kind*> CheckedKind(const KindTree& kinds, std::string_view field,
                                        std::string_view id) {
  const Kind* kind = kinds.Find(id);
  if (kind == nullptr) {
    std::vector<std::string> known;
    for (const Kind& each : kinds.kinds()) {
      known.push_back(each.id);
    }
    return FieldInvalid(field, "is not a kind: " + Join(known));
  }
  return kind;
}

}  // namespace

absl::StatusOr<Ticket> Ticket::Register(const KindTree& kinds, TicketData draft,
                                        const std::string& actor, Time now) {
  ASSIGN_OR_RETURN(const Kind* kind, CheckedKind(kinds, "ticket.kind", draft.kind));
  ASSIGN_OR_RETURN(draft.severity, CheckedSeverity(*kind, "ticket.severity", draft.severity));
  draft.registered_by = actor;
  draft.recorded_at = now;
  draft.state = State::kRecorded;
  draft.state_time = draft.occurred_at;
  draft.cycle = 1;
  draft.cycle_time = draft.occurred_at;
  draft.version = 0;
  Ticket ticket(kinds, std::move(draft));
  ticket.data_.update_time = now;
  TicketData registered = ticket.data_;
  const Time occurred_at = registered.occurred_at;
  ticket.Add(occurred_at, now, Registered{std::move(registered), kinds.Path(kind->id)});
  return ticket;
}

const Kind& Ticket::kind() const {
  static const Kind
      kUnknown{};  // stored under an older kind file: no extra milestones, no verification
  const Kind* found = kinds_->Find(data_.kind);
  return found == nullptr ? kUnknown : *found;
}

bool Ticket::May(Action action) const {
  if (!Next(data_.state, action)) {
    return false;
  }
  switch (action) {
    case Action::kRecordFirstResponse:
      return !Has(kFirstResponded);
    case Action::kProposeSolution:
      return !Has(kSolutionProposed);
    case Action::kClose:
      return data_.state != State::kResolved || !kind().needs_verification;
    case Action::kResume:
      return !data_.holds.empty();
    case Action::kRecordMilestone:
      return std::any_of(kind().milestones.begin(), kind().milestones.end(),
                         [this](const std::string& type) { return !Has(type); });
    default:
      return true;
  }
}

std::string Ticket::Allowed() const {
  std::vector<std::string_view> allowed;
  for (const Action action : kActions) {
    if (May(action)) {
      allowed.push_back(NameOf(action));
    }
  }
  return Join(allowed);
}

absl::Status Ticket::Check(Action action) const {
  const bool unverified = action == Action::kClose && !May(action);
  if (!Next(data_.state, action) || unverified) {
    return IllegalTransition(NameOf(data_.state), NameOf(action), Allowed());
  }
  return absl::OkStatus();
}

absl::StatusOr<Time> Ticket::At(const Occasion& occasion, Time earliest) const {
  return InstantOf(
      occasion, earliest,
      "when the ticket came to " + std::string(NameOf(data_.state)) + " or what it ends began");
}

bool Ticket::Has(std::string_view milestone) const {
  return std::any_of(data_.milestones.begin(), data_.milestones.end(), [&](const Milestone& m) {
    return m.type == milestone && m.cycle == data_.cycle;
  });
}

template <class Body>
void Ticket::Add(Time occurred_at, Time now, Body body) {
  data_.version += 1;
  data_.update_time = now;
  events_.push_back({data_.version, occurred_at, std::move(body)});
}

void Ticket::Move(State to, Time at) {
  if (to != data_.state) {
    data_.state = to;
    data_.state_time = at;
  }
}

void Ticket::AddMilestone(std::string_view type, Time at, const std::string& actor) {
  InsertInOrder(data_.milestones, Milestone{std::string(type), at, data_.cycle, actor});
}

absl::Status Ticket::Reach(std::string_view milestone, const Occasion& occasion) {
  const std::optional<Action> action = ActionOf(milestone);
  if (!action || *action == Action::kReopen) {
    return FieldInvalid("type", "is not a milestone: " + Join(kExtraMilestones));
  }
  RETURN_IF_ERROR(Check(*action));
  if (*action == Action::kRecordMilestone && !Contains(kind().milestones, milestone)) {
    return Precondition(
        "MILESTONE_NOT_OF_KIND",
        "kind `" + data_.kind + "` has no milestone `" + std::string(milestone) + "`",
        {{"milestone", std::string(milestone)},
         {"kind", data_.kind},
         {"allowed", Join(kind().milestones)}});
  }
  if (Has(milestone)) {
    return Precondition(
        "MILESTONE_ALREADY_RECORDED",
        "`" + std::string(milestone) + "` is recorded already in cycle " +
            std::to_string(data_.cycle),
        {{"milestone", std::string(milestone)}, {"cycle", std::to_string(data_.cycle)}});
  }
  const State from = data_.state;
  const State to = *Next(from, *action);
  // What moves the ticket follows what moved it before; what was skipped may lie anywhere in the
  // cycle.
  ASSIGN_OR_RETURN(const Time at, At(occasion, from == to ? data_.cycle_time : data_.state_time));
  if (to == State::kClosed && from != to) {
    EndAllHolds(at, occasion);
  }
  Move(to, at);
  AddMilestone(milestone, at, occasion.actor);
  Add(at, occasion.now,
      Reached{std::string(milestone), data_.cycle, from, to, occasion.back_dated});
  return absl::OkStatus();
}

absl::Status Ticket::Reopen(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kReopen));
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.state_time));
  const State from = data_.state;
  data_.cycle += 1;
  data_.cycle_time = at;
  Move(State::kRecorded, at);
  AddMilestone(kReopened, at, occasion.actor);
  Add(at, occasion.now,
      Reached{std::string(kReopened), data_.cycle, from, data_.state, occasion.back_dated});
  return absl::OkStatus();
}

absl::Status Ticket::Cancel(std::string_view reason, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kCancel));
  if (!Contains(kCancelReasons, reason)) {
    return FieldInvalid("cancel_reason", "is not one of " + Join(kCancelReasons));
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.state_time));
  const State from = data_.state;
  EndAllHolds(at, occasion);
  Move(State::kCancelled, at);
  data_.cancel_reason = reason;
  Add(at, occasion.now, Cancelled{std::string(reason), from});
  return absl::OkStatus();
}

absl::Status Ticket::BeginHold(std::string_view cause, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kHold));
  if (!Contains(kHoldCauses, cause)) {
    return FieldInvalid("cause", "is not one of " + Join(kHoldCauses));
  }
  for (const Hold& hold : data_.holds) {
    if (hold.cause == cause) {
      return Precondition(
          "HOLD_ALREADY_OPEN",
          "a hold for `" + hold.cause + "` is open since " + FormatTime(hold.occurred_at),
          {{"cause", hold.cause}, {"since", FormatTime(hold.occurred_at)}});
    }
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.cycle_time));
  InsertInOrder(data_.holds, Hold{std::string(cause), at});
  Add(at, occasion.now, HoldChanged{true, std::string(cause), data_.cycle, occasion.back_dated});
  return absl::OkStatus();
}

absl::Status Ticket::EndHold(std::string_view cause, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kResume));
  const auto hold = std::find_if(data_.holds.begin(), data_.holds.end(),
                                 [&](const Hold& each) { return each.cause == cause; });
  if (hold == data_.holds.end()) {
    std::vector<std::string> open;
    for (const Hold& each : data_.holds) {
      open.push_back(each.cause);
    }
    return Precondition("HOLD_NOT_OPEN", "no hold for `" + std::string(cause) + "` is open",
                        {{"cause", std::string(cause)}, {"open", Join(open)}});
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, hold->occurred_at));
  data_.holds.erase(hold);
  Add(at, occasion.now, HoldChanged{false, std::string(cause), data_.cycle, occasion.back_dated});
  return absl::OkStatus();
}

void Ticket::EndAllHolds(Time at, const Occasion& occasion) {
  for (const Hold& hold : std::exchange(data_.holds, {})) {
    // A hold that began after the end, as recorded, has no length.
    Add(std::max(at, hold.occurred_at), occasion.now,
        HoldChanged{false, hold.cause, data_.cycle, occasion.back_dated});
  }
}

absl::Status Ticket::Assign(std::string_view owner, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kAssign));
  if (data_.owner == owner) {
    return NothingToChange("owner", owner);
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.cycle_time));
  const std::string from = std::exchange(data_.owner, std::string(owner));
  Add(at, occasion.now, Assigned{from, data_.owner});
  return absl::OkStatus();
}

absl::Status Ticket::Transfer(std::string_view team, std::string_view owner,
                              std::string_view region, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kTransfer));
  const std::string to_region(region.empty() ? std::string_view(data_.region) : region);
  if (data_.team == team && data_.owner == owner && data_.region == to_region) {
    return NothingToChange("team", team);
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.cycle_time));
  Transferred moved{data_.team,         std::string(team), data_.owner,
                    std::string(owner), data_.region,      to_region};
  data_.team = moved.team;
  data_.owner = moved.owner;
  data_.region = moved.region;
  Add(at, occasion.now, std::move(moved));
  return absl::OkStatus();
}

absl::Status Ticket::ChangeSeverity(std::string_view severity, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kChangeSeverity));
  if (severity.empty()) {
    return FieldInvalid("severity", "is required");
  }
  ASSIGN_OR_RETURN(const std::string to, CheckedSeverity(kind(), "severity", severity));
  if (data_.severity == to) {
    return NothingToChange("severity", to);
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.cycle_time));
  const std::string from = std::exchange(data_.severity, to);
  Add(at, occasion.now, SeverityChanged{from, to});
  return absl::OkStatus();
}

absl::Status Ticket::ChangeKind(std::string_view kind, std::string_view severity,
                                const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kChangeKind));
  ASSIGN_OR_RETURN(const Kind* to, CheckedKind(*kinds_, "kind", kind));
  ASSIGN_OR_RETURN(const std::string to_severity, CheckedSeverity(*to, "severity", severity));
  if (data_.kind == kind) {
    return NothingToChange("kind", kind);
  }
  ASSIGN_OR_RETURN(const Time at, At(occasion, data_.cycle_time));
  KindChanged changed{data_.kind, to->id, kinds_->Path(to->id), data_.severity, to_severity};
  data_.kind = changed.kind;
  data_.severity = changed.severity;
  Add(at, occasion.now, std::move(changed));
  return absl::OkStatus();
}

absl::Status Ticket::LearnTiers(const std::vector<std::string>& tiers, Time at, Time now) {
  if (data_.state == State::kClosed || data_.state == State::kCancelled) {
    return IllegalTransition(NameOf(data_.state), "learn_tiers", Allowed());
  }
  if (tiers == data_.customer_tiers) {
    return NothingToChange("customer_tiers", Join(tiers));
  }
  TiersLearnt learnt{std::exchange(data_.customer_tiers, tiers), tiers};
  Add(std::max(at, data_.occurred_at), now, std::move(learnt));
  return absl::OkStatus();
}

absl::Status Ticket::AddNote(std::string_view note, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(Action::kAddNote));
  Add(occasion.now, occasion.now, NoteAdded{std::string(note)});
  return absl::OkStatus();
}

}  // namespace steward::complaints
