#pragma once
// A service on a real PostgreSQL, called without gRPC: what the component fixtures of all services have in common.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/identity/org.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "libs/service/command.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"

namespace steward::testing {

inline constexpr Time kServiceStart{1'780'000'000'000'000};  // 2026-05-28T20:26:40Z
inline constexpr char kLi[] = "members/li";
inline constexpr char kWang[] = "members/wang";

// Who calls.
struct Caller {
  std::string member = kLi;
  std::vector<std::string> grants = {"agent"};
  rpc::Reach reach{true, {kLi}, {}};
  int worker = 0;
};
// Reaches what they and these teams own.
Caller Agent(std::string member, std::vector<std::string> teams = {});

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

// A database of the service and what its handlers share.
class ServiceTestBase : public ::testing::Test {
 protected:
  static constexpr int kWorkers = 8;
  ServiceTestBase(std::string service, const std::vector<pg::Migration>& migrations,
                  const google::protobuf::Message& topic_message);

  // A call of the method that takes this request.
  rpc::Call CallFor(const Caller& caller, const google::protobuf::Message& request) const;
  std::vector<eventing::JournalRow> JournalRows();
  // One number from the database.
  int64_t Count(const char* sql);

  pg::Options options;
  metrics::Registry registry;
  FakeClock clock{kServiceStart};
  RandomIdGenerator ids;
  rpc::PageTokens tokens{"secret of a test"};
  std::unique_ptr<pg::WorkerConnections> connections;
  service::Env env;
};

// `TopicMessage`: what the service publishes. `Apis`: its classes with one method per RPC, made by the derived fixture's constructor.
template <class TopicMessage, class... Apis>
class ServiceTest : public ServiceTestBase {
 protected:
  ServiceTest(std::string service, const std::vector<pg::Migration>& migrations)
      : ServiceTestBase(std::move(service), migrations, TopicMessage::default_instance()) {}

  template <class Api, class Request, class Response>
  absl::Status Do(absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                  const Request& request, Response* response, const Caller& caller = {}) {
    return (*std::get<std::unique_ptr<Api>>(apis).*method)(CallFor(caller, request), request,
                                                           response);
  }
  // One that must succeed.
  template <class Api, class Request, class Response>
  Response Must(absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Do(method, request, &response, caller);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status;
    return response;
  }
  // One that must not.
  template <class Api, class Request, class Response>
  absl::Status Refused(absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                       const Request& request, const Caller& caller = {}) {
    Response response;
    absl::Status status = Do(method, request, &response, caller);
    EXPECT_FALSE(status.ok()) << Request::descriptor()->name();
    return status;
  }

  struct Row {
    std::string aggregate;
    int64_t version;
    std::string type, actor;
    Time occurred_at;
    TopicMessage event;
    std::string payload;
  };
  // The whole journal in the order it was written; every payload must parse, and versions have no gap.
  std::vector<Row> Journal() {
    std::map<std::string, int64_t> versions;
    std::vector<Row> rows;
    for (const eventing::JournalRow& each : JournalRows()) {
      Row row{each.aggregate, each.aggregate_version, each.type, each.actor, each.occurred_at, {},
              each.payload};
      EXPECT_EQ(++versions[row.aggregate], row.version) << row.aggregate;
      EXPECT_TRUE(row.event.ParseFromString(each.payload)) << row.aggregate;
      EXPECT_EQ(eventing::EventName(row.event), row.type);
      rows.push_back(std::move(row));
    }
    return rows;
  }
  std::vector<std::string> TypesOf(const std::string& aggregate) {
    std::vector<std::string> types;
    for (const Row& row : Journal()) {
      if (row.aggregate == aggregate) {
        types.push_back(row.type);
      }
    }
    return types;
  }

  std::tuple<std::unique_ptr<Apis>...> apis;
};

// A small organisation by hand: members with a superior, a role, a team.
class OrgBuilder {
 public:
  OrgBuilder& Team(const std::string& team, const std::string& parent = "");
  OrgBuilder& Member(const std::string& member, const std::string& superior = "",
                     const std::string& role = "", const std::string& team = "", bool lead = false);
  std::shared_ptr<const identity::Org> Build() const;

 private:
  identity::Org org_;
};

}  // namespace steward::testing
