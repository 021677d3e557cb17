#include "services/scoring/domain/measures.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr std::string_view kLeads = "steward.leads.v1";
constexpr std::string_view kOrders = "steward.orders.v1";
constexpr std::string_view kComplaints = "steward.complaints.v1";
constexpr std::string_view kSla = "steward.sla.v1";

constexpr std::pair<SubjectKind, std::string_view> kSubjects[] = {
    {SubjectKind::kMember, "member"},   {SubjectKind::kTeam, "team"},
    {SubjectKind::kRegion, "region"},   {SubjectKind::kCustomer, "customer"},
    {SubjectKind::kPartner, "partner"}, {SubjectKind::kCompany, "company"},
};

std::vector<Measure> Leads() {
  return {
      {"leads_captured", "Leads captured", "获取线索数", Unit::kCount, kLeads, "channel", "mtc"},
      {"leads_converted", "Leads converted", "转化线索数", Unit::kCount, kLeads, "channel", "mtc"},
      {"leads_disqualified", "Leads disqualified", "无效线索数", Unit::kCount, kLeads, "reason",
       "mtc"},
      {"campaign_leads_captured", "Leads captured by campaigns", "活动线索数", Unit::kCount, kLeads,
       "channel", "mtc", "those of leads_captured that name a campaign"},
      {"campaign_leads_converted", "Campaign leads converted", "活动线索转化数", Unit::kCount,
       kLeads, "channel", "mtc", "those of leads_converted that name a campaign"},
      {"touches", "Touches", "客户触达数", Unit::kCount, kLeads, "kind", "mtc"},
      {"effective_touches", "Effective touches", "有效客户触达数", Unit::kCount, kLeads, "kind",
       "mtc"},
      {"effective_visits", "Effective visits", "有效客户拜访数", Unit::kCount, kLeads, "kind",
       "mtc", "effective touches in person"},
      {"opened_count", "Opportunities opened", "新增商机数", Unit::kCount, kLeads, "pipeline",
       "mtrc"},
      {"won_count", "Opportunities won", "赢单数", Unit::kCount, kLeads, "", "mtrc",
       "a reopening takes it back on its own day"},
      {"won_amount", "Amount won", "赢单金额", Unit::kMoney, kLeads, "", "mtrc",
       "what sales expects; sales_amount is what was signed"},
      {"lost_count", "Opportunities lost", "输单数", Unit::kCount, kLeads, "reason", "mtrc"},
      {"campaign_cost", "Cost of campaigns", "活动成本", Unit::kMoney, kLeads, "", "mtr",
       "as last reported, on the day the campaign ended"},
      {"campaign_revenue", "Revenue of campaigns", "活动收入", Unit::kMoney, kLeads, "", "mtr",
       "as last reported, on the day the campaign ended"},
  };
}

std::vector<Measure> Orders() {
  return {
      {"sales_amount", "Sales amount", "销售额", Unit::kMoney, kOrders, "kind", "mtrc",
       "of contracts, on the day of the signature"},
      {"contracts_signed", "Contracts signed", "签约数", Unit::kCount, kOrders, "kind", "mtrc"},
      {"contract_approval_time", "Contract approval time", "合同审批时长", Unit::kDuration, kOrders,
       "", "mtr", "from the first submission to the approval"},
      {"orders_entered", "Orders entered", "订单数", Unit::kCount, kOrders, "", "mtrc",
       "a cancellation takes it back on its own day"},
      {"orders_amount", "Amount of orders", "订单金额", Unit::kMoney, kOrders, "", "mtrc"},
      {"first_orders", "First orders", "首单数", Unit::kCount, kOrders, "", "mtrc"},
      {"repeat_orders", "Repeat orders", "复购订单数", Unit::kCount, kOrders, "", "mtrc"},
      {"new_product_amount", "Amount of new products", "新品订单金额", Unit::kMoney, kOrders, "",
       "mtrc"},
      {"returned_amount", "Amount returned", "退货金额", Unit::kMoney, kOrders, "reason", "mtrc"},
      {"instalment_due_amount", "Instalments due", "应收金额", Unit::kMoney, kOrders, "", "mtrc",
       "on the due date"},
      {"collected_amount", "Amount collected", "回款金额", Unit::kMoney, kOrders, "", "mtrc",
       "receipts less refunds, on the day of each"},
      {"collected_on_time_amount", "Collected on time", "按期回款金额", Unit::kMoney, kOrders, "",
       "mtrc", "receipts up to the due date, counted on the due date"},
      {"instalments_overdue", "Instalments overdue", "逾期期数", Unit::kCount, kOrders, "", "mtrc"},
      {"overdue_amount", "Amount overdue", "逾期金额", Unit::kMoney, kOrders, "", "mtrc",
       "open when the due date passed"},
  };
}

