#include "tools/stewardctl/demo_summary.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "libs/rpc/validate.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

using nlohmann::ordered_json;
using steward::sla::v1::Clock;

int64_t SecondsOf(steward::Duration span) { return span.micros / 1'000'000; }

// `3d 4h`, `4h 5m`, `12s`.
std::string Shown(steward::Duration span) {
  const int64_t seconds = SecondsOf(span);
  const auto two = [](int64_t a, const char* unit, int64_t b, const char* smaller) {
    return std::to_string(a) + unit + (b == 0 ? "" : " " + std::to_string(b) + smaller);
  };
  if (seconds >= 86'400) {
    return two(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
  }
  if (seconds >= 3'600) {
    return two(seconds / 3'600, "h", seconds % 3'600 / 60, "m");
  }
  return seconds >= 60 ? two(seconds / 60, "m", seconds % 60, "s") : std::to_string(seconds) + "s";
}

std::string ShownSeconds(steward::Duration span) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(span.micros) / 1e6);
  return text;
}

}  // namespace

Promises CountPromises(const std::vector<Clock>& clocks,
                       const std::map<std::string, std::string>& numbers, steward::Time now,
                       size_t worst) {
  Promises promises;
  for (const Clock& clock : clocks) {
    const bool open = clock.run_state() == Clock::RUNNING || clock.run_state() == Clock::PAUSED;
    const bool breached =
        clock.run_state() == Clock::MISSED || (open && clock.status() == Clock::STATUS_BREACHED);
    ++promises.clocks;
    promises.met += clock.run_state() == Clock::MET ? 1 : 0;
    promises.breached += breached ? 1 : 0;
    promises.open += open ? 1 : 0;
    promises.cancelled += clock.run_state() == Clock::CANCELLED ? 1 : 0;
    if (breached && clock.has_due_time()) {
      const auto number = numbers.find(clock.subject());
      const steward::Time due = steward::rpc::FromProto(clock.due_time());
      const steward::Time end = open ? now : steward::rpc::FromProto(clock.stop_time());
      promises.worst.push_back({clock.subject(), number == numbers.end() ? "" : number->second,
                                clock.policy(), due, open, end - due});
    }
  }
  std::sort(promises.worst.begin(), promises.worst.end(), [](const Overrun& a, const Overrun& b) {
    return std::pair(-a.by.micros, a.external_id) < std::pair(-b.by.micros, b.external_id);
  });
  promises.worst.resize(std::min(worst, promises.worst.size()));
  return promises;
}

std::string SummaryTable(const ReplaySummary& summary, bool color) {
  const Promises& promises = summary.promises;
  Table totals{{"REPLAY", ""}, {}};
  const auto add = [&](const char* name, const std::string& value) {
    totals.rows.push_back({name, value});
  };
  const auto count = [&](const char* name, int value) { add(name, std::to_string(value)); };
  count("rows", summary.rows);
  count("tickets new", summary.fresh);
  count("tickets unchanged", summary.unchanged);
  count("tickets failed", summary.failed);
  count("tickets left open", summary.left_open);
  if (summary.moved_rows > 0) {
    add("rows before their turn",
        std::to_string(summary.moved_rows) + ", told at the time of the fact before");
  }
  count("clocks", promises.clocks);
  count("met", promises.met);
  count("breached", promises.breached);
  count("still open", promises.open);
  if (promises.cancelled > 0) {
    count("cancelled", promises.cancelled);
  }
  count("escalations", summary.escalations);
  if (summary.without_clock > 0) {
    count("tickets without clock", summary.without_clock);
  }
  add("time shift", Shown(summary.shift) + " later");
  add("time line", steward::FormatTime(summary.first) + " to " + steward::FormatTime(summary.last));
  add("took", ShownSeconds(summary.took));
  std::string text = Render(totals, color);
  if (promises.worst.empty()) {
    return text;
  }
  Table worst{{"WORST", "OVER BY", "POLICY", "DUE", "NOW", "TICKET"}, {}};
  for (const Overrun& each : promises.worst) {
    worst.rows.push_back({each.external_id, Shown(each.by), each.policy,
                          steward::FormatTime(each.due), each.open ? "open" : "done", each.ticket});
  }
  return text + "\n" + Render(worst, color);
}

std::string SummaryJson(const ReplaySummary& summary, bool line) {
  const Promises& promises = summary.promises;
  ordered_json json = {
      {"rows", summary.rows},
      {"tickets",
       {{"new", summary.fresh},
        {"unchanged", summary.unchanged},
        {"failed", summary.failed},
        {"left_open", summary.left_open},
        {"without_clock", summary.without_clock}}},
      {"moved_rows", summary.moved_rows},
      {"clocks", promises.clocks},
      {"met", promises.met},
      {"breached", promises.breached},
      {"open", promises.open},
      {"cancelled", promises.cancelled},
      {"escalations", summary.escalations},
      {"worst", ordered_json::array()},
      {"problems", ordered_json::array()},
      {"shift_seconds", SecondsOf(summary.shift)},
      {"first_time", steward::FormatTime(summary.first)},
      {"last_time", steward::FormatTime(summary.last)},
      {"took_milliseconds", summary.took.micros / 1'000},
  };
  for (const Overrun& each : promises.worst) {
    json["worst"].push_back({{"external_id", each.external_id},
                             {"ticket", each.ticket},
                             {"policy", each.policy},
                             {"due_time", steward::FormatTime(each.due)},
                             {"open", each.open},
                             {"over_by_seconds", SecondsOf(each.by)}});
  }
  for (const BadRow& each : summary.problems) {
    json["problems"].push_back(
        {{"line", each.line}, {"field", each.field}, {"reason", each.reason}});
  }
  return json.dump(line ? -1 : 2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace stewardctl
