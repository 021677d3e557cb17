#pragma once
// Sales orders and receivables on a real PostgreSQL, called without gRPC.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/testing/service_test.h"
#include "services/orders/api/receivables_api.h"
#include "services/orders/api/sales_orders_api.h"
#include "services/orders/due_dates.h"
#include "services/orders/storage/ledger_store.h"
#include "steward/orders/events/v1/orders_events.pb.h"

namespace steward::orders {

using testing::Agent;
using testing::Caller;
using testing::FieldOf;
using testing::kLi;
using testing::kServiceStart;  // 2026-05-29 04:26:40 in Shanghai
using testing::kWang;
using testing::MetadataOf;
inline constexpr char kZhao[] = "members/zhao";

// Reaches everything.
inline Caller By(std::string member) { return {member, {"agent"}, {true, {member}, {}}, 0}; }

inline absl::CivilDay Day(std::string_view text) { return *ParseDay("day", text); }
inline Money Cny(int64_t minor) { return {"CNY", minor}; }

class CashTest
    : public testing::ServiceTest<events::v1::OrdersEvent, ReceivablesApi, SalesOrdersApi> {
 protected:
  CashTest();

  // Opens the ledger of a contract, as the signature does. Owner li of teams/east.
  Uuid Sign(const InstalmentPlan& plan, std::string customer = "customers/acme",
            std::string owner = kLi);
  // 300.00 due on 1 June, 700.00 on 30 June 2026.
  Uuid SignThreeAndSeven() {
    return Sign({{Day("2026-06-01"), Cny(30'000)}, {Day("2026-06-30"), Cny(70'000)}});
  }
  void AssignOwner(const Uuid& contract, const std::string& owner, const std::string& team);

  v1::RecordPaymentRequest Pay(const Uuid& contract, int64_t minor, std::string_view day = "",
                               std::string kind = "RECEIPT") const;
  v1::RecordPaymentResponse Record(const v1::RecordPaymentRequest& request,
                                   const Caller& caller = {}) {
    return Must(&ReceivablesApi::RecordPayment, request, caller);
  }
  v1::Receivable Get(const Uuid& contract, std::string_view as_of = "");
  // The stored figures equal what ComputeLedger makes of the stored entries.
  void ExpectProjectionEqualsLedger();
  // All batches until nothing is left to say; how many contracts had something.
  int PassDueDates();

  // The events of a type.
  std::vector<Row> RowsOf(const std::string& type);
  // 00:00 in Shanghai.
  Time Midnight(std::string_view day) const;
  void GoTo(std::string_view day, Duration after = Hours(10)) { clock.Set(Midnight(day) + after); }

  // A line of the metrics page.
  bool Shows(const std::string& line) {
    return ("\n" + registry.Text()).find("\n" + line + "\n") != std::string::npos;
  }

  absl::TimeZone zone;
  Metrics metrics;
  std::unique_ptr<DueDates> due_dates;

 private:
  void InTx(const std::function<absl::Status(pg::Tx&)>& body);
};

void SetDay(google::type::Date* date, std::string_view day);
void SetMoney(google::type::Money* money, int64_t minor, const char* currency = "CNY");
int64_t Minor(const google::type::Money& money);

}  // namespace steward::orders
