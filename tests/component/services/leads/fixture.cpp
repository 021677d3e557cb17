#include "tests/component/services/leads/fixture.h"

#include <map>

#include "services/leads/migrations.h"

namespace steward::leads {

Caller Agent(std::string member, std::vector<std::string> teams) {
  return {member, {"agent"}, {false, {member}, std::move(teams)}, 0};
}

LeadsTest::LeadsTest()
    : options(testing::PgFixture::Shared().NewDatabase(Migrations())),
      schemes(*LoadTierSchemes("")),
      connections(std::make_unique<pg::WorkerConnections>(options, kWorkers, &registry)),
      metrics(std::make_unique<Metrics>(schemes, registry)) {
  service::Env env{.service = "leads",
                   .db = connections.get(),
                   .clock = &clock,
                   .ids = &ids,
                   .relay = nullptr,
                   .metrics = &registry,
                   .topic_message = &events::v1::LeadsEvent::default_instance()};
  api = std::make_unique<LeadsApi>(
      ApiDeps{.env = env, .rules = {&schemes, "CN"}, .tokens = &tokens, .metrics = metrics.get()});
}

rpc::Call LeadsTest::MakeCall(const Caller& caller, std::string_view request_type,
                              const google::protobuf::Message& request,
                              std::string request_id) const {
  rpc::Call call;
  const std::string method(
      request_type.substr(0, request_type.size() - std::string_view("Request").size()));
  call.method = "/steward.leads.v1.LeadsService/" + method;
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

pb::CreateCustomerRequest LeadsTest::Draft(std::string id, std::string name) const {
  pb::CreateCustomerRequest request;
  request.set_customer_id(std::move(id));
  request.mutable_customer()->set_display_name(std::move(name));
  return request;
}

pb::Customer LeadsTest::Create(const pb::CreateCustomerRequest& request, const Caller& caller) {
  return Must(&LeadsApi::CreateCustomer, request, caller);
}

pb::Customer LeadsTest::Get(const std::string& name, const Caller& caller) {
  return Must(&LeadsApi::GetCustomer, For<pb::GetCustomerRequest>(name), caller);
}

std::vector<LeadsTest::Row> LeadsTest::Journal() {
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

std::vector<std::string> LeadsTest::TypesOf(const std::string& aggregate) {
  std::vector<std::string> types;
  for (const Row& row : Journal()) {
    if (row.aggregate == aggregate) {
      types.push_back(row.type);
    }
  }
  return types;
}

int64_t LeadsTest::Count(const char* sql) {
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

}  // namespace steward::leads
