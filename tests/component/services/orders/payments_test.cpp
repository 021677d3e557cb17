#include <gmock/gmock.h>

#include <thread>

#include "services/orders/events/ledger_events.h"
#include "tests/component/services/orders/cash_fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";

class Payments : public CashTest {
 protected:
  static std::vector<std::string> Standings(const v1::Receivable& receivable) {
    std::vector<std::string> standings;
    for (const v1::InstalmentStanding& each : receivable.instalments()) {
      standings.push_back(each.standing());
    }
    return standings;
  }
  absl::Status Refuses(const v1::RecordPaymentRequest& request, const Caller& caller = {}) {
    return Refused(&ReceivablesApi::RecordPayment, request, caller);
  }
};

TEST_F(Payments, ASignatureOpensTheLedger) {
  const Uuid contract = Sign({{Day("2026-06-01"), Cny(30'000)},
                              {DueAfter{DueEvent::kSigned, 30}, Cny(20'000)},
                              {DueAfter{DueEvent::kDelivered, 30}, Cny(50'000)}});
  const v1::Receivable receivable = Get(contract);
  EXPECT_EQ(receivable.name(), ReceivableName(contract));
  EXPECT_EQ(receivable.owner(), kLi);
  EXPECT_EQ(Minor(receivable.amount()), 100'000);
  EXPECT_EQ(Minor(receivable.outstanding()), 100'000);
  EXPECT_THAT(Standings(receivable), ElementsAre("PLANNED", "PLANNED", "PLANNED"));
  EXPECT_EQ(receivable.instalments(1).due(), "30 days after SIGNED");
  EXPECT_EQ(receivable.instalments(1).due_date().day(), 28) << "signed on 29 May in Shanghai";
  EXPECT_FALSE(receivable.instalments(2).has_due_date());
  const auto rows = Journal();
  ASSERT_EQ(rows.size(), 3u) << "no due date of the third is known";
  EXPECT_EQ(rows[0].type, "receivable.opened");
  EXPECT_EQ(rows[0].aggregate, ReceivableName(contract));
  EXPECT_EQ(rows[0].event.receivable_opened().plan(2).due(), "30 days after DELIVERED");
  EXPECT_EQ(rows[1].type, "instalment.scheduled");
  EXPECT_EQ(rows[1].aggregate, InstalmentName(contract, 1));
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, GoToTheOldestDueAndTheRestIsCredit) {
  const Uuid contract = SignThreeAndSeven();
  const v1::RecordPaymentResponse first = Record(Pay(contract, 40'000));
  EXPECT_EQ(first.payment().kind(), "RECEIPT");
  EXPECT_EQ(first.payment().recorded_by(), kLi);
  EXPECT_THAT(Standings(first.receivable()), ElementsAre("PAID", "PARTLY_PAID"));
  EXPECT_EQ(Record(Pay(contract, 70'000)).receivable().credit().units(), 100);
  const v1::Receivable receivable = Get(contract);
  EXPECT_EQ(Minor(receivable.cash()), 110'000);
  EXPECT_EQ(Minor(receivable.credit()), 10'000) << "more than is owed is seen";
  EXPECT_EQ(Minor(receivable.outstanding()), 0);
  EXPECT_THAT(TypesOf(ReceivableName(contract)),
              ElementsAre("receivable.opened", "payment.recorded", "payment.recorded"));
  const auto paid = RowsOf("payment.recorded");
  const auto& postings = paid[0].event.payment_recorded().postings();
  ASSERT_EQ(postings.size(), 2);
  EXPECT_EQ(postings[0].instalment(), 1);
  EXPECT_EQ(postings[0].account(), "PAID");
  EXPECT_EQ(postings[0].minor_units(), 30'000);
  EXPECT_EQ(postings[0].due_date().month(), 6);
  EXPECT_EQ(postings[1].minor_units(), 10'000);
  EXPECT_EQ(paid[1].event.payment_recorded().credit_minor_units(), 10'000);
  EXPECT_EQ(RowsOf("instalment.paid").size(), 2u);
  EXPECT_EQ(RowsOf("instalment.paid")[0].event.instalment_paid().cycle(), 0)
      << "its due date never passed";
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, ARepeatAnswersTheFirstAnswer) {
  const Uuid contract = SignThreeAndSeven();
  auto request = Pay(contract, 40'000);
  request.set_request_id(kRequest);
  const v1::RecordPaymentResponse first = Record(request);
  clock.Advance(Seconds(5));
  EXPECT_EQ(Record(request).SerializeAsString(), first.SerializeAsString());
  SetMoney(request.mutable_payment()->mutable_amount(), 50'000);
  EXPECT_EQ(ReasonOf(Refuses(request)), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM cash_entry"), 1);
}

TEST_F(Payments, ABankFileMayBeSentAgain) {
  const Uuid contract = SignThreeAndSeven();
  auto request = Pay(contract, 40'000);
  request.mutable_payment()->set_source("icbc-8001");
  request.mutable_payment()->set_external_id("20260529-17");
  const v1::RecordPaymentResponse first = Record(request);
  EXPECT_FALSE(first.already_existed());
  const v1::RecordPaymentResponse again = Record(request);
  EXPECT_TRUE(again.already_existed());
  EXPECT_EQ(again.payment().name(), first.payment().name());
  EXPECT_EQ(Minor(Get(contract).cash()), 40'000);
  SetMoney(request.mutable_payment()->mutable_amount(), 50'000);
  EXPECT_EQ(ReasonOf(Refuses(request)), "EXTERNAL_ID_REUSED");
  request.mutable_payment()->clear_source();
  EXPECT_EQ(FieldOf(Refuses(request)), "payment.source");
  EXPECT_EQ(RowsOf("payment.recorded").size(), 1u);
}

TEST_F(Payments, WhatCannotBeWrittenIsRefusedByField) {
  const Uuid contract = SignThreeAndSeven();
  EXPECT_EQ(FieldOf(Refuses(Pay(contract, 0))), "entry.amount");
  EXPECT_EQ(FieldOf(Refuses(Pay(contract, -1))), "entry.amount");
  auto beyond = Pay(contract, 1);
  beyond.mutable_payment()->mutable_amount()->set_units(INT64_MAX);
  EXPECT_EQ(FieldOf(Refuses(beyond)), "payment.amount.units");
  EXPECT_EQ(FieldOf(Refuses(Pay(contract, 1, "2026-05-30"))), "entry.occurred_on")
      << "tomorrow in Shanghai";
  EXPECT_EQ(FieldOf(Refuses(Pay(contract, 1, "", "INVOICE"))), "payment.kind")
      << "invoiced is not paid";
  EXPECT_EQ(ReasonOf(Refuses(Pay(contract, 1, "", "REFUND"))), "REFUND_ABOVE_CASH");
  auto dollars = Pay(contract, 1);
  SetMoney(dollars.mutable_payment()->mutable_amount(), 100, "USD");
  EXPECT_EQ(ReasonOf(Refuses(dollars)), "CURRENCY_MISMATCH");
  auto request = Pay(contract, 1);
  request.set_parent("contracts/1");
  EXPECT_EQ(FieldOf(Refuses(request)), "parent");
  EXPECT_EQ(Refuses(Pay(Uuid{}, 1)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Refuses(Pay(contract, 1), Agent(kWang)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("SELECT count(*) FROM cash_entry"), 0);
  EXPECT_EQ(RowsOf("payment.recorded").size(), 0u);
}

TEST_F(Payments, WhatDoesNotFitIntoTheLedgerIsRefusedAndNothingIsLost) {
  const Uuid contract = SignThreeAndSeven();
  Record(Pay(contract, 1));
  EXPECT_EQ(ReasonOf(Refuses(Pay(contract, INT64_MAX))), "AMOUNT_OVERFLOW");
  EXPECT_EQ(Minor(Get(contract).cash()), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM cash_entry"), 1);
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, AReversalAndARefundOpenAgain) {
  const Uuid contract = SignThreeAndSeven();
  const v1::Payment receipt = Record(Pay(contract, 30'000)).payment();
  auto reversal = Pay(contract, 30'000, "", "REVERSAL");
  reversal.mutable_payment()->set_reverses(receipt.name());
  EXPECT_THAT(Standings(Record(reversal).receivable()), ElementsAre("PLANNED", "PLANNED"));
  EXPECT_THAT(TypesOf(InstalmentName(contract, 1)),
              ElementsAre("instalment.scheduled", "instalment.paid", "instalment.reopened"));
  EXPECT_EQ(ReasonOf(Refuses(reversal)), "RECEIPT_ALREADY_REVERSED");
  const auto event = RowsOf("payment.recorded").back().event.payment_recorded();
  EXPECT_EQ(event.reverses(), receipt.name());
  EXPECT_EQ(event.postings(0).minor_units(), -30'000);
  Record(Pay(contract, 30'000));
  Record(Pay(contract, 30'000, "", "REFUND"));
  EXPECT_EQ(TypesOf(InstalmentName(contract, 1)).back(), "instalment.reopened");
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, ABackDatedReceiptMovesOthersAndTheDifferenceIsTold) {
  const Uuid contract = SignThreeAndSeven();
  auto named = Pay(contract, 30'000, "2026-05-20");
  v1::PaymentPart& part = *named.mutable_payment()->add_parts();
  part.set_instalment(1);
  SetMoney(part.mutable_amount(), 30'000);
  Record(named);
  Record(Pay(contract, 20'000, "2026-05-10"));  // goes to the first, which frees of the named one
  std::map<std::pair<int, std::string>, int64_t> sums;
  for (const Row& row : RowsOf("payment.recorded")) {
    for (const auto& posting : row.event.payment_recorded().postings()) {
      sums[{posting.instalment(), posting.account()}] += posting.minor_units();
    }
  }
  const v1::Receivable now = Get(contract);
  EXPECT_EQ((sums[{1, "PAID"}]), Minor(now.instalments(0).paid()));
  EXPECT_EQ((sums[{2, "PAID"}]), Minor(now.instalments(1).paid()));
  EXPECT_EQ(Minor(now.instalments(1).paid()), 20'000);
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, AsOfADayCountsWhatIsDatedUpToIt) {
  const Uuid contract = SignThreeAndSeven();
  Record(Pay(contract, 30'000, "2026-05-20"));
  Record(Pay(contract, 70'000, "2026-05-28"));
  EXPECT_EQ(Minor(Get(contract, "2026-05-19").outstanding()), 100'000);
  EXPECT_EQ(Minor(Get(contract, "2026-05-20").outstanding()), 70'000);
  EXPECT_EQ(Minor(Get(contract).outstanding()), 0);
}

// 32 clients pay one instalment at once: everything that came in is there, what is too much is credit.
TEST_F(Payments, ThirtyTwoAtOnceBalance) {
  const Uuid contract = SignThreeAndSeven();
  std::atomic<int> recorded = 0;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      for (int i = 0; i < 4; ++i) {
        v1::RecordPaymentResponse response;
        const absl::Status status =
            Do(&ReceivablesApi::RecordPayment, Pay(contract, 5'000), &response, caller);
        EXPECT_TRUE(status.ok()) << status;
        recorded += status.ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(recorded, 32);
  const v1::Receivable receivable = Get(contract);
  EXPECT_EQ(Minor(receivable.cash()), 160'000);
  EXPECT_EQ(Minor(receivable.credit()), 60'000);
  EXPECT_EQ(Minor(receivable.outstanding()), 0);
  EXPECT_EQ(RowsOf("instalment.paid").size(), 2u) << "each is settled once";
  int64_t posted = 0;
  for (const Row& row : RowsOf("payment.recorded")) {
    for (const auto& posting : row.event.payment_recorded().postings()) {
      posted += posting.minor_units();
    }
  }
  EXPECT_EQ(posted, 160'000);
  ExpectProjectionEqualsLedger();
}

TEST_F(Payments, ABatchReportsEveryRow) {
  const Uuid contract = SignThreeAndSeven(), other = SignThreeAndSeven();
  v1::BatchRecordPaymentsRequest request;
  request.set_request_id(kRequest);
  const auto row = [&](const Uuid& of, int64_t minor, const char* external) {
    v1::RecordPaymentRequest made = Pay(of, minor);
    made.mutable_payment()->set_source("bank");
    made.mutable_payment()->set_external_id(external);
    *request.add_requests() = made;
  };
  row(contract, 30'000, "1");
  row(other, 10'000, "2");
  row(contract, 30'000, "1");
  row(Uuid{}, 5, "3");
  row(contract, 0, "4");
  const auto first = Must(&ReceivablesApi::BatchRecordPayments, request);
  EXPECT_EQ(first.recorded(), 2);
  EXPECT_EQ(first.already_existed(), 1) << "twice in the file";
  EXPECT_EQ(first.refused(), 2);
  EXPECT_TRUE(first.results(2).already_existed());
  EXPECT_EQ(first.results(3).reason(), "NOT_FOUND");
  EXPECT_EQ(first.results(4).field(), "entry.amount");
  EXPECT_FALSE(first.results(4).message().empty());
  EXPECT_EQ(Must(&ReceivablesApi::BatchRecordPayments, request).SerializeAsString(),
            first.SerializeAsString());
  request.clear_request_id();
  const auto again = Must(&ReceivablesApi::BatchRecordPayments, request);
  EXPECT_EQ(again.recorded(), 0);
  EXPECT_EQ(again.already_existed(), 3);
  EXPECT_EQ(Count("SELECT count(*) FROM cash_entry"), 2);
  ExpectProjectionEqualsLedger();
  v1::BatchRecordPaymentsResponse response;
  EXPECT_EQ(FieldOf(Do(&ReceivablesApi::BatchRecordPayments, v1::BatchRecordPaymentsRequest(),
                       &response)),
            "requests");
}

TEST_F(Payments, AreListedNewestFirst) {
  const Uuid contract = SignThreeAndSeven(), other = SignThreeAndSeven();
  Record(Pay(contract, 1, "2026-05-03"));
  Record(Pay(contract, 2, "2026-05-01"));
  Record(Pay(contract, 3, "2026-05-02"));
  Record(Pay(other, 4, "2026-05-04"));
  v1::ListPaymentsRequest request;
  request.set_parent(ReceivableName(contract));
  request.set_page_size(2);
  std::vector<int64_t> amounts;
  do {
    const auto page = Must(&ReceivablesApi::ListPayments, request);
    for (const v1::Payment& payment : page.payments()) {
      amounts.push_back(Minor(payment.amount()));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(amounts, ElementsAre(1, 3, 2));
  EXPECT_EQ(Must(&ReceivablesApi::ListPayments, v1::ListPaymentsRequest()).payments_size(), 4);
  EXPECT_EQ(
      Must(&ReceivablesApi::ListPayments, v1::ListPaymentsRequest(), Agent(kWang)).payments_size(),
      0);
  v1::ListPaymentsResponse response;
  request.set_parent(ReceivableName(Uuid{}));
  request.clear_page_token();
  EXPECT_EQ(Do(&ReceivablesApi::ListPayments, request, &response).code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace steward::orders
