#include "services/orders/domain/contract_ledger.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace steward::orders {
namespace {

// A day that was recorded before the clock stepped back is not in the future.
absl::CivilDay Latest(absl::CivilDay today, const LedgerData& data) {
  for (const CashEntry& entry : data.entries) {
    today = std::max(today, entry.occurred_on);
  }
  for (const auto& day : {data.receivable.dates.signed_on, data.receivable.dates.delivered_on,
                          data.receivable.dates.accepted_on}) {
    today = std::max(today, day.value_or(today));
  }
  return today;
}

std::vector<OnTimeChange> Difference(const PaidInTime& before, PaidInTime after) {
  for (const auto& [of, minor] : before) {
    after[of] -= minor;
  }
  std::vector<OnTimeChange> changes;
  for (const auto& [of, minor] : after) {
    if (minor != 0) {
      changes.push_back({of.first, of.second, minor});
    }
  }
  return changes;
}

bool Fill(std::optional<absl::CivilDay>& known, const std::optional<absl::CivilDay>& told) {
  if (known || !told) {
    return false;
  }
  known = told;
  return true;
}

}  // namespace

std::vector<AccountChange> Difference(const LedgerState& before, const LedgerState& after) {
  std::vector<AccountChange> changes;
  const auto add = [&](int64_t instalment, Account account, int64_t minor,
                       std::optional<absl::CivilDay> due) {
    if (minor != 0) {
      changes.push_back({instalment, account, minor, due});
    }
  };
  for (size_t i = 0; i < after.instalments.size(); ++i) {
    const InstalmentStanding& from = before.instalments[i];
    const InstalmentStanding& to = after.instalments[i];
    add(to.number, Account::kPaid, to.paid - from.paid, to.due);
    add(to.number, Account::kCredited, to.credited - from.credited, to.due);
    add(to.number, Account::kWrittenOff, to.written_off - from.written_off, to.due);
  }
  add(0, Account::kCredit, after.credit - before.credit, std::nullopt);
  add(0, Account::kOverdrawn, after.overdrawn - before.overdrawn, std::nullopt);
  return changes;
}

absl::StatusOr<PaidInTime> ContractLedger::InTime() const {
  return ComputePaidInTime(data_.receivable, data_.entries, state_, today_);
}

absl::StatusOr<LedgerState> ContractLedger::Compute() const {
  return ComputeLedger(data_.receivable, data_.entries, today_);
}

absl::StatusOr<ContractLedger> ContractLedger::Open(LedgerData data, absl::CivilDay today) {
  data.version = 0;
  data.entries.clear();
  data.instalments.assign(data.receivable.plan.size(), {});
  ASSIGN_OR_RETURN(ContractLedger ledger, Load(std::move(data), today));
  ledger.TellLedger(LedgerOpened{});
  for (size_t i = 0; i < ledger.state_.instalments.size(); ++i) {
    InstalmentStanding before = ledger.state_.instalments[i];
    before.due.reset();
    ledger.Follow(i, before);
  }
  return ledger;
}

absl::StatusOr<ContractLedger> ContractLedger::Load(LedgerData stored, absl::CivilDay today) {
  today = Latest(today, stored);
  ContractLedger ledger(std::move(stored), today);
  ASSIGN_OR_RETURN(ledger.state_, ledger.Compute());
  return ledger;
}

void ContractLedger::TellLedger(std::variant<LedgerOpened, EntryWritten, LedgerReallocated> body) {
  data_.version += 1;
  LedgerEvent event;
  event.version = data_.version;
  std::visit([&event](auto& each) { event.body = std::move(each); }, body);
  events_.push_back(std::move(event));
}

template <class Body>
void ContractLedger::Tell(size_t index, EventInstant instant, absl::CivilDay day, Body body) {
  InstalmentRecord& record = data_.instalments[index];
  record.version += 1;
  events_.push_back(
      {static_cast<int64_t>(index) + 1, record.version, instant, day, std::move(body)});
}

