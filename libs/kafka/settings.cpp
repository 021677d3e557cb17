#include "libs/kafka/settings.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "libs/base/status.h"
#include "libs/log/log.h"

namespace steward::kafka::internal {
namespace {

void OnLog(const rd_kafka_t*, int level, const char* facility, const char* text) {
  // Syslog levels; what is retried by the client itself is no error of ours. The two left out speak of settings that are
  // meant, and of brokers older than any we run on.
  const bool known =
      std::strcmp(facility, "CONFWARN") == 0 || std::strcmp(facility, "AUTOCREATE") == 0;
  if (level <= 4 && !known) {
    log::Warning("kafka client", {{"facility", facility}, {"text", text}});
  } else {
    log::Debug("kafka client", {{"facility", facility}, {"text", text}});
  }
}

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char error[512];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) !=
      RD_KAFKA_CONF_OK) {
    return absl::InvalidArgumentError("kafka setting " + name + ": " + error);
  }
  return absl::OkStatus();
}

}  // namespace

const Settings& ProducerSettings() {
  static const Settings settings = {
      {"enable.idempotence", "true"},
      {"enable.gapless.guarantee", "true"},
      {"acks", "-1"},
      {"max.in.flight.requests.per.connection", "5"},
      {"message.timeout.ms", "0"},  // a message that times out is a gap
      {"linger.ms", "0"},           // the relay hands over pages, and paces them
      {"batch.num.messages", "10000"},
      {"batch.size", "1000000"},
      {"compression.type", "lz4"},
      {"partitioner", "murmur2_random"},
      {"sticky.partitioning.linger.ms", "0"},
      {"socket.nagle.disable", "true"},
      {"queue.buffering.max.messages", "200000"},
      {"queue.buffering.max.kbytes", "262144"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
  };
  return settings;
}

const Settings& ConsumerSettings() {
  static const Settings settings = {
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"partition.assignment.strategy", "range"},
      {"session.timeout.ms", "6000"},
      {"heartbeat.interval.ms", "2000"},
      {"max.poll.interval.ms", "60000"},
      {"fetch.wait.max.ms", "20"},
      {"fetch.min.bytes", "1"},
      {"fetch.error.backoff.ms", "100"},
      {"fetch.max.bytes", "8388608"},
      {"fetch.message.max.bytes", "1048576"},
      {"queued.max.messages.kbytes", "65536"},
      {"queued.min.messages", "100000"},
      {"check.crcs", "true"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
      {"allow.auto.create.topics", "false"},
      {"topic.metadata.refresh.interval.ms", "10000"},  // a topic made after the start is found
      {"log.connection.close", "false"},
  };
  return settings;
}

const Settings& AdminSettings() {
  static const Settings settings = {
      {"group.id", "steward.admin"},  // required to read by offset; never joined, never committed
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", "20"},
      {"queued.min.messages", "1"},
      {"check.crcs", "true"},
      {"allow.auto.create.topics", "false"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
  };
  return settings;
}

absl::StatusOr<Conf> MakeConf(const Options& options, const Settings& fixed) {
  Conf conf(rd_kafka_conf_new());
  RETURN_IF_ERROR(Set(conf.get(), "bootstrap.servers", options.bootstrap_servers));
  if (!options.client_id.empty()) {
    RETURN_IF_ERROR(Set(conf.get(), "client.id", options.client_id));
  }
  for (const auto& [name, value] : fixed) {
    RETURN_IF_ERROR(Set(conf.get(), name, value));
  }
  for (const auto& [name, value] : options.extra) {
    for (const auto& setting : fixed) {
      if (setting.first == name) {
        return absl::InvalidArgumentError("kafka setting " + name + " is fixed");
      }
    }
    RETURN_IF_ERROR(Set(conf.get(), name, value));
  }
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  return conf;
}

absl::StatusOr<rd_kafka_t*> NewClient(rd_kafka_type_t type, Conf conf, const Settings& fixed) {
  char error[512];
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (client == nullptr) {
    return absl::InvalidArgumentError(std::string("kafka client: ") + error);
  }
  conf.release();
  if (absl::Status status = CheckEffective(rd_kafka_conf(client), fixed); !status.ok()) {
    rd_kafka_destroy(client);
    return status;
  }
  return client;
}

absl::Status CheckEffective(const rd_kafka_conf_t* conf, const Settings& fixed) {
  for (const auto& [name, wanted] : fixed) {
    char value[512];
    size_t size = sizeof value;
    if (rd_kafka_conf_get(conf, name.c_str(), value, &size) != RD_KAFKA_CONF_OK) {
      return absl::FailedPreconditionError("kafka setting " + name + " is not known");
    }
    if (wanted != value) {
      return absl::FailedPreconditionError("kafka setting " + name + " is " + value +
                                           " in effect, not " + wanted);
    }
  }
  return absl::OkStatus();
}

absl::Status ErrorStatus(rd_kafka_resp_err_t error, std::string_view what) {
  const std::string text = std::string(what) + ": " + rd_kafka_err2name(error);
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return absl::OutOfRangeError(text);
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return absl::NotFoundError(text);
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return absl::AlreadyExistsError(text);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return absl::PermissionDeniedError(text);
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::InvalidArgumentError(text);
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      return absl::DeadlineExceededError(text);
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return absl::AbortedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

Record ToRecord(const rd_kafka_message_t& message) {
  Record record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type;
  const int64_t millis = rd_kafka_message_timestamp(&message, &type);
  const bool in_range = millis >= 0 && millis < kClientTimeEnd.micros / 1000;
  record.timestamp = Time{type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && in_range ? millis * 1000 : 0};
  if (message.key != nullptr) {
    record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  }
  if (message.payload != nullptr) {
    record.value.assign(static_cast<const char*>(message.payload), message.len);
  } else {
    record.tombstone = true;
  }
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.emplace_back(name, value == nullptr
                                            ? std::string()
                                            : std::string(static_cast<const char*>(value), size));
    }
  }
  return record;
}

void DestroyBounded(rd_kafka_t* client, bool close_consumer) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread watchdog([&] {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, std::chrono::seconds(30), [&] { return done; })) {
      log::Error("kafka client does not close; ending the process");
      _exit(1);
    }
  });
  if (close_consumer) {
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
  } else {
    rd_kafka_destroy(client);
  }
  {
    std::lock_guard lock(mutex);
    done = true;
  }
  changed.notify_one();
  watchdog.join();
}

}  // namespace steward::kafka::internal
