#include "libs/rpc/trace.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace steward::rpc {
namespace {

constexpr size_t kTraceparentSize = 55;  // 00-<32>-<16>-<2>

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsTraceparent(std::string_view t) {
  return t.size() == kTraceparentSize && t.substr(0, 3) == "00-" && t[35] == '-' && t[52] == '-' &&
         IsHex(t.substr(3, 32)) && IsHex(t.substr(36, 16)) && IsHex(t.substr(53, 2)) &&
         t.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
         t.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

// Ids need to be unlike each other, not secret.
uint64_t NextRandom() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine();
}

void AppendHex(std::string& out, uint64_t n) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out.push_back(kDigits[(n >> shift) & 15]);
  }
}

}  // namespace

Trace ContinueTrace(std::string_view traceparent) {
  Trace trace;
  std::string_view flags = "01";
  if (IsTraceparent(traceparent)) {
    trace.trace_id = traceparent.substr(3, 32);
    flags = traceparent.substr(53, 2);
  } else {
    AppendHex(trace.trace_id, NextRandom());
    AppendHex(trace.trace_id, NextRandom() | 1);
  }
  trace.traceparent.reserve(kTraceparentSize);
  trace.traceparent.append("00-").append(trace.trace_id).append("-");
  AppendHex(trace.traceparent, NextRandom() | 1);
  trace.traceparent.append("-").append(flags);
  return trace;
}

std::string CorrelationOf(std::string_view header, const Trace& trace) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '/' || c == '-';
  };
  bool usable =
      !header.empty() && header.size() <= 128 && std::all_of(header.begin(), header.end(), allowed);
  return usable ? std::string(header) : trace.trace_id;
}

}  // namespace steward::rpc
