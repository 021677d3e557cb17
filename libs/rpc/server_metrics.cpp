#include "libs/rpc/server_metrics.h"

#include <algorithm>
#include <vector>

namespace steward::rpc {
namespace {

constexpr std::array<std::string_view, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};
// Those that handlers and the server answer; the others appear when they first occur.
constexpr std::array<int, 12> kUsual = {0, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 16};

constexpr char kHandled[] = "grpc_server_handled_total";
constexpr char kHandledHelp[] = "Calls finished, by code.";

}  // namespace

std::string_view CodeName(int code) {
  return code >= 0 && code < 17 ? kCodes[static_cast<size_t>(code)] : kCodes[2];
}

MethodMetrics::MethodMetrics(metrics::Registry& registry, std::string_view service,
                             std::string_view method)
    : registry_(registry), service_(service), method_(method) {
  metrics::Labels labels = {
      {"grpc_service", service_}, {"grpc_method", method_}, {"grpc_type", "unary"}};
  started_ = registry.GetCounter("grpc_server_started_total", "Calls begun.", labels);
  seconds_ = registry.GetHistogram("grpc_server_handling_seconds",
                                   "From receipt to answer, queue included.", labels,
                                   metrics::LatencyBuckets());
  without_deadline_ =
      registry.GetCounter("steward_rpc_without_deadline_total", "Calls that we gave a deadline.",
                          {{"grpc_method", method_}});
  for (int code : kUsual) {
    handled_[static_cast<size_t>(code)] =
        registry.GetCounter(kHandled, kHandledHelp, LabelsOf(code));
  }
  auto rejected = [&](const char* reason) {
    return registry.GetCounter("steward_rpc_rejected_total", "Calls refused before a handler ran.",
                               {{"grpc_method", method_}, {"reason", reason}});
  };
  queue_full_ = rejected("queue_full");
  expired_ = rejected("expired_in_queue");
  rate_limited_ = rejected("rate_limited");
  unauthenticated_ = rejected("unauthenticated");
  denied_ = rejected("denied");
}

metrics::Labels MethodMetrics::LabelsOf(int code) const {
  return {{"grpc_service", service_},
          {"grpc_method", method_},
          {"grpc_type", "unary"},
          {"grpc_code", std::string(CodeName(code))}};
}

void MethodMetrics::Handled(int code, double seconds) const {
  bool usual = std::find(kUsual.begin(), kUsual.end(), code) != kUsual.end();
  (usual ? handled_[static_cast<size_t>(code)]
         : registry_.GetCounter(kHandled, kHandledHelp, LabelsOf(code)))
      .Add();
  seconds_.Observe(seconds);
}

void MethodMetrics::Refused(std::string_view reason) const {
  if (reason == "QUEUE_FULL") {
    queue_full_.Add();
  } else if (reason == "DEADLINE_PASSED_IN_QUEUE") {
    expired_.Add();
  } else if (reason == "RATE_LIMITED") {
    rate_limited_.Add();
  } else if (reason.substr(0, 6) == "TOKEN_") {
    unauthenticated_.Add();
  } else {
    denied_.Add();
  }
}

ServerMetrics::ServerMetrics(metrics::Registry& registry, int workers) {
  in_flight = registry.GetGauge("grpc_server_in_flight", "Calls inside the server.");
  idle = registry.GetGauge("steward_rpc_workers", "Workers by state.", {{"state", "idle"}});
  busy = registry.GetGauge("steward_rpc_workers", "Workers by state.", {{"state", "busy"}});
  queue_seconds = registry.GetHistogram("steward_rpc_queue_seconds", "Wait for a worker.", {},
                                        metrics::LatencyBuckets());
  in_flight.Set(0);
  idle.Set(workers);
  busy.Set(0);
}

}  // namespace steward::rpc
