#pragma once
// Leads, rules and touches on a real PostgreSQL, with members that the directory's projection knows.

#include <string>
#include <vector>

#include "services/leads/api/assignment_rules_api.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/api/touches_api.h"
#include "steward/directory/events/v1/directory_events.pb.h"
#include "tests/component/services/leads/fixture.h"

namespace steward::leads {

inline constexpr char kRule[] = "assignmentRules/east";
inline constexpr char kRequestId[] = "0190d9a0-0000-7000-8000-000000000001";

class PoolTest : public LeadsTest {
 protected:
  PoolTest();

  template <class Api, class Request, class Response>
  absl::Status Try(Api& service,
                   absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                   const Request& request, Response* response, const Caller& caller = {}) {
    return (service.*method)(CallFor(caller, request), request, response);
  }
  // One that must succeed.
  template <class Api, class Request, class Response>
  Response Ask(Api& service,
               absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
               const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Try(service, method, request, &response, caller);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status;
    return response;
  }

  // What the directory told of a member.
  void Know(const std::string& member, bool active = true, const std::string& team = "",
            bool on_leave = false);
  // A rule over members with this capacity each, active.
  pb::AssignmentRule MakeRule(const std::vector<std::string>& members, int64_t capacity,
                              const std::string& name = kRule);
  // A lead that nothing is wrong with.
  pb::CreateLeadRequest Intake(const std::string& external_id) const;
  pb::Lead CreateLead(const std::string& external_id);
  // One that `owner` has.
  pb::Lead Assigned(const std::string& external_id, const std::string& owner = kWang);
  pb::Lead GetLead(const std::string& name);
  absl::Status Assign(const std::string& lead, const std::string& owner,
                      pb::AssignLeadResponse* response);
  // The last event of an aggregate.
  Row LastOf(const std::string& aggregate);

  // Whether a line of the metrics page says so.
  bool Shows(const std::string& line);

  LeadPoolDeps PoolDeps();
  Pipelines pipelines;
  OpportunityMetrics opportunity_metrics;
  LeadMetrics lead_metrics;
  LeadPoolApi pool;
  AssignmentRulesApi rules;
  TouchesApi touches;

 private:
  int64_t known_ = 0;
};

}  // namespace steward::leads
