#include "services/orders/events/ledger_events.h"

#include <algorithm>

#include "libs/rpc/values.h"

namespace steward::orders {
namespace {

using events::v1::OrdersEvent;
using Posting = events::v1::PaymentRecorded::Posting;

std::string_view NameOf(Account account) {
  static constexpr std::string_view kNames[] = {"PAID", "CREDITED", "WRITTEN_OFF", "CREDIT",
                                                "OVERDRAWN"};
  return kNames[static_cast<size_t>(account) - 1];
}

template <class Event>
void FillParty(const LedgerParty& party, Event& to) {
  to.set_customer(party.customer);
  to.set_owner(party.owner);
  to.set_team(party.team);
  to.set_region(party.region);
}

template <class Repeated>
void FillPostings(const std::vector<AccountChange>& changes, Repeated* to) {
  for (const AccountChange& change : changes) {
    Posting& posting = *to->Add();
    posting.set_instalment(static_cast<int32_t>(change.instalment));
    posting.set_account(std::string(NameOf(change.account)));
    posting.set_minor_units(change.minor);
    if (change.due) {
      rpc::ToProto(*change.due, posting.mutable_due_date());
    }
  }
}

void FillOnTime(const std::vector<OnTimeChange>& changes, events::v1::OnTimeChanges* to) {
  for (const OnTimeChange& change : changes) {
    events::v1::OnTimeChanges::Change& out = *to->add_changes();
    out.set_instalment(static_cast<int32_t>(change.instalment));
    rpc::ToProto(change.due, out.mutable_due_date());
    out.set_minor_units(change.minor);
  }
}

struct Filler {
  const ContractLedger& ledger;
  const LedgerEvent& event;
  OrdersEvent& out;

  const LedgerData& data() const { return ledger.data(); }
  Money MoneyOf(int64_t minor) const { return {ledger.state().currency, minor}; }
  const Instalment& Planned() const {
    return data().receivable.plan[static_cast<size_t>(event.instalment) - 1];
  }

