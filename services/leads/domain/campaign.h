#pragma once
// The campaign: every change is a method that adds one event or says why not. Nothing is ignored,
// and what a command does not name stays as it is.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/occasion.h"
#include "services/leads/domain/campaign_event.h"
#include "services/leads/domain/campaign_kinds.h"

namespace steward::leads {

// What a recap reports (CMP-001: return at least 1:3, lead conversion at least 15 %). Basis points
// towards zero: revenue / cost, 30,000 = 1:3, and converted / all leads. Unset where a part is
// unknown, the divisor is zero or the currencies differ.
struct CampaignFigures {
  std::optional<int64_t> return_basis_points, conversion_basis_points;
};
CampaignFigures FiguresOf(const CampaignResults& results);

// Refusals: ILLEGAL_TRANSITION (the table of campaign_state.h), MILESTONE_ALREADY_RECORDED and
// NOTHING_TO_CHANGE (FAILED_PRECONDITION), FIELD_INVALID. A refused command changes nothing.
class Campaign {
 public:
  // `draft`: a known kind, budget and planned times.
  static absl::StatusOr<Campaign> Plan(const std::vector<CampaignKind>& kinds, CampaignData draft,
                                       const Occasion& occasion);
  explicit Campaign(CampaignData stored) : data_(std::move(stored)) {}

  const CampaignData& data() const { return data_; }
  // Events since planning or loading, in version order.
  const std::vector<CampaignEvent>& events() const { return events_; }

  // `changed_texts`: names of texts that change with it, which the domain does not see.
  [[nodiscard]] absl::Status Update(const CampaignDuty& duty,
                                    std::vector<std::string> changed_texts,
                                    const Occasion& occasion);
  // Unset = as it is.
  [[nodiscard]] absl::Status Reschedule(std::optional<Time> start, std::optional<Time> end,
                                        const Occasion& occasion);
  // Of an approved one: it has to be approved again.
  [[nodiscard]] absl::Status ChangeBudget(const Money& budget, const Occasion& occasion);
  [[nodiscard]] absl::Status Approve(const Occasion& occasion);
  // Once, and not after the start.
  [[nodiscard]] absl::Status Rehearse(const Occasion& occasion);
  [[nodiscard]] absl::Status Start(const Occasion& occasion);
  [[nodiscard]] absl::Status End(const Occasion& occasion);
  // `recap` is where the report is kept.
  [[nodiscard]] absl::Status SubmitRecap(std::string_view recap, const Occasion& occasion);
  [[nodiscard]] absl::Status Archive(const Occasion& occasion);
  [[nodiscard]] absl::Status Cancel(const Occasion& occasion);
  // What is set replaces what is known; of the leads no more are converted than there are.
  [[nodiscard]] absl::Status RecordResults(const CampaignResults& results,
                                           const Occasion& occasion);

 private:
  [[nodiscard]] absl::Status Check(CampaignAction action) const;
  absl::StatusOr<Time> MoveTime(const Occasion& occasion) const;
  // Checks, moves and says it; `when` takes the instant.
  [[nodiscard]] absl::Status Go(CampaignAction action, std::optional<Time> CampaignData::*when,
                                std::string_view recap, const Occasion& occasion);
  void Move(CampaignState to, Time at);
  void Say(Time at, const Occasion& occasion, decltype(CampaignEvent::body) body);

  CampaignData data_;
  std::vector<CampaignEvent> events_;
};

}  // namespace steward::leads
