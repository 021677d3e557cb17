#include "tools/stewardctl/columns.h"

#include <cctype>
#include <string_view>

namespace stewardctl {
namespace {

struct TypedColumn {
  std::string_view type, header, path;
};
constexpr TypedColumn kColumns[] = {
    {"steward.complaints.v1.Ticket", "TICKET", "name"},
    {"steward.complaints.v1.Ticket", "KIND", "kind"},
    {"steward.complaints.v1.Ticket", "SEVERITY", "severity"},
    {"steward.complaints.v1.Ticket", "STATE", "state"},
    {"steward.complaints.v1.Ticket", "HOLD", "holds.cause"},
    {"steward.complaints.v1.Ticket", "OWNER", "owner"},
    {"steward.complaints.v1.Ticket", "TEAM", "team"},
    {"steward.complaints.v1.Ticket", "OCCURRED", "occurred_at"},
    {"steward.complaints.v1.Ticket", "SUMMARY", "summary"},
    {"steward.complaints.v1.TicketChange", "VERSION", "version"},
    {"steward.complaints.v1.TicketChange", "OCCURRED", "occurred_at"},
    {"steward.complaints.v1.TicketChange", "EVENT", "type"},
    {"steward.complaints.v1.TicketChange", "BY", "actor"},
    {"steward.complaints.v1.TicketChange", "FIELD", "field"},
    {"steward.complaints.v1.TicketChange", "FROM", "from"},
    {"steward.complaints.v1.TicketChange", "TO", "to"},
    {"steward.complaints.v1.TicketChange", "REASON", "reason"},
    {"steward.complaints.v1.TicketNote", "TIME", "create_time"},
    {"steward.complaints.v1.TicketNote", "AUTHOR", "author"},
    {"steward.complaints.v1.TicketNote", "TEXT", "text"},
    {"steward.complaints.v1.TicketKind", "KIND", "id"},
    {"steward.complaints.v1.TicketKind", "PARENT", "parent"},
    {"steward.complaints.v1.TicketKind", "NAME", "display_names"},
    {"steward.complaints.v1.TicketKind", "SEVERITIES", "severities"},
    {"steward.complaints.v1.TicketKind", "VERIFY", "needs_verification"},
    {"steward.complaints.v1.TicketKind", "MILESTONES", "milestones"},
    {"steward.leads.v1.Customer", "CUSTOMER", "name"},
    {"steward.leads.v1.Customer", "NAME", "display_name"},
    {"steward.leads.v1.Customer", "名称", "display_name_zh"},
    {"steward.leads.v1.Customer", "INDUSTRY", "industry"},
    {"steward.leads.v1.Customer", "REGION", "region"},
    {"steward.leads.v1.Customer", "OWNER", "owner"},
    {"steward.leads.v1.Customer", "TEAM", "team"},
    {"steward.leads.v1.Customer", "TIERS", "tiers"},
    {"steward.leads.v1.CustomerTierChange", "SCHEME", "scheme"},
    {"steward.leads.v1.CustomerTierChange", "FROM", "from_tier"},
    {"steward.leads.v1.CustomerTierChange", "TIER", "tier"},
    {"steward.leads.v1.CustomerTierChange", "SINCE", "effective_from"},
    {"steward.leads.v1.CustomerTierChange", "UNTIL", "effective_to"},
    {"steward.leads.v1.CustomerTierChange", "BY", "set_by"},
    {"steward.leads.v1.CustomerTierChange", "RULE", "rule"},
    {"steward.leads.v1.CustomerTierChange", "REASON", "reason"},
    {"steward.leads.v1.DuplicateCandidate", "SCORE", "score"},
    {"steward.leads.v1.DuplicateCandidate", "REASONS", "reasons.kind"},
    {"steward.leads.v1.DuplicateCandidate", "CUSTOMER", "customer.name"},
    {"steward.leads.v1.DuplicateCandidate", "NAME", "customer.display_name"},
    {"steward.leads.v1.DuplicateCandidate", "名称", "customer.display_name_zh"},
    {"steward.leads.v1.DuplicateCandidate", "COMPANY", "customer.company_name"},
    {"steward.leads.v1.DuplicateCandidate", "OWNER", "customer.owner"},
    {"steward.leads.v1.CustomerChange", "VERSION", "version"},
    {"steward.leads.v1.CustomerChange", "OCCURRED", "occurred_at"},
    {"steward.leads.v1.CustomerChange", "EVENT", "type"},
    {"steward.leads.v1.CustomerChange", "BY", "actor"},
    {"steward.leads.v1.CustomerChange", "FIELD", "field"},
    {"steward.leads.v1.CustomerChange", "FROM", "from"},
    {"steward.leads.v1.CustomerChange", "TO", "to"},
    {"steward.leads.v1.TierScheme", "SCHEME", "id"},
    {"steward.leads.v1.TierScheme", "NAME", "display_names"},
    {"steward.leads.v1.TierScheme", "TIERS", "tiers.id"},
    {"steward.leads.v1.TierScheme", "SOURCE", "source"},
    {"steward.leads.v1.Campaign", "CAMPAIGN", "name"},
    {"steward.leads.v1.Campaign", "TITLE", "title"},
    {"steward.leads.v1.Campaign", "标题", "title_zh"},
    {"steward.leads.v1.Campaign", "KIND", "kind"},
    {"steward.leads.v1.Campaign", "STATE", "state"},
    {"steward.leads.v1.Campaign", "OWNER", "owner"},
    {"steward.leads.v1.Campaign", "START", "planned_start_time"},
    {"steward.leads.v1.Campaign", "BUDGET", "budget"},
    {"steward.leads.v1.Campaign", "RETURN", "figures.return_ratio"},
    {"steward.leads.v1.Campaign", "CONVERSION", "figures.conversion"},
    {"steward.leads.v1.CampaignChange", "VERSION", "version"},
    {"steward.leads.v1.CampaignChange", "OCCURRED", "occurred_at"},
    {"steward.leads.v1.CampaignChange", "EVENT", "type"},
    {"steward.leads.v1.CampaignChange", "BY", "actor"},
    {"steward.leads.v1.CampaignChange", "FIELD", "field"},
    {"steward.leads.v1.CampaignChange", "FROM", "from"},
    {"steward.leads.v1.CampaignChange", "TO", "to"},
    {"steward.leads.v1.CampaignChange", "REASON", "reason"},
    {"steward.leads.v1.CampaignKind", "KIND", "id"},
    {"steward.leads.v1.CampaignKind", "PARENT", "parent"},
    {"steward.leads.v1.CampaignKind", "NAME", "display_names"},
    {"steward.leads.v1.CampaignKind", "SOURCE", "source"},
    {"steward.scoring.v1.Measure", "MEASURE", "id"},
    {"steward.scoring.v1.Measure", "NAME", "display_names"},
    {"steward.scoring.v1.Measure", "UNIT", "unit"},
    {"steward.scoring.v1.Measure", "OF", "subject_kinds"},
    {"steward.scoring.v1.Measure", "BY", "qualifier"},
    {"steward.scoring.v1.Measure", "NOTE", "note"},
    {"steward.scoring.v1.Fact", "DAY", "day"},
    {"steward.scoring.v1.Fact", "VALUE", "value"},
    {"steward.scoring.v1.Fact", "CURRENCY", "currency"},
    {"steward.scoring.v1.Fact", "OF", "aggregate"},
    {"steward.scoring.v1.Fact", "VERSION", "aggregate_version"},
    {"steward.scoring.v1.Fact", "BY", "qualifier"},
    {"steward.scoring.v1.Fact", "MEMBER", "member"},
    {"steward.scoring.v1.Fact", "EVENT", "event_id"},
    {"steward.sla.v1.Clock", "CLOCK", "name"},
    {"steward.sla.v1.Clock", "STATE", "run_state"},
    {"steward.sla.v1.Clock", "STATUS", "status"},
    {"steward.sla.v1.Clock", "DUE", "due_time"},
    {"steward.sla.v1.Clock", "REMAINING", "remaining"},
    {"steward.sla.v1.Clock", "FIRED", "fired"},
    {"steward.sla.v1.Clock", "OWNER", "owner"},
    {"steward.sla.v1.Clock", "TEAM", "team"},
    {"steward.sla.v1.Clock", "NEXT", "next_threshold"},
    {"steward.sla.v1.Policy", "POLICY", "name"},
    {"steward.sla.v1.Policy", "VERSION", "version"},
    {"steward.sla.v1.Policy", "ACTIVE", "active"},
    {"steward.sla.v1.Policy", "PACK", "pack"},
    {"steward.sla.v1.Policy", "METRIC", "metric"},
    {"steward.sla.v1.Policy", "TARGET", "target"},
    {"steward.sla.v1.Policy", "CALENDAR", "calendar"},
    {"steward.sla.v1.Policy", "NAME", "display_names"},
    {"steward.sla.v1.Calendar", "CALENDAR", "name"},
    {"steward.sla.v1.Calendar", "VERSION", "version"},
    {"steward.sla.v1.Calendar", "ACTIVE", "active"},
    {"steward.sla.v1.Calendar", "ZONE", "time_zone"},
    {"steward.sla.v1.Calendar", "PUBLISHED", "published_through_year"},
    {"steward.sla.v1.Calendar", "NAME", "display_names"},
    {"steward.sla.v1.Escalation", "ESCALATION", "name"},
    {"steward.sla.v1.Escalation", "LEVEL", "level"},
    {"steward.sla.v1.Escalation", "STATE", "state"},
    {"steward.sla.v1.Escalation", "RECIPIENT", "recipient"},
    {"steward.sla.v1.Escalation", "BASIS", "recipient_basis"},
    {"steward.sla.v1.Escalation", "ROLE", "role"},
    {"steward.sla.v1.Escalation", "DETECTED", "detected_at"},
    {"steward.sla.v1.Escalation", "ACKNOWLEDGED BY", "acknowledged_by"},
    {"steward.sla.v1.Segment", "FROM", "from_time"},
    {"steward.sla.v1.Segment", "TO", "to_time"},
    {"steward.sla.v1.Segment", "CHARGED", "charged"},
    {"steward.sla.v1.Segment", "REASON", "reason"},
    {"steward.sla.v1.Segment", "DETAIL", "detail"},
    {"steward.directory.v1.Member", "MEMBER", "name"},
    {"steward.directory.v1.Member", "NAME", "display_name"},
    {"steward.directory.v1.Member", "姓名", "display_name_zh"},
    {"steward.directory.v1.Member", "KIND", "kind"},
    {"steward.directory.v1.Member", "ACTIVE", "active"},
    {"steward.directory.v1.Member", "ROLES", "roles.role"},
    {"steward.directory.v1.Member", "TEAMS", "teams.team"},
    {"steward.directory.v1.Member", "SUPERIORS", "superiors.member"},
    {"steward.directory.v1.Team", "TEAM", "name"},
    {"steward.directory.v1.Team", "PARENT", "parent"},
    {"steward.directory.v1.Team", "REGION", "region"},
    {"steward.directory.v1.Team", "NAME", "display_names"},
    {"steward.directory.v1.Role", "ROLE", "name"},
    {"steward.directory.v1.Role", "NAME", "display_names"},
    {"steward.directory.v1.Role", "GRANTS", "grants"},
    {"steward.directory.v1.Role", "SOURCE", "source"},
    {"steward.operations.v1.ParkedRecord", "RECORD", "name"},
    {"steward.operations.v1.ParkedRecord", "REASON", "reason"},
    {"steward.operations.v1.ParkedRecord", "STATE", "state"},
    {"steward.operations.v1.ParkedRecord", "TOPIC", "topic"},
    {"steward.operations.v1.ParkedRecord", "OFFSET", "offset"},
    {"steward.operations.v1.ParkedRecord", "KEY", "key"},
    {"steward.operations.v1.ParkedRecord", "VERSION", "aggregate_version"},
    {"steward.operations.v1.ParkedRecord", "EVENT", "type"},
    {"steward.operations.v1.ParkedRecord", "ATTEMPTS", "attempts"},
    {"steward.operations.v1.ParkedRecord", "TEXT", "text"},
};

std::string Header(const std::string& field) {
  std::string header;
  for (const char c : field) {
    header += c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return header;
}

}  // namespace

std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type) {
  std::vector<Column> columns;
  for (const TypedColumn& column : kColumns) {
    if (column.type == type.full_name()) {
      columns.push_back({std::string(column.header), std::string(column.path)});
    }
  }
  if (!columns.empty()) {
    return columns;
  }
  for (int i = 0; i < type.field_count(); ++i) {
    columns.push_back({Header(type.field(i)->name()), type.field(i)->name()});
  }
  return columns;
}

}  // namespace stewardctl
