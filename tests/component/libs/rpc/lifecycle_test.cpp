// Start, health, reflection, probe, stop.

#include <gtest/gtest.h>

#include <future>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/support/sync_stream.h"
#include "libs/base/status.h"
#include "libs/rpc/probe.h"
#include "tests/component/libs/rpc/harness.h"

namespace steward::rpc {
namespace {

namespace health = grpc::health::v1;

class LifecycleTest : public ::testing::Test, protected Harness {
 protected:
  // -1 = error `NOT_FOUND`.
  int Health(const std::string& service) {
    health::HealthCheckRequest request;
    request.set_service(service);
    RawAnswer answer = CallRaw(PlainChannel(target()), "/grpc.health.v1.Health/Check",
                               request.SerializeAsString(), {});
    health::HealthCheckResponse response;
    EXPECT_TRUE(response.ParseFromString(answer.body));
    return answer.code == 5 ? -1 : response.status();
  }
};

TEST_F(LifecycleTest, HealthIsNotServingUntilToldAndKnowsEveryService) {
  ASSERT_EQ(Start(), absl::OkStatus());
  EXPECT_EQ(Health(""), health::HealthCheckResponse::NOT_SERVING);
  server->SetServing(true);
  EXPECT_EQ(Health(""), health::HealthCheckResponse::SERVING);
  EXPECT_EQ(Health("steward.operations.v1.OperationsService"),
            health::HealthCheckResponse::SERVING);
  EXPECT_EQ(Health("no.such.Service"), -1);
  server->SetServing(false);
  EXPECT_EQ(Health("steward.operations.v1.OperationsService"),
            health::HealthCheckResponse::NOT_SERVING);
}

TEST_F(LifecycleTest, HealthAnswersWhileAllWorkersAreBusy) {
  options.workers = 1;
  options.queue_limit = 1;
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  auto running = std::async(std::launch::async, [&] {
    ops::ServiceStatus response;
    return client->Invoke(OpsMethod("GetStatus"), ops::GetStatusRequest(), &response, Seconds(20));
  });
  ASSERT_TRUE(gate.AwaitWaiting(1, Seconds(10)));
  EXPECT_EQ(Health(""), health::HealthCheckResponse::NOT_SERVING);
  gate.Open();
  EXPECT_TRUE(running.get().ok());
}

// A stream of Health/Watch, read one state at a time.
class Watch {
 public:
  Watch(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
    health::HealthCheckRequest request;
    request.set_service(service);
    grpc::Slice slice(request.SerializeAsString());
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    grpc::internal::RpcMethod method("/grpc.health.v1.Health/Watch",
                                     grpc::internal::RpcMethod::SERVER_STREAMING);
    stream_.reset(grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(
        channel.get(), method, &context_, grpc::ByteBuffer(&slice, 1)));
  }
  // The next state; minus the code of the end.
  int Next() {
    grpc::ByteBuffer buffer;
    grpc::Slice slice;
    if (!stream_->Read(&buffer)) {
      return -stream_->Finish().error_code();
    }
    health::HealthCheckResponse response;
    EXPECT_TRUE(buffer.DumpToSingleSlice(&slice).ok());
    EXPECT_TRUE(response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
    return response.status();
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> stream_;
};

TEST_F(LifecycleTest, AWatchIsToldEveryStateUntilTheServerStops) {
  using Response = health::HealthCheckResponse;
  ASSERT_TRUE(Start().ok());
  const auto channel = PlainChannel(target());
  Watch all(channel, ""), one(channel, "steward.operations.v1.OperationsService");
  Watch unknown(channel, "no.such.Service"), gone(channel, "");
  EXPECT_EQ(all.Next(), Response::NOT_SERVING);
  EXPECT_EQ(one.Next(), Response::NOT_SERVING);
  EXPECT_EQ(gone.Next(), Response::NOT_SERVING);
  EXPECT_EQ(unknown.Next(), Response::SERVICE_UNKNOWN);
  gone.Cancel();
  EXPECT_EQ(gone.Next(), -grpc::StatusCode::CANCELLED);
  server->SetServing(true);
  EXPECT_EQ(all.Next(), Response::SERVING);
  EXPECT_EQ(one.Next(), Response::SERVING);
  server->SetServing(true);  // no change, nothing is said
  server->SetServing(false);
  EXPECT_EQ(all.Next(), Response::NOT_SERVING);
  server->SetServing(true);
  EXPECT_EQ(all.Next(), Response::SERVING);
  // Open streams do not hold up the drain.
  auto stopped = std::async(std::launch::async, [&] { server->Stop(Seconds(3'600)); });
  EXPECT_EQ(all.Next(), Response::NOT_SERVING);
  EXPECT_EQ(all.Next(), -grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(unknown.Next(), -grpc::StatusCode::UNAVAILABLE);
  stopped.get();
}

TEST_F(LifecycleTest, WatchesOfClientsThatAreGoneAreForgotten) {
  ASSERT_TRUE(Start().ok());
  const auto channel = PlainChannel(target());
  for (int i = 0; i < 1'100; ++i) {
    Watch watch(channel, "");
    ASSERT_EQ(watch.Next(), health::HealthCheckResponse::NOT_SERVING) << "after " << i;
    watch.Cancel();
    ASSERT_EQ(watch.Next(), -grpc::StatusCode::CANCELLED);
  }
  server->SetServing(true);
  Watch last(channel, "");
  EXPECT_EQ(last.Next(), health::HealthCheckResponse::SERVING);
}

// A message of the reflection library, which brings its own generated code.
std::unique_ptr<google::protobuf::Message> ReflectionMessage(const std::string& name) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      "grpc.reflection.v1alpha." + name);
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// Asks one thing after the other on one stream, as tools do; requests and answers in text format.
std::vector<std::string> Reflect(const std::shared_ptr<grpc::Channel>& channel,
                                 const std::vector<std::string>& requests) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::internal::RpcMethod method("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                   grpc::internal::RpcMethod::BIDI_STREAMING);
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          channel.get(), method, &context));
  std::vector<std::string> answers;
  for (const std::string& text : requests) {
    auto request = ReflectionMessage("ServerReflectionRequest");
    auto response = ReflectionMessage("ServerReflectionResponse");
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
    grpc::ByteBuffer buffer;
    grpc::Slice slice;
    if (!stream->Write(ToBuffer(request->SerializeAsString())) || !stream->Read(&buffer) ||
        !buffer.DumpToSingleSlice(&slice).ok()) {
      break;
    }
    EXPECT_TRUE(response->ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
    answers.push_back(response->ShortDebugString());
  }
  stream->WritesDone();
  stream->Finish();
  return answers;
}

TEST_F(LifecycleTest, ReflectionListsAndDescribesEveryService) {
  options.reflection = true;
  ASSERT_EQ(Start(), absl::OkStatus());
  auto channel = PlainChannel(target());
  auto listed = Reflect(channel, {"list_services: '*'"});
  ASSERT_EQ(listed.size(), 1u);
  std::vector<std::string> describe;
  for (const char* name : {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
                           "steward.operations.v1.OperationsService"}) {
    EXPECT_NE(listed[0].find(std::string("service { name: \"") + name + "\" }"), std::string::npos)
        << listed[0];
    describe.push_back(std::string("file_containing_symbol: '") + name + "'");
  }
  auto described = Reflect(channel, describe);
  ASSERT_EQ(described.size(), describe.size());
  for (const std::string& answer : described) {
    EXPECT_NE(answer.find("file_descriptor_response { file_descriptor_proto: "), std::string::npos)
        << answer;
  }
  ops::Version version;
  EXPECT_TRUE(ClientFor("members/ann")
                  ->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5))
                  .ok());
}

TEST_F(LifecycleTest, ReflectionIsOffByDefault) {
  ASSERT_EQ(Start(), absl::OkStatus());
  EXPECT_TRUE(Reflect(PlainChannel(target()), {"list_services: '*'"}).empty());
}

TEST_F(LifecycleTest, StopLetsRunningCallsFinish) {
  ASSERT_EQ(Start(), absl::OkStatus());
  server->SetServing(true);
  auto client = ClientFor("members/ann");
  auto running = std::async(std::launch::async, [&] {
    ops::ServiceStatus response;
    return client->Invoke(OpsMethod("GetStatus"), ops::GetStatusRequest(), &response, Seconds(20));
  });
  ASSERT_TRUE(gate.AwaitWaiting(1, Seconds(10)));
  auto stopped = std::async(std::launch::async, [&] { server->Stop(Seconds(10)); });
  // New connections are refused while the old call still runs.
  auto late = ClientFor("members/ann");
  ops::Version version;
  while (
      late->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(2)).ok()) {
    late = ClientFor("members/ann");
  }
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(1)), std::future_status::timeout);
  gate.Open();
  EXPECT_TRUE(running.get().ok()) << "the call that ran was answered";
  stopped.get();
  server->Stop(Seconds(1));  // once more does nothing
}

TEST_F(LifecycleTest, StopCancelsWhatOutlivesTheDrain) {
  ASSERT_EQ(Start(), absl::OkStatus());
  auto client = ClientFor("members/ann");
  auto running = std::async(std::launch::async, [&] {
    ops::ServiceStatus response;
    return client->Invoke(OpsMethod("GetStatus"), ops::GetStatusRequest(), &response, Seconds(20));
  });
  ASSERT_TRUE(gate.AwaitWaiting(1, Seconds(10)));
  auto stopped = std::async(std::launch::async, [&] { server->Stop(Milliseconds(50)); });
  EXPECT_EQ(running.get().code(), absl::StatusCode::kUnavailable)
      << "the client does not wait for the handler";
  gate.Open();
  stopped.get();
}

TEST_F(LifecycleTest, StopUnderLoadLosesNothingThatWasAnswered) {
  ASSERT_EQ(Start(), absl::OkStatus());
  std::atomic<int> answered{0};
  std::vector<std::future<void>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::async(std::launch::async, [&] {
      auto client = ClientFor("members/ann");
      ops::Version version;
      while (client->Invoke(OpsMethod("GetVersion"), ops::GetVersionRequest(), &version, Seconds(5))
                 .ok()) {
        ++answered;
      }
    }));
  }
  while (answered < 200) {
    std::this_thread::yield();
  }
  server->Stop(Seconds(5));
  for (auto& client : clients) {
    client.get();
  }
  EXPECT_LE(answered, entered.load());
}

