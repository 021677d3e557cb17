#pragma once
// Builders for tests of the domain.

#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "services/orders/domain/contract.h"

namespace steward::orders {

inline constexpr Time kNow{1'780'000'000'000'000};  // 2026-05-28T20:26:40Z
inline constexpr char kSeller[] = "members/li";
inline constexpr char kBoss[] = "members/wang";
inline constexpr char kFinance[] = "members/zhao";

inline Occasion By(std::string actor, Time now = kNow) { return {std::move(actor), now, {}}; }
inline Money Cny(int64_t minor) { return {"CNY", minor}; }
inline absl::CivilDay Day(std::string_view text) { return *ParseDay("date", text); }

inline Uuid Id(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

inline ContractData ContractDraft() {
  ContractData draft;
  draft.id = Id(1);
  draft.owner = kSeller;
  draft.terms = {
      "customers/acme",
      "opportunities/7",
      "",
      "east",
      Cny(100'000),
      {{Day("2026-06-30"), Cny(30'000)}, {DueAfter{DueEvent::kDelivered, 30}, Cny(70'000)}}};
  return draft;
}

inline Contract NewContract() { return *Contract::Draft(ContractDraft(), By(kSeller)); }

inline ApprovalFlow OneApprover() {
  ApprovalFlow flow;
  flow.id = "contract";
  flow.version = 3;
  flow.nodes = {{"manager", NodeMode::kAllOf, {{ApproverKind::kRoleAbove, "sales_manager"}}, {}}};
  return flow;
}
inline FoundApprovers BossFound() { return {kSeller, kBoss, {{kBoss}}}; }

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

}  // namespace steward::orders
