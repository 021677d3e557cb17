#include "services/leads/domain/lead.h"

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/text.h"
#include "services/leads/domain/reference.h"

namespace steward::leads {
namespace {

constexpr size_t kMaxText = 256;

absl::Status CheckDraft(const LeadData& lead) {
  const std::pair<const char*, const std::string*> required[] = {
      {"lead.channel", &lead.channel},
      {"lead.external_id", &lead.external_id},
      {"lead.source", &lead.source}};
  for (const auto& [field, text] : required) {
    if (text->empty()) {
      return FieldInvalid(field, "is required");
    }
    RETURN_IF_ERROR(CheckText(field, *text, kMaxText));
  }
  const std::pair<const char*, const std::string*> optional[] = {
      {"lead.campaign", &lead.campaign},     {"lead.territory", &lead.territory},
      {"lead.industry", &lead.industry},     {"lead.utm.source", &lead.utm.source},
      {"lead.utm.medium", &lead.utm.medium}, {"lead.utm.campaign", &lead.utm.campaign},
      {"lead.utm.term", &lead.utm.term},     {"lead.utm.content", &lead.utm.content},
      {"lead.customer", &lead.customer},     {"lead.contact", &lead.contact}};
  for (const auto& [field, text] : optional) {
    RETURN_IF_ERROR(CheckText(field, *text, kMaxText));
  }
  for (const std::string& skill : lead.skills) {
    RETURN_IF_ERROR(CheckText("lead.skills", skill, kMaxText));
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<Time> IdleSince(const LeadData& lead) {
  if (!lead.assigned_time || !Next(lead.state, LeadAction::kRecycle)) {
    return std::nullopt;
  }
  return std::max(*lead.assigned_time, lead.last_touch.value_or(kMinTime));
}

std::optional<Time> RecycleTime(const LeadData& lead, int days) {
  const std::optional<Time> since = IdleSince(lead);
  return days > 0 && since ? std::optional(*since + Hours(int64_t{24} * days)) : std::nullopt;
}

bool IsRecyclable(const LeadData& lead, Time now, int days) {
  const std::optional<Time> due = RecycleTime(lead, days);
  return due && *due <= now;
}

absl::StatusOr<Lead> Lead::Capture(LeadData draft, const Occasion& occasion) {
  RETURN_IF_ERROR(CheckDraft(draft));
  const Time at = occasion.given.value_or(occasion.now);
  draft.owner = draft.disqualify_reason = draft.opportunity = "";
  draft.captured_by = occasion.actor;
  draft.state = LeadState::kCaptured;
  draft.state_time = draft.occurred_at = at;
  draft.recorded_at = draft.update_time = occasion.now;
  draft.assigned_time.reset();
  draft.last_touch.reset();
  draft.version = 0;
  Lead lead(std::move(draft));
  LeadData said = lead.data_;
  lead.Say(at, occasion, LeadCaptured{std::move(said)});
  return lead;
}

absl::Status Lead::Check(LeadAction action) const {
  if (Next(data_.state, action)) {
    return absl::OkStatus();
  }
  if (action == LeadAction::kConvert && data_.state == LeadState::kConverted) {
    return Precondition("ALREADY_CONVERTED", "the lead became `" + data_.opportunity + "`",
                        {{"opportunity", data_.opportunity}});
  }
  return IllegalTransition(NameOf(data_.state), NameOf(action), AllowedIn(data_.state));
}

absl::StatusOr<Time> Lead::MoveTime(const Occasion& occasion) const {
  return InstantOf(occasion, data_.state_time,
                   "when the lead came to " + std::string(NameOf(data_.state)));
}

void Lead::Move(LeadState to, Time at) {
  if (to != data_.state) {
    data_.state = to;
    data_.state_time = at;
  }
}

void Lead::Say(Time at, const Occasion& occasion, decltype(LeadEvent::body) body) {
  data_.version += 1;
  data_.update_time = occasion.now;
  events_.push_back({data_.version, occasion.event_id, at, std::move(body)});
}

absl::Status Lead::Assign(std::string_view owner, std::string_view team,
                          const std::optional<Choice>& choice, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kAssign));
  if (owner.empty()) {
    return FieldInvalid("owner", "is required; to take a lead back, release it");
  }
  if (choice && choice->member != owner) {
    return FieldInvalid("owner", "is not the member that the rule chose");
  }
  const std::string to_team(team.empty() ? std::string_view(data_.team) : team);
  if (data_.owner == owner && data_.team == to_team) {
    return NothingToChange("owner", owner);
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  LeadAssigned assigned{data_.owner, std::string(owner), data_.team, to_team, choice};
  if (data_.owner != owner) {
    Move(LeadState::kAssigned, at);
    data_.assigned_time = at;
  }
  data_.owner = owner;
  data_.team = to_team;
  Say(at, occasion, std::move(assigned));
  return absl::OkStatus();
}

absl::Status Lead::RecordTouch(std::string_view touch, bool effective, const Occasion& occasion) {
  const LeadAction action = effective ? LeadAction::kContact : LeadAction::kTouch;
  RETURN_IF_ERROR(Check(action));
  if (!IsReference(touch)) {
    return FieldInvalid("touch", "is the name of a touch");
  }
  const LeadState from = data_.state;
  const LeadState to = *Next(from, action);
  // One that moves the lead follows what moved it before; any other may lie anywhere behind the
  // capture.
  const Time earliest = from == to ? data_.occurred_at : data_.state_time;
  ASSIGN_OR_RETURN(const Time at,
                   InstantOf(occasion, earliest, "when the lead was captured or assigned"));
  Move(to, at);
  data_.last_touch = std::max(data_.last_touch.value_or(at), at);
  Say(at, occasion, LeadTouched{std::string(touch), effective, from, to});
  return absl::OkStatus();
}

absl::Status Lead::Convert(std::string_view opportunity, std::string_view customer,
                           const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kConvert));
  if (!IsReference(opportunity)) {
    return FieldInvalid("opportunity", "is the name of an opportunity");
  }
  const std::string of(customer.empty() ? std::string_view(data_.customer) : customer);
  if (!IsReference(of)) {
    return FieldInvalid("customer", "is needed: an opportunity has a customer");
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Move(LeadState::kConverted, at);
  data_.opportunity = opportunity;
  data_.customer = of;
  Say(at, occasion, LeadConverted{data_.opportunity, of, data_.owner});
  return absl::OkStatus();
}

absl::Status Lead::Disqualify(std::string_view reason, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kDisqualify));
  if (!Contains(kDisqualifyReasons, reason)) {
    return FieldInvalid("disqualify_reason", "is not one of " + Join(kDisqualifyReasons));
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  const LeadState from = data_.state;
  Move(LeadState::kDisqualified, at);
  data_.disqualify_reason = reason;
  Say(at, occasion, LeadDisqualified{std::string(reason), from});
  return absl::OkStatus();
}

absl::Status Lead::BackToPool(std::string_view cause, const Occasion& occasion) {
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Move(LeadState::kRecycled, at);
  data_.assigned_time.reset();
  Say(at, occasion, LeadRecycled{std::string(cause), std::exchange(data_.owner, "")});
  return absl::OkStatus();
}

absl::Status Lead::Recycle(int days, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kRecycle));
  if (days <= 0) {
    return FieldInvalid("days", "is above zero");
  }
  const std::optional<Time> due = RecycleTime(data_, days);
  const Time at = occasion.given.value_or(occasion.now);
  if (!due || at < *due) {
    const std::string when = due ? FormatTime(*due) : "never";
    return Precondition("TOUCHED_RECENTLY",
                        "the lead goes back to the pool " + std::to_string(days) +
                            " days after its last touch: " + when,
                        {{"due", when}, {"days", std::to_string(days)}});
  }
  return BackToPool("untouched", occasion);
}

absl::Status Lead::Release(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kRecycle));
  return BackToPool("released", occasion);
}

absl::Status Lead::Restore(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(LeadAction::kRestore));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  Move(LeadState::kRecycled, at);
  data_.owner = "";
  data_.assigned_time.reset();
  Say(at, occasion, LeadRestored{std::exchange(data_.disqualify_reason, "")});
  return absl::OkStatus();
}

}  // namespace steward::leads
