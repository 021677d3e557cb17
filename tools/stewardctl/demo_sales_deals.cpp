#include "tools/stewardctl/demo_sales_deals.h"

#include "absl/strings/ascii.h"
#include "libs/base/money.h"
#include "libs/rpc/values.h"
#include "tools/stewardctl/demo_sales_setup.h"

namespace stewardctl {
namespace {

namespace leads = steward::leads::v1;
namespace orders = steward::orders::v1;

constexpr char kSource[] = "crm-sales";

void SetUsd(int64_t cents, google::type::Money* out) {
  steward::rpc::ToProto(steward::Money{"USD", cents}, out);
}

void AddShare(orders::Contract* contract, orders::PlanItem::DueEvent event, int days,
              int basis_points) {
  orders::PlanItem* item = contract->add_plan();
  item->mutable_after()->set_event(event);
  item->mutable_after()->set_days(days);
  item->set_basis_points(basis_points);
}

}  // namespace

SalesDeals::SalesDeals(const SalesFiles& files, absl::TimeZone zone) : files_(files), zone_(zone) {
  for (const SalesAgent& agent : files.agents) {
    agents_[agent.name] = &agent;
  }
}

google::protobuf::Timestamp SalesDeals::At(absl::CivilDay day, int hour) const {
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(absl::CivilHour(day) + hour, zone_)));
  return time;
}

google::protobuf::Timestamp SalesDeals::ClosedAt(const SalesRow& row) const {
  google::protobuf::Timestamp time = At(*row.closed, 17);
  time.set_seconds(time.seconds() + row.place);
  return time;
}

google::protobuf::Timestamp SalesDeals::Noon(absl::CivilDay day) const { return At(day, 12); }

const SalesAgent& SalesDeals::AgentOf(const SalesRow& row) const { return *agents_.at(row.agent); }

leads::CreateOpportunityRequest SalesDeals::Opportunity(const SalesRow& row) const {
  leads::CreateOpportunityRequest request;
  leads::Opportunity* opportunity = request.mutable_opportunity();
  const SalesAgent& agent = AgentOf(row);
  opportunity->set_pipeline(kSalesPipeline);
  opportunity->set_stage(row.stage == "prospecting" ? "prospecting" : "engaging");
  opportunity->set_customer("customers/" + Slug(row.account));
  opportunity->set_owner(AgentMember(row.agent));
  opportunity->set_team(ManagerTeam(agent.manager));
  opportunity->set_region(absl::AsciiStrToLower(agent.region));
  SetUsd(row.cents, opportunity->mutable_amount());
  *opportunity->mutable_occurred_at() = At(row.opened, 9);
  if (row.closed) {
    leads::PastMove* move = request.add_past_moves();
    *move->mutable_occurred_at() = ClosedAt(row);
    if (row.stage == "won") {
      move->set_type("opportunity.won");
    } else {
      move->set_type("opportunity.lost");
      move->set_lost_reason("not_recorded");
    }
  }
  return request;
}

leads::CreateLeadRequest SalesDeals::Lead(const SalesRow& row) const {
  leads::CreateLeadRequest request;
  leads::Lead* lead = request.mutable_lead();
  lead->set_channel(kSource);
  lead->set_external_id(row.id);
  lead->set_source("crm_file");
  lead->set_territory(absl::AsciiStrToLower(AgentOf(row).region));
  *lead->mutable_occurred_at() = At(row.opened, 9);
  request.set_owner(AgentMember(row.agent));
  return request;
}

orders::UpdateContractRequest SalesDeals::Plan(const std::string& contract) const {
  orders::UpdateContractRequest request;
  request.mutable_contract()->set_name(contract);
  AddShare(request.mutable_contract(), orders::PlanItem::SIGNED, 10, 3'000);
  AddShare(request.mutable_contract(), orders::PlanItem::DELIVERED, 30, 4'000);
  AddShare(request.mutable_contract(), orders::PlanItem::ACCEPTED, 60, 3'000);
  request.mutable_update_mask()->add_paths("plan");
  return request;
}

orders::CreateOrderRequest SalesDeals::Order(const SalesRow& row,
                                             const std::string& contract) const {
  orders::CreateOrderRequest request;
  orders::Order* order = request.mutable_order();
  order->set_owner(AgentMember(row.agent));
  order->set_customer("customers/" + Slug(row.account));
  order->set_contract(contract);
  order->set_region(absl::AsciiStrToLower(AgentOf(row).region));
  orders::OrderLine* line = order->add_lines();
  line->set_product(Slug(row.product));
  line->set_product_line(Slug(files_.series.at(row.product)));
  line->set_quantity(1);
  SetUsd(row.cents, line->mutable_unit_price());
  *request.mutable_occurred_at() = ClosedAt(row);
  return request;
}

orders::RecordPaymentRequest SalesDeals::Payment(const SalesRow& row, size_t index,
                                                 const std::string& contract) const {
  const SalesPayment& from = row.payments[index];
  orders::RecordPaymentRequest request;
  request.set_parent(contract + "/receivable");
  orders::Payment* payment = request.mutable_payment();
  payment->set_kind(from.refund ? "REFUND" : "RECEIPT");
  SetUsd(from.cents, payment->mutable_amount());
  steward::rpc::ToProto(from.day, payment->mutable_occurred_on());
  payment->set_source(kSource);
  payment->set_external_id(row.id + "-" + std::to_string(index + 1));
  return request;
}

}  // namespace stewardctl
