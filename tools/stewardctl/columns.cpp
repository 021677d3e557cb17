#include "tools/stewardctl/columns.h"

#include <map>

namespace stewardctl {
namespace {

using google::protobuf::FieldDescriptor;

const std::map<std::string, std::vector<Column>>& MadeColumns() {
  static const auto& columns = *new std::map<std::string, std::vector<Column>>{
      {"steward.complaints.v1.Ticket",
       {{"TICKET", "name"},
        {"KIND", "kind"},
        {"SEVERITY", "severity"},
        {"STATE", "state"},
        {"HOLD", "holds.cause"},
        {"OWNER", "owner"},
        {"TEAM", "team"},
        {"OCCURRED", "occurred_at"},
        {"SUMMARY", "summary"}}},
      {"steward.complaints.v1.TicketChange",
       {{"VERSION", "version"},
        {"OCCURRED", "occurred_at"},
        {"EVENT", "type"},
        {"BY", "actor"},
        {"FIELD", "field"},
        {"FROM", "from"},
        {"TO", "to"},
        {"REASON", "reason"}}},
      {"steward.complaints.v1.TicketNote",
       {{"TIME", "create_time"}, {"AUTHOR", "author"}, {"TEXT", "text"}}},
      {"steward.complaints.v1.TicketKind",
       {{"KIND", "id"},
        {"PARENT", "parent"},
        {"NAME", "display_names"},
        {"SEVERITIES", "severities"},
        {"VERIFY", "needs_verification"},
        {"MILESTONES", "milestones"}}},
      {"steward.sla.v1.Clock",
       {{"CLOCK", "name"},
        {"STATE", "run_state"},
        {"STATUS", "status"},
        {"DUE", "due_time"},
        {"REMAINING", "remaining"},
        {"FIRED", "fired"},
        {"OWNER", "owner"},
        {"TEAM", "team"},
        {"NEXT", "next_threshold"}}},
      {"steward.sla.v1.Policy",
       {{"POLICY", "name"},
        {"VERSION", "version"},
        {"ACTIVE", "active"},
        {"PACK", "pack"},
        {"METRIC", "metric"},
        {"TARGET", "target"},
        {"CALENDAR", "calendar"},
        {"NAME", "display_names"}}},
      {"steward.sla.v1.Calendar",
       {{"CALENDAR", "name"},
        {"VERSION", "version"},
        {"ACTIVE", "active"},
        {"ZONE", "time_zone"},
        {"PUBLISHED", "published_through_year"},
        {"NAME", "display_names"}}},
      {"steward.sla.v1.Escalation",
       {{"ESCALATION", "name"},
        {"LEVEL", "level"},
        {"STATE", "state"},
        {"RECIPIENT", "recipient"},
        {"BASIS", "recipient_basis"},
        {"ROLE", "role"},
        {"DETECTED", "detected_at"},
        {"ACKNOWLEDGED BY", "acknowledged_by"}}},
      {"steward.sla.v1.Segment",
       {{"FROM", "from_time"},
        {"TO", "to_time"},
        {"CHARGED", "charged"},
        {"REASON", "reason"},
        {"DETAIL", "detail"}}},
      {"steward.directory.v1.Member",
       {{"MEMBER", "name"},
        {"NAME", "display_name"},
        {"姓名", "display_name_zh"},
        {"KIND", "kind"},
        {"ACTIVE", "active"},
        {"ROLES", "roles.role"},
        {"TEAMS", "teams.team"},
        {"SUPERIORS", "superiors.member"}}},
      {"steward.directory.v1.Team",
       {{"TEAM", "name"}, {"PARENT", "parent"}, {"REGION", "region"}, {"NAME", "display_names"}}},
      {"steward.directory.v1.Role",
       {{"ROLE", "name"}, {"NAME", "display_names"}, {"GRANTS", "grants"}, {"SOURCE", "source"}}},
      {"steward.operations.v1.ParkedRecord",
       {{"RECORD", "name"},
        {"REASON", "reason"},
        {"STATE", "state"},
        {"TOPIC", "topic"},
        {"OFFSET", "offset"},
        {"KEY", "key"},
        {"VERSION", "aggregate_version"},
        {"EVENT", "type"},
        {"ATTEMPTS", "attempts"},
        {"TEXT", "text"}}},
  };
  return columns;
}

std::string Header(const std::string& field) {
  std::string header;
  for (const char c : field) {
    header += c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return header;
}

}  // namespace

std::vector<Column> ColumnsOf(const google::protobuf::Descriptor& type) {
  if (const auto made = MadeColumns().find(type.full_name()); made != MadeColumns().end()) {
    return made->second;
  }
  std::vector<Column> columns;
  for (int i = 0; i < type.field_count(); ++i) {
    columns.push_back({Header(type.field(i)->name()), type.field(i)->name()});
  }
  return columns;
}

}  // namespace stewardctl
