#include "services/orders/domain/ledger_fold.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace steward::orders {
namespace {

constexpr absl::CivilDay kNever{
    std::numeric_limits<int32_t>::max()};  // due dates not known come last

Standing StandingOf(const InstalmentStanding& instalment, absl::CivilDay today) {
  if (instalment.open() == 0) {
    return instalment.written_off > 0 ? Standing::kWrittenOff : Standing::kPaid;
  }
  if (instalment.due && *instalment.due < today) {
    return Standing::kOverdue;
  }
  if (instalment.paid > 0) {
    return Standing::kPartlyPaid;
  }
  return instalment.due == today ? Standing::kDue : Standing::kPlanned;
}

}  // namespace

void Stand(InstalmentStanding& instalment, absl::CivilDay today) {
  instalment.standing = StandingOf(instalment, today);
  instalment.overdue_days = instalment.standing == Standing::kOverdue ? today - *instalment.due : 0;
}

LedgerFold::LedgerFold(const Receivable& receivable, absl::CivilDay today) : today_(today) {
  state_.currency = receivable.plan.front().amount.currency;
  for (const Instalment& planned : receivable.plan) {
    InstalmentStanding instalment;
    instalment.number = static_cast<int64_t>(state_.instalments.size()) + 1;
    instalment.due = DueDate(planned.due, receivable.dates, today);
    instalment.amount = planned.amount.minor;
    state_.contract += instalment.amount;
    order_.push_back(instalment.number);
    state_.instalments.push_back(instalment);
  }
  std::stable_sort(order_.begin(), order_.end(), [this](int64_t a, int64_t b) {
    return At(a).due.value_or(kNever) < At(b).due.value_or(kNever);
  });
}

InstalmentStanding& LedgerFold::At(int64_t number) {
  return state_.instalments[static_cast<size_t>(number) - 1];
}

int64_t LedgerFold::Move(InstalmentStanding& to, Field field, Account account, int64_t minor) {
  if (minor != 0) {
    to.*field += minor;
    state_.postings.push_back({entry_, to.number, account, minor});
  }
  return minor;
}

void LedgerFold::MoveTotal(int64_t LedgerState::*field, Account account, int64_t minor) {
  if (minor != 0) {
    state_.*field += minor;
    state_.postings.push_back({entry_, 0, account, minor});
  }
}

int64_t LedgerFold::PayOpen(InstalmentStanding& to, int64_t limit) {
  return Move(to, &InstalmentStanding::paid, Account::kPaid, std::min(limit, to.open()));
}

int64_t LedgerFold::Recover(InstalmentStanding& to, int64_t limit) {
  const int64_t minor = std::min(limit, to.written_off);
  Move(to, &InstalmentStanding::written_off, Account::kWrittenOff, -minor);
  return Move(to, &InstalmentStanding::paid, Account::kPaid, minor);
}

int64_t LedgerFold::TakeBack(InstalmentStanding& from, int64_t limit) {
  const int64_t minor = std::min(limit, from.paid);
  Move(from, &InstalmentStanding::paid, Account::kPaid, -minor);
  return minor;
}

int64_t LedgerFold::Lessen(InstalmentStanding& of, int64_t limit, int64_t& freed) {
  const int64_t minor = std::min(limit, of.amount - of.credited);
  int64_t short_of = minor - std::min(minor, of.open());
  const int64_t given_up = std::min(short_of, of.written_off);
  Move(of, &InstalmentStanding::written_off, Account::kWrittenOff, -given_up);
  short_of -= given_up;
  freed += TakeBack(of, short_of);
  return Move(of, &InstalmentStanding::credited, Account::kCredited, minor);
}

void LedgerFold::Allocate(int64_t minor) {
  const int64_t filled = std::min(minor, state_.overdrawn);
  MoveTotal(&LedgerState::overdrawn, Account::kOverdrawn, -filled);
  minor -= filled;
  for (const int64_t number : order_) {
    minor -= PayOpen(At(number), minor);
  }
  for (const int64_t number : order_) {
    minor -= Recover(At(number), minor);
  }
  MoveTotal(&LedgerState::credit, Account::kCredit, minor);
}

void LedgerFold::Receive(const CashEntry& entry) {
  state_.cash += entry.amount.minor;
  const int64_t filled = std::min(entry.amount.minor, state_.overdrawn);
  MoveTotal(&LedgerState::overdrawn, Account::kOverdrawn, -filled);
  int64_t left = entry.amount.minor - filled;
  for (const EntryPart& part : entry.parts) {
    const int64_t limit = std::min(part.amount.minor, left);
    const int64_t paid = PayOpen(At(part.instalment), limit);
    left -= paid + Recover(At(part.instalment), limit - paid);
  }
  Allocate(left);
}

void LedgerFold::Refund(const CashEntry& entry) {
  state_.cash -= entry.amount.minor;
  const int64_t credit = std::min(entry.amount.minor, state_.credit);
  MoveTotal(&LedgerState::credit, Account::kCredit, -credit);
  int64_t left = entry.amount.minor - credit;
  for (const EntryPart& part : entry.parts) {
    left -= TakeBack(At(part.instalment), std::min(part.amount.minor, left));
  }
  for (auto number = order_.rbegin(); number != order_.rend(); ++number) {
    left -= TakeBack(At(*number), left);
  }
  MoveTotal(&LedgerState::overdrawn, Account::kOverdrawn, left);
}

void LedgerFold::CreditNote(const CashEntry& entry) {
  int64_t left = entry.amount.minor;
  int64_t freed = 0;
  for (const EntryPart& part : entry.parts) {
    left -= Lessen(At(part.instalment), std::min(part.amount.minor, left), freed);
  }
  for (const int64_t number : order_) {
    left -= Lessen(At(number), std::min(left, At(number).open()), freed);
  }
  for (auto number = order_.rbegin(); number != order_.rend(); ++number) {
    left -= Lessen(At(*number), left, freed);
  }
  Allocate(freed);
}

void LedgerFold::WriteOff(const CashEntry& entry) {
  for (const EntryPart& part : entry.parts) {
    InstalmentStanding& instalment = At(part.instalment);
    Move(instalment, &InstalmentStanding::written_off, Account::kWrittenOff,
         std::min(part.amount.minor, instalment.open()));
  }
}

void LedgerFold::Apply(const CashEntry& entry) {
  entry_ = entry.id;
  switch (entry.kind) {
    case EntryKind::kReceipt:
      Receive(entry);
      break;
    case EntryKind::kRefund:
      Refund(entry);
      break;
    case EntryKind::kCreditNote:
      CreditNote(entry);
      break;
    case EntryKind::kWriteOff:
      WriteOff(entry);
      break;
    case EntryKind::kReversal:
      break;
  }
  for (InstalmentStanding& instalment : state_.instalments) {
    if (instalment.open() > 0) {
      instalment.settled_on.reset();
    } else if (!instalment.settled_on) {
      instalment.settled_on = entry.occurred_on;
    }
  }
}

LedgerState LedgerFold::Finish() && {
  for (InstalmentStanding& instalment : state_.instalments) {
    Stand(instalment, today_);
    state_.credited += instalment.credited;
    state_.written_off += instalment.written_off;
    state_.open += instalment.open();
  }
  return std::move(state_);
}

}  // namespace steward::orders
