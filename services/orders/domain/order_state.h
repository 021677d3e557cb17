#pragma once
// Where an order may stand and what may be done there (seeds 003, 004: entry, review, plan sheet,
// two signatures, release to production, delivery). The table in order_state.cpp is the only
// place that decides it; order.cpp adds what depends on more than the state.

#include <array>
#include <optional>
#include <string_view>

namespace steward::orders {

// The numbers are stored.
enum class OrderState : int {
  kEntered = 1,
  kReviewed = 2,
  kProductionSheetMade = 3,
  kSignedBySales = 4,    // by sales alone
  kSignedByFinance = 5,  // by finance alone
  kSigned = 6,           // by both
  kReleased = 7,
  kPartlyDelivered = 8,
  kDelivered = 9,
  kAccepted = 10,
  kCancelled = 11,
  kReturned = 12,
};
inline constexpr std::array kOrderStates = {
    OrderState::kEntered,       OrderState::kReviewed,        OrderState::kProductionSheetMade,
    OrderState::kSignedBySales, OrderState::kSignedByFinance, OrderState::kSigned,
    OrderState::kReleased,      OrderState::kPartlyDelivered, OrderState::kDelivered,
    OrderState::kAccepted,      OrderState::kCancelled,       OrderState::kReturned,
};

enum class OrderAction {
  kRevise,  // other lines or facts: review, sheet and signatures are needed anew
  kReview,
  kMakeProductionSheet,
  kSignForSales,
  kSignForFinance,
  kRelease,
  kDeliver,  // delivered with the last piece, partly before
  kAccept,
  kCancel,
  kReturn,  // returned with the last delivered piece; before that the order stays
};
inline constexpr std::array kOrderActions = {
    OrderAction::kRevise,       OrderAction::kReview,         OrderAction::kMakeProductionSheet,
    OrderAction::kSignForSales, OrderAction::kSignForFinance, OrderAction::kRelease,
    OrderAction::kDeliver,      OrderAction::kAccept,         OrderAction::kCancel,
    OrderAction::kReturn,
};

// `SIGNED_BY_SALES`.
std::string_view NameOf(OrderState state);
std::optional<OrderState> OrderStateFromName(std::string_view name);
// `sign_for_sales`, as in refusals.
std::string_view NameOf(OrderAction action);

// Where the action leads when it is complete; nullopt = it may not be done there.
std::optional<OrderState> Next(OrderState from, OrderAction action);

}  // namespace steward::orders
