#pragma once
// Questions to the sla service about a ticket's clocks. Its silence never fails a call of ours.

#include <functional>
#include <string>
#include <string_view>

#include "libs/rpc/call.h"
#include "steward/complaints/v1/complaints.pb.h"

namespace steward::complaints {

class SlaClocks {
 public:
  // A call to the sla service: rpc::Client, or a test's own.
  using Invoke = std::function<absl::Status(
      std::string_view method, const google::protobuf::Message& request,
      google::protobuf::Message* response, Duration timeout, const rpc::Call& call)>;
  // Without `invoke` nothing answers. `timeout` is for all questions of one call together.
  SlaClocks(Invoke invoke, Duration timeout) : invoke_(std::move(invoke)), timeout_(timeout) {}

  // Clocks and next due time of `detail->ticket()`, or `clocks_unavailable`.
  void Fill(const rpc::Call& call, v1::TicketDetail* detail) const;
  // What a hold for this cause does to the clocks that run; empty when the sla service did not
  // answer (ruling A11).
  std::string HoldEffect(const rpc::Call& call, std::string_view ticket,
                         std::string_view cause) const;

 private:
  Invoke invoke_;
  Duration timeout_;
};

}  // namespace steward::complaints
