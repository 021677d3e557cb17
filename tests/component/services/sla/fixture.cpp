#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kCaughtUp{"test_inputs_caught_up",
                                  "INSERT INTO consumer_offset (consumer_group, topic, partition, "
                                  "next_offset, end_offset, end_confirmed_at) "
                                  "SELECT 'steward.sla', t, p, 5, $1, clock_timestamp() + interval "
                                  "'1 hour' FROM unnest($2::text[], $3::integer[]) AS u(t, p) "
                                  "ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET "
                                  "end_offset = excluded.end_offset"};
constexpr pg::Statement kNow{"test_now", "SELECT clock_timestamp()"};

}  // namespace

std::string TicketId(int n) {
  char id[40];
  std::snprintf(id, sizeof id, "0190c6a5-0000-7000-8000-%012d", n);
  return id;
}

SlaTest::SlaTest()
    : pg_(testing::PgFixture::Shared().NewDatabase(Migrations())),
      db_(pg_, 2, &registry_),
      org_(pg_, &registry_),
      metrics_(registry_),
      projection_({.rules = &rules_,
                   .org = &org_,
                   .ids = &ids_,
                   .metrics = &metrics_,
                   .armed =
                       [this](const auto& armed) {
                         for (const auto& watcher : watchers_) {
                           watcher->Armed(armed);
                         }
                       },
                   .applied = [](auto) {}}),
      env_{.service = "sla",
           .db = &db_,
           .clock = &clock_,
           .ids = &ids_,
           .relay = nullptr,
           .metrics = &registry_,
           .topic_message = &events::v1::SlaEvent::default_instance()},
      rules_api_(env_, rules_, tokens_),
      clocks_api_({.env = env_,
                   .rules = &rules_,
                   .org = &org_,
                   .metrics = &metrics_,
                   .tokens = &tokens_,
                   .watcher = nullptr,
                   .board = nullptr}) {}

void SlaTest::SetUp() {
  auto connection = pg::Connection::Open(pg_);
  ASSERT_TRUE(connection.ok()) << connection.status();
  connection_ = std::move(*connection);
  InputsCaughtUp(true);
  InstallOrganisation();
  ASSERT_TRUE(org_.Start().ok());
}

void SlaTest::TearDown() {
  for (auto& watcher : watchers_) {
    watcher->Stop();
  }
  org_.Stop();
}

rpc::Call SlaTest::CallFor(const google::protobuf::Message& request,
                           const std::string& request_id) {
  rpc::Call call;
  call.method = "/steward.sla.v1.SlaService/" + std::string(request.GetDescriptor()->name());
  call.caller = caller_;
  call.grants = grants_;
  call.peer = "dev";
  call.reach.all = true;
  call.request_id = request_id;
  call.request_hash = rpc::RequestHash(request);
  call.traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  call.correlation = "test";
  call.deadline_micros = MonotonicMicros() + Seconds(20).micros;
  return call;
}

v1::Policy SlaTest::MakePolicy(const std::string& id, Duration target, const std::string& stop) {
  v1::Policy policy;
  policy.set_name("policies/" + id);
  (*policy.mutable_display_names())["en"] = id;
  policy.set_metric(id);
  policy.mutable_match()->add_kinds("complaint");
  policy.set_start_event("ticket.registered");
  policy.set_stop_event(stop);
  *policy.mutable_target()->mutable_wall_clock() = rpc::ToProto(target);
  auto* first = policy.add_levels();
  first->set_role("roles/manager");
  first->mutable_at()->set_share_percent(100);
  auto* second = policy.add_levels();
  second->set_role("roles/director");
  *second->mutable_interval() = rpc::ToProto(Milliseconds(400));
  return policy;
}

void SlaTest::Install(const v1::Policy& policy) {
  v1::CreatePolicyRequest request;
  *request.mutable_policy() = policy;
  request.set_activate(true);
  v1::Policy response;
  const absl::Status status = Do(rules_api_, &RulesApi::CreatePolicy, request, &response);
  ASSERT_TRUE(status.ok()) << status;
}

