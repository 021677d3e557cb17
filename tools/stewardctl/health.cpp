// stewardctl health, doctor, version: the state of a running system.

#include <algorithm>
#include <cstdio>

#include "libs/base/status.h"
#include "libs/base/version.h"
#include "libs/rpc/validate.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;

constexpr double kOldOutboxSeconds = 10;
constexpr int64_t kSkewMicros = 2'000'000;

struct Seen {
  std::string service;
  absl::Status status;
  pb::Version version;
  pb::ServiceStatus state;
};

std::vector<Seen> Look(Session& session) {
  std::vector<Seen> all;
  for (const ServiceInfo& service : Services()) {
    Seen seen{service.name, {}, {}, {}};
    seen.status = session.TryCall(service.name + ".operations.GetVersion", pb::GetVersionRequest(),
                                  &seen.version);
    if (seen.status.ok()) {
      seen.status = session.TryCall(service.name + ".operations.GetStatus", pb::GetStatusRequest(),
                                    &seen.state);
    }
    all.push_back(std::move(seen));
  }
  return all;
}

int64_t LagOf(const pb::ServiceStatus& state) {
  int64_t lag = 0;
  for (const auto& input : state.inputs()) {
    lag += std::max<int64_t>(0, input.end_offset() - input.next_offset());
  }
  return lag;
}

std::string ExtraText(const pb::ServiceStatus& state) {
  std::vector<std::string> entries;
  for (const auto& [name, value] : state.extra()) {
    entries.push_back(name + "=" + value);
  }
  std::sort(entries.begin(), entries.end());
  std::string text;
  for (const std::string& entry : entries) {
    text += (text.empty() ? "" : " ") + entry;
  }
  return text;
}

// Prints the table; the first failure, if there is one.
absl::Status ShowHealth(Session& session) {
  Table table{{"SERVICE", "STATE", "VERSION", "RELAY", "OUTBOX", "LAG", "PARKED", "MORE"}, {}};
  absl::Status worst;
  for (const Seen& seen : Look(session)) {
    if (!seen.status.ok()) {
      table.rows.push_back(
          {seen.service, "down", "", "", "", "", "", std::string(seen.status.message())});
      worst.Update(seen.status);
      continue;
    }
    const pb::ServiceStatus& state = seen.state;
    table.rows.push_back(
        {seen.service, "up", seen.version.version() + " " + seen.version.revision(),
         state.relay_refusal().empty() ? (state.relay_active() ? "active" : "standby") : "refuses",
         std::to_string(state.outbox_pending()), std::to_string(LagOf(state)),
         std::to_string(state.parked()), ExtraText(state)});
  }
  session.Print(table);
  return worst;
}

absl::Status Health(Session& session, const Args& args) {
  if (!args.Flag("watch")) {
    return ShowHealth(session);
  }
  Poll(steward::Seconds(2), [&] {
    session.Write(session.options().color ? "\x1b[H\x1b[2J" : "\n");
    return ShowHealth(session).ok() || true;
  });
  return absl::OkStatus();
}

// Findings of doctor.
class Report {
 public:
  void Add(bool good, const std::string& subject, const std::string& text) {
    rows_.push_back({good ? "ok" : "FAULT", subject, text});
    faults_ += good ? 0 : 1;
  }
  int faults() const { return faults_; }
  Table table() const { return {{"STATE", "WHAT", "FINDING"}, rows_}; }

 private:
  std::vector<std::vector<std::string>> rows_;
  int faults_ = 0;
};

void ExamineService(const Seen& seen, steward::Time now, Report* report) {
  const pb::ServiceStatus& state = seen.state;
  report->Add(seen.status.ok(), seen.service,
              seen.status.ok() ? "answers" : std::string(seen.status.message()));
  if (!seen.status.ok()) {
    return;
  }
  report->Add(state.relay_refusal().empty(), seen.service + " relay",
              !state.relay_refusal().empty() ? state.relay_refusal()
              : state.relay_active()         ? "active here"
                                             : "another replica's");
  report->Add(state.outbox_oldest_age_seconds() < kOldOutboxSeconds, seen.service + " outbox",
              std::to_string(state.outbox_pending()) + " events wait for Kafka");
  report->Add(state.parked() == 0, seen.service + " parked",
              state.parked() == 0
                  ? "none"
                  : std::to_string(state.parked()) + " records; see `parked list --service " +
                        seen.service + "`");
  const int64_t skew = std::abs((steward::rpc::FromProto(state.database_time()) - now).micros);
  report->Add(skew < kSkewMicros, seen.service + " clock",
              "database and this host differ by " + std::to_string(skew / 1000) + " ms");
  for (const auto& input : state.inputs()) {
    if (!input.halted().empty()) {
      report->Add(false, seen.service + " input",
                  input.topic() + "/" + std::to_string(input.partition()) + ": " + input.halted());
    }
  }
  report->Add(LagOf(state) < 1000, seen.service + " inputs",
              std::to_string(LagOf(state)) + " records behind");
}

