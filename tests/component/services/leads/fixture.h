#pragma once
// The leads service on a real PostgreSQL, called without gRPC.

#include <memory>
#include <string>

#include "libs/testing/service_test.h"
#include "services/leads/api/leads_api.h"
#include "services/leads/metrics.h"
#include "services/leads/schemes.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

using testing::Agent;
using testing::Caller;
using testing::FieldOf;
using testing::For;
using testing::kLi;
using testing::kWang;
using testing::MetadataOf;
inline constexpr Time kStart = testing::kServiceStart;

class LeadsTest : public testing::ServiceTest<events::v1::LeadsEvent, LeadsApi> {
 protected:
  LeadsTest();

  // A customer that nothing is wrong with; an empty id = a UUID.
  pb::CreateCustomerRequest Draft(std::string id = "", std::string name = "Acme") const;
  pb::Customer Create(const pb::CreateCustomerRequest& request, const Caller& caller = {});
  pb::Customer Create(std::string id = "") { return Create(Draft(std::move(id))); }
  pb::Customer Get(const std::string& name, const Caller& caller = {});

  TierSchemes schemes;
  std::unique_ptr<Metrics> metrics;
};

}  // namespace steward::leads
