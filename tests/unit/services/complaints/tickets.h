#pragma once
// Builders for tests of the domain.

#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "services/complaints/domain/ticket.h"
#include "services/complaints/kinds.h"

namespace steward::complaints {

inline constexpr Time kNow{1'780'000'000'000'000};  // 2026-05-28T20:26:40Z
inline constexpr char kAgent[] = "members/li";

inline const KindTree& Kinds() {
  static const KindTree kinds = *LoadKinds("");
  return kinds;
}

inline Uuid Id(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

inline TicketData Draft(std::string kind = "complaint", Time occurred_at = kNow - Hours(1)) {
  TicketData draft;
  draft.id = Id(1);
  draft.kind = std::move(kind);
  draft.channel = "hotline";
  draft.occurred_at = occurred_at;
  return draft;
}

inline Ticket NewTicket(std::string kind = "complaint") {
  return *Ticket::Register(Kinds(), Draft(std::move(kind)), kAgent, kNow);
}

inline Occasion Now(Time now = kNow) { return {kAgent, now, {}, false}; }
inline Occasion At(Time when, Time now = kNow) { return {kAgent, now, when, false}; }

// A ticket in a state, by the straight way to it.
inline Ticket TicketIn(State state, std::string kind = "complaint") {
  Ticket ticket = NewTicket(std::move(kind));
  const auto reach = [&](std::string_view milestone) { (void)ticket.Reach(milestone, Now()).ok(); };
  switch (state) {
    case State::kRecorded:
      break;
    case State::kFirstResponded:
      reach(kFirstResponded);
      break;
    case State::kSolutionProposed:
      reach(kSolutionProposed);
      break;
    case State::kResolved:
      reach(kResolved);
      break;
    case State::kVerified:
    case State::kClosed:
      reach(kResolved);
      reach(kVerified);
      if (state == State::kClosed) {
        reach(kClosed);
      }
      break;
    case State::kCancelled:
      (void)ticket.Cancel("spam", Now()).ok();
      break;
  }
  return ticket;
}

inline std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const auto refusal = RefusalOf(status);
  for (const auto& [name, value] : refusal ? refusal->metadata : decltype(refusal->metadata)()) {
    if (name == key) {
      return value;
    }
  }
  return "";
}

inline std::string FieldOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "";
}

}  // namespace steward::complaints
