#include "services/leads/domain/campaign.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "libs/base/refusals.h"
#include "services/leads/domain/reference.h"

namespace steward::leads {
namespace {

constexpr int64_t kFull = 10'000;

absl::Status CheckAmount(const std::string& field, const Money& amount) {
  if (auto exponent = ExponentOf(amount.currency); !exponent.ok()) {
    return FieldInvalid(field + ".currency", "`" + amount.currency + "` is not of ISO 4217");
  }
  return amount.minor < 0 ? FieldInvalid(field, "is negative") : absl::OkStatus();
}

absl::Status CheckTimes(Time start, Time end) {
  return start < end ? absl::OkStatus()
                     : FieldInvalid("campaign.planned_end_time", "lies after the planned start");
}

absl::Status CheckResults(const CampaignResults& results) {
  if (results.cost) {
    RETURN_IF_ERROR(CheckAmount("results.cost", *results.cost));
  }
  if (results.revenue) {
    RETURN_IF_ERROR(CheckAmount("results.revenue", *results.revenue));
  }
  const std::pair<const char*, const std::optional<int64_t>*> counts[] = {
      {"results.leads", &results.leads},
      {"results.converted_leads", &results.converted_leads},
      {"results.new_customers", &results.new_customers}};
  for (const auto& [field, count] : counts) {
    if (count->value_or(0) < 0) {
      return FieldInvalid(field, "is negative");
    }
  }
  if (results.leads && results.converted_leads.value_or(0) > *results.leads) {
    return FieldInvalid("results.converted_leads",
                        "is more than the " + std::to_string(*results.leads) + " leads");
  }
  return absl::OkStatus();
}

std::optional<int64_t> Ratio(int64_t part, int64_t whole) {
  if (whole == 0) {
    return std::nullopt;
  }
  const __int128 ratio = static_cast<__int128>(part) * kFull / whole;
  return static_cast<int64_t>(std::min<__int128>(ratio, std::numeric_limits<int64_t>::max()));
}

template <class T>
void Patch(std::optional<T>& value, const std::optional<T>& with) {
  if (with) {
    value = with;
  }
}

}  // namespace

CampaignFigures FiguresOf(const CampaignResults& results) {
  CampaignFigures figures;
  if (results.cost && results.revenue && results.cost->currency == results.revenue->currency) {
    figures.return_basis_points = Ratio(results.revenue->minor, results.cost->minor);
  }
  if (results.leads && results.converted_leads) {
    figures.conversion_basis_points = Ratio(*results.converted_leads, *results.leads);
  }
  return figures;
}

absl::StatusOr<Campaign> Campaign::Plan(const std::vector<CampaignKind>& kinds, CampaignData draft,
                                        const Occasion& occasion) {
  std::vector<std::string> path = PathOf(kinds, draft.kind);
  if (path.empty()) {
    std::vector<std::string> known;
    for (const CampaignKind& kind : kinds) {
      known.push_back(kind.id);
    }
    return FieldInvalid("campaign.kind", "is not one of " + Join(known));
  }
  RETURN_IF_ERROR(CheckAmount("campaign.budget", draft.budget));
  RETURN_IF_ERROR(CheckTimes(draft.planned_start, draft.planned_end));
  CampaignData data;
  data.id = draft.id;
  data.kind = draft.kind;
  data.owner = draft.owner;
  data.team = draft.team;
  data.region = draft.region;
  data.budget = draft.budget;
  data.planned_start = draft.planned_start;
  data.planned_end = draft.planned_end;
  const Time at = occasion.given.value_or(occasion.now);
  data.state_time = data.occurred_at = at;
  data.recorded_at = data.update_time = occasion.now;
  Campaign campaign(data);
  campaign.Say(at, occasion, CampaignPlanned{std::move(data), std::move(path)});
  return campaign;
}

absl::Status Campaign::Check(CampaignAction action) const {
  return Next(data_.state, action)
             ? absl::OkStatus()
             : IllegalTransition(NameOf(data_.state), NameOf(action), AllowedIn(data_.state));
}

absl::StatusOr<Time> Campaign::MoveTime(const Occasion& occasion) const {
  return InstantOf(occasion, data_.state_time,
                   "when the campaign came to " + std::string(NameOf(data_.state)));
}

void Campaign::Move(CampaignState to, Time at) {
  if (to != data_.state) {
    data_.state = to;
    data_.state_time = at;
  }
}

void Campaign::Say(Time at, const Occasion& occasion, decltype(CampaignEvent::body) body) {
  data_.version += 1;
  data_.update_time = occasion.now;
  events_.push_back({data_.version, occasion.event_id, at, std::move(body)});
}

absl::Status Campaign::Go(CampaignAction action, std::optional<Time> CampaignData::*when,
                          std::string_view recap, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(action));
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  const CampaignState from = data_.state;
  const CampaignState to = *Next(from, action);
  if (when != nullptr) {
    data_.*when = at;
  }
  Move(to, at);
  Say(at, occasion, CampaignMoved{action, from, to, std::string(recap), occasion.back_dated});
  return absl::OkStatus();
}

