#include <gmock/gmock.h>

#include <thread>

#include "services/orders/events/ledger_events.h"
#include "tests/component/services/orders/cash_fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";

class SalesOrders : public CashTest {
 protected:
  v1::CreateOrderRequest Draft(const std::string& customer = "customers/acme",
                               const std::string& contract = "") {
    v1::CreateOrderRequest request;
    v1::Order& order = *request.mutable_order();
    order.set_customer(customer);
    order.set_contract(contract);
    order.set_region("east");
    for (const auto& [product, quantity, price] :
         {std::tuple{"kiosk", 10, 1'500}, std::tuple{"manual", 10, 0}}) {
      v1::OrderLine& line = *order.add_lines();
      line.set_product(product);
      line.set_product_line("retail");
      line.set_quantity(quantity);
      SetMoney(line.mutable_unit_price(), price);
    }
    return request;
  }
  v1::Order Create(const v1::CreateOrderRequest& request, const Caller& caller = {}) {
    return Must(&SalesOrdersApi::CreateOrder, request, caller);
  }
  v1::Order Create() { return Create(Draft()); }
  template <class Request, class Response>
  v1::Order Step(absl::Status (SalesOrdersApi::*method)(const rpc::Call&, const Request&,
                                                        Response*),
                 const std::string& name, const std::string& by = kLi) {
    Request request;
    request.set_name(name);
    return Must(method, request, By(by));
  }
  v1::Order Released(const std::string& name) {
    Step(&SalesOrdersApi::ReviewOrder, name);
    Step(&SalesOrdersApi::MakeProductionSheet, name, kWang);
    Step(&SalesOrdersApi::SignOrderForSales, name);
    Step(&SalesOrdersApi::SignOrderForFinance, name, kZhao);
    return Step(&SalesOrdersApi::ReleaseOrder, name);
  }
  v1::Order Deliver(const std::string& name, int line = 0, int64_t quantity = 0) {
    v1::DeliverOrderRequest request;
    request.set_name(name);
    if (line > 0) {
      request.add_lines()->set_line(line);
      request.mutable_lines(0)->set_quantity(quantity);
    }
    return Must(&SalesOrdersApi::DeliverOrder, request);
  }
  v1::Order GetOrder(const std::string& name) {
    v1::GetOrderRequest request;
    request.set_name(name);
    return Must(&SalesOrdersApi::GetOrder, request);
  }
  Uuid SignOnDelivery() {
    return Sign({{DueAfter{DueEvent::kDelivered, 30}, Cny(60'000)},
                 {DueAfter{DueEvent::kAccepted, 0}, Cny(40'000)}});
  }
};

TEST_F(SalesOrders, GoFromEntryToAcceptance) {
  const v1::Order created = Create();
  EXPECT_EQ(created.state(), "ENTERED");
  EXPECT_EQ(created.owner(), kLi);
  EXPECT_EQ(created.team(), "teams/east");
  EXPECT_TRUE(created.first_order());
  EXPECT_EQ(Minor(created.total()), 15'000);
  EXPECT_EQ(created.allowed_actions(), "revise, review, cancel");
  EXPECT_EQ(GetOrder(created.name()).SerializeAsString(), created.SerializeAsString());
  const v1::Order released = Released(created.name());
  EXPECT_EQ(released.signed_for_sales_by(), kLi);
  EXPECT_EQ(released.signed_for_finance_by(), kZhao);
  EXPECT_EQ(Deliver(created.name(), 1, 4).state(), "PARTLY_DELIVERED");
  const v1::Order delivered = Deliver(created.name());
  EXPECT_EQ(delivered.state(), "DELIVERED");
  EXPECT_EQ(delivered.lines(0).delivered(), 10);
  const v1::Order accepted = Step(&SalesOrdersApi::AcceptOrder, created.name());
  EXPECT_EQ(GetOrder(created.name()).SerializeAsString(), accepted.SerializeAsString());
  EXPECT_THAT(TypesOf(created.name()),
              ElementsAre("order.entered", "order.reviewed", "order.production_sheet_made",
                          "order.signed_for_sales", "order.signed_for_finance", "order.released",
                          "order.delivered", "order.delivered", "order.accepted"));
  const auto rows = Journal();
  EXPECT_EQ(rows[0].event.order_entered().terms().lines(1).product(), "manual");
  EXPECT_EQ(rows[5].event.order_released().from_state(), "SIGNED");
  EXPECT_EQ(rows[5].event.order_released().total().units(), 150);
  EXPECT_EQ(rows[6].event.order_delivered().lines(0).quantity(), 4);
  v1::ListOrderHistoryRequest history;
  history.set_parent(created.name());
  history.set_page_size(5);
  const auto page = Must(&SalesOrdersApi::ListOrderHistory, history);
  EXPECT_EQ(page.changes(4).to_state(), "SIGNED");
  history.set_page_token(page.next_page_token());
  EXPECT_EQ(Must(&SalesOrdersApi::ListOrderHistory, history).changes(3).type(), "order.accepted");
}

TEST_F(SalesOrders, ARepeatAnswersTheFirstAnswer) {
  auto request = Draft();
  request.set_request_id(kRequest);
  const v1::Order first = Create(request);
  EXPECT_EQ(Create(request).SerializeAsString(), first.SerializeAsString());
  request.mutable_order()->set_region("west");
  v1::Order response;
  EXPECT_EQ(ReasonOf(Do(&SalesOrdersApi::CreateOrder, request, &response)), "REQUEST_ID_REUSED");
  v1::ReviewOrderRequest review;
  review.set_name(first.name());
  review.set_request_id("0190d9a0-0000-7000-8000-000000000002");
  const v1::Order reviewed = Must(&SalesOrdersApi::ReviewOrder, review);
  EXPECT_EQ(Must(&SalesOrdersApi::ReviewOrder, review).SerializeAsString(),
            reviewed.SerializeAsString());
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(SalesOrders, WhatIsNotAllowedIsRefused) {
  const v1::Order order = Create();
  v1::Order response;
  v1::ReleaseOrderRequest release;
  release.set_name(order.name());
  EXPECT_EQ(ReasonOf(Do(&SalesOrdersApi::ReleaseOrder, release, &response)), "ILLEGAL_TRANSITION");
  release.set_etag("\"7\"");
  EXPECT_EQ(Do(&SalesOrdersApi::ReleaseOrder, release, &response).code(),
            absl::StatusCode::kAborted);
  release.set_name("orders/1");
  EXPECT_EQ(FieldOf(Do(&SalesOrdersApi::ReleaseOrder, release, &response)), "name");
  release.set_name(OrderName(Uuid{}));
  EXPECT_EQ(Do(&SalesOrdersApi::ReleaseOrder, release, &response).code(),
            absl::StatusCode::kNotFound);
  release.set_name(order.name());
  EXPECT_EQ(Do(&SalesOrdersApi::ReleaseOrder, release, &response, Agent(kWang)).code(),
            absl::StatusCode::kNotFound);
  Step(&SalesOrdersApi::ReviewOrder, order.name());
  Step(&SalesOrdersApi::MakeProductionSheet, order.name());
  Step(&SalesOrdersApi::SignOrderForSales, order.name());
  v1::SignOrderForFinanceRequest sign;
  sign.set_name(order.name());
  const absl::Status same = Do(&SalesOrdersApi::SignOrderForFinance, sign, &response);
  EXPECT_EQ(ReasonOf(same), "SAME_SIGNER");
  EXPECT_EQ(MetadataOf(same, "signed_by"), kLi);
  auto wrong = Draft();
  wrong.mutable_order()->mutable_lines(0)->set_quantity(0);
  EXPECT_EQ(FieldOf(Do(&SalesOrdersApi::CreateOrder, wrong, &response)), "order.lines[0].quantity");
  wrong = Draft("nobody");
  EXPECT_EQ(FieldOf(Do(&SalesOrdersApi::CreateOrder, wrong, &response)), "order.customer");
}

TEST_F(SalesOrders, ARevisionStartsAnew) {
  const v1::Order order = Create();
  Step(&SalesOrdersApi::ReviewOrder, order.name());
  v1::ReviseOrderRequest request;
  *request.mutable_order() = Draft().order();
  request.mutable_order()->set_name(order.name());
  v1::Order response;
  EXPECT_EQ(ReasonOf(Do(&SalesOrdersApi::ReviseOrder, request, &response)), "NOTHING_TO_CHANGE");
  request.mutable_order()->mutable_lines(0)->set_quantity(3);
  const v1::Order revised = Must(&SalesOrdersApi::ReviseOrder, request);
  EXPECT_EQ(revised.state(), "ENTERED");
  EXPECT_EQ(Minor(revised.total()), 4'500);
  EXPECT_TRUE(revised.first_order());
  EXPECT_EQ(Journal().back().event.order_revised().from_state(), "REVIEWED");
}

TEST_F(SalesOrders, TheFirstOfACustomerIsFoundNotTyped) {
  auto typed = Draft();
  EXPECT_TRUE(Create(typed).first_order());
  typed.mutable_order()->set_first_order(true);
  const v1::Order second = Create(typed);
  EXPECT_FALSE(second.first_order());
  EXPECT_TRUE(Create(Draft("customers/bolt")).first_order());
  v1::CancelOrderRequest cancel;
  v1::Order only = Create(Draft("customers/cato"));
  cancel.set_name(only.name());
  cancel.set_reason("mistake");
  EXPECT_EQ(Must(&SalesOrdersApi::CancelOrder, cancel).state(), "CANCELLED");
  EXPECT_TRUE(Create(Draft("customers/cato")).first_order()) << "what was cancelled does not count";
  std::atomic<int> firsts = 0;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      firsts += Create(Draft("customers/dora"), caller).first_order() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(firsts, 1);
}

TEST_F(SalesOrders, AreOfASignedContractOfTheirCustomer) {
  v1::Order response;
  EXPECT_EQ(ReasonOf(Do(&SalesOrdersApi::CreateOrder,
                        Draft("customers/acme", "contracts/" + Uuid{}.ToString()), &response)),
            "CONTRACT_NOT_SIGNED");
  const std::string contract = "contracts/" + SignThreeAndSeven().ToString();
  EXPECT_EQ(
      ReasonOf(Do(&SalesOrdersApi::CreateOrder, Draft("customers/bolt", contract), &response)),
      "CUSTOMER_DIFFERS");
  EXPECT_EQ(FieldOf(Do(&SalesOrdersApi::CreateOrder, Draft("customers/acme", "contracts/soon"),
                       &response)),
            "order.contract");
  EXPECT_EQ(Create(Draft("customers/acme", contract)).contract(), contract);
}

// The last order's delivery makes the due date, in the same transaction; an order that was cancelled does not count.
TEST_F(SalesOrders, DeliveryOfAllMakesTheDueDate) {
  const Uuid contract = SignOnDelivery();
  const std::string name = "contracts/" + contract.ToString();
  const v1::Order one = Create(Draft("customers/acme", name)),
                  two = Create(Draft("customers/acme", name)),
                  three = Create(Draft("customers/acme", name));
  Released(one.name());
  Released(two.name());
  Deliver(one.name());
  EXPECT_FALSE(Get(contract).has_delivered_on());
  GoTo("2026-06-03");
  Deliver(two.name(), 1, 10);
  Deliver(two.name(), 2, 10);
  EXPECT_FALSE(Get(contract).has_delivered_on()) << "the third is not delivered";
  GoTo("2026-06-10");
  v1::CancelOrderRequest cancel;
  cancel.set_name(three.name());
  cancel.set_reason("duplicate");
  Must(&SalesOrdersApi::CancelOrder, cancel);
  const v1::Receivable known = Get(contract);
  EXPECT_EQ(known.delivered_on().day(), 3) << "the last delivery";
  EXPECT_EQ(known.instalments(0).due_date().month(), 7);
  EXPECT_EQ(known.instalments(0).due_date().day(), 3);
  EXPECT_FALSE(known.instalments(1).has_due_date());
  Step(&SalesOrdersApi::AcceptOrder, one.name());
  EXPECT_FALSE(Get(contract).has_accepted_on());
  Step(&SalesOrdersApi::AcceptOrder, two.name());
  EXPECT_EQ(Get(contract).instalments(1).due_date().day(), 10);
  const auto scheduled = RowsOf("instalment.scheduled");
  ASSERT_EQ(scheduled.size(), 2u);
  EXPECT_EQ(scheduled[0].aggregate, InstalmentName(contract, 1));
  EXPECT_FALSE(scheduled[0].event.instalment_scheduled().has_from_due_date());
  const v1::Order later = Create(Draft("customers/acme", name));
  Released(later.name());
  GoTo("2026-06-20");
  Deliver(later.name());
  EXPECT_EQ(Get(contract).delivered_on().day(), 3) << "what is ordered later moves no due date";
  ExpectProjectionEqualsLedger();
}

// A due date that becomes known may be older than others: what was paid moves there, and the difference is told.
TEST_F(SalesOrders, ADueDateThatBecomesKnownMovesWhatWasPaid) {
  const Uuid contract =
      Sign({{DueAfter{DueEvent::kDelivered, 0}, Cny(60'000)}, {Day("2026-12-31"), Cny(40'000)}});
  Record(Pay(contract, 40'000));
  EXPECT_EQ(Minor(Get(contract).instalments(1).paid()), 40'000);
  const v1::Order order = Create(Draft("customers/acme", "contracts/" + contract.ToString()));
  Released(order.name());
  Deliver(order.name());
  EXPECT_EQ(Minor(Get(contract).instalments(0).paid()), 40'000);
  const auto moved = RowsOf("receivable.reallocated");
  ASSERT_EQ(moved.size(), 1u);
  int64_t sum = 0;
  for (const auto& posting : moved[0].event.receivable_reallocated().postings()) {
    sum += posting.minor_units();
  }
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(TypesOf(InstalmentName(contract, 2)).back(), "instalment.reopened");
  ExpectProjectionEqualsLedger();
}

TEST_F(SalesOrders, GoodsComeBack) {
  const v1::Order order = Create();
  Released(order.name());
  Deliver(order.name());
  v1::ReturnOrderRequest request;
  request.set_name(order.name());
  request.set_reason("damaged");
  request.add_lines()->set_line(1);
  request.mutable_lines(0)->set_quantity(11);
  v1::Order response;
  EXPECT_EQ(ReasonOf(Do(&SalesOrdersApi::ReturnOrder, request, &response)),
            "RETURNED_ABOVE_DELIVERED");
  request.mutable_lines(0)->set_quantity(2);
  EXPECT_EQ(Must(&SalesOrdersApi::ReturnOrder, request).state(), "DELIVERED");
  EXPECT_EQ(Journal().back().event.order_returned().value().units(), 30);
  request.clear_lines();
  EXPECT_EQ(Must(&SalesOrdersApi::ReturnOrder, request).state(), "RETURNED");
}

TEST_F(SalesOrders, AreListedNewestFirst) {
  std::vector<std::string> names;
  for (const char* customer : {"customers/acme", "customers/bolt", "customers/acme"}) {
    clock.Advance(Seconds(60));
    names.push_back(Create(Draft(customer)).name());
  }
  Step(&SalesOrdersApi::ReviewOrder, names[0]);
  const auto list = [&](const std::string& filter, const Caller& caller = {}) {
    v1::ListOrdersRequest request;
    request.set_filter(filter);
    request.set_page_size(1);
    std::vector<std::string> listed;
    do {
      const auto page = Must(&SalesOrdersApi::ListOrders, request, caller);
      for (const v1::Order& order : page.orders()) {
        listed.push_back(order.name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  };
  EXPECT_THAT(list(""), ElementsAre(names[2], names[1], names[0]));
  EXPECT_THAT(list("customer = \"customers/acme\""), ElementsAre(names[2], names[0]));
  EXPECT_THAT(list("state = REVIEWED"), ElementsAre(names[0]));
  EXPECT_THAT(list("state != REVIEWED AND customer != \"customers/bolt\""), ElementsAre(names[2]));
  EXPECT_THAT(list("enter_time < \"" + FormatTime(kServiceStart + Seconds(100)) + "\""),
              ElementsAre(names[0]));
  EXPECT_THAT(list("", Agent(kWang)), ElementsAre());
  EXPECT_THAT(list("", Agent(kWang, {"teams/east"})).size(), 3u);
  v1::ListOrdersRequest wrong;
  v1::ListOrdersResponse response;
  wrong.set_filter("state = SOON");
  EXPECT_EQ(FieldOf(Do(&SalesOrdersApi::ListOrders, wrong, &response)), "filter");
}

}  // namespace
}  // namespace steward::orders