void ContractLedger::TellPassed(size_t index, int64_t open) {
  InstalmentRecord& record = data_.instalments[index];
  const absl::CivilDay due = *state_.instalments[index].due;
  record.cycle += 1;
  record.said = Said::kDueDatePassed;
  Tell(index, EventInstant::kStartOf, due, DueDatePassed{record.cycle, due, open});
}

void ContractLedger::Follow(size_t index, const InstalmentStanding& before) {
  InstalmentRecord& record = data_.instalments[index];
  const InstalmentStanding& now = state_.instalments[index];
  if (now.due && now.due != before.due) {
    Tell(index, EventInstant::kNow, {}, DueDateKnown{before.due, *now.due});
  }
  if (now.open() == 0) {
    if (record.said == Said::kSettled) {
      return;
    }
    const absl::CivilDay settled_on = now.settled_on.value_or(today_);
    if (record.said == Said::kOpen && Passed(now) && settled_on > *now.due) {
      TellPassed(index, before.open());  // it was overdue, though nobody had said so yet
    }
    record.said = Said::kSettled;
    Tell(index, EventInstant::kEndOf, settled_on,
         InstalmentSettled{record.cycle, settled_on, now.written_off > 0});
    return;
  }
  if (record.said == Said::kSettled) {
    record.said = Said::kOpen;
    Tell(index, EventInstant::kNow, {}, InstalmentReopened{record.cycle, now.open()});
  }
  if (record.said == Said::kOpen && Passed(now)) {
    TellPassed(index, now.open());
  }
}

absl::Status ContractLedger::Record(const CashEntry& entry) {
  RETURN_IF_ERROR(CheckEntry(data_.receivable, data_.entries, entry, today_));
  ASSIGN_OR_RETURN(const PaidInTime in_time, InTime());
  data_.entries.push_back(entry);
  absl::StatusOr<LedgerState> after = Compute();
  if (!after.ok()) {
    data_.entries.pop_back();
    return after.status();
  }
  const LedgerState before = std::exchange(state_, *std::move(after));
  ASSIGN_OR_RETURN(PaidInTime now, InTime());
  TellLedger(EntryWritten{entry, Difference(before, state_), state_.open, state_.cash,
                          state_.credit, Difference(in_time, std::move(now))});
  for (size_t i = 0; i < state_.instalments.size(); ++i) {
    Follow(i, before.instalments[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ContractLedger::Know(const DueEventDates& dates) {
  DueEventDates& known = data_.receivable.dates;
  const DueEventDates kept = known;
  ASSIGN_OR_RETURN(const PaidInTime in_time, InTime());
  bool changed = Fill(known.signed_on, dates.signed_on);
  changed = Fill(known.delivered_on, dates.delivered_on) || changed;
  changed = Fill(known.accepted_on, dates.accepted_on) || changed;
  if (!changed) {
    return false;
  }
  absl::StatusOr<LedgerState> after = Compute();
  if (!after.ok()) {
    known = kept;
    return after.status();
  }
  const LedgerState before = std::exchange(state_, *std::move(after));
  ASSIGN_OR_RETURN(PaidInTime now, InTime());
  LedgerReallocated moved{Difference(before, state_), Difference(in_time, std::move(now))};
  if (!moved.changes.empty() || !moved.on_time.empty()) {
    TellLedger(std::move(moved));
  }
  for (size_t i = 0; i < state_.instalments.size(); ++i) {
    Follow(i, before.instalments[i]);
  }
  return true;
}

bool ContractLedger::PassDueDates() {
  const size_t told = events_.size();
  for (size_t i = 0; i < state_.instalments.size(); ++i) {
    Follow(i, state_.instalments[i]);
  }
  return events_.size() > told;
}

void ContractLedger::Assign(const std::string& owner, const std::string& team) {
  const std::string from = std::exchange(data_.party.owner, owner);
  data_.party.team = team;
  for (size_t i = 0; i < data_.instalments.size(); ++i) {
    if (data_.instalments[i].said == Said::kDueDatePassed) {
      Tell(i, EventInstant::kNow, {}, InstalmentAssigned{from, owner, team});
    }
  }
}

}  // namespace steward::orders
