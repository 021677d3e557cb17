#pragma once
// The services whose topics are counted: whether what they recorded before an instant has left their outbox (ruling H28).

#include <functional>
#include <string>
#include <vector>

#include "libs/rpc/call.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::scoring {

struct Owner {
  std::string service;  // `leads`
  std::string topic;    // `steward.leads.v1`
  // Its OperationsService/GetStatus, as the caller. Thread-safe.
  std::function<absl::Status(const rpc::Call&, operations::v1::ServiceStatus*)> ask;
};

// Why something recorded before `end` may not be in Kafka yet; "" = all of it is. A pure function.
std::string FaultOf(const operations::v1::ServiceStatus& status, Time end);

// Asks all side by side; one line for each that does not say that everything before `end` is in Kafka, or does not say anything:
// `leads (steward.leads.v1): its relay holds 3 events back, the oldest of 2026-03-31T15:59:58Z`. In the order of `owners`.
std::vector<std::string> AskOwners(const std::vector<Owner>& owners, const rpc::Call& call,
                                   Time end);

}  // namespace steward::scoring
