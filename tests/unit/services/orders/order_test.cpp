#include "services/orders/domain/order.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "tests/unit/services/orders/builders.h"

namespace steward::orders {
namespace {

constexpr OrderState kNowhere{};

OrderData OrderDraft() {
  OrderData draft;
  draft.id = Id(2);
  draft.owner = kSeller;
  draft.terms = {
      "customers/acme",
      "contracts/1",
      "east",
      true,
      {{"lamp", "lighting", true, 10, Cny(2'500)}, {"cable", "wiring", false, 4, Cny(0)}}};
  return draft;
}
Order NewOrder() { return *Order::Enter(OrderDraft(), By(kSeller)); }

// Written out a second time, by hand, as what people are allowed to do.
const std::map<OrderAction, std::array<OrderState, 12>>& Expected() {
  // clang-format off
  constexpr auto E = OrderState::kEntered, V = OrderState::kReviewed;
  constexpr auto M = OrderState::kProductionSheetMade, S = OrderState::kSignedBySales;
  constexpr auto F = OrderState::kSignedByFinance, B = OrderState::kSigned;
  constexpr auto R = OrderState::kReleased, D = OrderState::kDelivered, A = OrderState::kAccepted;
  constexpr auto X = OrderState::kCancelled, T = OrderState::kReturned, o = kNowhere;
  static const std::map<OrderAction, std::array<OrderState, 12>> expected = {
      {OrderAction::kRevise, {E, E, E, E, E, E, o, o, o, o, o, o}},
      {OrderAction::kReview, {V, o, o, o, o, o, o, o, o, o, o, o}},
      {OrderAction::kMakeProductionSheet, {o, M, o, o, o, o, o, o, o, o, o, o}},
      {OrderAction::kSignForSales, {o, o, S, o, B, o, o, o, o, o, o, o}},
      {OrderAction::kSignForFinance, {o, o, F, B, o, o, o, o, o, o, o, o}},
      {OrderAction::kRelease, {o, o, o, o, o, R, o, o, o, o, o, o}},
      {OrderAction::kDeliver, {o, o, o, o, o, o, D, D, o, o, o, o}},
      {OrderAction::kAccept, {o, o, o, o, o, o, o, o, A, o, o, o}},
      {OrderAction::kCancel, {X, X, X, X, X, X, X, o, o, o, o, o}},
      {OrderAction::kReturn, {o, o, o, o, o, o, o, T, T, T, o, o}},
  };
  // clang-format on
  return expected;
}

std::vector<LineQuantity> Left(const Order& order, int64_t OrderLine::*limit,
                               int64_t OrderLine::*done) {
  std::vector<LineQuantity> left;
  int64_t number = 0;
  for (const OrderLine& line : order.data().terms.lines) {
    ++number;
    if (line.*limit > line.*done) {
      left.push_back({number, line.*limit - line.*done});
    }
  }
  return left;
}

absl::Status Do(Order& order, OrderAction action) {
  OrderTerms other = order.data().terms;
  other.lines[0].quantity += 1;
  switch (action) {
    case OrderAction::kRevise:
      return order.Revise(other, By(kSeller));
    case OrderAction::kReview:
      return order.Review(By(kBoss));
    case OrderAction::kMakeProductionSheet:
      return order.MakeProductionSheet(By(kSeller));
    case OrderAction::kSignForSales:
      return order.SignForSales(By(kSeller));
    case OrderAction::kSignForFinance:
      return order.SignForFinance(By(kFinance));
    case OrderAction::kRelease:
      return order.Release(By(kBoss));
    case OrderAction::kDeliver:
      return order.Deliver(Left(order, &OrderLine::quantity, &OrderLine::delivered), By(kBoss));
    case OrderAction::kAccept:
      return order.Accept(By(kSeller));
    case OrderAction::kCancel:
      return order.Cancel("mistake", By(kSeller));
    case OrderAction::kReturn:
      return order.Return(Left(order, &OrderLine::delivered, &OrderLine::returned), "defective",
                          By(kSeller));
  }
  return absl::InternalError("no such action");
}

Order OrderIn(OrderState state) {
  Order order = NewOrder();
  const auto steps = [&](std::initializer_list<OrderAction> actions) {
    for (const OrderAction action : actions) {
      if (order.data().state != state) {
        EXPECT_TRUE(Do(order, action).ok());
      }
    }
  };
  if (state == OrderState::kCancelled) {
    steps({OrderAction::kCancel});
    return order;
  }
  steps({OrderAction::kReview, OrderAction::kMakeProductionSheet});
  if (state == OrderState::kSignedByFinance) {
    steps({OrderAction::kSignForFinance});
  }
  steps({OrderAction::kSignForSales, OrderAction::kSignForFinance, OrderAction::kRelease});
  if (state == OrderState::kPartlyDelivered) {
    EXPECT_TRUE(order.Deliver({{1, 3}}, By(kBoss)).ok());
  }
  steps({OrderAction::kDeliver});
  if (state == OrderState::kReturned) {
    steps({OrderAction::kReturn});
  }
  steps({OrderAction::kAccept});
  return order;
}

template <class Body>
const Body& LastOf(const Order& order) {
  return std::get<Body>(order.events().back().body);
}

TEST(OrderGraph, IsExactlyTheTable) {
  ASSERT_EQ(Expected().size(), kOrderActions.size());
  for (const OrderAction action : kOrderActions) {
    for (size_t i = 0; i < kOrderStates.size(); ++i) {
      EXPECT_EQ(Next(kOrderStates[i], action).value_or(kNowhere), Expected().at(action)[i])
          << NameOf(kOrderStates[i]) << " " << NameOf(action);
    }
  }
}

// The order does what the table says, for every pair; what it refuses changes nothing.
TEST(OrderGraph, IsWhatAnOrderDoes) {
  for (const OrderState state : kOrderStates) {
    for (const OrderAction action : kOrderActions) {
      Order order = OrderIn(state);
      ASSERT_EQ(order.data().state, state);
      const OrderData before = order.data();
      const size_t events_before = order.events().size();
      const absl::Status status = Do(order, action);
      const std::string what = std::string(NameOf(state)) + " " + std::string(NameOf(action));
      if (const auto next = Next(state, action)) {
        EXPECT_TRUE(status.ok()) << what << ": " << status;
        EXPECT_EQ(order.data().state, *next) << what;
        EXPECT_EQ(order.events().size(), events_before + 1) << what;
        EXPECT_EQ(order.events().back().version, order.data().version) << what;
      } else {
        EXPECT_EQ(ReasonOf(status), "ILLEGAL_TRANSITION") << what;
        EXPECT_EQ(MetadataOf(status, "from"), NameOf(state)) << what;
        EXPECT_EQ(MetadataOf(status, "allowed"), order.Allowed()) << what;
        EXPECT_EQ(order.data(), before) << what;
        EXPECT_EQ(order.events().size(), events_before) << what;
      }
    }
  }
}

TEST(OrderGraph, NamesAreUnique) {
  for (const OrderState state : kOrderStates) {
    EXPECT_EQ(OrderStateFromName(NameOf(state)), state);
  }
  EXPECT_EQ(OrderStateFromName("OPEN"), std::nullopt);
  std::set<std::string_view> names;
  for (const OrderAction action : kOrderActions) {
    names.insert(NameOf(action));
  }
  EXPECT_EQ(names.size(), kOrderActions.size());
}

TEST(OrderEntry, RefusesWhatIsNoOrder) {
  const auto refused = [](auto change) {
    OrderData draft = OrderDraft();
    change(draft);
    return Order::Enter(draft, By(kSeller)).status();
  };
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.owner = ""; })), "order.owner");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.customer = ""; })), "order.customer");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.contract = "x"; })), "order.contract");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.region = ""; })), "order.region");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.lines.clear(); })), "order.lines");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.lines[1].quantity = 0; })),
            "order.lines[1].quantity");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.lines[0].unit_price.minor = -1; })),
            "order.lines[0].unit_price");
  EXPECT_EQ(FieldOf(refused([](OrderData& d) { d.terms.lines[0].product_line = ""; })),
            "order.lines[0].product_line");
  EXPECT_EQ(ReasonOf(refused([](OrderData& d) {
              d.terms.lines[1].unit_price = {"USD", 1};
            })),
            "CURRENCY_MISMATCH");
  EXPECT_EQ(ReasonOf(refused([](OrderData& d) { d.terms.lines[0].unit_price.minor = INT64_MAX; })),
            "AMOUNT_OVERFLOW");
  OrderData draft = OrderDraft();
  draft.state = OrderState::kReleased;
  draft.signed_for_sales_by = kSeller;
  draft.terms.lines[0].delivered = 10;
  const auto order = Order::Enter(draft, By(kSeller));
  EXPECT_EQ(order->data(), NewOrder().data()) << "nothing but id, owner and terms is taken over";
  EXPECT_EQ(LastOf<OrderEntered>(*order).total, Cny(25'000));
}

TEST(OrderSignatures, AreOfTwoMembersInEitherOrder) {
  for (const bool sales_first : {true, false}) {
    Order order = OrderIn(OrderState::kProductionSheetMade);
    const auto first = sales_first ? &Order::SignForSales : &Order::SignForFinance;
    const auto second = sales_first ? &Order::SignForFinance : &Order::SignForSales;
    ASSERT_TRUE((order.*first)(By(kSeller)).ok());
    EXPECT_FALSE(LastOf<OrderSigned>(order).complete);
    const OrderData before = order.data();
    const absl::Status same = (order.*second)(By(kSeller));
    EXPECT_EQ(ReasonOf(same), "SAME_SIGNER");
    EXPECT_EQ(MetadataOf(same, "signed_by"), kSeller);
    EXPECT_EQ(FieldOf((order.*second)(By(""))), "actor");
    EXPECT_EQ(order.data(), before);
    EXPECT_EQ(ReasonOf(order.Release(By(kBoss))), "ILLEGAL_TRANSITION");
    ASSERT_TRUE((order.*second)(By(kFinance)).ok());
    EXPECT_TRUE(LastOf<OrderSigned>(order).complete);
    EXPECT_TRUE(order.Release(By(kBoss)).ok());
  }
}

TEST(OrderRevision, VoidsWhatWasSigned) {
  Order order = OrderIn(OrderState::kSigned);
  EXPECT_EQ(ReasonOf(order.Revise(order.data().terms, By(kSeller))), "NOTHING_TO_CHANGE");
  ASSERT_TRUE(Do(order, OrderAction::kRevise).ok());
  EXPECT_EQ(LastOf<OrderRevised>(order).from, OrderState::kSigned);
  EXPECT_EQ(LastOf<OrderRevised>(order).total, Cny(27'500));
  EXPECT_EQ(order.data().signed_for_sales_by, "");
  EXPECT_EQ(order.data().signed_for_finance_by, "");
  EXPECT_EQ(order.Allowed(), "revise, review, cancel");
}

TEST(OrderDelivery, IsNeverAboveWhatIsOrdered) {
  Order order = OrderIn(OrderState::kReleased);
  EXPECT_EQ(FieldOf(order.Deliver({}, By(kBoss))), "lines");
  EXPECT_EQ(FieldOf(order.Deliver({{3, 1}}, By(kBoss))), "lines[0].line");
  EXPECT_EQ(FieldOf(order.Deliver({{1, 1}, {0, 1}}, By(kBoss))), "lines[1].line");
  EXPECT_EQ(FieldOf(order.Deliver({{1, 0}}, By(kBoss))), "lines[0].quantity");
  const OrderData before = order.data();
  const absl::Status twice = order.Deliver({{1, 6}, {1, 5}}, By(kBoss));
  EXPECT_EQ(ReasonOf(twice), "DELIVERED_ABOVE_ORDERED");
  EXPECT_EQ(MetadataOf(twice, "left"), "4");
  EXPECT_EQ(order.data(), before);
  ASSERT_TRUE(order.Deliver({{1, 6}}, By(kBoss)).ok());
  EXPECT_EQ(order.data().state, OrderState::kPartlyDelivered);
  EXPECT_EQ(ReasonOf(order.Accept(By(kSeller))), "ILLEGAL_TRANSITION");
  EXPECT_EQ(ReasonOf(order.Deliver({{1, INT64_MAX}}, By(kBoss))), "DELIVERED_ABOVE_ORDERED");
  ASSERT_TRUE(order.Deliver({{1, 4}, {2, 4}}, By(kBoss)).ok());
  EXPECT_TRUE(LastOf<OrderDelivered>(order).complete);
  EXPECT_EQ(order.data().state, OrderState::kDelivered);
}

TEST(OrderReturn, OfAPartLeavesTheOrderWhereItIs) {
  Order order = OrderIn(OrderState::kAccepted);
  EXPECT_EQ(FieldOf(order.Return({{1, 1}}, "ugly", By(kSeller))), "return_reason");
  ASSERT_TRUE(order.Return({{1, 9}}, "damaged", By(kSeller)).ok());
  EXPECT_EQ(order.data().state, OrderState::kAccepted);
  const absl::Status above = order.Return({{1, 2}}, "damaged", By(kSeller));
  EXPECT_EQ(ReasonOf(above), "RETURNED_ABOVE_DELIVERED");
  EXPECT_EQ(MetadataOf(above, "left"), "1");
  ASSERT_TRUE(order.Return({{1, 1}, {2, 4}}, "damaged", By(kSeller)).ok());
  EXPECT_EQ(order.data().state, OrderState::kReturned);
}

TEST(OrderCancel, SaysWhereItWas) {
  Order order = OrderIn(OrderState::kReleased);
  EXPECT_EQ(FieldOf(order.Cancel("", By(kSeller))), "cancel_reason");
  ASSERT_TRUE(order.Cancel("customer_withdrew", By(kSeller)).ok());
  EXPECT_EQ(LastOf<OrderCancelled>(order).from, OrderState::kReleased);
}

// The credit check of finance is not got round by closing an order and taking it up again, nor by
// changing it after the signature, and it comes before production, not after delivery.
TEST(Trap7, NoWayRoundTheSignatureOfFinance) {
  Order cancelled = OrderIn(OrderState::kCancelled);
  EXPECT_EQ(cancelled.Allowed(), "");
  Order changed = OrderIn(OrderState::kSigned);
  ASSERT_TRUE(Do(changed, OrderAction::kRevise).ok());
  for (const OrderAction action :
       {OrderAction::kReview, OrderAction::kMakeProductionSheet, OrderAction::kSignForSales}) {
    EXPECT_EQ(ReasonOf(changed.Release(By(kBoss))), "ILLEGAL_TRANSITION");
    EXPECT_EQ(ReasonOf(Do(changed, OrderAction::kDeliver)), "ILLEGAL_TRANSITION");
    ASSERT_TRUE(Do(changed, action).ok());
  }
  EXPECT_EQ(ReasonOf(changed.Release(By(kBoss))), "ILLEGAL_TRANSITION");
}

// Whoever does whatever in whatever order: what is released bears two different signatures that
// were given since its terms last changed, versions have no gap, quantities keep their bounds.
RC_GTEST_PROP(OrderProperty, IsReleasedWithTwoDifferentSignaturesOnly, ()) {
  Order order = OrderIn(*rc::gen::element(OrderState::kEntered, OrderState::kProductionSheetMade));
  std::string sales, finance;  // since the last change of terms
  const std::vector<std::string> people = {kSeller, kBoss, kFinance};
  const int steps = *rc::gen::inRange(0, 60);
  for (int i = 0; i < steps; ++i) {
    const std::string who = *rc::gen::elementOf(people);
    const auto line =
        LineQuantity{*rc::gen::inRange<int64_t>(1, 3), *rc::gen::inRange<int64_t>(1, 6)};
    const OrderState before = order.data().state;
    // Changes of terms are rare, or hardly any order would be released.
    const int draw = *rc::gen::inRange(0, 45);
    switch (draw == 0 ? 0 : 1 + draw % 11) {
      case 0: {
        OrderTerms other = order.data().terms;
        other.lines[0].quantity += 1;
        if (order.Revise(other, By(who)).ok()) {
          sales = finance = "";
        }
        break;
      }
      case 1:
      case 2:
        (void)order.Review(By(who)).ok();
        break;
      case 3:
      case 4:
        (void)order.MakeProductionSheet(By(who)).ok();
        break;
      case 5:
      case 6:
        sales = order.SignForSales(By(who)).ok() ? who : sales;
        break;
      case 7:
      case 8:
        finance = order.SignForFinance(By(who)).ok() ? who : finance;
        break;
      case 9:
        if (order.Release(By(who)).ok()) {
          RC_ASSERT(!sales.empty() && !finance.empty() && sales != finance);
          RC_ASSERT(LastOf<OrderReleased>(order).signed_for_sales_by == sales);
          RC_ASSERT(LastOf<OrderReleased>(order).signed_for_finance_by == finance);
        }
        break;
      case 10:
        (void)order.Deliver({line}, By(who)).ok();
        break;
      default:
        (void)order.Return({line}, "other", By(who)).ok();
    }
    const bool released = order.data().state >= OrderState::kReleased;
    RC_ASSERT(!released || (!sales.empty() && !finance.empty() && sales != finance));
    RC_ASSERT(released || before < OrderState::kReleased);
    RC_ASSERT(order.data().version == static_cast<int64_t>(order.events().size()));
    for (const OrderLine& each : order.data().terms.lines) {
      RC_ASSERT(0 <= each.returned && each.returned <= each.delivered);
      RC_ASSERT(each.delivered <= each.quantity);
    }
  }
  RC_TAG(std::string(NameOf(order.data().state)));
}

}  // namespace
}  // namespace steward::orders
