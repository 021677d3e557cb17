// Contracts, orders, receivables and instalments as facts.

#include <map>

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/scoring/events/facts.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::scoring {
namespace {

namespace pb = orders::events::v1;

constexpr char kPaid[] = "PAID";

absl::Status Signed(const pb::ContractSigned& m, std::vector<Step>& steps) {
  ASSIGN_OR_RETURN(const absl::CivilDay day, rpc::FromProto("signed_on", m.signed_on()));
  ASSIGN_OR_RETURN(const Money amount, rpc::FromProto("terms.amount", m.terms().amount()));
  Dimensions of = DimensionsOf(m);
  of.region = RegionName(m.terms().region());
  of.customer = m.terms().customer();
  steps.emplace_back(Count("contracts_signed", day, of, m.terms().kind()));
  steps.emplace_back(Amount("sales_amount", day, of, amount, m.terms().kind()));
  return absl::OkStatus();
}

void Approved(const pb::ContractApproved& m, absl::CivilDay day, std::vector<Step>& steps) {
  Fact fact = Count("contract_approval_time", day, DimensionsOf(m));
  fact.value = rpc::FromProto(m.cycle()).micros;
  steps.emplace_back(std::move(fact));
}

// Of new products: quantity times price.
absl::StatusOr<Money> NewProducts(const pb::OrderTerms& terms) {
  Money sum{terms.total().currency_code(), 0};
  for (const pb::OrderLine& line : terms.lines()) {
    if (!line.new_product()) {
      continue;
    }
    ASSIGN_OR_RETURN(Money price, rpc::FromProto("lines.unit_price", line.unit_price()));
    if (__builtin_mul_overflow(price.minor, line.quantity(), &price.minor)) {
      return FieldInvalid("lines.quantity", "times the price is beyond every amount");
    }
    ASSIGN_OR_RETURN(sum, Add(sum, price));
  }
  return sum;
}

const std::vector<std::string>& OrderMeasures() {
  static const auto& measures = *new std::vector<std::string>{
      "orders_entered", "orders_amount", "first_orders", "repeat_orders", "new_product_amount"};
  return measures;
}

absl::Status Ordered(const pb::OrderTerms& terms, absl::CivilDay day, Source& source,
                     std::vector<Step>& steps) {
  source.of.region = RegionName(terms.region());
  source.of.customer = terms.customer();
  ASSIGN_OR_RETURN(const Money total, rpc::FromProto("terms.total", terms.total()));
  ASSIGN_OR_RETURN(const Money fresh, NewProducts(terms));
  steps.emplace_back(Count("orders_entered", day, source.of));
  steps.emplace_back(Amount("orders_amount", day, source.of, total));
  steps.emplace_back(Count(terms.first_order() ? "first_orders" : "repeat_orders", day, source.of));
  if (fresh.minor != 0) {
    steps.emplace_back(Amount("new_product_amount", day, source.of, fresh));
  }
  return absl::OkStatus();
}

absl::Status Scheduled(const pb::InstalmentScheduled& m, Source& source, std::vector<Step>& steps) {
  source.of = DimensionsOf(m);
  ASSIGN_OR_RETURN(const Money amount, rpc::FromProto("amount", m.amount()));
  steps.emplace_back(TakeBack{{"instalment_due_amount"}, true});
  if (m.has_due_date()) {
    ASSIGN_OR_RETURN(const absl::CivilDay due, rpc::FromProto("due_date", m.due_date()));
    steps.emplace_back(Amount("instalment_due_amount", due, source.of, amount));
  }
  return absl::OkStatus();
}

const std::vector<std::string>& OverdueMeasures() {
  static const auto& measures =
      *new std::vector<std::string>{"instalments_overdue", "overdue_amount"};
  return measures;
}

absl::Status Overdue(const pb::InstalmentDueDatePassed& m, absl::CivilDay day,
                     std::vector<Step>& steps) {
  ASSIGN_OR_RETURN(const Money open, rpc::FromProto("open", m.open()));
  steps.emplace_back(Count("instalments_overdue", day, DimensionsOf(m)));
  steps.emplace_back(Amount("overdue_amount", day, DimensionsOf(m), open));
  return absl::OkStatus();
}

// Settled by its due date, but told late: it never was overdue.
absl::Status Settled(const pb::InstalmentSettled& m, absl::CivilDay due, std::vector<Step>& steps) {
  ASSIGN_OR_RETURN(const absl::CivilDay day, rpc::FromProto("settled_on", m.settled_on()));
  if (day <= due) {
    steps.push_back(TakeBack{OverdueMeasures(), true});
  }
  return absl::OkStatus();
}

// What was paid up to its due date counts on that date; a change of it is told by the ledger, which knows what belongs before what.
absl::Status OnTime(const pb::OnTimeChanges& told, const Dimensions& of,
                    const std::string& currency, std::vector<Step>& steps) {
  std::map<absl::CivilDay, int64_t> on_time;
  for (const auto& change : told.changes()) {
    ASSIGN_OR_RETURN(const absl::CivilDay due,
                     rpc::FromProto("on_time.due_date", change.due_date()));
    on_time[due] += change.minor_units();
  }
  for (const auto& [due, minor] : on_time) {
    if (minor != 0) {
      steps.emplace_back(Amount("collected_on_time_amount", due, of, {currency, minor}));
    }
  }
  return absl::OkStatus();
}

// Of an event that does not say it: an entry that moves the allocation of others moves it by its own day.
absl::StatusOr<pb::OnTimeChanges> GuessOnTime(const pb::PaymentRecorded& m, absl::CivilDay day) {
  pb::OnTimeChanges changes;
  for (const auto& posting : m.postings()) {
    if (posting.account() == kPaid && posting.has_due_date()) {
      ASSIGN_OR_RETURN(const absl::CivilDay due,
                       rpc::FromProto("postings.due_date", posting.due_date()));
      if (day <= due) {
        auto& change = *changes.add_changes();
        *change.mutable_due_date() = posting.due_date();
        change.set_minor_units(posting.minor_units());
      }
    }
  }
  return changes;
}

// Cash is the difference to what the ledger said before.
absl::Status Paid(const pb::PaymentRecorded& m, Source& source, std::vector<Step>& steps) {
  ASSIGN_OR_RETURN(const absl::CivilDay day, rpc::FromProto("occurred_on", m.occurred_on()));
  const Dimensions of = DimensionsOf(m);
  const std::string& currency = m.amount().currency_code();
  const int64_t cash = m.cash_minor_units() - source.amount;
  source.amount = m.cash_minor_units();
  if (cash != 0) {
    steps.emplace_back(Amount("collected_amount", day, of, {currency, cash}));
  }
  if (m.has_on_time()) {
    return OnTime(m.on_time(), of, currency, steps);
  }
  ASSIGN_OR_RETURN(const pb::OnTimeChanges guessed, GuessOnTime(m, day));
  return OnTime(guessed, of, currency, steps);
}

absl::Status OfOrder(const pb::OrdersEvent& message, absl::CivilDay day, Source& source,
                     std::vector<Step>& steps) {
  switch (message.event_case()) {
    case pb::OrdersEvent::kOrderEntered:
      source.of = DimensionsOf(message.order_entered());
      return Ordered(message.order_entered().terms(), day, source, steps);
    case pb::OrdersEvent::kOrderRevised:
      steps.emplace_back(TakeBack{OrderMeasures(), false});
      return Ordered(message.order_revised().terms(), day, source, steps);
    case pb::OrdersEvent::kOrderCancelled:
      steps.emplace_back(TakeBack{OrderMeasures(), false});
      return absl::OkStatus();
    case pb::OrdersEvent::kOrderReturned: {
      const auto& m = message.order_returned();
      ASSIGN_OR_RETURN(const Money value, rpc::FromProto("value", m.value()));
      steps.emplace_back(Amount("returned_amount", day, source.of, value, m.reason()));
      return absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<std::vector<Step>> Mapper::Orders(const eventing::Event& event,
                                                 Source& source) const {
  const auto& message = static_cast<const pb::OrdersEvent&>(*event.message);
  const absl::CivilDay day = DayOf(event.occurred_at);
  std::vector<Step> steps;
  switch (message.event_case()) {
    case pb::OrdersEvent::kContractSigned:
      RETURN_IF_ERROR(Signed(message.contract_signed(), steps));
      break;
    case pb::OrdersEvent::kContractApproved:
      Approved(message.contract_approved(), day, steps);
      break;
    case pb::OrdersEvent::kPaymentRecorded:
      RETURN_IF_ERROR(Paid(message.payment_recorded(), source, steps));
      break;
    case pb::OrdersEvent::kReceivableReallocated: {
      const auto& m = message.receivable_reallocated();
      RETURN_IF_ERROR(OnTime(m.on_time(), DimensionsOf(m), m.currency_code(), steps));
      break;
    }
    case pb::OrdersEvent::kInstalmentScheduled:
      RETURN_IF_ERROR(Scheduled(message.instalment_scheduled(), source, steps));
      break;
    case pb::OrdersEvent::kInstalmentDueDatePassed:
      source.started_at = event.occurred_at;  // 00:00 of the due date
      RETURN_IF_ERROR(Overdue(message.instalment_due_date_passed(), day, steps));
      break;
    case pb::OrdersEvent::kInstalmentPaid:
      if (source.started_at) {
        RETURN_IF_ERROR(Settled(message.instalment_paid(), DayOf(*source.started_at), steps));
      }
      break;
    default:
      RETURN_IF_ERROR(OfOrder(message, day, source, steps));
  }
  return steps;
}

}  // namespace steward::scoring
