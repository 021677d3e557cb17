#pragma once
// Rows of demo sales as requests: opportunities, leads, and each step of a won one.

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"
#include "steward/orders/v1/orders_service.pb.h"
#include "steward/orders/v1/receivables_service.pb.h"
#include "tools/stewardctl/demo_sales_plan.h"

namespace stewardctl {

// Rows to requests, in one zone.
class SalesDeals {
 public:
  SalesDeals(const SalesFiles& files, absl::TimeZone zone);

  // With its past; of a row with an account.
  steward::leads::v1::CreateOpportunityRequest Opportunity(const SalesRow& row) const;
  // Of a row without.
  steward::leads::v1::CreateLeadRequest Lead(const SalesRow& row) const;

  // The plan of three instalments.
  steward::orders::v1::UpdateContractRequest Plan(const std::string& contract) const;
  steward::orders::v1::CreateOrderRequest Order(const SalesRow& row,
                                                const std::string& contract) const;
  steward::orders::v1::RecordPaymentRequest Payment(const SalesRow& row, size_t index,
                                                    const std::string& contract) const;

  google::protobuf::Timestamp ClosedAt(
      const SalesRow& row) const;  // 17:00 and a second for each row before
  google::protobuf::Timestamp Noon(absl::CivilDay day) const;

 private:
  google::protobuf::Timestamp At(absl::CivilDay day, int hour) const;
  const SalesAgent& AgentOf(const SalesRow& row) const;

  const SalesFiles& files_;
  std::map<std::string, const SalesAgent*> agents_;
  absl::TimeZone zone_;
};

}  // namespace stewardctl
