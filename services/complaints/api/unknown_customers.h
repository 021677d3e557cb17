#pragma once
// Tickets of customers that no event has told of yet: the leads service is asked in the background, and what it says becomes an event
// of the ticket (ruling A14). Registration pays nothing, and no failure refuses anything.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/pg/connection.h"
#include "libs/rpc/call.h"
#include "libs/runtime/periodic.h"
#include "libs/service/command.h"
#include "services/complaints/domain/kind_tree.h"

namespace steward::complaints {

class UnknownCustomers {
 public:
  // A call to the leads service with the identity of `call`: rpc::Client, or a test's own.
  using Invoke = std::function<absl::Status(
      std::string_view method, const google::protobuf::Message& request,
      google::protobuf::Message* response, Duration timeout, const rpc::Call& call)>;
  struct Deps {
    service::Env env;
    pg::Options pg;
    const KindTree* kinds = nullptr;
    Invoke leads;
    Duration timeout = Milliseconds(500);
    size_t most_customers = 1'000;  // that wait; tickets of more are not asked for
    size_t most_tickets = 100;      // of one customer
  };
  explicit UnknownCustomers(Deps deps);
  void Start() { loop_.Start(); }
  void Stop() { loop_.Stop(); }
  // After the commit of a registration. Never waits for anything but a mutex.
  void Ask(const std::string& customer, const Uuid& ticket, const rpc::Call& call);
  // Asks for everybody who waits; stops at the first answer that is none.
  void Run();

 private:
  struct Question {
    std::vector<Uuid> tickets;
    rpc::Call call;  // of the first ticket
  };
  using Questions = std::map<std::string, Question>;

  absl::Status AskFor(const std::string& customer, const Question& question);
  absl::Status Learn(const Uuid& ticket, const std::string& customer, const rpc::Call& call,
                     std::vector<std::string> tiers, Time asked_at);
  void Remember(const std::string& customer);

  Deps deps_;
  metrics::Counter answered_, missing_, failed_, dropped_;
  std::unique_ptr<pg::Connection> connection_;  // of the loop's thread
  std::mutex mutex_;
  Questions waiting_;                                                       // guarded by mutex_
  std::map<std::string, std::chrono::steady_clock::time_point> not_found_;  // guarded by mutex_
  runtime::Periodic loop_;
};

}  // namespace steward::complaints
