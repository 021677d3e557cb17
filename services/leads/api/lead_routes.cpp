#include "services/leads/api/assignment_rules_api.h"
#include "services/leads/api/lead_pool_api.h"
#include "services/leads/api/touches_api.h"

namespace steward::leads {
namespace {

template <class Api, class Request, class Response>
void Add(rpc::Server& server, Api& api, const std::string& service, const char* method,
         absl::Status (Api::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      "/steward.leads.v1." + service + "/" + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void LeadPoolApi::AddTo(rpc::Server& server) {
  const std::string service = "LeadPoolService";
  Add(server, *this, service, "CreateLead", &LeadPoolApi::CreateLead);
  Add(server, *this, service, "BatchCreateLeads", &LeadPoolApi::BatchCreateLeads);
  Add(server, *this, service, "GetLead", &LeadPoolApi::GetLead);
  Add(server, *this, service, "BatchGetLeads", &LeadPoolApi::BatchGetLeads);
  Add(server, *this, service, "ListLeads", &LeadPoolApi::ListLeads);
  Add(server, *this, service, "AssignLead", &LeadPoolApi::AssignLead);
  Add(server, *this, service, "ReleaseLead", &LeadPoolApi::ReleaseLead);
  Add(server, *this, service, "DisqualifyLead", &LeadPoolApi::DisqualifyLead);
  Add(server, *this, service, "ConvertLead", &LeadPoolApi::ConvertLead);
  Add(server, *this, service, "RestoreLead", &LeadPoolApi::RestoreLead);
  Add(server, *this, service, "ListLeadHistory", &LeadPoolApi::ListLeadHistory);
}

void AssignmentRulesApi::AddTo(rpc::Server& server) {
  const std::string service = "AssignmentRulesService";
  Add(server, *this, service, "CreateAssignmentRuleVersion",
      &AssignmentRulesApi::CreateAssignmentRuleVersion);
  Add(server, *this, service, "ActivateAssignmentRule",
      &AssignmentRulesApi::ActivateAssignmentRule);
  Add(server, *this, service, "GetAssignmentRule", &AssignmentRulesApi::GetAssignmentRule);
  Add(server, *this, service, "ListAssignmentRules", &AssignmentRulesApi::ListAssignmentRules);
}

void TouchesApi::AddTo(rpc::Server& server) {
  const std::string service = "TouchesService";
  Add(server, *this, service, "RecordTouch", &TouchesApi::RecordTouch);
  Add(server, *this, service, "ListTouches", &TouchesApi::ListTouches);
  Add(server, *this, service, "GetVisitSheet", &TouchesApi::GetVisitSheet);
  Add(server, *this, service, "ListTouchCatalogue", &TouchesApi::ListTouchCatalogue);
}

}  // namespace steward::leads