void ExamineSla(Session& session, Report* report) {
  steward::sla::v1::WatcherStatus watcher;
  const absl::Status asked = session.TryCall("sla.GetWatcherStatus",
                                             steward::sla::v1::GetWatcherStatusRequest(), &watcher);
  if (!asked.ok()) {
    report->Add(false, "watcher", std::string(asked.message()));
    return;
  }
  report->Add(watcher.watchers() > 0, "watcher", std::to_string(watcher.watchers()) + " live");
  report->Add(!watcher.guard_frozen(), "clock guard",
              watcher.guard_frozen() ? "frozen; see `sla watcher release-guard`" : "free");
  report->Add(watcher.timers_failing() == 0, "timers",
              std::to_string(watcher.timers_failing()) + " failing");
  report->Add(watcher.subjects_unmatched() == 0, "tickets",
              std::to_string(watcher.subjects_unmatched()) + " matched no policy");
  report->Add(watcher.clocks_without_due() == 0, "clocks",
              std::to_string(watcher.clocks_without_due()) + " without a due time");
  report->Add(watcher.recipients_pending() == 0, "escalations",
              std::to_string(watcher.recipients_pending()) + " without a recipient");
}

// From December on the next year's holidays must be known.
void ExamineCalendars(Session& session, Report* report) {
  steward::sla::v1::ListCalendarsRequest request;
  steward::sla::v1::ListCalendarsResponse response;
  if (!CallPages(session, "sla.ListCalendars", request, 10'000, &response).ok()) {
    return;
  }
  const std::string now = steward::FormatTime(session.now());
  const int needed = std::atoi(now.substr(0, 4).c_str()) + (now.substr(5, 2) == "12" ? 1 : 0);
  for (const auto& calendar : response.calendars()) {
    const int published = calendar.published_through_year();
    if (published != 0) {
      report->Add(published >= needed, calendar.name(),
                  "holidays known through " + std::to_string(published));
    }
  }
}

absl::Status Doctor(Session& session, const Args&) {
  Report report;
  for (const Seen& seen : Look(session)) {
    ExamineService(seen, session.now(), &report);
  }
  ExamineSla(session, &report);
  ExamineCalendars(session, &report);
  session.Print(report.table());
  if (report.faults() == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError(steward::ToAbsl(std::to_string(report.faults()) + " faults found"));
}

absl::Status ShowVersion(Session& session, const Args&) {
  Table table{{"WHAT", "VERSION", "REVISION", "SCHEMA", "PROFILE"}, {}};
  table.rows.push_back(
      {"stewardctl", std::string(steward::Version()), std::string(steward::Revision()), "", ""});
  if (!session.options().address.empty() ||
      !FindContextFile(session.options().context_file).empty()) {
    for (const Seen& seen : Look(session)) {
      const pb::Version& v = seen.version;
      table.rows.push_back(
          {seen.service, v.version().empty() ? "does not answer" : v.version(), v.revision(),
           v.version().empty() ? "" : std::to_string(v.schema_version()), v.profile()});
    }
  }
  session.Print(table);
  return absl::OkStatus();
}

}  // namespace

void AddHealth(Tool& tool) {
  tool.Add({"health",
            "Every service: relay, outbox, lag, parked records.",
            "stewardctl health\nstewardctl health --watch",
            {Flag("watch", "Again every 2 s until Ctrl-C.")},
            Health});
  tool.Add({"doctor",
            "Looks for what needs a person: faults and how to mend them. Ends with 1 when there "
            "are some.",
            "stewardctl doctor",
            {},
            Doctor});
  tool.Add({"version",
            "Versions of this program and of the services.",
            "stewardctl version",
            {},
            ShowVersion});
}

}  // namespace stewardctl
