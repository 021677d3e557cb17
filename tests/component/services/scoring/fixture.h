#pragma once
// The scoring service on a real PostgreSQL: events are handed to the projection as the consumer would, methods are called without gRPC.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/base/zone.h"
#include "libs/eventing/journal.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "services/scoring/api/eligibility_api.h"
#include "services/scoring/api/measurements_api.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/api/periods_api.h"
#include "services/scoring/api/scorecards_api.h"
#include "services/scoring/cards.h"
#include "services/scoring/events/projection.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/orders/events/v1/orders_events.pb.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::scoring {

inline constexpr char kLi[] = "members/li";
inline constexpr char kWang[] = "members/wang";
inline constexpr char kEast[] = "teams/east";

// `2026-03-05T10:00` in the company's zone (Asia/Shanghai).
Time At(const std::string& local);
google::type::Date Day(const std::string& day);
google::type::Money Cny(int64_t minor);

struct Caller {
  std::string member = "members/operator";
  std::vector<std::string> grants = {"operator"};
  rpc::Reach reach{true, {}, {}};
};
inline Caller Agent(const std::string& member) {
  return {member, {"agent"}, {false, {member}, {}}};
}

class ScoringTest : public ::testing::Test {
 protected:
  ScoringTest();

  // The next event of an aggregate; the key's version counts up.
  template <class Message>
  eventing::Event Event(const std::string& topic, const std::string& aggregate,
                        const Message& message, Time occurred_at) {
    eventing::Event event;
    event.event_id = ids.NewId(clock.Now());
    event.topic = topic;
    event.aggregate = aggregate;
    event.version = ++versions[aggregate];
    event.type = eventing::EventName(message);
    event.occurred_at = occurred_at;
    event.recorded_at = clock.Now();
    event.origin = {"members/a", "test", "",
                    "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"};
    event.message = std::make_shared<Message>(message);
    return event;
  }
  eventing::Event Won(const std::string& opportunity, Time at, int64_t minor,
                      const std::string& member = kLi, const std::string& customer = "acme");
  eventing::Event Signed(const std::string& contract, const std::string& day, int64_t minor,
                         const std::string& member = kLi);
  // Applies events in one transaction, with the locks that the consumer takes.
  absl::Status Try(const std::vector<eventing::Event>& events);
  void Apply(const std::vector<eventing::Event>& events);

  template <class Api, class Request, class Response>
  absl::Status Do(Api& api,
                  absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                  const Request& request, Response* response, const Caller& caller = {}) {
    return (api.*method)(CallFor(request, caller), request, response);
  }
  // One that must succeed.
  template <class Api, class Request, class Response>
  Response Must(Api& api, absl::Status (Api::*method)(const rpc::Call&, const Request&, Response*),
                const Request& request, const Caller& caller = {}) {
    Response response;
    const absl::Status status = Do(api, method, request, &response, caller);
    EXPECT_TRUE(status.ok()) << Request::descriptor()->name() << ": " << status;
    return response;
  }
  template <class Request>
  rpc::Call CallFor(const Request& request, const Caller& caller) {
    if constexpr (requires { request.request_id(); }) {
      return MakeCall(caller, request, request.request_id());
    } else {
      return MakeCall(caller, request, "");
    }
  }

  // The total of a measure over 2026, `CNY 1200` for an amount; "" = nothing.
  std::string Total(const std::string& measure, const std::string& subject,
                    const std::string& first = "2026-01-01", const std::string& last = "2026-12-31",
                    const std::string& qualifier = "");
  // First column of each row.
  std::vector<std::string> Rows(const char* name, const char* sql);

  pg::Options options;
  std::function<absl::Status(operations::v1::ServiceStatus*)>
      leads_says;  // empty = all is published
  metrics::Registry registry;
  testing::FakeClock clock{At("2026-11-20T12:00")};
  RandomIdGenerator ids;
  rpc::PageTokens tokens{"secret of a test"};
  pg::WorkerConnections connections;
  service::Env env;
  FactProjection projection;
  MeasuresApi measures;
  ScorecardsApi scorecards;
  MeasurementsApi measurements;
  EligibilityApi eligibility;
  PeriodsApi periods;
  std::unique_ptr<pg::Connection> db;
  std::map<std::string, int64_t> versions;

 private:
  rpc::Call MakeCall(const Caller& caller, const google::protobuf::Message& request,
                     const std::string& request_id);
};

std::string FieldOf(const absl::Status& status);

}  // namespace steward::scoring
