#pragma once
// The commands of stewardctl as data: the option parser, the help, the completion and the tests all
// read this one tree.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace stewardctl {

class Session;

// One argument of a command.
struct Arg {
  enum class Kind { kText, kList, kFlag };
  std::string name;  // `owner` is the option --owner, or the positional OWNER
  std::string help;
  Kind kind = Kind::kText;
  bool positional = false;
  bool required = false;
  std::string
      field;  // field of the request that it fills, `ticket.kind`; empty = the name; `-` = none
  std::string
      collection;  // put before a value that has no `/`: `complaints` makes `complaints/{value}`
  std::vector<std::string> choices;  // for completion and help; the server decides
  std::string otherwise;             // taken when it is not given

  Arg&& Into(std::string path) && {
    field = std::move(path);
    return std::move(*this);
  }
  Arg&& In(std::string name_of_collection) && {
    collection = std::move(name_of_collection);
    return std::move(*this);
  }
  Arg&& Of(std::vector<std::string> values) && {
    choices = std::move(values);
    return std::move(*this);
  }
  Arg&& Else(std::string value) && {
    otherwise = std::move(value);
    return std::move(*this);
  }
  Arg&& Needed() && {
    required = true;
    return std::move(*this);
  }
};
Arg Positional(std::string name, std::string help);   // required
Arg Positionals(std::string name, std::string help);  // one or more
Arg Option(std::string name, std::string help);
Arg OptionList(std::string name, std::string help);  // may be given several times
Arg Flag(std::string name, std::string help);

// What was given on the command line.
class Args {
 public:
  void Set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }
  bool Has(const std::string& name) const { return values_.contains(name); }
  bool Flag(const std::string& name) const { return Has(name); }
  std::string Text(const std::string& name, const std::string& otherwise = "") const;
  std::vector<std::string> Texts(const std::string& name) const;
  // INVALID_ARGUMENT naming the option when it is no number of that range.
  absl::StatusOr<int64_t> Number(const std::string& name, int64_t otherwise, int64_t min,
                                 int64_t max) const;

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

// Returns what the exit code is made of (exit_code.h). Prints through the session.
using Action = std::function<absl::Status(Session&, const Args&)>;

struct Command {
  std::string path;     // `sla policy list`
  std::string help;     // one line
  std::string example;  // one or more lines that can be pasted
  std::vector<Arg> args;
  Action action;
};

// All commands, in the order of the help.
class Tool {
 public:
  // Names a group that commands will be put under: `sla policy`.
  void Group(std::string path, std::string help) { groups_[std::move(path)] = std::move(help); }
  void Add(Command command) { commands_.push_back(std::move(command)); }
  // A command that is one call: the arguments fill the request, the answer is printed. `method` is
  // `complaints.AssignTicket`. List methods are paged through up to `--limit` rows.
  void AddCall(std::string path, std::string method, std::string help, std::string example,
               std::vector<Arg> args);

  const std::vector<Command>& commands() const { return commands_; }
  const std::map<std::string, std::string>& groups() const { return groups_; }

 private:
  std::vector<Command> commands_;
  std::map<std::string, std::string> groups_;
};

// Options that every command has; `value` names what follows, empty for a flag.
struct GlobalOption {
  std::string name, value, help;
};
const std::vector<GlobalOption>& GlobalOptions();

// Every group, one function a file.
void AddTickets(Tool& tool);
void AddCustomers(Tool& tool);
void AddCampaigns(Tool& tool);
void AddOpportunities(Tool& tool);
void AddContracts(Tool& tool);
void AddOrders(Tool& tool);
void AddPayments(Tool& tool);
void AddReceivables(Tool& tool);
void AddLeads(Tool& tool);
void AddTouches(Tool& tool);
void AddAssignmentRules(Tool& tool);
void AddMeasures(Tool& tool);
void AddScores(Tool& tool);
void AddLeaderboard(Tool& tool);
void AddScorecards(Tool& tool);
void AddPolicies(Tool& tool);
void AddCalendars(Tool& tool);
void AddClocks(Tool& tool);
void AddEscalations(Tool& tool);
void AddDirectory(Tool& tool);
void AddEvents(Tool& tool);
void AddParked(Tool& tool);
void AddOutbox(Tool& tool);
void AddAuth(Tool& tool);
void AddAuthDenied(Tool& tool);
void AddHealth(Tool& tool);
void AddDemo(Tool& tool);
void AddCompletion(Tool& tool);
Tool MakeTool();

}  // namespace stewardctl
