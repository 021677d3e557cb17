#pragma once
// W3C trace context. Internal to the library.

#include <string>
#include <string_view>

namespace steward::rpc {

struct Trace {
  std::string traceparent;  // of this span
  std::string trace_id;
};
// Continues the caller's trace with a span of our own, or begins a trace when the header is absent
// or malformed.
Trace ContinueTrace(std::string_view traceparent);
// The caller's correlation id when it is 1 to 128 characters of `A-Za-z0-9._:/-`, else the trace
// id.
std::string CorrelationOf(std::string_view header, const Trace& trace);

}  // namespace steward::rpc
