#include "libs/runtime/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <mutex>

#include "libs/log/log.h"

namespace steward::runtime {
namespace {

using ::testing::HasSubstr;

class AdminTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AdminOptions options;
    options.version_json = R"({"version":"1"})";
    options.not_ready = [this] {
      std::lock_guard lock(mutex);
      return reason;
    };
    admin = std::move(AdminServer::Start(options, registry)).value();
  }
  httplib::Result Get(const std::string& path) {
    return httplib::Client("127.0.0.1", admin->port()).Get(path);
  }
  void SetReason(const std::string& text) {
    std::lock_guard lock(mutex);
    reason = text;
  }

  metrics::Registry registry;
  std::mutex mutex;
  std::string reason;
  std::unique_ptr<AdminServer> admin;
};

TEST_F(AdminTest, LivesWhateverReadinessSays) {
  SetReason("draining");
  EXPECT_EQ(Get("/livez")->status, 200);
  auto ready = Get("/readyz");
  EXPECT_EQ(ready->status, 503);
  EXPECT_EQ(ready->body, "draining\n");
  SetReason("");
  EXPECT_EQ(Get("/readyz")->status, 200);
}

TEST_F(AdminTest, ServesMetricsAndVersion) {
  registry.GetCounter("steward_x_total", "X.").Add(3);
  auto metrics = Get("/metrics");
  EXPECT_THAT(metrics->body, HasSubstr("steward_x_total 3"));
  EXPECT_THAT(metrics->body, HasSubstr("process_open_fds"));
  EXPECT_THAT(metrics->get_header_value("Content-Type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_EQ(Get("/version")->body, R"({"version":"1"})");
  EXPECT_EQ(Get("/version")->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(Get("/other")->status, 404);
}

TEST_F(AdminTest, ChangesTheLogLevel) {
  httplib::Client client("127.0.0.1", admin->port());
  EXPECT_EQ(client.Put("/loglevel?level=debug")->status, 200);
  EXPECT_EQ(log::GetLevel(), log::Level::kDebug);
  EXPECT_EQ(client.Put("/loglevel?level=loud")->status, 400);
  EXPECT_EQ(client.Put("/loglevel?level=info")->status, 200);
  EXPECT_EQ(log::GetLevel(), log::Level::kInfo);
}

TEST_F(AdminTest, TakenPortIsAnError) {
  AdminOptions options;
  options.port = admin->port();
  auto second = AdminServer::Start(options, registry);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AdminTest, StopsAtOnceAndTwice) {
  int port = admin->port();
  admin->Stop();
  admin->Stop();
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/livez"));
}

TEST_F(AdminTest, IdleConnectionsDoNotBlockTheOthers) {
  std::vector<std::unique_ptr<httplib::Client>> idle;
  for (int i = 0; i < 8; ++i) {
    idle.push_back(std::make_unique<httplib::Client>("127.0.0.1", admin->port()));
    idle.back()->set_keep_alive(true);
    EXPECT_EQ(idle.back()->Get("/livez")->status, 200);
  }
}

}  // namespace
}  // namespace steward::runtime
