#include "libs/eventing/plan.h"

#include <set>

namespace steward::eventing {
namespace {

Decision Park(std::string_view reason, std::string text) {
  return {Verdict::kPark, reason, std::move(text)};
}

Decision Decide(const Decoded& record, const Seen& seen, const std::optional<ParkedHead>& parked) {
  const Event& event = record.event;
  const bool readable_version = event.version > 0;
  // A record that is not decodable says nothing reliable about what it repeats.
  if (record.reason.empty() && event.version < seen.version) {
    return {Verdict::kRepeat, {}, {}};
  }
  if (record.reason.empty() && event.version == seen.version) {
    if (event.event_id == seen.event_id) {
      return {Verdict::kRepeat, {}, {}};
    }
    return Park(reason::kDiverged, "version " + std::to_string(event.version) +
                                       " was applied as event " + seen.event_id.ToString());
  }
  if (!record.reason.empty()) {
    return Park(record.reason, record.error);
  }
  if (parked && readable_version && parked->version <= event.version) {
    return Park(reason::kBehind, "version " + std::to_string(parked->version) + " is parked");
  }
  if (event.version > seen.version + 1) {
    return Park(reason::kGap, "version " + std::to_string(seen.version + 1) + " has not come");
  }
  return {Verdict::kApply, {}, {}};
}

bool Waits(const ParkedHead& head) {
  return head.reason == reason::kGap || head.reason == reason::kBehind;
}

}  // namespace

Plan PlanBatch(const std::vector<Decoded>& batch, const std::map<std::string, Seen>& seen,
               const std::map<std::string, ParkedHead>& parked) {
  Plan plan;
  std::map<std::string, ParkedHead> heads = parked;
  std::set<std::string> touched;
  for (const Decoded& record : batch) {
    const Event& event = record.event;
    if (event.aggregate.empty()) {
      plan.decisions.push_back(Park(record.reason, record.error));
      continue;
    }
    touched.insert(event.aggregate);
    Seen now;
    if (auto it = plan.seen.find(event.aggregate); it != plan.seen.end()) {
      now = it->second;
    } else if (auto stored = seen.find(event.aggregate); stored != seen.end()) {
      now = stored->second;
    }
    auto head = heads.find(event.aggregate);
    Decision decision =
        Decide(record, now, head == heads.end() ? std::nullopt : std::optional(head->second));
    if (decision.verdict == Verdict::kApply) {
      plan.seen[event.aggregate] = {event.version, event.event_id};
    } else if (decision.verdict == Verdict::kPark &&
               (head == heads.end() || event.version < head->second.version)) {
      heads[event.aggregate] = {event.version, std::string(decision.reason)};
    }
    plan.decisions.push_back(std::move(decision));
  }
  for (const std::string& aggregate : touched) {
    auto head = heads.find(aggregate);
    if (head == heads.end() || !Waits(head->second)) {
      continue;
    }
    int64_t version = 0;
    if (auto it = plan.seen.find(aggregate); it != plan.seen.end()) {
      version = it->second.version;
    } else if (auto stored = seen.find(aggregate); stored != seen.end()) {
      version = stored->second.version;
    }
    if (head->second.version <= version + 1) {
      plan.release.push_back(aggregate);
    }
  }
  return plan;
}

}  // namespace steward::eventing
