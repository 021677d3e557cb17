#include "services/leads/api/opportunities_api.h"

namespace steward::leads {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, OpportunitiesApi& api, const char* method,
         absl::Status (OpportunitiesApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.leads.v1.OpportunitiesService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void OpportunitiesApi::AddTo(rpc::Server& server) {
  Add(server, *this, "CreateOpportunity", &OpportunitiesApi::CreateOpportunity);
  Add(server, *this, "BatchCreateOpportunities", &OpportunitiesApi::BatchCreateOpportunities);
  Add(server, *this, "GetOpportunity", &OpportunitiesApi::GetOpportunity);
  Add(server, *this, "ListOpportunities", &OpportunitiesApi::ListOpportunities);
  Add(server, *this, "AdvanceOpportunity", &OpportunitiesApi::AdvanceOpportunity);
  Add(server, *this, "WinOpportunity", &OpportunitiesApi::WinOpportunity);
  Add(server, *this, "LoseOpportunity", &OpportunitiesApi::LoseOpportunity);
  Add(server, *this, "HibernateOpportunity", &OpportunitiesApi::HibernateOpportunity);
  Add(server, *this, "WakeOpportunity", &OpportunitiesApi::WakeOpportunity);
  Add(server, *this, "ReopenOpportunity", &OpportunitiesApi::ReopenOpportunity);
  Add(server, *this, "UpdateOpportunity", &OpportunitiesApi::UpdateOpportunity);
  Add(server, *this, "AssignOpportunity", &OpportunitiesApi::AssignOpportunity);
  Add(server, *this, "ListOpportunityHistory", &OpportunitiesApi::ListOpportunityHistory);
  Add(server, *this, "ListPipelines", &OpportunitiesApi::ListPipelines);
  Add(server, *this, "GetPipeline", &OpportunitiesApi::GetPipeline);
  Add(server, *this, "CreatePipelineVersion", &OpportunitiesApi::CreatePipelineVersion);
  Add(server, *this, "GetFunnel", &OpportunitiesApi::GetFunnel);
}

}  // namespace steward::leads
