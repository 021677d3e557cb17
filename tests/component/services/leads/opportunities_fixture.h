#pragma once
// Opportunities of the leads service on a real PostgreSQL, called without gRPC.

#include <memory>
#include <string>

#include "libs/rpc/values.h"
#include "libs/testing/service_test.h"
#include "services/leads/api/leads_api.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/schemes.h"
#include "steward/leads/events/v1/leads_events.pb.h"

namespace steward::leads {

using testing::Agent;
using testing::Caller;
using testing::FieldOf;
using testing::For;
using testing::kLi;
using testing::kServiceStart;
using testing::kWang;
using testing::MetadataOf;

inline Caller Importer() { return {"members/import", {"importer"}, {true, {}, {}}, 0}; }
inline Caller Supervisor() { return {kWang, {"supervisor"}, {true, {kWang}, {}}, 0}; }

class OpportunitiesTest
    : public testing::ServiceTest<events::v1::LeadsEvent, OpportunitiesApi, LeadsApi> {
 protected:
  OpportunitiesTest();

  // One of customers/acme, owned by Li, worth 100 yuan, with the evidence to enter every stage.
  v1::CreateOpportunityRequest Draft() const;
  v1::Opportunity Create(const v1::CreateOpportunityRequest& request, const Caller& caller = {}) {
    return Must(&OpportunitiesApi::CreateOpportunity, request, caller);
  }
  v1::Opportunity Create() { return Create(Draft()); }
  v1::Opportunity Get(const std::string& name, const Caller& caller = {}) {
    return Must(&OpportunitiesApi::GetOpportunity, For<v1::GetOpportunityRequest>(name), caller);
  }
  v1::Opportunity Advance(const std::string& name, const std::string& stage);
  // From the first stage to won.
  v1::Opportunity Win(const std::string& name);

  std::shared_ptr<const identity::Org> org;  // Li is of teams/east
  TierSchemes schemes;
  Pipelines pipelines;
  OpportunityMetrics metrics;
};

void SetAmount(int64_t fen, google::type::Money* out);
void AddEvidence(const std::string& code,
                 google::protobuf::RepeatedPtrField<v1::Evidence>* evidence);

}  // namespace steward::leads
