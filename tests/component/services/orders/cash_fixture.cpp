#include "tests/component/services/orders/cash_fixture.h"

#include <map>

#include "libs/base/zone.h"
#include "libs/rpc/values.h"
#include "services/orders/api/open_receivable.h"
#include "services/orders/events/ledger_events.h"
#include "services/orders/migrations.h"

namespace steward::orders {

CashTest::CashTest()
    : ServiceTest("orders", Migrations()),
      zone(*LoadZone("zone", "Asia/Shanghai")),
      metrics(registry) {
  std::get<std::unique_ptr<ReceivablesApi>>(apis) = std::make_unique<ReceivablesApi>(
      ReceivablesDeps{.env = env, .zone = zone, .tokens = &tokens, .metrics = &metrics});
  std::get<std::unique_ptr<SalesOrdersApi>>(
      apis) = std::make_unique<SalesOrdersApi>(SalesOrdersDeps{
      .env = env,
      .time_rules = {},
      .zone = zone,
      .team_of = [](const std::string& member, Time) { return member == kLi ? "teams/east" : ""; },
      .tokens = &tokens,
      .metrics = &metrics});
  due_dates = std::make_unique<DueDates>(env, options, zone,
                                         DueDates::Options{.batch = 2, .metrics = &metrics});
}

void CashTest::InTx(const std::function<absl::Status(pg::Tx&)>& body) {
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  const absl::Status status = pg::RunInTx(**db, {}, body);
  ASSERT_TRUE(status.ok()) << status;
}

Uuid CashTest::Sign(const InstalmentPlan& plan, std::string customer, std::string owner) {
  const Uuid contract = ids.NewId(clock.Now());
  const LedgerParty party{std::move(customer), std::move(owner), "teams/east", "east", {"sale"}};
  InTx([&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<eventing::NewEvent> rows,
                     QueueOpenReceivable(tx, ids, clock.Now(), zone, contract, party, plan,
                                         DayOf(clock.Now(), zone)));
    return eventing::Append(tx,
                            {.actor = kLi, .correlation = "", .causation = "", .traceparent = ""},
                            rows, *env.topic_message);
  });
  return contract;
}

void CashTest::AssignOwner(const Uuid& contract, const std::string& owner,
                           const std::string& team) {
  InTx([&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive("contracts/" + contract.ToString())});
    const LedgerLoad load = LedgerLoad::Queue(tx, {contract}, {true, {}, {}});
    RETURN_IF_ERROR(tx.Flush());
    ASSIGN_OR_RETURN(const std::vector<eventing::NewEvent> rows,
                     QueueAssignReceivable(tx, ids, clock.Now(), zone, load, owner, team));
    return rows.empty()
               ? absl::OkStatus()
               : eventing::Append(
                     tx, {.actor = kLi, .correlation = "", .causation = "", .traceparent = ""},
                     rows, *env.topic_message);
  });
}

v1::RecordPaymentRequest CashTest::Pay(const Uuid& contract, int64_t minor, std::string_view day,
                                       std::string kind) const {
  v1::RecordPaymentRequest request;
  request.set_parent(ReceivableName(contract));
  request.mutable_payment()->set_kind(std::move(kind));
  SetMoney(request.mutable_payment()->mutable_amount(), minor);
  if (!day.empty()) {
    SetDay(request.mutable_payment()->mutable_occurred_on(), day);
  }
  return request;
}

v1::Receivable CashTest::Get(const Uuid& contract, std::string_view as_of) {
  v1::GetReceivableRequest request;
  request.set_name(ReceivableName(contract));
  if (!as_of.empty()) {
    SetDay(request.mutable_as_of(), as_of);
  }
  return Must(&ReceivablesApi::GetReceivable, request);
}

void CashTest::ExpectProjectionEqualsLedger() {
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  const auto rows =
      (*db)->Run(pg::Statement{"projection",
                               "SELECT contract, number, amount, paid, credited, written_off, "
                               "due_on - DATE '1970-01-01', settled_on - DATE "
                               "'1970-01-01', said FROM instalment ORDER BY contract, number"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::vector<Uuid> contracts;
  for (int row = 0; row < rows->rows(); ++row) {
    contracts.push_back(rows->Uuid(row, 0));
  }
  const absl::CivilDay zero(1970, 1, 1);
  auto ledgers = GetLedgers(**db, contracts, {true, {}, {}}, Seconds(5));
  ASSERT_TRUE(ledgers.ok()) << ledgers.status();
  for (int row = 0; row < rows->rows(); ++row) {
    const LedgerData& data = ledgers->at(rows->Uuid(row, 0));
    const auto state = ComputeLedger(data.receivable, data.entries, DayOf(clock.Now(), zone));
    ASSERT_TRUE(state.ok()) << state.status();
    const InstalmentStanding& expected =
        state->instalments[static_cast<size_t>(rows->Int(row, 1)) - 1];
    EXPECT_EQ(rows->Int(row, 2), expected.amount);
    EXPECT_EQ(rows->Int(row, 3), expected.paid);
    EXPECT_EQ(rows->Int(row, 4), expected.credited);
    EXPECT_EQ(rows->Int(row, 5), expected.written_off);
    const auto number = [&](const std::optional<absl::CivilDay>& day) {
      return day ? std::optional<int64_t>(*day - zero) : std::nullopt;
    };
    EXPECT_EQ(rows->OptionalInt(row, 6), number(expected.due));
    EXPECT_EQ(rows->OptionalInt(row, 7), number(expected.settled_on));
    EXPECT_EQ(rows->Int(row, 8) == static_cast<int64_t>(Said::kSettled), expected.open() == 0);
  }
}

int CashTest::PassDueDates() {
  int told = 0;
  for (int last = 1; last > 0;) {
    const auto batch = due_dates->RunBatch();
    EXPECT_TRUE(batch.ok()) << batch.status();
    last = batch.value_or(0);
    told += last;
  }
  return told;
}

std::vector<CashTest::Row> CashTest::RowsOf(const std::string& type) {
  std::vector<Row> rows = Journal();
  std::erase_if(rows, [&](const Row& row) { return row.type != type; });
  return rows;
}

Time CashTest::Midnight(std::string_view day) const { return StartOf(Day(day), zone); }

void SetDay(google::type::Date* date, std::string_view day) { rpc::ToProto(Day(day), date); }
void SetMoney(google::type::Money* money, int64_t minor, const char* currency) {
  rpc::ToProto(Money{currency, minor}, money);
}
int64_t Minor(const google::type::Money& money) { return rpc::FromProto("money", money)->minor; }

}  // namespace steward::orders
