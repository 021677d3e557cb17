#include "services/sla/api/methods.h"

namespace steward::sla {
namespace {

// Adds a method of an API object under its RPC's name.
template <class Api, class Request, class Response>
void Add(rpc::Server& server, Api& api, const char* name,
         absl::Status (Api::*method)(rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.sla.v1.SlaService/") + name,
      [&api, method](rpc::Call& call, const Request& request, Response* response) {
        return (api.*method)(call, request, response);
      });
}

}  // namespace

void AddMethods(rpc::Server& server, RulesApi& rules, ClocksApi& clocks) {
  Add(server, rules, "CreateCalendar", &RulesApi::CreateCalendar);
  Add(server, rules, "CreateCalendarVersion", &RulesApi::CreateCalendarVersion);
  Add(server, rules, "ActivateCalendar", &RulesApi::ActivateCalendar);
  Add(server, rules, "GetCalendar", &RulesApi::GetCalendar);
  Add(server, rules, "ListCalendars", &RulesApi::ListCalendars);
  Add(server, rules, "CreatePolicy", &RulesApi::CreatePolicy);
  Add(server, rules, "CreatePolicyVersion", &RulesApi::CreatePolicyVersion);
  Add(server, rules, "ActivatePolicy", &RulesApi::ActivatePolicy);
  Add(server, rules, "DeactivatePolicy", &RulesApi::DeactivatePolicy);
  Add(server, rules, "GetPolicy", &RulesApi::GetPolicy);
  Add(server, rules, "ListPolicies", &RulesApi::ListPolicies);
  Add(server, rules, "PreviewDeadline", &RulesApi::PreviewDeadline);
  Add(server, clocks, "GetClock", &ClocksApi::GetClock);
  Add(server, clocks, "BatchGetClocks", &ClocksApi::BatchGetClocks);
  Add(server, clocks, "ListClocks", &ClocksApi::ListClocks);
  Add(server, clocks, "ExplainClock", &ClocksApi::ExplainClock);
  Add(server, clocks, "GetEscalation", &ClocksApi::GetEscalation);
  Add(server, clocks, "ListEscalations", &ClocksApi::ListEscalations);
  Add(server, clocks, "AcknowledgeEscalation", &ClocksApi::AcknowledgeEscalation);
  Add(server, clocks, "BatchAcknowledgeEscalations", &ClocksApi::BatchAcknowledgeEscalations);
  Add(server, clocks, "ReassignEscalation", &ClocksApi::ReassignEscalation);
  Add(server, clocks, "GetBoard", &ClocksApi::GetBoard);
  Add(server, clocks, "RebuildBoard", &ClocksApi::RebuildBoard);
  Add(server, clocks, "GetWatcherStatus", &ClocksApi::GetWatcherStatus);
  Add(server, clocks, "ReleaseClockGuard", &ClocksApi::ReleaseClockGuard);
}

}  // namespace steward::sla
