#pragma once
// The complaints service on a real PostgreSQL, called without gRPC.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/rpc/validate.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/kinds.h"
#include "services/complaints/metrics.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"

namespace steward::complaints {

inline constexpr Time kStart{1'780'000'000'000'000};
inline constexpr char kLi[] = "members/li";
inline constexpr char kWang[] = "members/wang";

// Who calls.
struct Caller {
  std::string member = kLi;
  std::vector<std::string> grants = {"agent"};
  rpc::Reach reach{true, {kLi}, {}};
  int worker = 0;
};
Caller Agent(std::string member, std::vector<std::string> teams = {});

class ComplaintsTest : public ::testing::Test {
 protected:
  static constexpr int kWorkers = 8;
  ComplaintsTest();

  template <class Request>
  rpc::Call CallFor(const Caller& caller, const Request& request) const {
    return MakeCall(caller, Request::descriptor()->name(), request, RequestIdOf(request));
  }
  template <class Request, class Response>
  absl::Status Do(absl::Status (ComplaintsApi::*method)(const rpc::Call&, const Request&,
                                                        Response*),
                  const Request& request, Response* response, const Caller& caller = {}) {
    return ((*api).*method)(CallFor(caller, request), request, response);
  }
  // One that must succeed.
  template <class Request, class Response>
  Response Must(absl::Status (ComplaintsApi::*method)(const rpc::Call&, const Request&, Response*),
                const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Do(method, request, &response, caller);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status;
    return response;
  }

  pb::RegisterTicketRequest Intake(std::string kind = "complaint") const;
  pb::Ticket Register(const pb::RegisterTicketRequest& request, const Caller& caller = {});
  pb::Ticket Register() { return Register(Intake()); }
  pb::Ticket Get(const std::string& name, const Caller& caller = {});

  struct Row {
    std::string aggregate;
    int64_t version;
    std::string type, actor;
    Time occurred_at;
    events::v1::ComplaintsEvent event;
    std::string payload;
  };
  // The whole journal in the order it was written; every payload must parse, and versions have no
  // gap.
  std::vector<Row> Journal();
  std::vector<std::string> TypesOf(const std::string& aggregate);
  // One number from the database.
  int64_t Count(const char* sql);

  pg::Options options;
  metrics::Registry registry;
  KindTree kinds;
  testing::FakeClock clock{kStart};
  RandomIdGenerator ids;
  rpc::PageTokens tokens{"secret of a test"};
  std::unique_ptr<pg::WorkerConnections> connections;
  std::unique_ptr<Metrics> metrics;
  SlaClocks::Invoke sla;    // as the service sees it; empty = away
  SlaClocks::Invoke leads;  // likewise
  std::unique_ptr<CustomerCache> customers;
  std::unique_ptr<UnknownCustomers> unknown;
  std::unique_ptr<ComplaintsApi> api;

 private:
  rpc::Call MakeCall(const Caller& caller, std::string_view request_type,
                     const google::protobuf::Message& request, std::string request_id) const;
  template <class Request>
  static std::string RequestIdOf(const Request& request) {
    if constexpr (requires { request.request_id(); }) {
      return request.request_id();
    } else {
      return "";
    }
  }
};

// The value of one metadata key of a refusal.
std::string MetadataOf(const absl::Status& status, std::string_view key);
// The first field at fault.
std::string FieldOf(const absl::Status& status);

template <class Request>
Request For(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

}  // namespace steward::complaints