std::vector<Measure> Service() {
  return {
      {"tickets_registered", "Tickets registered", "工单受理数", Unit::kCount, kComplaints, "kind",
       "mtrc", "moves to the present owner and kind; a withdrawn one does not count"},
      {"tickets_resolved", "Tickets resolved", "工单解决数", Unit::kCount, kComplaints, "kind",
       "mtrc", "of whoever owned it then; a reopening takes it back on its own day"},
      {"tickets_repeated", "Repeat tickets", "重复投诉数", Unit::kCount, kComplaints, "rule", "c",
       "the event names the customer alone"},
      {"clock_met", "Deadlines met", "达标时限数", Unit::kCount, kSla, "policy", "mt"},
      {"clock_missed", "Deadlines missed", "超时时限数", Unit::kCount, kSla, "policy", "mt",
       "on the day it was due; a retraction takes it back on that day"},
      {"clock_elapsed", "Time taken", "处理时长", Unit::kDuration, kSla, "policy", "mt",
       "from start to stop by the wall clock, less pauses; stopped clocks alone"},
  };
}

}  // namespace

std::string_view NameOf(Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return "count";
    case Unit::kMoney:
      return "money";
    case Unit::kDuration:
      return "duration";
  }
  return "";
}

const std::vector<Measure>& Measures() {
  static const auto& measures = *new std::vector<Measure>([] {
    std::vector<Measure> all = Leads();
    for (std::vector<Measure> part : {Orders(), Service()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }());
  return measures;
}

const Measure* FindMeasure(std::string_view id) {
  for (const Measure& measure : Measures()) {
    if (measure.id == id) {
      return &measure;
    }
  }
  return nullptr;
}

absl::StatusOr<const Measure*> ParseMeasure(std::string_view field, std::string_view id) {
  if (const Measure* measure = FindMeasure(id)) {
    return measure;
  }
  std::vector<std::string_view> known;
  for (const Measure& measure : Measures()) {
    known.push_back(measure.id);
  }
  return FieldInvalid(field, "`" + std::string(id) + "` is no measure; there are " + Join(known));
}

std::string_view NameOf(SubjectKind kind) {
  for (const auto& [each, name] : kSubjects) {
    if (each == kind) {
      return name;
    }
  }
  return "";
}

absl::StatusOr<SubjectKind> ParseSubjectKind(std::string_view field, std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& [kind, each] : kSubjects) {
    if (each == name) {
      return kind;
    }
    known.push_back(each);
  }
  return FieldInvalid(field, "is one of " + Join(known));
}

absl::StatusOr<SubjectKind> ParseSubject(std::string_view field, std::string_view subject) {
  if (subject == "company") {
    return SubjectKind::kCompany;
  }
  for (const auto& [kind, name] : kSubjects) {
    const std::string collection = std::string(name) + "s";
    if (kind != SubjectKind::kCompany && subject.starts_with(collection + "/")) {
      if (kind == SubjectKind::kRegion) {  // a code as the services write it
        RETURN_IF_ERROR(CheckRequired(field, subject.substr(collection.size() + 1)));
      } else {
        RETURN_IF_ERROR(CheckName(field, collection, subject));
      }
      return kind;
    }
  }
  return FieldInvalid(field,
                      "is `company` or the name of a member, team, region, customer or partner, "
                      "such as `members/li`");
}

bool Covers(const Measure& measure, SubjectKind subject) {
  switch (subject) {
    case SubjectKind::kCompany:
      return true;
    case SubjectKind::kMember:
      return measure.subjects.find('m') != std::string_view::npos;
    case SubjectKind::kTeam:
      return measure.subjects.find('t') != std::string_view::npos;
    case SubjectKind::kRegion:
      return measure.subjects.find('r') != std::string_view::npos;
    case SubjectKind::kCustomer:
      return measure.subjects.find('c') != std::string_view::npos;
    case SubjectKind::kPartner:
      return false;
  }
  return false;
}

}  // namespace steward::scoring
