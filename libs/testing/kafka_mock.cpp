#include "libs/testing/kafka_mock.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdio>
#include <cstdlib>

namespace steward::testing {

struct KafkaMock::Impl {
  rd_kafka_t* client = nullptr;
  rd_kafka_mock_cluster_t* cluster = nullptr;
  int brokers = 1;
};

KafkaMock::KafkaMock(int brokers) : impl_(new Impl) {
  char error[256];
  impl_->brokers = brokers;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "0", error, sizeof error);
  impl_->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (impl_->client != nullptr) {
    impl_->cluster = rd_kafka_mock_cluster_new(impl_->client, brokers);
  }
  if (impl_->cluster == nullptr) {
    std::fprintf(stderr, "mock cluster does not start: %s\n", error);
    std::abort();
  }
}

KafkaMock::~KafkaMock() {
  rd_kafka_mock_cluster_destroy(impl_->cluster);
  rd_kafka_destroy(impl_->client);
  delete impl_;
}

void KafkaMock::CreateTopic(const std::string& topic, int partitions) {
  rd_kafka_mock_topic_create(impl_->cluster, topic.c_str(), partitions, 1);
}

kafka::Options KafkaMock::options() const {
  return {.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(impl_->cluster),
          .client_id = "test",
          .extra = {}};
}

void KafkaMock::BrokerDown() {
  for (int id = 1; id <= impl_->brokers; ++id) {
    rd_kafka_mock_broker_set_down(impl_->cluster, id);
  }
}

void KafkaMock::BrokerUp() {
  for (int id = 1; id <= impl_->brokers; ++id) {
    rd_kafka_mock_broker_set_up(impl_->cluster, id);
  }
}

void KafkaMock::PushErrors(int api_key, const std::vector<int>& errors) {
  std::vector<rd_kafka_resp_err_t> codes;
  for (int error : errors) {
    codes.push_back(static_cast<rd_kafka_resp_err_t>(error));
  }
  rd_kafka_mock_push_request_errors_array(impl_->cluster, static_cast<int16_t>(api_key),
                                          codes.size(), codes.data());
}

}  // namespace steward::testing
