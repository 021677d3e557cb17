#include "libs/kafka/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace steward::kafka::internal {
namespace {

using ::testing::HasSubstr;

Options Local() { return {.bootstrap_servers = "127.0.0.1:1", .client_id = "test", .extra = {}}; }

std::string Dumped(const rd_kafka_conf_t* conf, const std::string& name) {
  size_t count = 0;
  const char** entries = rd_kafka_conf_dump(const_cast<rd_kafka_conf_t*>(conf), &count);
  std::string value;
  for (size_t i = 0; i + 1 < count; i += 2) {
    if (name == entries[i]) {
      value = entries[i + 1];
    }
  }
  rd_kafka_conf_dump_free(entries, count);
  return value;
}

TEST(Settings, EveryTableIsAcceptedAndInEffect) {
  struct Case {
    rd_kafka_type_t type;
    const Settings& settings;
  };
  Settings consumer = ConsumerSettings();
  consumer.emplace_back("group.id", "steward.test");
  for (const Case& c :
       {Case{RD_KAFKA_PRODUCER, ProducerSettings()}, Case{RD_KAFKA_CONSUMER, consumer},
        Case{RD_KAFKA_CONSUMER, AdminSettings()}}) {
    auto conf = MakeConf(Local(), c.settings);
    ASSERT_TRUE(conf.ok()) << conf.status();
    auto client = NewClient(c.type, *std::move(conf), c.settings);
    ASSERT_TRUE(client.ok()) << client.status();
    rd_kafka_destroy(*client);
  }
}

TEST(Settings, WhatMattersMostIsInTheDump) {
  auto conf = MakeConf(Local(), ProducerSettings());
  ASSERT_TRUE(conf.ok());
  auto client = NewClient(RD_KAFKA_PRODUCER, *std::move(conf), ProducerSettings());
  ASSERT_TRUE(client.ok());
  const rd_kafka_conf_t* effective = rd_kafka_conf(*client);
  EXPECT_EQ(Dumped(effective, "enable.idempotence"), "true");
  EXPECT_EQ(Dumped(effective, "enable.gapless.guarantee"), "true");
  EXPECT_EQ(Dumped(effective, "socket.nagle.disable"), "true");
  rd_kafka_destroy(*client);
}

TEST(Settings, ADifferentEffectiveValueIsNamed) {
  auto conf = MakeConf(Local(), {{"linger.ms", "5"}});
  ASSERT_TRUE(conf.ok());
  const absl::Status status = CheckEffective(conf->get(), {{"linger.ms", "0"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(FromAbsl(status.message())), HasSubstr("linger.ms is 5"));
}

TEST(Settings, UnknownAndFixedExtrasAreRefused) {
  Options options = Local();
  options.extra = {{"no.such.setting", "1"}};
  EXPECT_EQ(MakeConf(options, ProducerSettings()).status().code(),
            absl::StatusCode::kInvalidArgument);
  options.extra = {{"message.timeout.ms", "1000"}};
  const absl::Status fixed = MakeConf(options, ProducerSettings()).status();
  EXPECT_EQ(fixed.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(FromAbsl(fixed.message())), HasSubstr("message.timeout.ms is fixed"));
}

TEST(Errors, ClassesOfTheProducerAndTheConsumer) {
  const auto code = [](rd_kafka_resp_err_t error) { return ErrorStatus(error, "x").code(); };
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_NO_ERROR), absl::StatusCode::kOk);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER), absl::StatusCode::kAborted);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__TRANSPORT), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace steward::kafka::internal
