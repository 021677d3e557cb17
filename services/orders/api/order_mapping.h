#pragma once
// Sales orders: protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming the field.

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "services/orders/domain/order_event.h"
#include "services/orders/storage/order_store.h"
#include "steward/orders/v1/orders_service.pb.h"

namespace steward::orders {

// The id of `orders/{uuid}`.
absl::StatusOr<Uuid> ParseOrderName(std::string_view field, std::string_view name);
// What is ordered; the domain checks the rest.
absl::StatusOr<OrderTerms> OrderTermsFrom(const v1::Order& from);
void ToProto(const OrderData& from, v1::Order* to);

struct OrderQuery {
  OrderFilter filter;
  bool nothing = false;  // two values asked of one field
};
absl::StatusOr<OrderQuery> ParseOrderFilter(std::string_view filter);
absl::StatusOr<v1::OrderChange> OrderChangeOf(const eventing::JournalRow& row);

}  // namespace steward::orders
