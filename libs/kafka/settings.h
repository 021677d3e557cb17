#pragma once
// Internal to libs/kafka: fixed settings, effective-configuration check, errors, bounded destruction.

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/kafka/kafka.h"

namespace steward::kafka::internal {

using Settings = std::vector<std::pair<std::string, std::string>>;
const Settings& ProducerSettings();
const Settings& ConsumerSettings();
const Settings& AdminSettings();

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;
struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

// Connection settings, then `fixed`, then `options.extra`. INVALID_ARGUMENT when a name is unknown, a value is refused or
// an extra setting names one that is fixed.
absl::StatusOr<Conf> MakeConf(const Options& options, const Settings& fixed);
// The client consumes `conf` only on success.
absl::StatusOr<rd_kafka_t*> NewClient(rd_kafka_type_t type, Conf conf, const Settings& fixed);
// FAILED_PRECONDITION names the first setting whose effective value differs from the table.
absl::Status CheckEffective(const rd_kafka_conf_t* conf, const Settings& fixed);

absl::Status ErrorStatus(rd_kafka_resp_err_t error, std::string_view what);
Record ToRecord(const rd_kafka_message_t& message);

// Ends the process when `rd_kafka_destroy` (after `close` for consumers) hangs longer than 30 s (librdkafka 2.0.2 can).
void DestroyBounded(rd_kafka_t* client, bool close_consumer);

}  // namespace steward::kafka::internal
