#pragma once
// The complaints service on a real PostgreSQL, called without gRPC.

#include <memory>
#include <string>

#include "libs/testing/service_test.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/kinds.h"
#include "services/complaints/metrics.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::complaints {

using testing::Agent;
using testing::Caller;
using testing::FieldOf;
using testing::For;
using testing::kLi;
using testing::kWang;
using testing::MetadataOf;
inline constexpr Time kStart = testing::kServiceStart;

class ComplaintsTest : public testing::ServiceTest<events::v1::ComplaintsEvent, ComplaintsApi> {
 protected:
  ComplaintsTest();

  pb::RegisterTicketRequest Intake(std::string kind = "complaint") const;
  pb::Ticket Register(const pb::RegisterTicketRequest& request, const Caller& caller = {});
  pb::Ticket Register() { return Register(Intake()); }
  pb::Ticket Get(const std::string& name, const Caller& caller = {});

  KindTree kinds;
  std::unique_ptr<Metrics> metrics;
  SlaClocks::Invoke sla;    // as the service sees it; empty = away
  SlaClocks::Invoke leads;  // likewise
  std::unique_ptr<CustomerCache> customers;
  std::unique_ptr<UnknownCustomers> unknown;
};

}  // namespace steward::complaints
