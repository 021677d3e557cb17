#pragma once
// librdkafka's mock cluster, for component tests where a broker's failures are the point. About 5 MB a partition.

#include <string>
#include <vector>

#include "libs/kafka/kafka.h"

namespace steward::testing {

class KafkaMock {
 public:
  explicit KafkaMock(int brokers = 1);
  ~KafkaMock();
  void CreateTopic(const std::string& topic, int partitions);
  kafka::Options options() const;
  void BrokerDown();
  void BrokerUp();
  // The next requests of this API key answer these rd_kafka_resp_err_t codes.
  void PushErrors(int api_key, const std::vector<int>& errors);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace steward::testing
