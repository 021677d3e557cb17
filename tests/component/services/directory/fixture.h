#pragma once
// The directory's API on a database of its own, called directly.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/eventing/journal.h"
#include "libs/rpc/validate.h"
#include "libs/testing/eventually.h"
#include "libs/testing/pg_fixture.h"
#include "services/directory/api/directory_api.h"
#include "services/directory/events/directory_events.h"
#include "services/directory/migrations.h"

namespace steward::directory {

class DirectoryTest : public ::testing::Test {
 protected:
  static constexpr int kWorkers = 4;
  // 2026-03-02T08:00:00Z
  static constexpr Time kStart{1'772'438'400'000'000};

  DirectoryTest()
      : pg_(testing::PgFixture::Shared().NewDatabase(Migrations())),
        db_(pg_, kWorkers, &metrics_),
        clock_(kStart),
        ids_(7),
        org_(pg_, &metrics_),
        tokens_("a secret of tests"),
        api_(service::Env{.service = "directory",
                          .db = &db_,
                          .clock = &clock_,
                          .ids = &ids_,
                          .metrics = &metrics_,
                          .topic_message = &pb_events::DirectoryEvent::default_instance()},
             org_, tokens_) {}

  void SetUp() override { ASSERT_TRUE(org_.Start().ok()); }
  void TearDown() override { org_.Stop(); }

  // A call as libs/rpc would make it for this request.
  rpc::Call CallFor(const google::protobuf::Message& request, const std::string& request_id = "",
                    int worker = 0) {
    rpc::Call call;
    call.method =
        "/steward.directory.v1.DirectoryService/" + std::string(request.GetDescriptor()->name());
    call.worker = worker;
    call.caller = "members/tester";
    call.peer = "dev";
    call.reach.all = true;
    call.request_id = request_id;
    call.request_hash = rpc::RequestHash(request);
    call.traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
    call.correlation = "test";
    call.deadline_micros = MonotonicMicros() + Seconds(10).micros;
    return call;
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Do(absl::Status (DirectoryApi::*method)(rpc::Call&, const Request&,
                                                                   Response*),
                              const Request& request, const std::string& request_id = "",
                              int worker = 0) {
    rpc::Call call = CallFor(request, request_id, worker);
    Response response;
    RETURN_IF_ERROR((api_.*method)(call, request, &response));
    return response;
  }

  absl::StatusOr<pb::Member> Create(const pb::Member& member, const std::string& request_id = "",
                                    int worker = 0) {
    pb::CreateMemberRequest request;
    *request.mutable_member() = member;
    return Do(&DirectoryApi::CreateMember, request, request_id, worker);
  }
  absl::StatusOr<pb::Member> Update(const pb::Member& member, const std::vector<std::string>& mask,
                                    const std::string& request_id = "", int worker = 0) {
    pb::UpdateMemberRequest request;
    *request.mutable_member() = member;
    for (const std::string& path : mask) {
      request.mutable_update_mask()->add_paths(path);
    }
    return Do(&DirectoryApi::UpdateMember, request, request_id, worker);
  }
  absl::StatusOr<pb::Member> Get(const std::string& name) {
    pb::GetMemberRequest request;
    request.set_name(name);
    return Do(&DirectoryApi::GetMember, request);
  }
  absl::StatusOr<pb::Member> Deactivate(const std::string& name, const std::string& etag = "") {
    pb::DeactivateMemberRequest request;
    request.set_name(name);
    request.set_etag(etag);
    return Do(&DirectoryApi::DeactivateMember, request);
  }
  absl::StatusOr<pb::Member> Reactivate(const std::string& name) {
    pb::ReactivateMemberRequest request;
    request.set_name(name);
    return Do(&DirectoryApi::ReactivateMember, request);
  }
  absl::StatusOr<pb::Role> CreateRole(const std::string& name,
                                      std::vector<std::string> grants = {}) {
    pb::CreateRoleRequest request;
    request.mutable_role()->set_name(name);
    (*request.mutable_role()->mutable_display_names())["en"] = name;
    request.mutable_role()->mutable_grants()->Add(grants.begin(), grants.end());
    return Do(&DirectoryApi::CreateRole, request);
  }
  absl::StatusOr<pb::Team> CreateTeam(const std::string& name, const std::string& parent = "",
                                      const std::string& region = "") {
    pb::CreateTeamRequest request;
    request.mutable_team()->set_name(name);
    (*request.mutable_team()->mutable_display_names())["en"] = name;
    request.mutable_team()->set_parent(parent);
    request.mutable_team()->set_region(region);
    return Do(&DirectoryApi::CreateTeam, request);
  }

  static pb::Member Person(const std::string& name, const std::string& superior = "") {
    pb::Member member;
    member.set_name(name);
    member.set_display_name("Somebody");
    if (!superior.empty()) {
      member.add_superiors()->set_member(superior);
    }
    return member;
  }
  static void SetPeriod(pb::Period* period, std::optional<Time> start, std::optional<Time> end) {
    if (start) {
      *period->mutable_start_time() = rpc::ToProto(*start);
    }
    if (end) {
      *period->mutable_end_time() = rpc::ToProto(*end);
    }
  }

  pg::Connection& connection() { return **db_.Get(0); }
  std::vector<eventing::JournalRow> Journal(const std::string& aggregate) {
    return eventing::ReadAggregate(connection(), aggregate, 0, 1000).value();
  }
  int64_t Count(const char* table) {
    const std::string sql = "SELECT count(*) FROM " + std::string(table);
    const std::string name = "count_" + std::string(table);
    return connection().Run(pg::Statement{name.c_str(), sql.c_str()})->Int(0, 0);
  }

  metrics::Registry metrics_;
  pg::Options pg_;
  pg::WorkerConnections db_;
  testing::FakeClock clock_;
  SeededIdGenerator ids_;
  identity::OrgCache org_;
  rpc::PageTokens tokens_;
  DirectoryApi api_;
};

inline std::string MetadataOf(const absl::Status& status, std::string_view key) {
  for (const auto& [name, value] : RefusalOf(status).value_or(Refusal{}).metadata) {
    if (name == key) {
      return value;
    }
  }
  return "";
}

inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : RefusalOf(status).value_or(Refusal{}).fields) {
    fields.push_back(violation.field);
  }
  return fields;
}

}  // namespace steward::directory
