#include "libs/redis/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/testing/eventually.h"
#include "libs/testing/redis_fixture.h"

namespace steward::redis {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;
using testing::RedisFixture;

class RedisTest : public ::testing::Test {
 protected:
  void SetUp() override { RedisFixture::Shared().FlushAll(); }
  absl::StatusOr<std::string> Text(const std::vector<std::string>& command) {
    ASSIGN_OR_RETURN(Reply reply, client.Command(command));
    return reply.text;
  }
  metrics::Registry registry;
  Options options = RedisFixture::Shared().options();
  Client client{options, &registry};
};

TEST_F(RedisTest, KnowsEveryKindOfReply) {
  EXPECT_EQ(Text({"SET", "k", "v"}).value(), "OK");
  EXPECT_EQ(Text({"GET", "k"}).value(), "v");
  EXPECT_EQ(client.Command({"GET", "absent"})->kind, Reply::Kind::kNil);
  Reply number = client.Command({"INCRBY", "n", "-7"}).value();
  EXPECT_EQ(number.kind, Reply::Kind::kInt);
  EXPECT_EQ(number.number, -7);
  Reply array = client.Command({"MGET", "k", "absent"}).value();
  ASSERT_EQ(array.kind, Reply::Kind::kArray);
  EXPECT_EQ(array.elements.at(0).text, "v");
  EXPECT_EQ(array.elements.at(1).kind, Reply::Kind::kNil);
  EXPECT_THAT(registry.Text(), HasSubstr("steward_redis_command_seconds_count{command=\"get\"} 2"));
}

TEST_F(RedisTest, SpacesNulAndPercentAreData) {
  std::string value("a b\r\n%s%b\0\xff\"", 12);
  ASSERT_TRUE(client.Command({"SET", "key with %s and\n", value}).ok());
  EXPECT_EQ(Text({"GET", "key with %s and\n"}).value(), value);
  ASSERT_TRUE(client.Command({"SET", "", ""}).ok());
  EXPECT_EQ(Text({"GET", ""}).value(), "");
}

TEST_F(RedisTest, ErrorRepliesKeepTheConnectionInStep) {
  ASSERT_TRUE(client.Command({"LPUSH", "list", "x"}).ok());
  absl::Status wrong = client.Command({"GET", "list"}).status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(FromAbsl(wrong.message())), HasSubstr("WRONGTYPE"));
  EXPECT_EQ(client.Command({"NOSUCHCOMMAND"}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text({"ECHO", "after"}).value(), "after");
}

TEST_F(RedisTest, PipelineAnswersInOrderAndFailsWhole) {
  std::vector<std::vector<std::string>> commands;
  for (int i = 0; i < 1'000; ++i) {
    commands.push_back({"SET", "k" + std::to_string(i), std::string(200, 'x'), "EX", "60"});
    commands.push_back({"STRLEN", "k" + std::to_string(i)});
  }
  auto replies = client.Pipeline(commands).value();
  ASSERT_EQ(replies.size(), 2'000u);
  EXPECT_EQ(replies[0].text, "OK");
  EXPECT_EQ(replies[1'999].number, 200);
  EXPECT_EQ(client.Pipeline({{"PING"}, {"LPUSH", "k0", "x"}, {"PING"}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text({"ECHO", "in step"}).value(), "in step");
}

TEST_F(RedisTest, TransactionIsAllOrNothing) {
  auto replies =
      client.Transaction({{"SET", "a", "1"}, {"INCR", "a"}, {"ZADD", "z", "5", "m"}}).value();
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_EQ(replies[1].number, 2);
  EXPECT_EQ(client.Transaction({{"SET", "a", "9"}, {"NOSUCHCOMMAND"}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text({"GET", "a"}).value(), "2");
  EXPECT_EQ(client.Transaction({{"LPUSH", "a", "x"}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text({"ECHO", "in step"}).value(), "in step");
}

// The reply of a command that timed out arrives while the next one waits: it must not be taken for its answer.
TEST_F(RedisTest, LateReplyNeverAnswersTheNextCommand) {
  ASSERT_TRUE(client.Command({"SET", "k", "right"}).ok());
  for (int i = 0; i < 3; ++i) {
    int64_t begin = MonotonicMicros();
    absl::Status late = client.Command({"BLPOP", "nothing-there", "0.08"}).status();
    EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
    EXPECT_LT(MonotonicMicros() - begin, 80'000) << "the limit is 50 ms";
    EXPECT_EQ(Text({"GET", "k"}).value(), "right");
  }
}

TEST_F(RedisTest, StoppedServerCostsOneTimeoutACall) {
  std::thread sleeper([&] {
    Options patient = options;
    patient.command_timeout_ms = 5'000;
    EXPECT_TRUE(Client(patient, nullptr).Command({"DEBUG", "SLEEP", "0.5"}).ok());
  });
  // The sleeper may not have reached the server yet; then the call just answers.
  EXPECT_TRUE(Eventually(Seconds(5), [&] {
    return client.Command({"PING"}).status().code() == absl::StatusCode::kUnavailable;
  }));
  int64_t begin = MonotonicMicros();
  EXPECT_EQ(client.Command({"PING"}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(MonotonicMicros() - begin, 160'000) << "connect 100 ms and command 50 ms at most";
  sleeper.join();
  EXPECT_TRUE(Eventually(Seconds(5), [&] { return client.Command({"PING"}).ok(); }));
}

TEST_F(RedisTest, KilledServerOpensTheBreakerAndARestartClosesIt) {
  ASSERT_TRUE(client.Command({"PING"}).ok());
  RedisFixture::Shared().Kill();
  for (int i = 0; i < options.breaker_failures; ++i) {
    EXPECT_EQ(client.Command({"PING"}).status().code(), absl::StatusCode::kUnavailable);
  }
  absl::Status open = client.Command({"PING"}).status();
  EXPECT_THAT(std::string(FromAbsl(open.message())), HasSubstr("too often"));
  RedisFixture::Shared().Restart();
  EXPECT_EQ(client.Command({"PING"}).status().code(), absl::StatusCode::kUnavailable)
      << "open for a second";
  EXPECT_TRUE(Eventually(Seconds(5), [&] { return client.Command({"PING"}).ok(); }));
}

// A server that answers what it likes: garbage, half a reply, one byte at a time.
class HostileServer {
 public:
  HostileServer(std::string bytes, int pause_ms) : bytes_(std::move(bytes)), pause_ms_(pause_ms) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "steward-hostile-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~HostileServer() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/s"; }

 private:
  void Serve() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0;
         fd = accept(listener_, nullptr, nullptr)) {
      char request[512];
      bool sent = read(fd, request, sizeof request) > 0;
      for (size_t i = 0; sent && i < bytes_.size() && !ending_; ++i) {
        sent = send(fd, &bytes_[i], 1, MSG_NOSIGNAL) == 1;
        usleep(static_cast<useconds_t>(pause_ms_) *
               1'000);  // the pace of the fault, not a wait of the test
      }
      close(fd);
    }
  }

  std::string bytes_;
  int pause_ms_;
  std::string folder_;
  int listener_ = -1;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

TEST(HostileRedis, GarbageAndHalfRepliesAreUnavailable) {
  for (const char* bytes : {"HTTP/1.1 200 OK\r\n\r\n", "$5\r\nab", "*2\r\n:1\r\n", "$-9\r\n",
                            "*99999999999999999999\r\n", "*1073741824\r\n", ":\r\n"}) {
    HostileServer server(bytes, 0);
    Options options;
    options.host = server.path();
    Client client(options, nullptr);
    for (int i = 0; i < 3; ++i) {
      auto reply = client.Command({"GET", "k"});
      EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable) << bytes;
    }
  }
}

TEST(HostileRedis, DrippingServerIsBoundedByOneDeadline) {
  HostileServer server("$20\r\n01234567890123456789\r\n", 20);
  Options options;
  options.host = server.path();
  Client client(options, nullptr);
  int64_t begin = MonotonicMicros();
  EXPECT_EQ(client.Command({"GET", "k"}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(MonotonicMicros() - begin, 120'000) << "each byte comes in time, the whole does not";
}

TEST(RedisPassword, ComesFromTheFile) {
  RedisFixture::Shared().FlushAll();
  Options options = RedisFixture::Shared().options();
  options.password_file = "/no/such/file";
  EXPECT_EQ(Client(options, nullptr).Command({"PING"}).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace steward::redis
