#pragma once
// The sla service without its process: projection, watcher and API on a database of its own. Events are handed to the projection as
// the consumer would; inputs count as caught up unless a test says otherwise.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "services/sla/api/clocks_api.h"
#include "services/sla/api/rules_api.h"
#include "services/sla/events/projection.h"
#include "services/sla/migrations.h"
#include "services/sla/watcher/watcher.h"
#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::sla {

namespace pb = complaints::events::v1;

// Tickets 1, 2, 3 ...
std::string TicketId(int n);

class SlaTest : public ::testing::Test {
 protected:
  SlaTest();
  void SetUp() override;
  void TearDown() override;

  rpc::Call CallFor(const google::protobuf::Message& request, const std::string& request_id = "");
  template <class Api, class Request, class Response>
  absl::Status Do(Api& api, absl::Status (Api::*method)(rpc::Call&, const Request&, Response*),
                  const Request& request, Response* response, const std::string& request_id = "") {
    rpc::Call call = CallFor(request, request_id);
    return (api.*method)(call, request, response);
  }

  // A policy `policies/{id}` on complaints, wall clock, in force at once; level 1 at the breach, level 2 after `interval`.
  v1::Policy MakePolicy(const std::string& id, Duration target,
                        const std::string& stop = "ticket.first_responded");
  void Install(const v1::Policy& policy);

  // Members a (agent) under lead (manager) under boss (director); operator aside.
  void InstallOrganisation();

  // The next event of a ticket; the key's version counts up.
  eventing::Event Ticket(const std::string& ticket, pb::ComplaintsEvent message, Time occurred_at);
  eventing::Event Registered(const std::string& ticket, Time at,
                             const std::string& severity = "ordinary");
  eventing::Event Milestone(const std::string& ticket, const std::string& type, Time at);
  eventing::Event Assigned(const std::string& ticket, const std::string& owner, Time at);
  eventing::Event Transferred(const std::string& ticket, const std::string& team,
                              const std::string& owner, Time at);
  eventing::Event Held(const std::string& ticket, bool held, Time at);
  // Applies events in one transaction, with the locks that the consumer takes.
  void Apply(const std::vector<eventing::Event>& events);

  // Rows as text, for assertions.
  std::vector<std::string> Rows(const char* name, const char* sql);
  int64_t Count(const char* name, const char* sql);
  Time DatabaseNow();
  void InputsCaughtUp(bool yes);

  WatcherDeps DepsOfWatcher(Duration max_hold = Seconds(30));
  std::unique_ptr<Watcher> NewWatcher(Duration max_hold = Seconds(30));

  pg::Options pg_;
  metrics::Registry registry_;
  pg::WorkerConnections db_;
  SystemClock clock_;
  RandomIdGenerator ids_;
  identity::OrgCache org_;
  rpc::PageTokens tokens_{"a secret of tests"};
  RuleCache rules_;
  SlaMetrics metrics_;
  SubjectProjection projection_;
  service::Env env_;
  RulesApi rules_api_;
  ClocksApi clocks_api_;
  std::unique_ptr<pg::Connection> connection_;
  std::map<std::string, int64_t> versions_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::string caller_ = "members/operator";
  std::vector<std::string> grants_ = {"operator", "admin"};
};

}  // namespace steward::sla
