#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status.h"
#include "tests/component/libs/rpc/harness.h"

namespace steward::rpc {
namespace {

class ServerTest : public ::testing::Test, protected Harness {
 protected:
  double Handled(const std::string& method, const std::string& code) {
    return Metric(
        "grpc_server_handled_total{grpc_code=\"" + code + "\",grpc_method=\"" + method +
        "\",grpc_service=\"steward.operations.v1.OperationsService\",grpc_type=\"unary\"}");
  }
  double Rejected(const std::string& method, const std::string& reason) {
    return Metric("steward_rpc_rejected_total{grpc_method=\"" + method + "\",reason=\"" + reason +
                  "\"}");
  }
};

TEST_F(ServerTest, AnswersAndKnowsTheCaller) {
  ASSERT_EQ(Start(), absl::OkStatus());
  EXPECT_EQ(Handled("GetVersion", "OK"), 0) << "counters exist before the first call";
  ops::Version version;
  absl::Status status =
      ClientFor("members/ann")
          ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(version.service(), "members/ann");
  EXPECT_EQ(version.version().size(), 32u) << "without a correlation id it is the trace id";
  EXPECT_EQ(Handled("GetVersion", "OK"), 1);
  EXPECT_EQ(Metric("steward_rpc_without_deadline_total{grpc_method=\"GetVersion\"}"), 0);
}

TEST_F(ServerTest, FillsTheCall) {
  Call seen;
  handlers["ReleaseParkedRecords"] = [&](Call& call, const google::protobuf::Message&,
                                         google::protobuf::Message*) {
    seen = call;
    return absl::OkStatus();
  };
  policy[OpsMethod("ReleaseParkedRecords")].reach = Members::Scope::kAll;
  ASSERT_EQ(Start(), absl::OkStatus());
  ops::ReleaseParkedRecordsRequest request;
  request.set_request_id("0190AAAA-BBBB-7CCC-8DDD-EEEEEEEEEEEE");
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto channel = PlainChannel(target());
  auto call = [&](const std::string& body) {
    return CallRaw(channel, OpsMethod("ReleaseParkedRecords"), body,
                   {{"authorization", "Bearer " + Token("members/ann")},
                    {"traceparent", parent},
                    {"x-correlation-id", "job-7"}},
                   Seconds(60));
  };
  ASSERT_EQ(call(request.SerializeAsString()).code, 0);
  EXPECT_EQ(seen.caller, "members/ann");
  EXPECT_EQ(seen.peer, "dev");
  EXPECT_TRUE(seen.HasGrant("operator"));
  EXPECT_FALSE(seen.HasGrant("admin"));
  EXPECT_TRUE(seen.reach.all);
  EXPECT_EQ(seen.request_id, "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");
  EXPECT_EQ(seen.correlation, "job-7");
  EXPECT_EQ(seen.traceparent.substr(0, 36), parent.substr(0, 36)) << "the trace goes on";
  EXPECT_NE(seen.traceparent, parent) << "with a span of its own";
  EXPECT_LE(seen.TimeLeft(), Seconds(30)) << "no deadline is longer";
  EXPECT_GT(seen.TimeLeft(), Seconds(25));
  std::string hash = seen.request_hash;
  EXPECT_EQ(hash.size(), 32u);
  // Another id and a field nobody knows are the same request; another argument is not.
  request.set_request_id("0190aaaa-bbbb-7ccc-8ddd-ffffffffffff");
  ASSERT_EQ(call(request.SerializeAsString() + std::string("\xF8\x3F\x01", 3)).code, 0);
  EXPECT_EQ(seen.request_hash, hash);
  request.set_dry_run(true);
  ASSERT_EQ(call(request.SerializeAsString()).code, 0);
  EXPECT_NE(seen.request_hash, hash);
}

TEST_F(ServerTest, GivesADeadlineToACallWithoutOne) {
  Duration left{};
  handlers["GetVersion"] = [&](Call& call, const google::protobuf::Message&,
                               google::protobuf::Message*) {
    left = call.TimeLeft();
    return absl::OkStatus();
  };
  ASSERT_EQ(Start(), absl::OkStatus());
  // More than a hundred years is how this client says "none".
  EXPECT_EQ(CallRaw(PlainChannel(target()), OpsMethod("GetVersion"), "",
                    {{"authorization", "Bearer " + Token("members/ann")}}, Hours(24 * 366 * 100))
                .code,
            0);
  EXPECT_LE(left, Seconds(5));
  EXPECT_GT(left, Seconds(3));
  EXPECT_EQ(Metric("steward_rpc_without_deadline_total{grpc_method=\"GetVersion\"}"), 1);
}

TEST_F(ServerTest, EveryErrorCarriesAReason) {
  ASSERT_EQ(Start(), absl::OkStatus());
  RawAnswer answer = CallRaw(PlainChannel(target()), OpsMethod("GetVersion"), "", {});
  EXPECT_EQ(answer.code, 16);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(answer.details));
  google::rpc::ErrorInfo info;
  ASSERT_EQ(status.details_size(), 1);
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "TOKEN_MISSING");
  EXPECT_EQ(info.domain(), "operations.steward");
  EXPECT_EQ(Rejected("GetVersion", "unauthenticated"), 1);
  EXPECT_EQ(entered, 0);
}

