#pragma once
// One run of stewardctl: its options, its connections, its output.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "libs/base/time.h"
#include "libs/rpc/client.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/output.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {

struct SessionOptions {
  std::string context_file, address, token_file;
  std::string tls_certificate_file, tls_key_file, tls_ca_file;
  Format format = Format::kTable;
  steward::Duration timeout = steward::Seconds(10);
  std::string request_id;
  bool quiet = false;
  bool color = false;
  bool yes = false;
};

class Session {
 public:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}
  const SessionOptions& options() const { return options_; }
  bool json() const { return options_.format != Format::kTable; }
  // The context file of the running system; INVALID_ARGUMENT says how to name one.
  absl::StatusOr<Context> context();

  // One call; `method` is `complaints.AssignTicket`. Sets an empty `request_id` of the request, so
  // that a lost answer is asked for again: UNAVAILABLE and RESOURCE_EXHAUSTED are repeated within
  // the timeout.
  [[nodiscard]] absl::Status Call(std::string_view method, google::protobuf::Message& request,
                                  google::protobuf::Message* response);
  [[nodiscard]] absl::Status Call(std::string_view method, google::protobuf::Message&& request,
                                  google::protobuf::Message* response) {
    return Call(method, request, response);
  }

  // One try of at most 3 s, for looking at services that may be down.
  [[nodiscard]] absl::Status TryCall(std::string_view method,
                                     const google::protobuf::Message& request,
                                     google::protobuf::Message* response);

  // Data, to stdout.
  void Print(const google::protobuf::Message& message) {
    Write(RenderMessage(message, options_.format, options_.color));
  }
  void Print(const Table& table);
  void Write(std::string_view text);
  // Remarks for people, to stderr; nothing with --quiet.
  void Say(std::string_view text);
  // Asks on the terminal unless --yes. FAILED_PRECONDITION when the answer is not yes, or nobody
  // can be asked.
  [[nodiscard]] absl::Status Confirm(const std::string& question);
  steward::Time now() const;

 private:
  absl::StatusOr<steward::rpc::Client*> ClientOf(const std::string& service);
  std::string NextRequestId();

  SessionOptions options_;
  std::map<std::string, std::unique_ptr<steward::rpc::Client>> clients_;
  int requests_ = 0;
};

// Runs `step` until it says stop, waiting `pause` between; for watch and tail. Ends early when
// output is gone.
void Poll(steward::Duration pause, const std::function<bool()>& step);

}  // namespace stewardctl