  void operator()(const LedgerOpened&) const {
    events::v1::ReceivableOpened& to = *out.mutable_receivable_opened();
    to.set_contract(ContractLabel());
    FillParty(data().party, to);
    rpc::ToProto(MoneyOf(ledger.state().contract), to.mutable_amount());
    int32_t number = 0;
    for (const Instalment& instalment : data().receivable.plan) {
      events::v1::PlannedInstalment& planned = *to.add_plan();
      planned.set_number(++number);
      rpc::ToProto(instalment.amount, planned.mutable_amount());
      planned.set_due(FormatDue(instalment.due));
    }
  }
  void operator()(const EntryWritten& from) const {
    events::v1::PaymentRecorded& to = *out.mutable_payment_recorded();
    to.set_payment(PaymentName(data().contract, from.entry.id));
    to.set_kind(std::string(steward::orders::NameOf(from.entry.kind)));
    rpc::ToProto(from.entry.amount, to.mutable_amount());
    rpc::ToProto(from.entry.occurred_on, to.mutable_occurred_on());
    if (from.entry.reverses) {
      to.set_reverses(PaymentName(data().contract, *from.entry.reverses));
    }
    FillPostings(from.changes, to.mutable_postings());
    FillOnTime(from.on_time, to.mutable_on_time());
    to.set_open_minor_units(from.open);
    to.set_cash_minor_units(from.cash);
    to.set_credit_minor_units(from.credit);
    FillParty(data().party, to);
  }
  void operator()(const LedgerReallocated& from) const {
    events::v1::ReceivableReallocated& to = *out.mutable_receivable_reallocated();
    FillPostings(from.changes, to.mutable_postings());
    FillOnTime(from.on_time, to.mutable_on_time());
    FillParty(data().party, to);
    to.set_currency_code(ledger.state().currency);
  }
  void operator()(const DueDateKnown& from) const {
    events::v1::InstalmentScheduled& to = *out.mutable_instalment_scheduled();
    to.set_contract(ContractLabel());
    to.set_number(static_cast<int32_t>(event.instalment));
    rpc::ToProto(Planned().amount, to.mutable_amount());
    if (from.from) {
      rpc::ToProto(*from.from, to.mutable_from_due_date());
    }
    rpc::ToProto(from.due, to.mutable_due_date());
    FillParty(data().party, to);
  }
  void operator()(const DueDatePassed& from) const {
    events::v1::InstalmentDueDatePassed& to = *out.mutable_instalment_due_date_passed();
    to.set_cycle(static_cast<int32_t>(from.cycle));
    rpc::ToProto(from.due, to.mutable_due_date());
    rpc::ToProto(MoneyOf(from.open), to.mutable_open());
    to.mutable_kind_path()->Assign(data().party.kind_path.begin(), data().party.kind_path.end());
    FillParty(data().party, to);
  }
  void operator()(const InstalmentSettled& from) const {
    events::v1::InstalmentSettled& to = *out.mutable_instalment_paid();
    to.set_cycle(static_cast<int32_t>(from.cycle));
    rpc::ToProto(from.settled_on, to.mutable_settled_on());
    to.set_written_off(from.written_off);
  }
  void operator()(const InstalmentReopened& from) const {
    events::v1::InstalmentReopened& to = *out.mutable_instalment_reopened();
    to.set_cycle(static_cast<int32_t>(from.cycle));
    rpc::ToProto(MoneyOf(from.open), to.mutable_open());
  }
  void operator()(const InstalmentAssigned& from) const {
    events::v1::InstalmentAssigned& to = *out.mutable_instalment_assigned();
    to.set_from_owner(from.from_owner);
    to.set_owner(from.owner);
    to.set_team(from.team);
  }
  std::string ContractLabel() const { return "contracts/" + data().contract.ToString(); }
};

Time InstantOf(const LedgerEvent& event, Time now, const absl::TimeZone& zone) {
  switch (event.instant) {
    case EventInstant::kStartOf:
      return StartOf(event.day, zone);
    case EventInstant::kEndOf:
      return std::min(StartOf(event.day + 1, zone), now);
    case EventInstant::kNow:
      break;
  }
  return now;
}

}  // namespace

std::string ReceivableName(const Uuid& contract) {
  return "contracts/" + contract.ToString() + "/receivable";
}
std::string InstalmentName(const Uuid& contract, int64_t number) {
  return "contracts/" + contract.ToString() + "/instalments/" + std::to_string(number);
}
std::string PaymentName(const Uuid& contract, const Uuid& entry) {
  return "contracts/" + contract.ToString() + "/payments/" + entry.ToString();
}

Time StartOf(absl::CivilDay day, const absl::TimeZone& zone) {
  return Time{absl::ToUnixMicros(absl::FromCivil(day, zone))};
}
absl::CivilDay DayOf(Time time, const absl::TimeZone& zone) {
  return absl::ToCivilDay(absl::FromUnixMicros(time.micros), zone);
}

OrdersEvent ToProto(const ContractLedger& ledger, const LedgerEvent& event) {
  OrdersEvent proto;
  std::visit(Filler{ledger, event, proto}, event.body);
  return proto;
}

std::vector<eventing::NewEvent> ToJournal(IdGenerator& ids, Time now, const absl::TimeZone& zone,
                                          const ContractLedger& ledger) {
  std::vector<eventing::NewEvent> rows;
  const Uuid& contract = ledger.data().contract;
  for (const LedgerEvent& event : ledger.events()) {
    rows.push_back(
        eventing::MakeEvent(ids, now,
                            event.instalment == 0 ? ReceivableName(contract)
                                                  : InstalmentName(contract, event.instalment),
                            event.version, InstantOf(event, now, zone), ToProto(ledger, event)));
  }
  return rows;
}

int64_t CountPassed(const std::vector<eventing::NewEvent>& events) {
  return std::count_if(events.begin(), events.end(), [](const eventing::NewEvent& event) {
    return event.type == "instalment.due_date_passed";
  });
}

}  // namespace steward::orders
