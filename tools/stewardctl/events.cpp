// stewardctl events tail, and sla watch: what happens, as it happens.

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/sla/events/v1/sla_events.pb.h"
#include "tools/stewardctl/changes.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;
namespace sla = steward::sla::events::v1;

constexpr char kRed[] = "\x1b[31m", kYellow[] = "\x1b[33m", kGreen[] = "\x1b[32m", kPlain[] = "";

absl::Status Tail(Session& session, const Args& args) {
  const std::string service = args.Text("service");
  if (FindService(service) == nullptr) {
    return NoSuchService();
  }
  const Follow follow{service, args.Text("aggregate"), args.Texts("type"),
                      !args.Flag("from-beginning"), args.Flag("no-follow")};
  return FollowChanges(session, follow, [&](const pb::Change& change) {
    session.Write(ChangeLine(service, change, session.json()));
  });
}

struct WatchLine {
  const char* color;
  std::string label, text;
};

std::string Short(const std::string& name) { return name.substr(name.find('/') + 1); }
std::string OrNobody(const std::string& member) { return member.empty() ? "nobody yet" : member; }

WatchLine Fired(const char* color, const char* label, const sla::ThresholdFired& fired) {
  const std::string mark = fired.mark().empty() ? "" : " (" + fired.mark() + ")";
  return {color, label,
          Short(fired.policy()) + " on " + fired.subject() + ", " + fired.threshold() + " at " +
              steward::FormatTime(steward::rpc::FromProto(fired.occurred_at())) + mark +
              ", owner " + OrNobody(fired.owner())};
}

WatchLine LineOf(const pb::Change& change) {
  sla::SlaEvent event;
  if (!event.ParseFromString(change.payload())) {
    return {kPlain, change.type(), change.aggregate()};
  }
  switch (event.event_case()) {
    case sla::SlaEvent::kClockWarned:
      return Fired(kYellow, "WARNING", event.clock_warned());
    case sla::SlaEvent::kClockBreached:
      return Fired(kRed, "BREACH", event.clock_breached());
    case sla::SlaEvent::kClockBreachReinstated:
      return Fired(kRed, "REINSTATED", event.clock_breach_reinstated());
    case sla::SlaEvent::kClockBreachRetracted:
      return {
          kGreen, "RETRACTED",
          change.aggregate() + ": kept after all, " + event.clock_breach_retracted().cause_type()};
    case sla::SlaEvent::kEscalationRaised: {
      const sla::EscalationRaised& raised = event.escalation_raised();
      return {kRed, "ESCALATION",
              "level " + std::to_string(raised.level()) + " of " + Short(raised.policy()) + " on " +
                  raised.subject() + " to " + OrNobody(raised.recipient()) + " (" +
                  Short(raised.role()) + ", " + raised.recipient_basis() + ")\n            " +
                  change.aggregate()};
    }
    case sla::SlaEvent::kEscalationAcknowledged:
      return {kGreen, "TAKEN",
              change.aggregate() + " by " + event.escalation_acknowledged().acknowledged_by()};
    case sla::SlaEvent::kEscalationWithdrawn:
      return {kGreen, "WITHDRAWN", change.aggregate()};
    case sla::SlaEvent::kEscalationEnded:
      return {kPlain, "ENDED", change.aggregate() + ": " + event.escalation_ended().reason()};
    case sla::SlaEvent::kEscalationReassigned:
      return {kPlain, "REASSIGNED",
              change.aggregate() + " to " + OrNobody(event.escalation_reassigned().recipient())};
    default:
      return {kPlain, change.type(), change.aggregate()};
  }
}

void ShowWatch(Session& session, const pb::Change& change) {
  if (session.json()) {
    session.Write(ChangeLine("sla", change, true));
    return;
  }
  const WatchLine line = LineOf(change);
  const std::string time =
      steward::FormatTime(steward::rpc::FromProto(change.recorded_at())).substr(11, 8);
  std::string label = line.label;
  label.resize(std::max<size_t>(label.size(), 10), ' ');
  const bool color = session.options().color && *line.color != '\0';
  session.Write(time + "  " + (color ? line.color + label + "\x1b[0m" : label) + "  " + line.text +
                "\n");
}

absl::Status Watch(Session& session, const Args& args) {
  session.Say("waiting for warnings, breaches and escalations; Ctrl-C ends");
  const Follow follow{"sla",
                      "",
                      {"clock.warned", "clock.breach", "escalation."},
                      !args.Flag("from-beginning"),
                      args.Flag("no-follow")};
  return FollowChanges(session, follow,
                       [&](const pb::Change& change) { ShowWatch(session, change); });
}

}  // namespace

void AddEvents(Tool& tool) {
  tool.Group("events", "Events, decoded.");
  const auto beginning = [] {
    return Flag("from-beginning", "Begin with the oldest instead of what comes now.");
  };
  const auto once = [] { return Flag("no-follow", "End after what is there now."); };
  tool.Add(
      {"events tail",
       "Events of a service as they are recorded, decoded.",
       "stewardctl events tail --service complaints\n"
       "stewardctl events tail --service sla --type clock. --from-beginning --no-follow --output "
       "jsonl",
       {Option("service", "Whose events.").Of(ServiceNames()).Needed(),
        OptionList("type",
                   "Only event names that begin with this, for example ticket. or clock.breached."),
        Option("aggregate", "Only this one, for example complaints/{uuid}."), beginning(), once()},
       Tail});
  tool.Add({"sla watch",
            "Warnings, breaches and escalations as they come.",
            "stewardctl sla watch",
            {beginning(), once()},
            Watch});
}

}  // namespace stewardctl
