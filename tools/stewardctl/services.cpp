#include "tools/stewardctl/services.h"

#include <cstdio>
#include <cstdlib>

#include "libs/base/status.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "steward/directory/events/v1/directory_events.pb.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/leads/v1/assignment_rules_service.pb.h"
#include "steward/leads/v1/campaigns_service.pb.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "steward/leads/v1/touches_service.pb.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/orders/v1/contract_drafts_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"
#include "steward/orders/v1/orders_service.pb.h"
#include "steward/orders/v1/receivables_service.pb.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"
#include "steward/scoring/v1/eligibility_service.pb.h"
#include "steward/scoring/v1/lead_scores_service.pb.h"
#include "steward/scoring/v1/leaderboards_service.pb.h"
#include "steward/scoring/v1/measurements_service.pb.h"
#include "steward/scoring/v1/measures_service.pb.h"
#include "steward/scoring/v1/periods_service.pb.h"
#include "steward/scoring/v1/scorecards_service.pb.h"
#include "steward/sla/events/v1/sla_events.pb.h"
#include "steward/sla/v1/sla_service.pb.h"

namespace stewardctl {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;

template <class AnyRequest>
const google::protobuf::ServiceDescriptor* ServiceOf(const char* name) {
  return AnyRequest::descriptor()->file()->FindServiceByName(name);
}

const google::protobuf::MethodDescriptor* FindIn(const ServiceInfo& info,
                                                 const std::string& method) {
  for (const auto* api : info.apis) {
    if (const auto* found = api->FindMethodByName(method); found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

}  // namespace

const std::vector<ServiceInfo>& Services() {
  static const auto& services = *new std::vector<ServiceInfo>{
      {"directory",
       {ServiceOf<steward::directory::v1::GetMemberRequest>("DirectoryService")},
       &steward::directory::events::v1::DirectoryEvent::default_instance()},
      {"complaints",
       {ServiceOf<steward::complaints::v1::GetTicketRequest>("ComplaintsService")},
       &steward::complaints::events::v1::ComplaintsEvent::default_instance()},
      {"sla",
       {ServiceOf<steward::sla::v1::GetClockRequest>("SlaService")},
       &steward::sla::events::v1::SlaEvent::default_instance()},
      {"leads",
       {ServiceOf<steward::leads::v1::GetCustomerRequest>("LeadsService"),
        ServiceOf<steward::leads::v1::GetLeadRequest>("LeadPoolService"),
        ServiceOf<steward::leads::v1::GetAssignmentRuleRequest>("AssignmentRulesService"),
        ServiceOf<steward::leads::v1::RecordTouchRequest>("TouchesService"),
        ServiceOf<steward::leads::v1::GetCampaignRequest>("CampaignsService"),
        ServiceOf<steward::leads::v1::GetOpportunityRequest>("OpportunitiesService")},
       &steward::leads::events::v1::LeadsEvent::default_instance()},
      {"orders",
       {ServiceOf<steward::orders::v1::GetContractRequest>("ContractsService"),
        ServiceOf<steward::orders::v1::GetApprovalFlowRequest>("ApprovalFlowsService"),
        ServiceOf<steward::orders::v1::ListContractDraftsRequest>("ContractDraftsService"),
        ServiceOf<steward::orders::v1::GetOrderRequest>("OrdersService"),
        ServiceOf<steward::orders::v1::GetReceivableRequest>("ReceivablesService")},
       &steward::orders::events::v1::OrdersEvent::default_instance()},
      {"scoring",
       {ServiceOf<steward::scoring::v1::ListMeasuresRequest>("MeasuresService"),
        ServiceOf<steward::scoring::v1::GetLeadScoreRequest>("LeadScoresService"),
        ServiceOf<steward::scoring::v1::GetLeaderboardRequest>("LeaderboardsService"),
        ServiceOf<steward::scoring::v1::ListKpisRequest>("ScorecardsService"),
        ServiceOf<steward::scoring::v1::Eligibility>("EligibilityService"),
        ServiceOf<steward::scoring::v1::Measurement>("MeasurementsService"),
        ServiceOf<steward::scoring::v1::Period>("PeriodsService")},
       &steward::scoring::events::v1::ScoringEvent::default_instance()},
  };
  return services;
}

std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  for (const ServiceInfo& service : Services()) {
    names.push_back(service.name);
  }
  return names;
}

absl::Status NoSuchService() {
  std::string known;
  for (const std::string& name : ServiceNames()) {
    known += (known.empty() ? "" : ", ") + name;
  }
  return steward::FieldInvalid("--service", "there are " + known);
}

const ServiceInfo* FindService(std::string_view name) {
  for (const ServiceInfo& service : Services()) {
    if (service.name == name) {
      return &service;
    }
  }
  return nullptr;
}

const google::protobuf::ServiceDescriptor* OperationsApi() {
  return ServiceOf<steward::operations::v1::GetStatusRequest>("OperationsService");
}

std::string Method::path() const {
  return "/" + descriptor->service()->full_name() + "/" + descriptor->name();
}
std::unique_ptr<Message> Method::NewRequest() const { return New(descriptor->input_type()); }
std::unique_ptr<Message> Method::NewResponse() const { return New(descriptor->output_type()); }

Method FindMethod(std::string_view name) {
  const std::string service(name.substr(0, name.find('.')));
  const std::string method(name.substr(name.rfind('.') + 1));
  const ServiceInfo* info = FindService(service);
  const bool operations = name.find(".operations.") != std::string_view::npos;
  const auto* descriptor = info == nullptr ? nullptr
                           : operations    ? OperationsApi()->FindMethodByName(method)
                                           : FindIn(*info, method);
  if (descriptor == nullptr) {
    std::fprintf(stderr, "no method %s\n", std::string(name).c_str());
    std::abort();
  }
  return {service, descriptor};
}

}  // namespace stewardctl
