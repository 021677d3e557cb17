#include "services/orders/domain/instalment_plan.h"

#include <set>

#include "libs/base/status.h"

namespace steward::orders {
namespace {

constexpr int64_t kWhole = 10'000;
constexpr absl::CivilDay kLastDay{2'932'896};  // 9999-12-31

std::string Field(size_t i, std::string_view part) {
  return "plan[" + std::to_string(i) + "]" + std::string(part);
}

absl::Status CheckSize(size_t size) {
  if (size == 0) {
    return FieldInvalid("plan", "has at least one instalment");
  }
  if (size > kMaxInstalments) {
    return FieldInvalid("plan", "has at most " + std::to_string(kMaxInstalments) + " instalments");
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(DueEvent event) {
  static constexpr std::string_view kNames[] = {"SIGNED", "DELIVERED", "ACCEPTED"};
  return kNames[static_cast<size_t>(event) - 1];
}

std::string FormatDue(const DueCondition& due) {
  if (const auto* date = std::get_if<absl::CivilDay>(&due)) {
    return FormatDay(*date);
  }
  const auto& after = std::get<DueAfter>(due);
  return std::to_string(after.days) + " days after " + std::string(NameOf(after.event));
}

absl::Status CheckPlan(const Money& total, const InstalmentPlan& plan) {
  RETURN_IF_ERROR(CheckSize(plan.size()));
  std::set<DueCondition> conditions;
  Money sum{total.currency, 0};
  for (size_t i = 0; i < plan.size(); ++i) {
    const Instalment& instalment = plan[i];
    const auto* after = std::get_if<DueAfter>(&instalment.due);
    if (after != nullptr && (after->days < 0 || after->days > kMaxDaysAfter)) {
      return FieldInvalid(Field(i, ".due"),
                          "lies 0 to " + std::to_string(kMaxDaysAfter) + " days after the event");
    }
    if (!conditions.insert(instalment.due).second) {
      return FieldInvalid(
          Field(i, ".due"),
          "is " + FormatDue(instalment.due) + ", as an instalment before it; one amount for both");
    }
    if (instalment.amount.minor <= 0) {
      return FieldInvalid(Field(i, ".amount"), "is above zero");
    }
    ASSIGN_OR_RETURN(sum, Add(sum, instalment.amount));
  }
  if (sum != total) {
    ASSIGN_OR_RETURN(const Money difference, Subtract(total, sum));
    return Refuse(absl::StatusCode::kInvalidArgument,
                  "the instalments sum to " + FormatMoney(sum) + ", the contract to " +
                      FormatMoney(total) + ": " + FormatMoney(difference) + " to add",
                  {"PLAN_DOES_NOT_SUM",
                   {{"total", FormatMoney(total)},
                    {"sum", FormatMoney(sum)},
                    {"difference", FormatMoney(difference)}}});
  }
  return absl::OkStatus();
}

absl::StatusOr<InstalmentPlan> PlanByShares(const Money& total,
                                            const std::vector<ShareDue>& shares) {
  RETURN_IF_ERROR(CheckSize(shares.size()));
  std::vector<int64_t> weights;
  int64_t sum = 0;
  for (size_t i = 0; i < shares.size(); ++i) {
    const int64_t share = shares[i].basis_points;
    if (share <= 0 || share > kWhole) {
      return FieldInvalid(Field(i, ".basis_points"), "lies between 1 and 10,000");
    }
    weights.push_back(share);
    sum += share;
  }
  if (sum != kWhole) {
    return Refuse(absl::StatusCode::kInvalidArgument,
                  "the shares sum to " + std::to_string(sum) + " basis points, not to 10,000",
                  {"SHARES_DO_NOT_SUM", {{"sum", std::to_string(sum)}}});
  }
  ASSIGN_OR_RETURN(const std::vector<Money> amounts, Split(total, weights));
  InstalmentPlan plan;
  for (size_t i = 0; i < shares.size(); ++i) {
    if (amounts[i].minor <= 0) {
      return FieldInvalid(Field(i, ".basis_points"), "gives no amount of " + FormatMoney(total));
    }
    plan.push_back({shares[i].due, amounts[i]});
  }
  RETURN_IF_ERROR(CheckPlan(total, plan));
  return plan;
}

std::optional<absl::CivilDay> DueDate(const DueCondition& due, const DueEventDates& dates,
                                      absl::CivilDay as_of) {
  if (const auto* date = std::get_if<absl::CivilDay>(&due)) {
    return *date;
  }
  const auto& after = std::get<DueAfter>(due);
  const std::optional<absl::CivilDay>& event = after.event == DueEvent::kSigned ? dates.signed_on
                                               : after.event == DueEvent::kDelivered
                                                   ? dates.delivered_on
                                                   : dates.accepted_on;
  if (!event || *event > as_of) {
    return std::nullopt;
  }
  const auto date = AddDays(*event, after.days);
  return date.ok() ? *date : kLastDay;
}

}  // namespace steward::orders
