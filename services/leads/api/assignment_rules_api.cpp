#include "services/leads/api/assignment_rules_api.h"

#include <utility>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/service/pages.h"

namespace steward::leads {
namespace {

constexpr char kCollection[] = "assignmentRules";
constexpr size_t kNameLength = 200;
constexpr int kMaxSeats = 500;
constexpr int kMaxCodes = 100;

template <class Codes>
std::vector<std::string> ReadCodes(rpc::Faults& faults, const std::string& field,
                                   const Codes& codes) {
  if (codes.size() > kMaxCodes) {
    faults.Add(field, "are more than " + std::to_string(kMaxCodes));
  }
  std::vector<std::string> read;
  for (const std::string& code : codes) {
    read.push_back(faults.Line(field, code));
  }
  return read;
}

absl::StatusOr<StoredRule> FromProto(const pb::AssignmentRule& from) {
  rpc::Faults faults("rule");
  StoredRule to;
  if (from.name().empty()) {
    faults.Add("name", "is required");
  }
  to.rule.id = faults.Name("name", kCollection, from.name());
  to.rule.version = 1;
  to.rule.method = static_cast<AssignmentMethod>(from.method());
  const auto name_in = [&](const char* language) {
    const auto found = from.display_names().find(language);
    if (found == from.display_names().end() || found->second.empty()) {
      faults.Add("display_names", std::string("has no name in `") + language + "`");
      return std::string();
    }
    return faults.Line("display_names", found->second, kNameLength);
  };
  to.display_name = name_in("en");
  to.display_name_zh = name_in("zh-Hans");
  if (from.seats_size() > kMaxSeats) {
    faults.Add("seats", "are more than " + std::to_string(kMaxSeats));
    return faults.status();
  }
  for (int i = 0; i < from.seats_size(); ++i) {
    const pb::AssignmentRule::Seat& seat = from.seats(i);
    const std::string path = "seats[" + std::to_string(i) + "].";
    to.rule.seats.push_back({faults.Name(path + "member", "members", seat.member()),
                             ReadCodes(faults, path + "territories", seat.territories()),
                             ReadCodes(faults, path + "industries", seat.industries()),
                             ReadCodes(faults, path + "skills", seat.skills()), seat.capacity()});
  }
  for (FieldViolation& fault : FaultsOf(to.rule)) {
    faults.Add(FieldsInvalid({{fault.field, fault.description}}));
  }
  RETURN_IF_ERROR(faults.status());
  return to;
}

void ToProto(const StoredRule& from, pb::AssignmentRule* to) {
  to->Clear();
  to->set_name(from.rule.id);
  to->set_version(from.rule.version);
  (*to->mutable_display_names())["en"] = from.display_name;
  (*to->mutable_display_names())["zh-Hans"] = from.display_name_zh;
  to->set_method(static_cast<pb::AssignmentRule::Method>(from.rule.method));
  for (const Seat& seat : from.rule.seats) {
    pb::AssignmentRule::Seat& added = *to->add_seats();
    added.set_member(seat.member);
    added.mutable_territories()->Assign(seat.territories.begin(), seat.territories.end());
    added.mutable_industries()->Assign(seat.industries.begin(), seat.industries.end());
    added.mutable_skills()->Assign(seat.skills.begin(), seat.skills.end());
    added.set_capacity(seat.capacity);
  }
  to->set_active(from.active);
  to->set_created_by(from.created_by);
  *to->mutable_create_time() = rpc::ToProto(from.create_time);
}

}  // namespace

absl::Status AssignmentRulesApi::CreateAssignmentRuleVersion(
    const rpc::Call& call, const pb::CreateAssignmentRuleVersionRequest& request,
    pb::AssignmentRule* response) {
  ASSIGN_OR_RETURN(const StoredRule draft, FromProto(request.rule()));
  const std::string& name = draft.rule.id;
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kRulesLock)});
        command.Find();
        const pg::Pending head = QueueRuleHead(tx, name);
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        StoredRule rule = draft;
        rule.rule.version = ReadRuleHead(*head).value_or(RuleHead{}).latest_version + 1;
        rule.active = request.activate();
        rule.created_by = call.caller;
        rule.create_time = command.now();
        ToProto(rule, response);
        command.Claim(name);
        QueueInsertRule(tx, rule);
        if (rule.active) {
          QueueActivate(tx, name, rule.rule.version);
        }
        return absl::OkStatus();
      });
}

absl::Status AssignmentRulesApi::ActivateAssignmentRule(
    const rpc::Call& call, const pb::ActivateAssignmentRuleRequest& request,
    pb::AssignmentRule* response) {
  RETURN_IF_ERROR(CheckName("name", kCollection, request.name()));
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kRulesLock)});
        command.Find();
        const pg::Pending head = QueueRuleHead(tx, request.name());
        const pg::Pending rows = QueueRule(tx, request.name(), request.version());
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        const std::optional<RuleHead> known = ReadRuleHead(*head);
        if (!known) {
          return NotFound(request.name());
        }
        std::vector<StoredRule> rules = ReadRules(*rows);
        if (rules.empty()) {
          return FieldInvalid("version",
                              "is 0 to " + std::to_string(known->latest_version) + " of this rule");
        }
        if (known->active_version == request.version()) {
          return NothingToChange("version", std::to_string(request.version()));
        }
        rules.front().active = request.version() > 0;
        ToProto(rules.front(), response);
        command.Claim(request.name());
        QueueActivate(tx, request.name(), request.version());
        return absl::OkStatus();
      });
}

absl::Status AssignmentRulesApi::GetAssignmentRule(const rpc::Call& call,
                                                   const pb::GetAssignmentRuleRequest& request,
                                                   pb::AssignmentRule* response) {
  RETURN_IF_ERROR(CheckName("name", kCollection, request.name()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(const std::optional<StoredRule> rule,
                   GetRule(*db, request.name(), request.version(), call.TimeLeft()));
  if (!rule) {
    return NotFound(request.name());
  }
  ToProto(*rule, response);
  return absl::OkStatus();
}

absl::Status AssignmentRulesApi::ListAssignmentRules(const rpc::Call& call,
                                                     const pb::ListAssignmentRulesRequest& request,
                                                     pb::ListAssignmentRulesResponse* response) {
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(
          tokens_, std::string("ListAssignmentRules\n") + (request.all_versions() ? "all" : ""),
          request));
  std::optional<RuleCursor> after;
  if (!page.place().empty()) {
    ASSIGN_OR_RETURN(const int64_t version, rpc::CursorNumber(page.place()[1]));
    after = RuleCursor{page.place()[0], static_cast<int>(version)};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<StoredRule> rules,
                   ListRules(*db, request.all_versions(), after, page.limit(), call.TimeLeft()));
  if (page.Cut(rules)) {
    const AssignmentRule& last = rules.back().rule;
    page.Continue({last.id, std::to_string(last.version)}, response);
  }
  for (const StoredRule& rule : rules) {
    ToProto(rule, response->add_rules());
  }
  return absl::OkStatus();
}

}  // namespace steward::leads