TEST_F(LifecycleTest, APortThatIsTakenIsAnError) {
  ASSERT_EQ(Start(), absl::OkStatus());
  Harness second;
  second.options.address = target();
  EXPECT_EQ(second.Start().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(LifecycleTest, UnsafeProfilesDoNotStart) {
  auto reason = [](const std::function<void(ServerOptions&)>& change) {
    Harness harness;
    change(harness.options);
    return ReasonOf(harness.Start());
  };
  EXPECT_EQ(reason([](ServerOptions& o) { o.development = false; }), "UNSAFE_PROFILE")
      << "plaintext in production";
  EXPECT_EQ(reason([](ServerOptions& o) { o.address = "0.0.0.0:0"; }), "UNSAFE_PROFILE")
      << "development beyond loopback";
  EXPECT_EQ(reason([](ServerOptions& o) { o.address = "127.example.org:0"; }), "UNSAFE_PROFILE");
  EXPECT_EQ(reason([](ServerOptions& o) {
              o.development = false;
              o.reflection = true;
            }),
            "UNSAFE_PROFILE");
}

TEST_F(LifecycleTest, EveryMethodNeedsAPolicyAndAHandler) {
  policy.erase(OpsMethod("GetVersion"));
  absl::Status status = Start();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(FromAbsl(status.message()).find("OperationsService/GetVersion: no line in the policy"),
            std::string::npos)
      << status;

  Harness harness;
  ASSERT_EQ(harness.Start(), absl::OkStatus());
  harness.options.address = "127.0.0.1:0";
  Server partial(harness.options, *harness.guard, harness.registry, harness.clock);
  partial.Add<ops::GetVersionRequest, ops::Version>(
      OpsMethod("GetVersion"),
      [](Call&, const ops::GetVersionRequest&, ops::Version*) { return absl::OkStatus(); });
  status = partial.Start();
  EXPECT_NE(FromAbsl(status.message()).find("OperationsService/GetStatus: no handler"),
            std::string::npos)
      << status;
}

TEST_F(LifecycleTest, TheProbeTellsALivePortFromADeadOne) {
  options.self_probe = true;
  options.probe_interval = Milliseconds(20);
  ASSERT_EQ(Start(), absl::OkStatus());
  EXPECT_TRUE(SelfProbe::Probe(target(), grpc::InsecureChannelCredentials()));
  std::string old = target();
  server->Stop(Duration{0});
  EXPECT_FALSE(SelfProbe::Probe(old, grpc::InsecureChannelCredentials()));
}

TEST(SelfProbeDeathTest, ThreeFailuresEndTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        SelfProbe probe("127.0.0.1:1", grpc::InsecureChannelCredentials(), Milliseconds(1));
        Gate().Wait();
      },
      ::testing::ExitedWithCode(70), "");
}

}  // namespace
}  // namespace steward::rpc
