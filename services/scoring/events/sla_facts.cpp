// Clocks as facts.

#include <algorithm>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/scoring/events/facts.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::scoring {
namespace {

namespace pb = sla::events::v1;

constexpr char kBreach[] = "breach";

std::string PolicyOf(const std::string& name) { return name.substr(name.find('/') + 1); }

void Stopped(const pb::ClockStopped& m, absl::CivilDay day, Source& source,
             std::vector<Step>& steps) {
  const Time stop = rpc::FromProto(m.stop_time());
  if (m.met()) {
    steps.emplace_back(Count("clock_met", day, source.of, source.qualifier));
  } else if (!source.flag) {  // missed without a breach having been declared
    steps.emplace_back(Count("clock_missed", day, source.of, source.qualifier));
    source.flag = true;
  }
  if (!source.started_at) {
    return;
  }
  int64_t paused = source.paused;
  if (source.paused_since && *source.paused_since < stop) {
    paused += (stop - *source.paused_since).micros;
  }
  Fact elapsed = Count("clock_elapsed", day, source.of, source.qualifier);
  elapsed.value = std::max<int64_t>((stop - *source.started_at).micros - paused, 0);
  steps.emplace_back(std::move(elapsed));
}

void Started(const pb::ClockStarted& m, Source& source) {
  source.qualifier = PolicyOf(m.policy());
  source.of.member = m.owner();
  source.of.team = m.team();
  source.started_at = rpc::FromProto(m.start_time());
}

void Paused(const pb::SlaEvent& message, Source& source) {
  if (message.has_clock_paused()) {
    if (!source.paused_since) {
      source.paused_since = rpc::FromProto(message.clock_paused().pause_time());
    }
  } else if (source.paused_since) {
    const Time until = rpc::FromProto(message.clock_resumed().resume_time());
    source.paused += std::max<int64_t>((until - *source.paused_since).micros, 0);
    source.paused_since.reset();
  }
}

// The stop never counted, or the promise began anew: what the clock showed is taken back where it counted.
void Restarted(const pb::ClockRestarted& m, Source& source, std::vector<Step>& steps) {
  steps.emplace_back(TakeBack{{"clock_met", "clock_elapsed"}, true});
  source.started_at = rpc::FromProto(m.start_time());
  source.paused_since.reset();
}

}  // namespace

absl::StatusOr<std::vector<Step>> Mapper::Sla(const eventing::Event& event, Source& source) const {
  const auto& message = static_cast<const pb::SlaEvent&>(*event.message);
  const absl::CivilDay day = DayOf(event.occurred_at);
  std::vector<Step> steps;
  switch (message.event_case()) {
    case pb::SlaEvent::kClockStarted:
      Started(message.clock_started(), source);
      break;
    case pb::SlaEvent::kClockAssigned:
      source.of.member = message.clock_assigned().owner();
      source.of.team = message.clock_assigned().team();
      break;
    case pb::SlaEvent::kClockDueChanged:
      if (message.clock_due_changed().has_start_time()) {
        source.started_at = rpc::FromProto(message.clock_due_changed().start_time());
      }
      break;
    case pb::SlaEvent::kClockPaused:
    case pb::SlaEvent::kClockResumed:
      Paused(message, source);
      break;
    case pb::SlaEvent::kClockStopped:
      Stopped(message.clock_stopped(), day, source, steps);
      break;
    case pb::SlaEvent::kClockRestarted:
      Restarted(message.clock_restarted(), source, steps);
      break;
    case pb::SlaEvent::kClockBreached:
    case pb::SlaEvent::kClockBreachReinstated:
      if (!source.flag) {
        steps.emplace_back(Count("clock_missed", day, source.of, source.qualifier));
        source.flag = true;
      }
      break;
    case pb::SlaEvent::kClockBreachRetracted:
      if (message.clock_breach_retracted().threshold() == kBreach) {
        steps.emplace_back(TakeBack{{"clock_missed"}, true});
        source.flag = false;
      }
      break;
    case pb::SlaEvent::kClockCancelled:
      steps.emplace_back(TakeBack{{"clock_met", "clock_missed", "clock_elapsed"}, true});
      source.flag = false;
      break;
    default:
      break;
  }
  return steps;
}

}  // namespace steward::scoring
