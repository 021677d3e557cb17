// stewardctl sla clock, explain, preview, board, watcher.

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::sla::v1;

// Target and calendar of a stored policy, for `preview --policy`.
absl::Status TakePolicy(Session& session, const std::string& name, pb::DeadlineQuery* query) {
  pb::GetPolicyRequest get;
  get.set_name(name.find('/') == std::string::npos ? "policies/" + name : name);
  pb::Policy policy;
  RETURN_IF_ERROR(session.Call("sla.GetPolicy", get, &policy));
  *query->mutable_target() = policy.target();
  if (!policy.calendar().empty()) {
    query->set_calendar_name(policy.calendar());
  }
  return absl::OkStatus();
}

absl::Status AddPause(const std::string& text, steward::Time now, pb::DeadlineQuery* query) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) {
    return steward::FieldInvalid("--pause", "is FROM/TO");
  }
  ASSIGN_OR_RETURN(const steward::Time from, ParseWhen(text.substr(0, slash), now));
  ASSIGN_OR_RETURN(const steward::Time to, ParseWhen(text.substr(slash + 1), now));
  pb::PauseSpan* pause = query->add_pauses();
  *pause->mutable_from_time() = steward::rpc::ToProto(from);
  *pause->mutable_to_time() = steward::rpc::ToProto(to);
  return absl::OkStatus();
}

const std::vector<Arg>& PreviewArgs() {
  static const auto& args = *new std::vector<Arg>{
      Option("policy", "Take target and calendar of this policy.").Into("-"),
      Option("start", "When the promise begins (default: now).").Into("start_time").Else("now"),
      Option("calendar", "`calendars/{id}` (default: elapsed time).")
          .Into("calendar_name")
          .In("calendars"),
      Option("wall-clock", "Target in elapsed time, for example 48h.").Into("target.wall_clock"),
      Option("working-time", "Target in working time, for example 16h.")
          .Into("target.working_time"),
      Option("working-days", "Target: the n-th working day.").Into("target.working_days"),
      Option("calendar-days", "Target: the n-th day.").Into("target.calendar_days"),
      Option("close-at", "Where in the n-th day.")
          .Into("target.close_at")
          .Of({"end_of_day", "same_time"}),
      Option("until", "Ask for the working time up to here instead of a due time.")
          .Into("until_time"),
      OptionList("share", "Also when this share of the target is used, percent.")
          .Into("thresholds.share_percent"),
      OptionList("pause", "A span that does not count, FROM/TO.").Into("-"),
  };
  return args;
}

absl::Status Preview(Session& session, const Args& args) {
  pb::PreviewDeadlineRequest request;
  pb::DeadlineQuery* query = request.add_queries();
  if (args.Has("policy")) {
    RETURN_IF_ERROR(TakePolicy(session, args.Text("policy"), query));
  }
  RETURN_IF_ERROR(FillRequest(PreviewArgs(), args, session.now(), query));
  for (const std::string& pause : args.Texts("pause")) {
    RETURN_IF_ERROR(AddPause(pause, session.now(), query));
  }
  pb::PreviewDeadlineResponse response;
  RETURN_IF_ERROR(session.Call("sla.PreviewDeadline", request, &response));
  if (response.answers_size() == 1 && !response.answers(0).error().empty()) {
    return absl::InvalidArgumentError(response.answers(0).error());
  }
  session.Print(response.answers(0));
  return absl::OkStatus();
}

absl::Status ReleaseGuard(Session& session, const Args& args) {
  RETURN_IF_ERROR(
      session.Confirm("Let firing go on although the database's and the host's clock differ?"));
  pb::ReleaseClockGuardRequest request;
  request.set_reason(args.Text("reason"));
  pb::WatcherStatus status;
  RETURN_IF_ERROR(session.Call("sla.ReleaseClockGuard", request, &status));
  session.Print(status);
  return absl::OkStatus();
}

}  // namespace

void AddClocks(Tool& tool) {
  tool.Group("sla clock", "Clocks: promises running on tickets.");
  tool.Group("sla watcher", "What fires warnings, breaches and escalations.");
  tool.Group("sla board", "Counts per state, and who is due next.");
  const auto clock = [] {
    return Positional("CLOCK", "`clocks/{id}` or the id.").Into("name").In("clocks");
  };
  tool.AddCall("sla clock get", "sla.GetClock", "One clock.",
               "stewardctl sla clock get 0190d9a0-…-cmc-001", {clock()});
  tool.AddCall("sla clock list", "sla.ListClocks", "Clocks by filter, earliest due first.",
               "stewardctl sla clock list --filter 'status = \"BREACHED\"'",
               {Option("filter",
                       "Terms joined by AND over run_state status policy owner team subject "
                       "due_time start_time.")});
  tool.AddCall("sla clock of", "sla.BatchGetClocks", "All clocks of tickets.",
               "stewardctl sla clock of 0190d9a0-…",
               {Positionals("TICKET", "`complaints/{uuid}` or the uuid.")
                    .Into("subjects")
                    .In("complaints")});
  tool.AddCall("sla explain", "sla.ExplainClock", "Why a clock is due when it is.",
               "stewardctl sla explain 0190d9a0-…-cmc-002", {clock()});
  tool.Add({"sla preview", "A deadline, as pure arithmetic; stores nothing.",
            "stewardctl sla preview --calendar cn-mainland --working-days 7 --start "
            "2026-02-13T09:00:00+08:00\n"
            "stewardctl sla preview --policy cmc-002",
            PreviewArgs(), Preview});
  tool.AddCall("sla board show", "sla.GetBoard", "The live board.", "stewardctl sla board show",
               {Option("limit", "Owners and teams to show.")});
  tool.AddCall("sla board rebuild", "sla.RebuildBoard",
               "Builds the board in Redis anew from PostgreSQL.", "stewardctl sla board rebuild",
               {});
  tool.AddCall("sla watcher status", "sla.GetWatcherStatus", "Shards, guard, holds.",
               "stewardctl sla watcher status", {});
  tool.Add({"sla watcher release-guard",
            "Lets firing go on although clocks differ; audited.",
            "stewardctl sla watcher release-guard --reason 'NTP repaired'",
            {Option("reason", "Why.").Needed()},
            ReleaseGuard});
}

}  // namespace stewardctl
