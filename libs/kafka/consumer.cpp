#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/kafka/settings.h"
#include "libs/log/log.h"

namespace steward::kafka {
namespace {

using PartitionKey = std::pair<std::string, int32_t>;

int Millis(Duration d) { return static_cast<int>(std::max<int64_t>(d.micros / 1000, 0)); }

constexpr Duration kStartRetry = Milliseconds(500);
// After the first record of a batch: so long in all, and so long for each next one. A steady stream fills the batch, a
// lone record is not held back.
constexpr Duration kMore = Milliseconds(10);
constexpr Duration kNextOne = Milliseconds(2);

}  // namespace

struct Consumer::Impl {
  struct Partition {
    // False until start_at answered: nothing of it may be returned before its offset is known.
    bool started = false;
    int64_t next = -1;
    int64_t end = -1;
    int64_t end_confirmed_micros = 0;
  };

  rd_kafka_t* client = nullptr;
  Callbacks callbacks;
  std::map<PartitionKey, Partition> assigned;
  std::vector<absl::Status> errors;  // met while records were already collected
  bool paused = false;
  int64_t next_start_try = 0;

  static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto* self = static_cast<Impl*>(opaque);
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      self->Assign(list);
    } else {
      self->Revoke();
    }
  }

  void Assign(rd_kafka_topic_partition_list_t* list) {
    assigned.clear();
    for (int i = 0; i < list->cnt; ++i) {
      auto& element = list->elems[i];
      Partition& partition = assigned[{element.topic, element.partition}];
      auto start = callbacks.start_at(element.topic, element.partition);
      if (!start.ok()) {
        // The assignment must be answered now; the partition is started when its offset can be read.
        log::Warning("no start offset yet", {{"topic", element.topic},
                                             {"partition", element.partition},
                                             {"error", FromAbsl(start.status().message())}});
        element.offset = RD_KAFKA_OFFSET_END;
        continue;
      }
      partition.started = true;
      partition.next = start->value_or(-1);
      element.offset = start->value_or(RD_KAFKA_OFFSET_BEGINNING);
    }
    next_start_try = MonotonicMicros() + kStartRetry.micros;
    rd_kafka_assign(client, list);
    if (paused) {
      SetPaused(true);
    }
    log::Info("partitions assigned", {{"count", list->cnt}});
  }

  void Revoke() {
    for (const auto& [key, partition] : assigned) {
      callbacks.revoked(key.first, key.second);
    }
    assigned.clear();
    rd_kafka_assign(client, nullptr);
    log::Info("partitions revoked");
  }

  // Partitions whose start offset could not be read when they were assigned.
  void StartWaiting() {
    if (MonotonicMicros() < next_start_try) {
      return;
    }
    next_start_try = MonotonicMicros() + kStartRetry.micros;
    for (auto& [key, partition] : assigned) {
      if (partition.started) {
        continue;
      }
      auto start = callbacks.start_at(key.first, key.second);
      if (!start.ok() || !SeekTo(key, start->value_or(RD_KAFKA_OFFSET_BEGINNING)).ok()) {
        return;
      }
      partition.started = true;
      partition.next = start->value_or(-1);
    }
  }

  internal::PartitionList List() const {
    internal::PartitionList list(
        rd_kafka_topic_partition_list_new(static_cast<int>(assigned.size())));
    for (const auto& [key, partition] : assigned) {
      rd_kafka_topic_partition_list_add(list.get(), key.first.c_str(), key.second);
    }
    return list;
  }

  absl::Status SeekTo(const PartitionKey& key, int64_t offset) {
    internal::PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), key.first.c_str(), key.second)->offset = offset;
    rd_kafka_error_t* error = rd_kafka_seek_partitions(client, list.get(), 5000);
    rd_kafka_resp_err_t code = list->elems[0].err;
    if (error != nullptr) {
      code = rd_kafka_error_code(error);
      rd_kafka_error_destroy(error);
    }
    // A partition that stopped at an error cannot be sought, only assigned again.
    return code == RD_KAFKA_RESP_ERR__STATE ? AssignAgain(key, offset)
                                            : internal::ErrorStatus(code, "seek " + key.first);
  }

  // The same partitions, each where it stands, one of them elsewhere.
  absl::Status AssignAgain(const PartitionKey& moved, int64_t offset) {
    auto list = List();
    for (int i = 0; i < list->cnt; ++i) {
      auto& element = list->elems[i];
      const PartitionKey key{element.topic, element.partition};
      const Partition& partition = assigned.at(key);
      if (key == moved) {
        element.offset = offset;
      } else if (!partition.started) {
        element.offset = RD_KAFKA_OFFSET_END;
      } else {
        element.offset = partition.next >= 0 ? partition.next : RD_KAFKA_OFFSET_BEGINNING;
      }
    }
    const rd_kafka_resp_err_t error = rd_kafka_assign(client, list.get());
    if (paused) {
      SetPaused(true);
    }
    return internal::ErrorStatus(error, "assign again");
  }

  void SetPaused(bool pause) {
    auto list = List();
    if (pause) {
      rd_kafka_pause_partitions(client, list.get());
    } else {
      rd_kafka_resume_partitions(client, list.get());
    }
  }

  // librdkafka says it in one message, and in this state, which stays.
  absl::Status Fatal() const {
    char text[512];
    const rd_kafka_resp_err_t error = rd_kafka_fatal_error(client, text, sizeof text);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::OkStatus();
    }
    return Refuse(absl::StatusCode::kAborted, text,
                  {.reason = error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID ? "CONSUMER_FENCED"
                                                                           : "CONSUMER_FAILED",
                   .metadata = {},
                   .fields = {},
                   .retry_after_ms = std::nullopt});
  }

  // A record, or nothing; errors that matter are returned.
  absl::StatusOr<std::optional<Record>> Take(const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Error(message);
    }
    auto it = assigned.find({rd_kafka_topic_name(message.rkt), message.partition});
    if (it == assigned.end() || !it->second.started || message.offset < it->second.next) {
      return std::nullopt;  // left over from before a seek or an assignment
    }
    it->second.next = message.offset + 1;
    return internal::ToRecord(message);
  }

  absl::StatusOr<std::optional<Record>> Error(const rd_kafka_message_t& message) {
    RETURN_IF_ERROR(Fatal());
    const std::string topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "";
    const char* text = rd_kafka_message_errstr(&message);
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
      return Refuse(
          absl::StatusCode::kOutOfRange,
          topic + "/" + std::to_string(message.partition) + ": " + text,
          {.reason = "OFFSET_OUT_OF_RANGE",
           .metadata = {{"topic", topic}, {"partition", std::to_string(message.partition)}},
           .fields = {},
           .retry_after_ms = std::nullopt});
    }
    log::Warning("kafka consumer",
                 {{"topic", topic}, {"error", rd_kafka_err2name(message.err)}, {"text", text}});
    return std::nullopt;
  }
};

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Consumer::~Consumer() { internal::DestroyBounded(impl_->client, true); }

