#pragma once
// What stands before the first row of demo sales: organisation, customers, pipeline, approval flow.

#include "steward/directory/v1/directory_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "steward/leads/v1/opportunities_service.pb.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/scoring/v1/scorecards_service.pb.h"
#include "tools/stewardctl/demo_sales_plan.h"

namespace stewardctl {

inline constexpr char kSalesPipeline[] = "pipelines/crm-sales";
inline constexpr char kSalesFlow[] = "approvalFlows/crm-sales";
inline constexpr char kFinanceDesk[] = "members/finance-desk";

std::string AgentMember(const std::string& agent);    // `members/moses-frase`
std::string ManagerTeam(const std::string& manager);  // `teams/sales-dustin-brinkmann`

// Agents, managers, regional directors, teams, and the finance desk that approves and signs. They hang below the sample organisation.
steward::directory::v1::ImportOrganisationRequest SalesOrganisation(const SalesFiles& files);
steward::leads::v1::BatchCreateCustomersRequest SalesCustomers(const SalesFiles& files);
// Two open stages, won and lost: what the files tell.
steward::leads::v1::CreatePipelineVersionRequest SalesPipelineVersion();
// The finance desk approves.
steward::orders::v1::CreateApprovalFlowVersionRequest SalesFlowVersion();

// Of K-002-SA-1 for each agent, team and region in the four quarters up to the one of `until`.
std::vector<steward::scoring::v1::SetTargetRequest> SalesTargets(const SalesFiles& files,
                                                                 absl::CivilDay until);

}  // namespace stewardctl
