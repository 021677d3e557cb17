#include "tools/stewardctl/demo_sales_setup.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"

namespace stewardctl {
namespace {

namespace directory = steward::directory::v1;
namespace leads = steward::leads::v1;
namespace orders = steward::orders::v1;

constexpr int kQuarters = 4;
constexpr size_t kStrategic = 10, kKey = 35;  // so many of the highest revenue

template <class Named>
void Name(Named* of, const std::string& en, const std::string& zh) {
  (*of->mutable_display_names())["en"] = en;
  (*of->mutable_display_names())["zh-Hans"] = zh;
}

void AddMember(directory::ImportOrganisationRequest& request, const std::string& name,
               const std::string& text, const std::string& role, const std::string& team, bool lead,
               const std::string& superior) {
  directory::Member* member = request.add_members();
  member->set_name(name);
  member->set_display_name(text);
  member->set_kind(directory::Member::PERSON);
  member->add_roles()->set_role(role);
  directory::TeamAssignment* in = member->add_teams();
  in->set_team(team);
  in->set_lead(lead);
  member->add_superiors()->set_member(superior);
}

std::string RegionalManager(const std::string& region) {
  return "members/regional-manager-" + region;
}

void AddStage(leads::Pipeline* pipeline, const std::string& id, const std::string& en,
              const std::string& zh, leads::PipelineStage::Kind kind, int win_basis_points) {
  leads::PipelineStage* stage = pipeline->add_stages();
  stage->set_id(id);
  Name(stage, en, zh);
  stage->set_kind(kind);
  stage->set_win_basis_points(win_basis_points);
}

void AddMove(leads::Pipeline* pipeline, const std::string& from, const std::string& to) {
  leads::PipelineMove* move = pipeline->add_moves();
  move->set_from(from);
  move->set_to(to);
}

}  // namespace

std::string AgentMember(const std::string& agent) { return "members/" + Slug(agent); }
std::string ManagerTeam(const std::string& manager) { return "teams/sales-" + Slug(manager); }

directory::ImportOrganisationRequest SalesOrganisation(const SalesFiles& files) {
  directory::ImportOrganisationRequest request;
  directory::Role* desk = request.add_roles();
  desk->set_name("roles/finance-desk");
  Name(desk, "Finance desk", "财务专员");
  for (const char* grant : {"agent", "supervisor", "importer"}) {
    desk->add_grants(grant);
  }
  desk->set_source("sample");
  directory::Role* manager = request.add_roles();
  manager->set_name("roles/regional-manager");
  Name(manager, "Regional Manager", "大区经理");
  manager->add_grants("supervisor");
  manager->set_source("seed 003");
  AddMember(request, kFinanceDesk, "Finance Desk", "roles/finance-desk", "teams/headquarters",
            false, "members/general-manager");
  std::set<std::string> regions, managers;
  for (const SalesAgent& agent : files.agents) {
    const std::string region = absl::AsciiStrToLower(agent.region);
    if (regions.insert(region).second) {
      AddMember(request, RegionalManager(region), "Regional Manager " + agent.region,
                "roles/regional-manager", "teams/marketing-centre", false,
                "members/marketing-director");
    }
    if (managers.insert(agent.manager).second) {
      directory::Team* team = request.add_teams();
      team->set_name(ManagerTeam(agent.manager));
      Name(team, "Sales team of " + agent.manager, agent.manager + " 销售组");
      team->set_parent("teams/marketing-centre");
      team->set_region(region);
      AddMember(request, AgentMember(agent.manager), agent.manager, "roles/sales-manager",
                team->name(), true, RegionalManager(region));
    }
    AddMember(request, AgentMember(agent.name), agent.name, "roles/sales-rep",
              ManagerTeam(agent.manager), false, AgentMember(agent.manager));
  }
  return request;
}

leads::BatchCreateCustomersRequest SalesCustomers(const SalesFiles& files) {
  leads::BatchCreateCustomersRequest request;
  for (size_t i = 0; i < files.accounts.size(); ++i) {
    const SalesAccount& account = files.accounts[i];
    leads::CreateCustomerRequest* one = request.add_requests();
    one->set_customer_id(Slug(account.name));
    leads::Customer* customer = one->mutable_customer();
    customer->set_display_name(account.name);
    customer->set_company_name(account.name);
    customer->set_industry(Slug(account.sector));
    customer->set_region(Slug(account.location));
    customer->add_tiers(i < kStrategic ? "strategic:strategic"
                        : i < kKey     ? "strategic:key"
                                       : "strategic:potential");
    if (i < kKey) {
      customer->add_tiers("key_account:yes");
    }
  }
  return request;
}

leads::CreatePipelineVersionRequest SalesPipelineVersion() {
  leads::CreatePipelineVersionRequest request;
  leads::Pipeline* pipeline = request.mutable_pipeline();
  pipeline->set_name(kSalesPipeline);
  AddStage(pipeline, "prospecting", "Prospecting", "开发中", leads::PipelineStage::OPEN, 1'000);
  AddStage(pipeline, "engaging", "Engaging", "洽谈中", leads::PipelineStage::OPEN, 5'000);
  AddStage(pipeline, "won", "Won", "赢单", leads::PipelineStage::WON, 10'000);
  AddStage(pipeline, "lost", "Lost", "输单", leads::PipelineStage::LOST, 0);
  AddMove(pipeline, "prospecting", "engaging");
  AddMove(pipeline, "engaging", "won");
  AddMove(pipeline, "prospecting", "lost");
  AddMove(pipeline, "engaging", "lost");
  leads::LostReason* reason = pipeline->add_lost_reasons();
  reason->set_id("not_recorded");
  Name(reason, "The source gives no reason", "来源未记录原因");
  return request;
}

orders::CreateApprovalFlowVersionRequest SalesFlowVersion() {
  orders::CreateApprovalFlowVersionRequest request;
  orders::ApprovalFlow* flow = request.mutable_flow();
  flow->set_name(kSalesFlow);
  Name(flow, "Finance desk", "财务专员审批");
  flow->set_submitter(orders::ApprovalFlow::ALLOW);
  flow->set_repeat(orders::ApprovalFlow::FIRST_ONLY);
  flow->set_missing(orders::ApprovalFlow::REFUSE);
  flow->set_source("sample");
  orders::ApprovalFlow::Node* node = flow->add_nodes();
  node->set_id("finance");
  Name(node, "Finance", "财务");
  node->set_mode(orders::ApprovalFlow::ALL_OF);
  node->add_approvers()->set_member(kFinanceDesk);
  request.set_activate(true);
  return request;
}

std::vector<steward::scoring::v1::SetTargetRequest> SalesTargets(const SalesFiles& files,
                                                                 absl::CivilDay until) {
  std::vector<steward::scoring::v1::SetTargetRequest> requests;
  absl::CivilMonth month(until.year(), (until.month() - 1) / 3 * 3 + 1);
  for (int i = 0; i < kQuarters; ++i, month -= 3) {
    const std::string year = std::to_string(month.year());
    const std::string quarter = std::to_string((month.month() - 1) / 3 + 1);
    std::map<std::string, int64_t> sums;
    for (const SalesAgent& agent : files.agents) {
      const std::string member = AgentMember(agent.name);
      const auto more =
          static_cast<int64_t>(SalesNumber("target/" + member + "/" + year + "Q" + quarter) % 41);
      for (const std::string& subject :
           {member, ManagerTeam(agent.manager), "regions/" + absl::AsciiStrToLower(agent.region)}) {
        sums[subject] += 60'000 + 1'000 * more;
      }
    }
    for (const auto& [subject, usd] : sums) {
      steward::scoring::v1::Target* target = requests.emplace_back().mutable_target();
      target->set_kpi("kpis/k-002-sa-1");
      target->set_subject(subject);
      target->set_period("periods/" + year + "-q" + quarter);
      target->mutable_target()->set_value(std::to_string(usd));
    }
  }
  return requests;
}

}  // namespace stewardctl