TEST_F(ServerTest, RefusesByPolicyBeforeItLooksAtTheRequest) {
  ASSERT_EQ(Start(), absl::OkStatus());
  ops::ParkedRecord record;
  absl::Status status = ClientFor("members/eve")
                            ->Invoke(OpsMethod("GetParkedRecord"), ops::GetParkedRecordRequest(),
                                     &record, Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), "GRANT_MISSING");
  status = ClientFor("members/nobody")
               ->Invoke(OpsMethod("GetParkedRecord"), ops::GetParkedRecordRequest(), &record,
                        Seconds(5));
  EXPECT_EQ(ReasonOf(status), "MEMBER_UNKNOWN");
  EXPECT_EQ(Rejected("GetParkedRecord", "denied"), 2);
  status = ClientFor("members/ann")
               ->Invoke(OpsMethod("GetParkedRecord"), ops::GetParkedRecordRequest(), &record,
                        Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(RefusalOf(status));
  EXPECT_EQ(RefusalOf(status)->fields, (std::vector<FieldViolation>{{"name", "is required"}}));
  EXPECT_EQ(entered, 0);
}

TEST_F(ServerTest, NamesEveryFieldAtFaultTogetherWithTheRequestId) {
  policy[OpsMethod("DiscardParkedRecords")].request_id_required = true;
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  ops::DiscardParkedRecordsRequest request;
  ops::DiscardParkedRecordsResponse response;
  auto fields = [&] {
    absl::Status status =
        client->Invoke(OpsMethod("DiscardParkedRecords"), request, &response, Seconds(5));
    std::set<std::string> names;
    for (const auto& field : RefusalOf(status).value_or(Refusal{}).fields) {
      names.insert(field.field);
    }
    return names;
  };
  EXPECT_EQ(fields(), (std::set<std::string>{"names", "reason", "request_id"}));
  request.set_request_id("not-a-uuid");
  request.add_names("parkedRecords/1");
  EXPECT_EQ(fields(), (std::set<std::string>{"reason", "request_id"}));
}

TEST_F(ServerTest, RateLimitSaysWhenToRepeat) {
  policy[OpsMethod("GetVersion")].rate_per_second = 0.5;
  policy[OpsMethod("GetVersion")].burst = 1;
  ASSERT_EQ(Start(), absl::OkStatus());
  ops::Version version;
  auto client = ClientFor("members/ann");
  EXPECT_TRUE(
      client->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5)).ok());
  absl::Status status =
      client->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "RATE_LIMITED");
  EXPECT_GT(RefusalOf(status)->retry_after_ms.value_or(0), 1'000);
  EXPECT_TRUE(ClientFor("members/bob")
                  ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5))
                  .ok())
      << "the bucket belongs to the caller";
  EXPECT_EQ(Rejected("GetVersion", "rate_limited"), 1);
}

TEST_F(ServerTest, InternalErrorsAreMasked) {
  handlers["GetVersion"] = [](Call&, const google::protobuf::Message&, google::protobuf::Message*) {
    return absl::InternalError("column secret_42 does not exist");
  };
  handlers["ListChanges"] = [](Call&, const google::protobuf::Message&,
                               google::protobuf::Message*) -> absl::Status {
    throw std::bad_alloc();
  };
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  ops::Version version;
  absl::Status status =
      client->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(FromAbsl(status.message()), "internal error");
  ASSERT_EQ(RefusalOf(status)->metadata.size(), 1u);
  EXPECT_EQ(RefusalOf(status)->metadata[0].first, "correlation");
  ops::ListChangesResponse changes;
  EXPECT_EQ(
      client->Invoke(OpsMethod("ListChanges"), ops::ListChangesRequest(), &changes, Seconds(5))
          .code(),
      absl::StatusCode::kInternal);
  EXPECT_TRUE(client
                  ->Invoke(OpsMethod("ListParkedRecords"), ops::ListParkedRecordsRequest(),
                           &changes, Seconds(5))
                  .ok())
      << "the server lives on";
}

