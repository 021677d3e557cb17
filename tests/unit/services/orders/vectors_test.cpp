// Every case of tests/vectors/receivables_vectors.json.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "services/orders/domain/collection.h"
#include "tests/unit/services/orders/ledgers.h"

namespace steward::orders {
namespace {

using nlohmann::json;

const json& Cases() {
  static const json cases = [] {
    std::ifstream in(std::string(STEWARD_VECTORS) + "/receivables_vectors.json");
    EXPECT_TRUE(in.good());
    return json::parse(in)["receivables"];
  }();
  return cases;
}

// Major units, as text or as a number of at most two decimal places.
Money Amount(const json& value) {
  return value.is_string() ? *ParseMoney(value.get<std::string>(), "CNY")
                           : Cny(std::llround(value.get<double>() * 100));
}

Receivable PlanOf(const json& instalments) {
  Receivable receivable;
  for (const json& each : instalments) {
    receivable.plan.push_back({Day(each["due"].get<std::string>()), Amount(each["amount"])});
  }
  return receivable;
}

TEST(Vectors, AreTheseFive) {
  std::set<std::string> names;
  for (const auto& [name, value] : Cases().items()) {
    names.insert(name);
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"odoo_payment_term", "erpnext_dunning_interest",
                                   "invoiced_is_not_paid_trap", "escalation", "fifo_allocation"}));
}

TEST(Vectors, PaymentTermRoundsInTheLast) {
  const json& given = Cases()["odoo_payment_term"];
  ASSERT_EQ(given["lines"], json({"33.33%", "33.33%", "balance"}));
  const auto plan = PlanByShares(
      Amount(given["total"]),
      {{Day("2026-01-01"), 3'333}, {Day("2026-02-01"), 3'333}, {Day("2026-03-01"), 3'334}});
  ASSERT_TRUE(plan.ok());
  for (size_t i = 0; i < plan->size(); ++i) {
    EXPECT_EQ((*plan)[i].amount, Amount(given["amounts"][i]));
  }
}

TEST(Vectors, Interest) {
  const json& given = Cases()["erpnext_dunning_interest"];
  EXPECT_EQ(*OverdueInterest(Amount(given["outstanding"]),
                             std::llround(given["rate_percent"].get<double>() * 100),
                             given["overdue_days"]),
            Amount(given["interest"]));
}

TEST(Vectors, InvoicedIsNotPaid) {
  const json& given = Cases()["invoiced_is_not_paid_trap"];
  ASSERT_EQ(given["cash_received"], 0);
  ASSERT_EQ(given["cash_view"], json({"Overdue", "Overdue or Unpaid by date"}));
  const Receivable receivable = PlanOf(given["order"]);
  using Standings = std::vector<Standing>;
  EXPECT_EQ(StandingsOf(Computed(receivable, {}, "2026-02-10")),
            (Standings{Standing::kOverdue, Standing::kPlanned}));
  EXPECT_EQ(StandingsOf(Computed(receivable, {}, "2026-03-01")),
            (Standings{Standing::kOverdue, Standing::kOverdue}));
}

TEST(Vectors, EscalationExclusive) {
  for (const json& given : Cases()["escalation"]["vectors"]) {
    const std::string due = given["due"], as_of = given["as_of"];
    const Receivable receivable{{{Day(due), Cny(100)}}, {}};
    std::vector<CashEntry> entries;
    if (given.contains("paid_in_full")) {
      entries.push_back(Receipt(1, given["paid_in_full"].get<std::string>(), 100));
    } else {
      EXPECT_EQ(Computed(receivable, entries, as_of).instalments[0].overdue_days, given["days"]);
    }
    const LedgerState ledger = Computed(receivable, entries, as_of);
    EXPECT_EQ(!Escalations(ledger, OverdueAt::kExclusive, Day(as_of)).empty(), given["escalate"])
        << given;
    const std::vector<Escalation> inclusive = {{1, Day("2026-03-31")}};
    EXPECT_EQ(Escalations(ledger, OverdueAt::kInclusive, Day(as_of)), inclusive) << given;
  }
}

TEST(Vectors, FifoAllocation) {
  const json& given = Cases()["fifo_allocation"];
  const Receivable receivable = PlanOf(given["instalments"]);
  std::vector<CashEntry> entries;
  for (const json& receipt : given["receipts"]) {
    entries.push_back(
        Receipt(static_cast<uint8_t>(entries.size() + 1), "2026-01-15", Amount(receipt).minor));
  }
  const auto expect = [&](const json& open) {
    const LedgerState state = Computed(receivable, entries, "2026-01-20");
    for (size_t i = 0; i < state.instalments.size(); ++i) {
      EXPECT_EQ(state.instalments[i].open(), Amount(open[i]).minor);
    }
  };
  expect(given["open"]);
  entries.push_back(Reversal(9, "2026-01-20", entries[1]));
  expect(given["reversal_of_second"]);
}

}  // namespace
}  // namespace steward::orders
