#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/kafka/settings.h"

namespace steward::kafka {
namespace {

// What is left until a moment, at least 1 ms.
int MillisUntil(int64_t until_micros) {
  return static_cast<int>(std::max<int64_t>((until_micros - MonotonicMicros()) / 1000, 1));
}

struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct EventDeleter {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct NewTopicDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct AdminOptionsDeleter {
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
};

// Records read at once when the last one is looked for among control records.
constexpr int64_t kStepBack = 100;

}  // namespace

struct Admin::Impl {
  rd_kafka_t* client = nullptr;

  absl::StatusOr<std::pair<int64_t, int64_t>> Watermarks(const std::string& topic, int partition,
                                                         int64_t until) {
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        client, topic.c_str(), partition, &low, &high, MillisUntil(until));
    RETURN_IF_ERROR(internal::ErrorStatus(error, "offsets of " + topic));
    return std::pair(low, high);
  }

  absl::Status AssignAt(const std::string& topic, int partition, int64_t offset) {
    internal::PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
    return internal::ErrorStatus(rd_kafka_assign(client, list.get()), "assign " + topic);
  }

  // The last record in [from, end).
  absl::StatusOr<std::optional<Record>> LastIn(const std::string& topic, int partition,
                                               int64_t from, int64_t end, int64_t until) {
    RETURN_IF_ERROR(AssignAt(topic, partition, from));
    std::optional<Record> last;
    while (MonotonicMicros() < until) {
      std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
          rd_kafka_consumer_poll(client, std::min(MillisUntil(until), 100)),
          rd_kafka_message_destroy);
      if (message == nullptr) {
        continue;
      }
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        return last;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
          return internal::ErrorStatus(message->err, "read " + topic);
        }
        continue;  // a broker that is away is tried again until the timeout
      }
      if (message->partition != partition || message->offset >= end) {
        continue;
      }
      last = internal::ToRecord(*message);
      if (last->offset == end - 1) {
        return last;
      }
    }
    return absl::DeadlineExceededError("read of the last record of " + topic);
  }
};

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Admin::~Admin() { internal::DestroyBounded(impl_->client, false); }

absl::StatusOr<std::unique_ptr<Admin>> Admin::Create(const Options& options) {
  ASSIGN_OR_RETURN(internal::Conf conf, internal::MakeConf(options, internal::AdminSettings()));
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->client, internal::NewClient(RD_KAFKA_CONSUMER, std::move(conf),
                                                     internal::AdminSettings()));
  rd_kafka_poll_set_consumer(impl->client);
  return std::unique_ptr<Admin>(new Admin(std::move(impl)));
}

absl::StatusOr<std::string> Admin::ClusterId(Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  char* id = rd_kafka_clusterid(impl_->client, MillisUntil(until));
  if (id == nullptr) {
    return absl::UnavailableError("no answer from Kafka");
  }
  std::string result = id;
  rd_kafka_mem_free(impl_->client, id);
  return result;
}

absl::StatusOr<std::map<std::string, int>> Admin::Partitions(const std::vector<std::string>& topics,
                                                             Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(impl_->client, 1, nullptr, &metadata, MillisUntil(until));
  RETURN_IF_ERROR(internal::ErrorStatus(error, "metadata"));
  std::map<std::string, int> result;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR &&
        std::find(topics.begin(), topics.end(), topic.topic) != topics.end()) {
      result[topic.topic] = topic.partition_cnt;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return result;
}

absl::Status Admin::CreateTopic(const std::string& topic, int partitions, int replication,
                                const std::map<std::string, std::string>& settings,
                                Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  char text[512];
  std::unique_ptr<rd_kafka_NewTopic_t, NewTopicDeleter> request(
      rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, text, sizeof text));
  if (request == nullptr) {
    return absl::InvalidArgumentError("topic " + topic + ": " + text);
  }
  for (const auto& [name, value] : settings) {
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  }
  std::unique_ptr<rd_kafka_AdminOptions_t, AdminOptionsDeleter> options(
      rd_kafka_AdminOptions_new(impl_->client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), MillisUntil(until), text, sizeof text);
  std::unique_ptr<rd_kafka_queue_t, QueueDeleter> queue(rd_kafka_queue_new(impl_->client));
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  rd_kafka_CreateTopics(impl_->client, requests, 1, options.get(), queue.get());
  std::unique_ptr<rd_kafka_event_t, EventDeleter> event(
      rd_kafka_queue_poll(queue.get(), MillisUntil(until)));
  if (event == nullptr) {
    return absl::DeadlineExceededError("create topic " + topic);
  }
  RETURN_IF_ERROR(internal::ErrorStatus(rd_kafka_event_error(event.get()), "create " + topic));
  const rd_kafka_CreateTopics_result_t* result = rd_kafka_event_CreateTopics_result(event.get());
  size_t count = 0;
  const rd_kafka_topic_result_t** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(topics[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      ASSIGN_OR_RETURN(auto found, Partitions({topic}, Microseconds(until - MonotonicMicros())));
      if (found[topic] != partitions) {
        return absl::FailedPreconditionError("topic " + topic + " has " +
                                             std::to_string(found[topic]) + " partitions, not " +
                                             std::to_string(partitions));
      }
      continue;
    }
    RETURN_IF_ERROR(internal::ErrorStatus(error, "create " + topic));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<int, std::pair<int64_t, int64_t>>> Admin::Offsets(const std::string& topic,
                                                                          Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  ASSIGN_OR_RETURN(auto found, Partitions({topic}, timeout));
  if (!found.contains(topic)) {
    return absl::NotFoundError("topic " + topic + " does not exist");
  }
  std::map<int, std::pair<int64_t, int64_t>> result;
  for (int partition = 0; partition < found[topic]; ++partition) {
    ASSIGN_OR_RETURN(result[partition], impl_->Watermarks(topic, partition, until));
  }
  return result;
}

absl::StatusOr<std::optional<Record>> Admin::ReadLast(const std::string& topic, int partition,
                                                      Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  ASSIGN_OR_RETURN(auto marks, impl_->Watermarks(topic, partition, until));
  const auto [low, high] = marks;
  absl::StatusOr<std::optional<Record>> last = std::nullopt;
  // Usually the record at high - 1; control records of a foreign transaction make it step back.
  for (int64_t from = high - 1; from >= low; from = std::max(low, from - kStepBack)) {
    last = impl_->LastIn(topic, partition, from, high, until);
    if (!last.ok() || *last || from == low) {
      break;
    }
  }
  rd_kafka_assign(impl_->client, nullptr);
  return last;
}

}  // namespace steward::kafka
