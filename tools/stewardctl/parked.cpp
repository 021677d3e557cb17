// stewardctl parked: records that a consumer could not apply.

#include "libs/base/status.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;

Arg Service() { return Option("service", "Whose consumer.").Into("-").Of(ServiceNames()).Needed(); }
Arg Records() {
  return Positionals("RECORD", "`parkedRecords/{n}` or the number.")
      .Into("names")
      .In("parkedRecords");
}

absl::StatusOr<std::string> MethodOf(const Args& args, const std::string& method) {
  if (FindService(args.Text("service")) == nullptr) {
    return NoSuchService();
  }
  return args.Text("service") + ".operations." + method;
}

const std::vector<Arg>& ListArgs() {
  static const auto& args = *new std::vector<Arg>{
      Service(),
      Option("filter",
             "Terms joined by AND over topic key reason state (default: state = \"parked\").")};
  return args;
}
const std::vector<Arg>& ShowArgs() {
  static const auto& args = *new std::vector<Arg>{
      Service(),
      Positional("RECORD", "`parkedRecords/{n}` or the number.").Into("name").In("parkedRecords")};
  return args;
}
const std::vector<Arg>& ReleaseArgs() {
  static const auto& args = *new std::vector<Arg>{
      Service(), OptionList("record", "Only this one.").Into("names").In("parkedRecords"),
      Option("key", "Only of this aggregate."), Option("reason", "Only parked for this reason."),
      Flag("dry-run", "Say what would be done, do nothing.")};
  return args;
}
const std::vector<Arg>& DiscardArgs() {
  static const auto& args = *new std::vector<Arg>{
      Service(), Records(), Option("reason", "Why; kept with the rows.").Needed(),
      Flag("dry-run", "Say what would be done, do nothing.")};
  return args;
}

absl::Status List(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string method, MethodOf(args, "ListParkedRecords"));
  return CallAndPrint(session, method, ListArgs(), args);
}

absl::Status Show(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string method, MethodOf(args, "GetParkedRecord"));
  return CallAndPrint(session, method, ShowArgs(), args);
}

absl::Status Release(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string method, MethodOf(args, "ReleaseParkedRecords"));
  if (!args.Flag("dry-run")) {
    RETURN_IF_ERROR(
        session.Confirm("Apply the parked records of " + args.Text("service") + " again?"));
  }
  return CallAndPrint(session, method, ReleaseArgs(), args);
}

absl::Status Discard(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string method, MethodOf(args, "DiscardParkedRecords"));
  if (!args.Flag("dry-run")) {
    const std::string count = std::to_string(args.Texts("RECORD").size());
    RETURN_IF_ERROR(session.Confirm("Give up " + count + " parked records of " +
                                    args.Text("service") + "? They will never be applied."));
  }
  return CallAndPrint(session, method, DiscardArgs(), args);
}

}  // namespace

void AddParked(Tool& tool) {
  tool.Group("parked", "Records that a consumer could not apply.");
  auto list = ListArgs();
  list.push_back(Option("limit", "At most this many rows (default 100).").Into("-"));
  tool.Add({"parked list", "Parked records, oldest first.", "stewardctl parked list --service sla",
            list, List});
  tool.Add({"parked show", "One parked record with headers and bytes.",
            "stewardctl parked show 12 --service sla", ShowArgs(), Show});
  tool.Add({"parked release", "Applies parked records again, in order, through the normal path.",
            "stewardctl parked release --service sla --dry-run\nstewardctl parked release "
            "--service sla --key complaints/0190d9a0-… --yes",
            ReleaseArgs(), Release});
  tool.Add({"parked discard", "Gives parked records up; the rows stay.",
            "stewardctl parked discard 12 --service sla --reason 'test data' --yes", DiscardArgs(),
            Discard});
}

}  // namespace stewardctl