absl::StatusOr<std::unique_ptr<Consumer>> Consumer::Create(const Options& options,
                                                           const std::string& group,
                                                           const std::vector<std::string>& topics,
                                                           Callbacks callbacks, metrics::Registry*,
                                                           const std::string& static_name) {
  internal::Settings settings = internal::ConsumerSettings();
  settings.emplace_back("group.id", group);
  if (!static_name.empty()) {
    settings.emplace_back("group.instance.id", static_name);
  }
  ASSIGN_OR_RETURN(internal::Conf conf, internal::MakeConf(options, settings));
  auto impl = std::make_unique<Impl>();
  impl->callbacks = std::move(callbacks);
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), Impl::OnRebalance);
  ASSIGN_OR_RETURN(impl->client, internal::NewClient(RD_KAFKA_CONSUMER, std::move(conf), settings));
  rd_kafka_poll_set_consumer(impl->client);
  internal::PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(impl->client, list.get());
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(impl)));
  RETURN_IF_ERROR(internal::ErrorStatus(error, "subscribe"));
  return consumer;
}

absl::StatusOr<std::vector<Record>> Consumer::Poll(int max, Duration wait) {
  RETURN_IF_ERROR(impl_->Fatal());
  impl_->StartWaiting();
  if (!impl_->errors.empty()) {
    absl::Status error = impl_->errors.front();
    impl_->errors.erase(impl_->errors.begin());
    return error;
  }
  std::vector<Record> records;
  const int64_t begin = MonotonicMicros();
  int64_t until = begin + wait.micros;
  while (records.empty() || static_cast<int>(records.size()) < max) {
    const int64_t all = until - MonotonicMicros();
    const int64_t left = records.empty() ? all : std::min(all, kNextOne.micros);
    std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
        rd_kafka_consumer_poll(impl_->client, Millis(Microseconds(left))),
        rd_kafka_message_destroy);
    if (message == nullptr) {
      if (!records.empty() || MonotonicMicros() >= until || left < 1000) {
        break;
      }
      continue;
    }
    auto taken = impl_->Take(*message);
    if (!taken.ok()) {
      if (records.empty()) {
        return taken.status();
      }
      impl_->errors.push_back(taken.status());
      break;
    }
    if (*taken) {
      if (records.empty()) {
        until = MonotonicMicros() + kMore.micros;
      }
      records.push_back(*std::move(*taken));
    }
  }
  return records;
}

