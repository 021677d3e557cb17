#pragma once
// Protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming the field.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/orders/domain/contract_event.h"
#include "steward/orders/v1/contracts_service.pb.h"

namespace steward::orders {

namespace pb = steward::orders::v1;

// The id of `contracts/{uuid}`.
absl::StatusOr<Uuid> ParseContractName(std::string_view field, std::string_view name);
// `"7"`, quotes included.
std::string EtagOf(int64_t version);
std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time);

// What is agreed. The plan by amounts, or by shares of the amount.
absl::StatusOr<ContractTerms> TermsFrom(const pb::Contract& from);
void ToProto(const ContractData& from, pb::Contract* to);

}  // namespace steward::orders
