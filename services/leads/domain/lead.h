#pragma once
// The lead: every change is a method that adds one event or says why not. Nothing is ignored.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/leads/domain/lead_event.h"

namespace steward::leads {

// Since when its owner has let it lie: the later of its last touch and its assignment. nullopt while
// there is no owner to take it from.
std::optional<Time> IdleSince(const LeadData& lead);
// When it goes back to the pool: `days` times 24 hours later. nullopt = never: not idle, or `days` is
// not above zero.
std::optional<Time> RecycleTime(const LeadData& lead, int days);
// At that instant it is due.
bool IsRecyclable(const LeadData& lead, Time now, int days);

// Refusals: ILLEGAL_TRANSITION (the table of lead_state.h), ALREADY_CONVERTED with the
// `opportunity`, NOTHING_TO_CHANGE and TOUCHED_RECENTLY (FAILED_PRECONDITION), FIELD_INVALID. A
// refused command changes nothing.
class Lead {
 public:
  // Needs channel, external id and source; texts are clean and at most 256 characters. A team says
  // whose pool it comes to.
  static absl::StatusOr<Lead> Capture(LeadData draft, const Occasion& occasion);
  explicit Lead(LeadData stored) : data_(std::move(stored)) {}

  const LeadData& data() const { return data_; }
  // Events since capture or loading, in version order.
  const std::vector<LeadEvent>& events() const { return events_; }

  // To a member; an empty team stays as it is. `choice` says how a rule came to this owner.
  [[nodiscard]] absl::Status Assign(std::string_view owner, std::string_view team,
                                    const std::optional<Choice>& choice, const Occasion& occasion);
  // A touch may be typed late: it never makes the last touch older.
  [[nodiscard]] absl::Status RecordTouch(std::string_view touch, bool effective,
                                         const Occasion& occasion);
  // Exactly once. An empty customer stays as it is, and one is needed.
  [[nodiscard]] absl::Status Convert(std::string_view opportunity, std::string_view customer,
                                     const Occasion& occasion);
  [[nodiscard]] absl::Status Disqualify(std::string_view reason, const Occasion& occasion);
  // After `days` without a touch.
  [[nodiscard]] absl::Status Recycle(int days, const Occasion& occasion);
  // By its owner, at any time.
  [[nodiscard]] absl::Status Release(const Occasion& occasion);
  [[nodiscard]] absl::Status Restore(const Occasion& occasion);

 private:
  [[nodiscard]] absl::Status Check(LeadAction action) const;
  absl::StatusOr<Time> MoveTime(const Occasion& occasion) const;
  void Move(LeadState to, Time at);
  [[nodiscard]] absl::Status BackToPool(std::string_view cause, const Occasion& occasion);
  void Say(Time at, const Occasion& occasion, decltype(LeadEvent::body) body);

  LeadData data_;
  std::vector<LeadEvent> events_;
};

// Settings of ours: no seed lists them.
inline constexpr std::array<std::string_view, 5> kDisqualifyReasons = {
    "no_need", "unreachable", "duplicate", "out_of_scope", "spam"};

}  // namespace steward::leads
