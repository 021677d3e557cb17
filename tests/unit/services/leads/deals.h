#pragma once
// Builders for tests of the domain.

#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "services/leads/domain/opportunity.h"

namespace steward::leads {

inline constexpr Time kNow{1'780'000'000'000'000};  // 2026-05-28T20:26:40Z
inline constexpr char kSeller[] = "members/li";

inline Uuid Id(uint64_t n) {
  Uuid id;
  for (size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<uint8_t>(n >> (8 * i));
  }
  return id;
}

inline Occasion Now(Time now = kNow) { return {kSeller, now, {}, false, Id(900)}; }
inline Occasion At(Time when, Time now = kNow) { return {kSeller, now, when, false, Id(900)}; }

inline std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const auto refusal = RefusalOf(status);
  if (refusal) {
    for (const auto& [name, value] : refusal->metadata) {
      if (name == key) {
        return value;
      }
    }
  }
  return "";
}

inline std::string FieldOf(const absl::Status& status) {
  const auto refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "";
}

inline const Pipeline& Shipped() {
  static const Pipeline pipeline = *Pipeline::Create(DefaultPipeline());
  return pipeline;
}

// All that the shipped stages ask for.
inline std::vector<Proof> AllProofs() {
  return {{"source", "leads/1"},
          {"needs_record", "needs/1"},
          {"proposal", "files/proposal-1"},
          {"quotation", "quotes/1"},
          {"signed_contract", "contracts/1"}};
}

inline OpportunityData Draft() {
  OpportunityData draft;
  draft.id = Id(1);
  draft.customer = "customers/acme";
  draft.owner = kSeller;
  draft.team = "teams/east";
  draft.region = "east";
  draft.amount = Money{"CNY", 10'000'00};
  draft.proofs = AllProofs();
  return draft;
}

inline Opportunity NewDeal(const Pipeline& pipeline = Shipped(), Time at = kNow - Hours(24)) {
  return *Opportunity::Open(pipeline, Draft(), At(at));
}

// A deal in a stage of the shipped pipeline, by the straight way to it.
inline Opportunity DealIn(std::string_view stage, const Pipeline& pipeline = Shipped()) {
  Opportunity deal = NewDeal(pipeline);
  const Stage& target = *pipeline.Find(stage);
  if (target.kind == StageKind::kLost) {
    (void)deal.Lose("price", "", Now()).ok();
  } else if (target.kind == StageKind::kDormant) {
    (void)deal.Hibernate(Now()).ok();
  } else {
    for (const char* step : {"needs_analysis", "proposal", "negotiation"}) {
      if (deal.data().stage != stage) {
        (void)deal.Advance(step, {}, Now()).ok();
      }
    }
    if (target.kind == StageKind::kWon) {
      (void)deal.Win({}, {}, Now()).ok();
    }
  }
  return deal;
}

}  // namespace steward::leads