void SlaTest::InstallOrganisation() {
  namespace dir = directory::events::v1;
  const auto member = [](const std::string& role, const std::string& superior) {
    dir::MemberState state;
    state.set_active(true);
    state.add_roles()->set_role(role);
    state.add_teams()->set_team("teams/east");
    if (!superior.empty()) {
      state.add_superiors()->set_member(superior);
    }
    return state;
  };
  const absl::Status status = pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
    identity::QueueEntry(tx, "members/a", 1, member("roles/agent", "members/lead"));
    identity::QueueEntry(tx, "members/lead", 1, member("roles/manager", "members/boss"));
    identity::QueueEntry(tx, "members/boss", 1, member("roles/director", ""));
    identity::QueueEntry(tx, "teams/east", 1, dir::TeamState());
    for (const char* role : {"roles/agent", "roles/manager", "roles/director"}) {
      identity::QueueEntry(tx, role, 1, dir::RoleState());
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
}

eventing::Event SlaTest::Ticket(const std::string& ticket, pb::ComplaintsEvent message,
                                Time occurred_at) {
  eventing::Event event;
  event.event_id = ids_.NewId(clock_.Now());
  event.topic = kComplaintsTopic;
  event.aggregate = "complaints/" + ticket;
  event.version = ++versions_[event.aggregate];
  event.type = eventing::EventName(message);
  event.occurred_at = occurred_at;
  event.recorded_at = clock_.Now();
  event.origin = {"members/a", "test", "",
                  "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"};
  event.message = std::make_shared<pb::ComplaintsEvent>(std::move(message));
  return event;
}

eventing::Event SlaTest::Registered(const std::string& ticket, Time at,
                                    const std::string& severity) {
  pb::ComplaintsEvent message;
  auto* m = message.mutable_ticket_registered();
  m->set_kind("complaint");
  m->add_kind_path("complaint");
  m->set_severity(severity);
  m->set_channel("hotline");
  m->set_owner("members/a");
  m->set_team("teams/east");
  return Ticket(ticket, message, at);
}

eventing::Event SlaTest::Milestone(const std::string& ticket, const std::string& type, Time at) {
  pb::ComplaintsEvent message;
  std::string field = type;
  field[field.find('.')] = '_';
  const auto* descriptor = pb::ComplaintsEvent::descriptor()->FindFieldByName(field);
  message.GetReflection()->MutableMessage(&message, descriptor);
  return Ticket(ticket, message, at);
}

eventing::Event SlaTest::Assigned(const std::string& ticket, const std::string& owner, Time at) {
  pb::ComplaintsEvent message;
  message.mutable_ticket_assigned()->set_owner(owner);
  return Ticket(ticket, message, at);
}

eventing::Event SlaTest::Transferred(const std::string& ticket, const std::string& team,
                                     const std::string& owner, Time at) {
  pb::ComplaintsEvent message;
  message.mutable_ticket_transferred()->set_team(team);
  message.mutable_ticket_transferred()->set_owner(owner);
  return Ticket(ticket, message, at);
}

eventing::Event SlaTest::Held(const std::string& ticket, bool held, Time at) {
  pb::ComplaintsEvent message;
  (held ? message.mutable_ticket_held() : message.mutable_ticket_resumed())
      ->set_cause("waiting_customer");
  return Ticket(ticket, message, at);
}

void SlaTest::Apply(const std::vector<eventing::Event>& events) {
  const absl::Status status = pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
    std::vector<pg::LockKey> locks = projection_.Locks(events);
    for (const eventing::Event& event : events) {
      locks.push_back(pg::LockKey::Exclusive(event.aggregate));
    }
    tx.Lock(locks);
    return projection_.Apply(tx, events);
  });
  ASSERT_TRUE(status.ok()) << status;
}

std::vector<std::string> SlaTest::Rows(const char* name, const char* sql) {
  const auto result = connection_->Run({name, sql});
  EXPECT_TRUE(result.ok()) << result.status();
  std::vector<std::string> rows;
  for (int i = 0; result.ok() && i < result->rows(); ++i) {
    rows.push_back(result->Text(i, 0));
  }
  return rows;
}

int64_t SlaTest::Count(const char* name, const char* sql) {
  const auto result = connection_->Run({name, sql});
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->Int(0, 0) : -1;
}

Time SlaTest::DatabaseNow() { return connection_->Run(kNow)->Timestamp(0, 0); }

void SlaTest::InputsCaughtUp(bool yes) {
  std::vector<std::string> topics;
  std::vector<int32_t> partitions;
  for (const eventing::Input& input : Inputs(1)) {
    for (int p = 0; p < input.partitions; ++p) {
      topics.push_back(input.topic);
      partitions.push_back(p);
    }
  }
  const auto status = connection_->Run(
      kCaughtUp, pg::Params().Add(int64_t{yes ? 5 : 9}).AddTexts(topics).AddInt32s(partitions));
  ASSERT_TRUE(status.ok()) << status.status();
}

WatcherDeps SlaTest::DepsOfWatcher(Duration max_hold) {
  return {.pg = pg_,
          .group = "steward.sla",
          .inputs = Inputs(1),
          .max_hold = max_hold,
          .rules = &rules_,
          .org = &org_,
          .ids = &ids_,
          .metrics = &metrics_,
          .fired = [] {}};
}

std::unique_ptr<Watcher> SlaTest::NewWatcher(Duration max_hold) {
  return std::make_unique<Watcher>(DepsOfWatcher(max_hold));
}

}  // namespace steward::sla