absl::Status Campaign::Update(const CampaignDuty& duty, std::vector<std::string> changed_texts,
                              const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kUpdate));
  std::vector<std::string> changed = std::move(changed_texts);
  const CampaignDuty from{data_.owner, data_.team, data_.region};
  const std::pair<const char*, std::string CampaignDuty::*> fields[] = {
      {"owner", &CampaignDuty::owner},
      {"team", &CampaignDuty::team},
      {"region", &CampaignDuty::region}};
  for (const auto& [name, member] : fields) {
    if (from.*member != duty.*member) {
      changed.emplace_back(name);
    }
  }
  if (changed.empty()) {
    return NothingToChange("campaign", "as given");
  }
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was planned"));
  data_.owner = duty.owner;
  data_.team = duty.team;
  data_.region = duty.region;
  Say(at, occasion, CampaignUpdated{std::move(changed), from, duty});
  return absl::OkStatus();
}

absl::Status Campaign::Reschedule(std::optional<Time> start, std::optional<Time> end,
                                  const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kReschedule));
  const Time to_start = start.value_or(data_.planned_start);
  const Time to_end = end.value_or(data_.planned_end);
  if (to_start == data_.planned_start && to_end == data_.planned_end) {
    return NothingToChange("campaign.planned_start_time", FormatTime(to_start));
  }
  RETURN_IF_ERROR(CheckTimes(to_start, to_end));
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was planned"));
  CampaignRescheduled rescheduled{data_.planned_start, data_.planned_end, to_start, to_end};
  data_.planned_start = to_start;
  data_.planned_end = to_end;
  Say(at, occasion, rescheduled);
  return absl::OkStatus();
}

absl::Status Campaign::ChangeBudget(const Money& budget, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kChangeBudget));
  RETURN_IF_ERROR(CheckAmount("campaign.budget", budget));
  if (data_.budget == budget) {
    return NothingToChange("campaign.budget", FormatMoney(budget));
  }
  ASSIGN_OR_RETURN(const Time at, MoveTime(occasion));
  const bool voided = data_.state == CampaignState::kApproved;
  Move(*Next(data_.state, CampaignAction::kChangeBudget), at);
  if (voided) {
    data_.approved_at.reset();
    data_.approved_by = "";
  }
  CampaignBudgetChanged changed{std::exchange(data_.budget, budget), budget, voided};
  Say(at, occasion, std::move(changed));
  return absl::OkStatus();
}

absl::Status Campaign::Approve(const Occasion& occasion) {
  RETURN_IF_ERROR(Go(CampaignAction::kApprove, &CampaignData::approved_at, "", occasion));
  data_.approved_by = occasion.actor;
  return absl::OkStatus();
}

absl::Status Campaign::Rehearse(const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kRehearse));
  if (data_.rehearsed_at) {
    return Precondition(
        "MILESTONE_ALREADY_RECORDED", "the rehearsal is recorded already",
        {{"milestone", "campaign.rehearsed"}, {"since", FormatTime(*data_.rehearsed_at)}});
  }
  // It moves nothing, so it may lie anywhere between the plan and the start.
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was planned"));
  if (data_.started_at && at > *data_.started_at) {
    return FieldInvalid("occurred_at", "lies after the start, " + FormatTime(*data_.started_at));
  }
  data_.rehearsed_at = at;
  Say(at, occasion,
      CampaignMoved{CampaignAction::kRehearse, data_.state, data_.state, "", occasion.back_dated});
  return absl::OkStatus();
}

absl::Status Campaign::Start(const Occasion& occasion) {
  return Go(CampaignAction::kStart, &CampaignData::started_at, "", occasion);
}

absl::Status Campaign::End(const Occasion& occasion) {
  return Go(CampaignAction::kEnd, &CampaignData::ended_at, "", occasion);
}

absl::Status Campaign::SubmitRecap(std::string_view recap, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kSubmitRecap));
  if (!IsReference(recap)) {
    return FieldInvalid("recap", "is where the report is kept");
  }
  RETURN_IF_ERROR(Go(CampaignAction::kSubmitRecap, &CampaignData::recap_at, recap, occasion));
  data_.recap = recap;
  return absl::OkStatus();
}

absl::Status Campaign::Archive(const Occasion& occasion) {
  return Go(CampaignAction::kArchive, nullptr, "", occasion);
}

absl::Status Campaign::Cancel(const Occasion& occasion) {
  return Go(CampaignAction::kCancel, nullptr, "", occasion);
}

absl::Status Campaign::RecordResults(const CampaignResults& results, const Occasion& occasion) {
  RETURN_IF_ERROR(Check(CampaignAction::kRecordResults));
  CampaignResults known = data_.results;
  Patch(known.cost, results.cost);
  Patch(known.revenue, results.revenue);
  Patch(known.leads, results.leads);
  Patch(known.converted_leads, results.converted_leads);
  Patch(known.new_customers, results.new_customers);
  RETURN_IF_ERROR(CheckResults(known));
  if (known == data_.results) {
    return NothingToChange("results", "as given");
  }
  ASSIGN_OR_RETURN(const Time at, InstantOf(occasion, data_.occurred_at, "when it was planned"));
  data_.results = known;
  Say(at, occasion,
      CampaignResultsRecorded{std::move(known), data_.owner, data_.team, data_.region,
                              data_.ended_at});
  return absl::OkStatus();
}

}  // namespace steward::leads
