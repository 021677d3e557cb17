#include "services/complaints/api/clocks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/clock.h"
#include "libs/rpc/validate.h"
#include "steward/sla/v1/sla_service.pb.h"

namespace steward::complaints {
namespace {

namespace sla = steward::sla::v1;

constexpr char kBatchGetClocks[] = "/steward.sla.v1.SlaService/BatchGetClocks";
constexpr char kGetPolicy[] = "/steward.sla.v1.SlaService/GetPolicy";

bool IsOpen(const sla::Clock& clock) {
  return clock.run_state() == sla::Clock::RUNNING || clock.run_state() == sla::Clock::PAUSED;
}

bool PausesFor(const sla::Policy& policy, std::string_view cause) {
  return std::any_of(policy.pause_causes().begin(), policy.pause_causes().end(),
                     [&](const std::string& each) { return each == "*" || each == cause; });
}

std::string EffectText(size_t open, const std::string& paused, size_t paused_count,
                       std::string_view cause) {
  if (open == 0) {
    return "0 clocks paused: no clock runs on this ticket";
  }
  if (paused_count == 0) {
    return "0 clocks paused: no policy of its open clocks (" + std::to_string(open) +
           ") lists holds for `" + std::string(cause) + "`";
  }
  return std::to_string(paused_count) + " of " + std::to_string(open) +
         " open clocks paused: " + paused;
}

}  // namespace

void SlaClocks::Fill(const rpc::Call& call, v1::TicketDetail* detail) const {
  sla::BatchGetClocksRequest request;
  request.add_subjects(detail->ticket().name());
  sla::BatchGetClocksResponse response;
  if (!invoke_ || !invoke_(kBatchGetClocks, request, &response, timeout_, call).ok()) {
    detail->set_clocks_unavailable(true);
    return;
  }
  for (const sla::Clock& clock : response.clocks()) {
    const bool earlier = !detail->has_next_due_time() ||
                         rpc::FromProto(clock.due_time()) < rpc::FromProto(detail->next_due_time());
    if (IsOpen(clock) && clock.has_due_time() && earlier) {
      *detail->mutable_next_due_time() = clock.due_time();
    }
  }
  detail->mutable_clocks()->Swap(response.mutable_clocks());
}

std::string SlaClocks::HoldEffect(const rpc::Call& call, std::string_view ticket,
                                  std::string_view cause) const {
  const int64_t end = MonotonicMicros() + timeout_.micros;
  sla::BatchGetClocksRequest request;
  request.add_subjects(std::string(ticket));
  sla::BatchGetClocksResponse response;
  if (!invoke_ || !invoke_(kBatchGetClocks, request, &response, timeout_, call).ok()) {
    return "";
  }
  std::map<std::pair<std::string, int>, bool> pauses;  // by policy and version
  size_t open = 0;
  size_t paused = 0;
  std::string names;
  for (const sla::Clock& clock : response.clocks()) {
    if (!IsOpen(clock)) {
      continue;
    }
    ++open;
    const auto [known, added] = pauses.try_emplace({clock.policy(), clock.policy_version()}, false);
    if (added) {
      sla::GetPolicyRequest ask;
      ask.set_name(clock.policy());
      ask.set_version(clock.policy_version());
      sla::Policy policy;
      const Duration left = Microseconds(end - MonotonicMicros());
      if (left <= Duration{} || !invoke_(kGetPolicy, ask, &policy, left, call).ok()) {
        return "";
      }
      known->second = PausesFor(policy, cause);
    }
    if (known->second) {
      ++paused;
      names += (names.empty() ? "" : ", ") + clock.policy();
    }
  }
  return EffectText(open, names, paused, cause);
}

}  // namespace steward::complaints
