// steward.operations.v1 over the wire.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "libs/base/status.h"
#include "libs/identity/deny_list.h"
#include "libs/pg/pool.h"
#include "libs/rpc/client.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/server.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tests/component/libs/eventing/fixture.h"

// The resolver that gRPC uses for `localhost` keeps ten bytes of each lookup.
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares"; }

namespace steward::eventing {
namespace {

namespace pb = steward::operations::v1;

class OneOperator final : public rpc::Members {
 public:
  std::optional<Who> Find(std::string_view subject, Time) const override {
    return Who{std::string(subject), {"operator"}};
  }
  bool NoAdminYet() const override { return false; }
  rpc::Reach ReachOf(std::string_view, Scope, Time) const override {
    return {.all = true, .members = {}, .teams = {}};
  }
};

class OperationsTest : public ConsumerTest {
 protected:
  void SetUp() override {
    ConsumerTest::SetUp();
    std::string folder = (std::filesystem::temp_directory_path() / "steward-ops-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    const auto key = rpc::GenerateSigningKey();
    ASSERT_TRUE(key.ok()) << key.status();
    std::ofstream(folder_ / "jwks.json") << key->jwks_json;
    auto verifier = rpc::TokenVerifier::Create(
        {.jwks_file = folder_ / "jwks.json", .issuer = "dev-only", .production = false});
    ASSERT_TRUE(verifier.ok()) << verifier.status();
    verifier_ = *std::move(verifier);
    std::map<std::string, rpc::MethodPolicy> policy;
    const auto* service = pb::GetVersionRequest::descriptor()->file()->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      policy["/" + service->full_name() + "/" + service->method(i)->name()] = {
          .peers = {}, .grants = {"operator"}};
    }
    guard_ = std::make_unique<rpc::Guard>(policy, *verifier_, members_, "");
    rpc::ServerOptions options;
    options.service = "sla";
    options.workers = 2;
    options.development = true;
    options.self_probe = false;
    server_ = std::make_unique<rpc::Server>(options, *guard_, registry_, clock_);
    db_ = std::make_unique<pg::WorkerConnections>(database_, 2, &registry_);
    OperationsDeps deps;
    deps.service = "sla";
    deps.version = "0.1.0";
    deps.revision = "abc";
    deps.profile = "dev";
    deps.db = db_.get();
    deps.clock = &clock_;
    deps.projection = &facts_;
    deps.consumer_options = OptionsFor();
    deps.tokens = &tokens_;
    deps.extra = [] { return std::map<std::string, std::string>{{"guard", "ok"}}; };
    operations_ = std::make_unique<Operations>(deps);
    operations_->AddTo(*server_);
    identity::AddDenyMethods(*server_, {.db = db_.get()});
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
    rpc::TokenClaims claims{.subject = "members/ann", .issuer = "dev-only"};
    claims.key_id = key->key_id;
    claims.issued_at = clock_.Now();
    claims.life = Minutes(10);
    rpc::ClientOptions target;
    target.target = "127.0.0.1:" + std::to_string(server_->port());
    client_ = std::make_unique<rpc::Client>(target);
    client_->SetToken(rpc::MintToken(claims, key->private_key_pem).value());
  }
  void TearDown() override {
    consumer_.reset();
    client_.reset();
    server_.reset();
    std::filesystem::remove_all(folder_);
    ConsumerTest::TearDown();
  }

  template <class Response>
  absl::StatusOr<Response> Call(const char* method, const google::protobuf::Message& request) {
    Response response;
    RETURN_IF_ERROR(
        client_->Invoke(std::string("/steward.operations.v1.OperationsService/") + method, request,
                        &response, Seconds(10)));
    return response;
  }

  // v1 applied, v2 refused, v3 and v4 behind it.
  void ParkThree() {
    facts_.FailWith("complaints/c1", 2, absl::FailedPreconditionError("no such policy"));
    Send({MessageOf("complaints/c1", 1), MessageOf("complaints/c1", 2),
          MessageOf("complaints/c1", 3), MessageOf("complaints/c1", 4)});
    StartConsumer();
    ExpectConserved(4);
  }

  std::filesystem::path folder_;
  OneOperator members_;
  rpc::PageTokens tokens_{"secret"};
  std::unique_ptr<rpc::TokenVerifier> verifier_;
  std::unique_ptr<rpc::Guard> guard_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<pg::WorkerConnections> db_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<rpc::Client> client_;
};

TEST_F(OperationsTest, VersionStatusAndParkedRecords) {
  ParkThree();
  ASSERT_TRUE(AppendNext(*connection_, "clocks/k1", 2).ok());
  const auto version = Call<pb::Version>("GetVersion", pb::GetVersionRequest());
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->service(), "sla");
  EXPECT_EQ(version->schema_version(), 2);

  const auto status = Call<pb::ServiceStatus>("GetStatus", pb::GetStatusRequest());
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_EQ(status->outbox_pending(), 2);
  EXPECT_EQ(status->parked(), 3);
  EXPECT_EQ(status->inputs_size(), kPartitions);
  EXPECT_EQ(status->extra().at("guard"), "ok");
  EXPECT_GT(status->database_time().seconds(), 1'700'000'000);

  pb::ListParkedRecordsRequest list;
  list.set_page_size(2);
  auto page = Call<pb::ListParkedRecordsResponse>("ListParkedRecords", list);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->parked_records_size(), 2);
  EXPECT_EQ(page->parked_records(0).reason(), "refused");
  EXPECT_EQ(page->parked_records(0).text(), "no such policy");
  EXPECT_EQ(page->parked_records(0).key(), "complaints/c1");
  list.set_page_token(page->next_page_token());
  auto next = Call<pb::ListParkedRecordsResponse>("ListParkedRecords", list);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->parked_records_size(), 1);
  EXPECT_EQ(next->next_page_token(), "");
  list.set_filter("reason = \"gap\"");  // the token belongs to another query
  EXPECT_FALSE(Call<pb::ListParkedRecordsResponse>("ListParkedRecords", list).ok());
  list.clear_page_token();
  EXPECT_EQ(Call<pb::ListParkedRecordsResponse>("ListParkedRecords", list)->parked_records_size(),
            0);