absl::Status Consumer::Seek(const std::string& topic, int32_t partition, int64_t offset) {
  auto it = impl_->assigned.find({topic, partition});
  if (it == impl_->assigned.end()) {
    return absl::NotFoundError("partition is not assigned");
  }
  RETURN_IF_ERROR(impl_->SeekTo(it->first, offset));
  it->second.started = true;
  it->second.next = offset;
  return absl::OkStatus();
}

void Consumer::Pause() {
  if (!impl_->paused) {
    impl_->paused = true;
    impl_->SetPaused(true);
  }
}

void Consumer::Resume() {
  if (impl_->paused) {
    impl_->paused = false;
    impl_->SetPaused(false);
  }
}

std::vector<Consumer::Position> Consumer::Positions() {
  std::vector<Position> positions;
  for (const auto& [key, partition] : impl_->assigned) {
    int64_t low = -1;
    int64_t high = -1;
    rd_kafka_get_watermark_offsets(impl_->client, key.first.c_str(), key.second, &low, &high);
    positions.push_back({key.first, key.second, partition.next, std::max(partition.end, high),
                         partition.end_confirmed_micros});
  }
  return positions;
}

// One ListOffsets request a broker, whatever the number of partitions.
absl::Status Consumer::RefreshEnds(Duration timeout) {
  if (impl_->assigned.empty()) {
    return absl::OkStatus();
  }
  const int64_t asked = MonotonicMicros();
  auto list = impl_->List();
  for (int i = 0; i < list->cnt; ++i) {
    list->elems[i].offset = RD_KAFKA_OFFSET_END;  // as a timestamp it means the latest offset
  }
  const rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(impl_->client, list.get(), Millis(timeout));
  RETURN_IF_ERROR(internal::ErrorStatus(error, "list offsets"));
  absl::Status result;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      result = internal::ErrorStatus(element.err, "list offsets");
      continue;
    }
    auto it = impl_->assigned.find({element.topic, element.partition});
    if (it != impl_->assigned.end() && element.offset >= 0) {
      it->second.end = element.offset;
      it->second.end_confirmed_micros = asked;
    }
  }
  return result;
}

void Consumer::CommitForDisplay(const std::string& topic, int32_t partition, int64_t next_offset) {
  internal::PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = next_offset;
  rd_kafka_commit(impl_->client, list.get(), 1);
}

}  // namespace steward::kafka
