#include "libs/kafka/range.h"

#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/kafka/settings.h"

namespace steward::kafka {
namespace {

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { internal::DestroyBounded(client, false); }
};
struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};

}  // namespace

absl::StatusOr<std::vector<Record>> ReadRange(const Options& options, const std::string& topic,
                                              int partition, int64_t from, int64_t end,
                                              Duration timeout) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  // Many records are wanted, so the queue of one that suits a look at one record does not apply. It
  // may make the library pause between fetches; measured, the difference is within the noise.
  internal::Settings settings = internal::AdminSettings();
  std::erase_if(settings,
                [](const auto& setting) { return setting.first == "queued.min.messages"; });
  ASSIGN_OR_RETURN(internal::Conf conf, internal::MakeConf(options, settings));
  ASSIGN_OR_RETURN(rd_kafka_t* const raw,
                   internal::NewClient(RD_KAFKA_CONSUMER, std::move(conf), settings));
  const std::unique_ptr<rd_kafka_t, ClientDeleter> client(raw);
  rd_kafka_poll_set_consumer(client.get());
  const internal::PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = from;
  RETURN_IF_ERROR(
      internal::ErrorStatus(rd_kafka_assign(client.get(), list.get()), "assign " + topic));
  std::vector<Record> records;
  while (MonotonicMicros() < until) {
    const std::unique_ptr<rd_kafka_message_t, MessageDeleter> message(
        rd_kafka_consumer_poll(client.get(), 100));
    if (message == nullptr) {
      continue;
    }
    const bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (at_end || (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset >= end)) {
      return records;
    }
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      return internal::ErrorStatus(message->err, "read " + topic);
    }
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {  // else a broker is away: tried again
      records.push_back(internal::ToRecord(*message));
      if (message->offset == end - 1) {
        return records;
      }
    }
  }
  return absl::DeadlineExceededError("read of " + topic);
}

}  // namespace steward::kafka