  pb::GetParkedRecordRequest get;
  get.set_name(page->parked_records(0).name());
  const auto record = Call<pb::ParkedRecord>("GetParkedRecord", get);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->value(), AnEvent(2).SerializeAsString());
  EXPECT_EQ(record->headers().at("ce_sequence"), "00000000000000000002");
  get.set_name("parkedRecords/999999");
  EXPECT_EQ(Call<pb::ParkedRecord>("GetParkedRecord", get).status().code(),
            absl::StatusCode::kNotFound);
  for (const char* bad : {"parkedRecords/0", "parkedRecords/01", "parkedRecords/x", "records/1"}) {
    get.set_name(bad);
    EXPECT_EQ(Call<pb::ParkedRecord>("GetParkedRecord", get).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST_F(OperationsTest, ReleaseByName) {
  ParkThree();
  facts_.Heal();
  pb::ReleaseParkedRecordsRequest release;
  release.add_names(
      "parkedRecords/" +
      std::to_string(Number("SELECT id FROM parked_record WHERE aggregate_version = 2")));
  release.set_dry_run(true);
  auto outcome = Call<pb::ReleaseParkedRecordsResponse>("ReleaseParkedRecords", release);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->released(), 3);
  EXPECT_EQ(outcome->parked_records_size(), 3);
  EXPECT_EQ(Applied("complaints/c1"), "1");
  release.set_dry_run(false);
  outcome = Call<pb::ReleaseParkedRecordsResponse>("ReleaseParkedRecords", release);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->released(), 3);
  EXPECT_EQ(outcome->still_parked(), 0);
  EXPECT_EQ(outcome->parked_records(0).state(), "released");
  EXPECT_EQ(Applied("complaints/c1"), "1 2 3 4");
}

TEST_F(OperationsTest, ADiscardedVersionLetsTheNextOnesGo) {
  ParkThree();
  pb::DiscardParkedRecordsRequest discard;
  discard.add_names(
      "parkedRecords/" +
      std::to_string(Number("SELECT id FROM parked_record WHERE aggregate_version = 2")));
  EXPECT_EQ(Call<pb::DiscardParkedRecordsResponse>("DiscardParkedRecords", discard).status().code(),
            absl::StatusCode::kInvalidArgument);  // without a reason
  discard.set_reason("entered by mistake");
  discard.set_dry_run(true);
  EXPECT_EQ(Call<pb::DiscardParkedRecordsResponse>("DiscardParkedRecords", discard)->discarded(),
            1);
  discard.set_dry_run(false);
  const auto discarded = Call<pb::DiscardParkedRecordsResponse>("DiscardParkedRecords", discard);
  ASSERT_TRUE(discarded.ok()) << discarded.status();
  EXPECT_EQ(discarded->discarded(), 1);
  EXPECT_EQ(
      Text("SELECT state || ': ' || discard_reason FROM parked_record WHERE aggregate_version = 2"),
      "discarded: members/ann: entered by mistake");
  const auto released = Call<pb::ReleaseParkedRecordsResponse>("ReleaseParkedRecords",
                                                               pb::ReleaseParkedRecordsRequest());
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(released->released(), 2);
  EXPECT_EQ(Applied("complaints/c1"), "1 3 4");
  Send({MessageOf("complaints/c1", 5)});
  EXPECT_TRUE(EventuallyApplied("complaints/c1", "1 3 4 5"));
}

TEST_F(OperationsTest, ChangesAreFollowedWithoutMissingALateCommit) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  pb::ListChangesRequest request;
  request.set_page_size(2);
  auto page = Call<pb::ListChangesResponse>("ListChanges", request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->changes_size(), 2);
  EXPECT_EQ(page->changes(0).actor(), "members/m1");
  EXPECT_EQ(page->changes(0).aggregate_version(), 1);
  request.set_page_token(page->next_page_token());
  page = Call<pb::ListChangesResponse>("ListChanges", request);
  ASSERT_EQ(page->changes_size(), 1);
  request.set_page_token(page->next_page_token());

  auto late = Connect();
  ASSERT_TRUE(
      late->RunScript(
              "BEGIN; INSERT INTO journal (event_id, aggregate, aggregate_version, type, "
              "occurred_at, actor, "
              "correlation, traceparent, payload) VALUES (gen_random_uuid(), 'complaints/late', 1, "
              "'ticket.first_responded', now(), 'a', 'c', 't', '\\x2200')")
          .ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c2").ok());
  page = Call<pb::ListChangesResponse>("ListChanges", request);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->changes_size(), 0);
  request.set_page_token(page->next_page_token());
  ASSERT_TRUE(late->RunScript("COMMIT").ok());
  page = Call<pb::ListChangesResponse>("ListChanges", request);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->changes_size(), 2);
  EXPECT_EQ(page->changes(0).aggregate(), "complaints/late");

  pb::ListChangesRequest from_end;
  from_end.set_from_end(true);
  page = Call<pb::ListChangesResponse>("ListChanges", from_end);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->changes_size(), 0);
  from_end.set_page_token(page->next_page_token());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c3").ok());
  page = Call<pb::ListChangesResponse>("ListChanges", from_end);
  ASSERT_EQ(page->changes_size(), 1);
  EXPECT_EQ(page->changes(0).aggregate(), "complaints/c3");
}

}  // namespace
}  // namespace steward::eventing
