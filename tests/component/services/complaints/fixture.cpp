#include "tests/component/services/complaints/fixture.h"

#include <map>

#include "services/complaints/migrations.h"

namespace steward::complaints {

Caller Agent(std::string member, std::vector<std::string> teams) {
  return {member, {"agent"}, {false, {member}, std::move(teams)}, 0};
}

ComplaintsTest::ComplaintsTest()
    : options(testing::PgFixture::Shared().NewDatabase(Migrations())),
      kinds(*LoadKinds("")),
      connections(std::make_unique<pg::WorkerConnections>(options, kWorkers, &registry)),
      metrics(std::make_unique<Metrics>(kinds, registry)) {
  const auto invoke = [this](std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message* response, Duration timeout,
                             const rpc::Call& call) -> absl::Status {
    return sla ? sla(method, request, response, timeout, call)
               : absl::UnavailableError("no sla service");
  };
  service::Env env{.service = "complaints",
                   .db = connections.get(),
                   .clock = &clock,
                   .ids = &ids,
                   .relay = nullptr,
                   .metrics = &registry,
                   .topic_message = &events::v1::ComplaintsEvent::default_instance()};
  customers = std::make_unique<CustomerCache>(options);
  unknown = std::make_unique<UnknownCustomers>(UnknownCustomers::Deps{
      .env = env,
      .pg = options,
      .kinds = &kinds,
      .leads = [this](std::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message* response, Duration timeout,
                      const rpc::Call& call) -> absl::Status {
        return leads ? leads(method, request, response, timeout, call)
                     : absl::UnavailableError("no leads service");
      },
      .most_customers = 2,
      .most_tickets = 2});
  api = std::make_unique<ComplaintsApi>(ApiDeps{.env = env,
                                                .kinds = &kinds,
                                                .time_rules = {},
                                                .repeat_window = Hours(24 * 30),
                                                .tokens = &tokens,
                                                .clocks = {invoke, Milliseconds(500)},
                                                .metrics = metrics.get(),
                                                .customers = customers.get(),
                                                .unknown = unknown.get()});
}

rpc::Call ComplaintsTest::MakeCall(const Caller& caller, std::string_view request_type,
                                   const google::protobuf::Message& request,
                                   std::string request_id) const {
  rpc::Call call;
  const std::string method(
      request_type.substr(0, request_type.size() - std::string_view("Request").size()));
  call.method = "/steward.complaints.v1.ComplaintsService/" + method;
  call.worker = caller.worker;
  call.caller = caller.member;
  call.grants = caller.grants;
  call.reach = caller.reach;
  call.request_id = std::move(request_id);
  call.request_hash = rpc::RequestHash(request);
  call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  call.correlation = "test";
  call.deadline_micros = MonotonicMicros() + Seconds(20).micros;
  return call;
}

pb::RegisterTicketRequest ComplaintsTest::Intake(std::string kind) const {
  pb::RegisterTicketRequest request;
  request.mutable_ticket()->set_kind(std::move(kind));
  request.mutable_ticket()->set_channel("hotline");
  return request;
}

pb::Ticket ComplaintsTest::Register(const pb::RegisterTicketRequest& request,
                                    const Caller& caller) {
  return Must(&ComplaintsApi::RegisterTicket, request, caller).ticket();
}

pb::Ticket ComplaintsTest::Get(const std::string& name, const Caller& caller) {
  return Must(&ComplaintsApi::GetTicket, For<pb::GetTicketRequest>(name), caller).ticket();
}

std::vector<ComplaintsTest::Row> ComplaintsTest::Journal() {
  auto db = pg::Connection::Open(options);
  EXPECT_TRUE(db.ok()) << db.status();
  const auto read = eventing::ReadChanges(**db, {}, "", {}, 100'000);
  EXPECT_TRUE(read.ok()) << read.status();
  std::map<std::string, int64_t> versions;
  std::vector<Row> rows;
  for (const eventing::JournalRow& each : *read) {
    Row row{each.aggregate, each.aggregate_version, each.type, each.actor, each.occurred_at, {},
            each.payload};
    EXPECT_EQ(++versions[row.aggregate], row.version) << row.aggregate;
    EXPECT_TRUE(row.event.ParseFromString(each.payload)) << row.aggregate;
    EXPECT_EQ(eventing::EventName(row.event), row.type);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> ComplaintsTest::TypesOf(const std::string& aggregate) {
  std::vector<std::string> types;
  for (const Row& row : Journal()) {
    if (row.aggregate == aggregate) {
      types.push_back(row.type);
    }
  }
  return types;
}

int64_t ComplaintsTest::Count(const char* sql) {
  auto db = pg::Connection::Open(options);
  EXPECT_TRUE(db.ok()) << db.status();
  const auto result = (*db)->Run(pg::Statement{"count", sql});
  EXPECT_TRUE(result.ok()) << result.status();
  return result->Int(0, 0);
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  if (refusal) {
    for (const auto& [name, value] : refusal->metadata) {
      if (name == key) {
        return value;
      }
    }
  }
  return "";
}

std::string FieldOf(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "";
}

}  // namespace steward::complaints
