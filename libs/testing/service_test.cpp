#include "libs/testing/service_test.h"

#include <utility>

namespace steward::testing {
namespace {

// `/steward.leads.v1.LeadsService/GetCustomer` of GetCustomerRequest.
std::string MethodOf(const google::protobuf::Descriptor& request) {
  const google::protobuf::FileDescriptor& file = *request.file();
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      if (file.service(i)->method(j)->input_type() == &request) {
        return "/" + file.service(i)->full_name() + "/" + file.service(i)->method(j)->name();
      }
    }
  }
  ADD_FAILURE() << request.full_name() << " is the request of no method of its file";
  return "";
}

std::string RequestIdOf(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

}  // namespace

Caller Agent(std::string member, std::vector<std::string> teams) {
  return {member, {"agent"}, {false, {member}, std::move(teams)}, 0};
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

ServiceTestBase::ServiceTestBase(std::string service, const std::vector<pg::Migration>& migrations,
                                 const google::protobuf::Message& topic_message)
    : options(PgFixture::Shared().NewDatabase(migrations)),
      connections(std::make_unique<pg::WorkerConnections>(options, kWorkers, &registry)),
      env{.service = std::move(service),
          .db = connections.get(),
          .clock = &clock,
          .ids = &ids,
          .relay = nullptr,
          .metrics = &registry,
          .topic_message = &topic_message} {}

rpc::Call ServiceTestBase::CallFor(const Caller& caller,
                                   const google::protobuf::Message& request) const {
  rpc::Call call;
  call.method = MethodOf(*request.GetDescriptor());
  call.worker = caller.worker;
  call.caller = caller.member;
  call.grants = caller.grants;
  call.reach = caller.reach;
  call.request_id = RequestIdOf(request);
  call.request_hash = rpc::RequestHash(request);
  call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  call.correlation = "test";
  call.deadline_micros = MonotonicMicros() + Seconds(20).micros;
  return call;
}

std::vector<eventing::JournalRow> ServiceTestBase::JournalRows() {
  auto db = pg::Connection::Open(options);
  EXPECT_TRUE(db.ok()) << db.status();
  auto read = eventing::ReadChanges(**db, {}, "", {}, 100'000);
  EXPECT_TRUE(read.ok()) << read.status();
  return *std::move(read);
}

int64_t ServiceTestBase::Count(const char* sql) {
  auto db = pg::Connection::Open(options);
  EXPECT_TRUE(db.ok()) << db.status();
  const auto result = (*db)->Run(pg::Statement{"count", sql});
  EXPECT_TRUE(result.ok()) << result.status();
  return result->Int(0, 0);
}

OrgBuilder& OrgBuilder::Team(const std::string& team, const std::string& parent) {
  org_.teams[team].set_parent(parent);
  return *this;
}

OrgBuilder& OrgBuilder::Member(const std::string& member, const std::string& superior,
                               const std::string& role, const std::string& team, bool lead) {
  auto& state = org_.members[member];
  state.set_kind(directory::v1::Member::PERSON);
  state.set_active(true);
  if (!superior.empty()) {
    state.add_superiors()->set_member(superior);
  }
  if (!role.empty()) {
    state.add_roles()->set_role(role);
  }
  if (!team.empty()) {
    state.add_teams()->set_team(team);
    state.mutable_teams(0)->set_lead(lead);
  }
  return *this;
}

std::shared_ptr<const identity::Org> OrgBuilder::Build() const {
  return std::make_shared<const identity::Org>(org_);
}

}  // namespace steward::testing