TEST_F(ServerTest, AFullQueueAnswersAtOnce) {
  options.workers = 1;
  options.queue_limit = 1;
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  auto call = [&](const char* method) {
    ops::ServiceStatus response;
    return client->Invoke(OpsMethod(method), ops::GetStatusRequest(), &response, Seconds(20));
  };
  auto running = std::async(std::launch::async, call, "GetStatus");
  ASSERT_TRUE(gate.AwaitWaiting(1, Seconds(10)));
  auto first = std::async(std::launch::async, call, "ListChanges");
  auto second = std::async(std::launch::async, call, "ListChanges");
  // One of the two waits in the queue, the other is refused while the worker is still busy.
  auto done = [](std::future<absl::Status>& f) {
    return f.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
  };
  while (!done(first) && !done(second)) {
  }
  absl::Status refused = done(first) ? first.get() : second.get();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "QUEUE_FULL");
  EXPECT_EQ(RefusalOf(refused)->retry_after_ms, 100);
  EXPECT_EQ(Metric("steward_rpc_workers{state=\"busy\"}"), 1);
  EXPECT_EQ(Metric("grpc_server_in_flight"), 2);
  gate.Open();
  EXPECT_TRUE(running.get().ok());
  EXPECT_TRUE((first.valid() ? first : second).get().ok());
  EXPECT_EQ(Rejected("ListChanges", "queue_full"), 1);
  EXPECT_EQ(Metric("steward_rpc_workers{state=\"busy\"}"), 0);
}

TEST_F(ServerTest, ACallWhoseDeadlinePassedInTheQueueNeverReachesTheHandler) {
  options.workers = 1;
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  ops::ServiceStatus response;
  auto running = std::async(std::launch::async, [&] {
    ops::ServiceStatus own;
    return client->Invoke(OpsMethod("GetStatus"), ops::GetStatusRequest(), &own, Seconds(20));
  });
  ASSERT_TRUE(gate.AwaitWaiting(1, Seconds(10)));
  absl::Status status = client->Invoke(OpsMethod("ListChanges"), ops::ListChangesRequest(),
                                       &response, Milliseconds(100));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  // The server counts from the arrival, a little later: another call's longer deadline passes too.
  EXPECT_FALSE(client
                   ->Invoke(OpsMethod("ListChanges"), ops::ListChangesRequest(), &response,
                            Milliseconds(300))
                   .ok());
  gate.Open();
  EXPECT_TRUE(running.get().ok());
  // FIFO: when this one is answered, the expired ones were taken from the queue before.
  EXPECT_TRUE(client
                  ->Invoke(OpsMethod("ListParkedRecords"), ops::ListParkedRecordsRequest(),
                           &response, Seconds(5))
                  .ok());
  EXPECT_GE(Rejected("ListChanges", "expired_in_queue"), 1);
  EXPECT_GE(Handled("ListChanges", "DeadlineExceeded"), 1);
  EXPECT_LE(entered, 3) << "the first of the two never reached the handler";
}

TEST_F(ServerTest, TwoUsersOnOneConnectionNeverMix) {
  ASSERT_EQ(Start(), absl::OkStatus());
  auto channel = PlainChannel(target());
  const std::string tokens[] = {"Bearer " + Token("members/ann"), "Bearer " + Token("members/bob")};
  const std::string names[] = {"members/ann", "members/bob"};
  std::atomic<int> mixed{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1'000; ++i) {
        size_t who = static_cast<size_t>(t + i) % 2;
        RawAnswer answer = CallRaw(channel, OpsMethod("GetVersion"), "",
                                   {{"authorization", tokens[who]}}, Seconds(20));
        ops::Version version;
        failed += answer.code != 0 || !version.ParseFromString(answer.body);
        mixed += version.service() != names[who];
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(entered, 4'000);
}

}  // namespace
}  // namespace steward::rpc
