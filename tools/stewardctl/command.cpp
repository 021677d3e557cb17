#include "tools/stewardctl/command.h"

#include <charconv>

#include "libs/base/status.h"
#include "tools/stewardctl/call.h"

namespace stewardctl {
namespace {

Arg Make(std::string name, std::string help, Arg::Kind kind, bool positional) {
  Arg arg;
  arg.name = std::move(name);
  arg.help = std::move(help);
  arg.kind = kind;
  arg.positional = positional;
  arg.required = positional;
  return arg;
}

}  // namespace

Arg Positional(std::string name, std::string help) {
  return Make(std::move(name), std::move(help), Arg::Kind::kText, true);
}
Arg Positionals(std::string name, std::string help) {
  return Make(std::move(name), std::move(help), Arg::Kind::kList, true);
}
Arg Option(std::string name, std::string help) {
  return Make(std::move(name), std::move(help), Arg::Kind::kText, false);
}
Arg OptionList(std::string name, std::string help) {
  return Make(std::move(name), std::move(help), Arg::Kind::kList, false);
}
Arg Flag(std::string name, std::string help) {
  return Make(std::move(name), std::move(help), Arg::Kind::kFlag, false);
}

std::string Args::Text(const std::string& name, const std::string& otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? otherwise : found->second.front();
}

std::vector<std::string> Args::Texts(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

absl::StatusOr<int64_t> Args::Number(const std::string& name, int64_t otherwise, int64_t min,
                                     int64_t max) const {
  if (!Has(name)) {
    return otherwise;
  }
  const std::string text = Text(name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < min || number > max) {
    return steward::FieldInvalid(
        "--" + name,
        "`" + text + "` is no number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

void Tool::AddCall(std::string path, std::string method, std::string help, std::string example,
                   std::vector<Arg> args) {
  const std::vector<Arg> declared = args;
  if (IsListMethod(method)) {
    args.push_back(Option("limit", "At most this many rows (default 100).").Into("-"));
  }
  Add({std::move(path), std::move(help), std::move(example), std::move(args),
       [method = std::move(method), declared](Session& session, const Args& given) {
         return CallAndPrint(session, method, declared, given);
       }});
}

const std::vector<GlobalOption>& GlobalOptions() {
  static const auto& options = *new std::vector<GlobalOption>{
      {"context", "FILE",
       "Context file of a running system (default: STEWARD_CONTEXT, else .run/context.json here or "
       "above)."},
      {"address", "HOST:PORT", "Call this address instead of the context's."},
      {"token-file", "FILE", "Token to call with (default: the context's)."},
      {"tls-certificate-file", "FILE",
       "Client certificate, PEM; with the next two for mutual TLS (default: the context's)."},
      {"tls-key-file", "FILE", "Its key, PEM."},
      {"tls-ca-file", "FILE", "CA of the servers, PEM."},
      {"output", "table|json|jsonl", "How to print answers (default table)."},
      {"timeout", "DURATION", "For each call (default 10s)."},
      {"request-id", "UUID",
       "Id of the request; a repeat with the same id answers the same (default: a new one)."},
      {"quiet", "", "Print nothing but errors and data."},
      {"no-color", "", "No colours."},
      {"yes", "", "Do not ask before dangerous commands."},
  };
  return options;
}

Tool MakeTool() {
  Tool tool;
  AddTickets(tool);
  AddCustomers(tool);
  AddCampaigns(tool);
  AddOpportunities(tool);
  AddContracts(tool);
  AddOrders(tool);
  AddPayments(tool);
  AddReceivables(tool);
  AddLeads(tool);
  AddTouches(tool);
  AddAssignmentRules(tool);
  AddMeasures(tool);
  AddScores(tool);
  AddLeaderboard(tool);
  AddScorecards(tool);
  AddPolicies(tool);
  AddCalendars(tool);
  AddClocks(tool);
  AddEscalations(tool);
  AddDirectory(tool);
  AddEvents(tool);
  AddParked(tool);
  AddOutbox(tool);
  AddAuth(tool);
  AddAuthDenied(tool);
  AddHealth(tool);
  AddDemo(tool);
  AddCompletion(tool);
  return tool;
}

}  // namespace stewardctl
