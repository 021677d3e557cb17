#include "services/orders/domain/order_state.h"

#include <cstddef>
#include <iterator>

namespace steward::orders {
namespace {

constexpr OrderState E = OrderState::kEntered;
constexpr OrderState V = OrderState::kReviewed;
constexpr OrderState M = OrderState::kProductionSheetMade;
constexpr OrderState S = OrderState::kSignedBySales;
constexpr OrderState F = OrderState::kSignedByFinance;
constexpr OrderState B = OrderState::kSigned;
constexpr OrderState R = OrderState::kReleased;
constexpr OrderState D = OrderState::kDelivered;
constexpr OrderState A = OrderState::kAccepted;
constexpr OrderState X = OrderState::kCancelled;
constexpr OrderState T = OrderState::kReturned;
constexpr std::optional<OrderState> o = std::nullopt;

struct Row {
  OrderAction action;
  std::string_view name;
  std::array<std::optional<OrderState>, kOrderStates.size()> to;  // by the state it is done in
};

// Cancelled until the first delivery, also out of production; what was delivered is returned
// instead. A cancelled order is never taken up again.
// clang-format off
constexpr Row kTable[] = {
    //                                                          E  V  M  S  F  B  R  p  D  A  X  T
    {OrderAction::kRevise,              "revise",                {{E, E, E, E, E, E, o, o, o, o, o, o}}},
    {OrderAction::kReview,              "review",                {{V, o, o, o, o, o, o, o, o, o, o, o}}},
    {OrderAction::kMakeProductionSheet, "make_production_sheet", {{o, M, o, o, o, o, o, o, o, o, o, o}}},
    {OrderAction::kSignForSales,        "sign_for_sales",        {{o, o, S, o, B, o, o, o, o, o, o, o}}},
    {OrderAction::kSignForFinance,      "sign_for_finance",      {{o, o, F, B, o, o, o, o, o, o, o, o}}},
    {OrderAction::kRelease,             "release",               {{o, o, o, o, o, R, o, o, o, o, o, o}}},
    {OrderAction::kDeliver,             "deliver",               {{o, o, o, o, o, o, D, D, o, o, o, o}}},
    {OrderAction::kAccept,              "accept",                {{o, o, o, o, o, o, o, o, A, o, o, o}}},
    {OrderAction::kCancel,              "cancel",                {{X, X, X, X, X, X, X, o, o, o, o, o}}},
    {OrderAction::kReturn,              "return",                {{o, o, o, o, o, o, o, T, T, T, o, o}}},
};
// clang-format on
static_assert(std::size(kTable) == kOrderActions.size());

constexpr std::string_view kNames[] = {
    "ENTERED",   "REVIEWED", "PRODUCTION_SHEET_MADE", "SIGNED_BY_SALES", "SIGNED_BY_FINANCE",
    "SIGNED",    "RELEASED", "PARTLY_DELIVERED",      "DELIVERED",       "ACCEPTED",
    "CANCELLED", "RETURNED"};
static_assert(std::size(kNames) == kOrderStates.size());

constexpr bool TableFollowsActions() {
  for (size_t i = 0; i < kOrderActions.size(); ++i) {
    if (kTable[i].action != kOrderActions[i]) {
      return false;
    }
  }
  return true;
}
static_assert(TableFollowsActions());

size_t Column(OrderState state) { return static_cast<size_t>(state) - 1; }

}  // namespace

std::string_view NameOf(OrderState state) { return kNames[Column(state)]; }

std::optional<OrderState> OrderStateFromName(std::string_view name) {
  for (const OrderState state : kOrderStates) {
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view NameOf(OrderAction action) { return kTable[static_cast<size_t>(action)].name; }

std::optional<OrderState> Next(OrderState from, OrderAction action) {
  return kTable[static_cast<size_t>(action)].to[Column(from)];
}

}  // namespace steward::orders
