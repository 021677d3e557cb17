#include <deque>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/kafka/settings.h"

namespace steward::kafka {
namespace {

// Payloads are handed over without a copy: a page lives until its last delivery report.
struct Page {
  std::vector<Message> messages;
  size_t handed_over = 0;
  size_t reported = 0;
  std::map<std::pair<const rd_kafka_topic_t*, int>, int64_t> ends;
};

int PollMillis(int64_t until_micros) {
  const int64_t left = (until_micros - MonotonicMicros()) / 1000;
  return static_cast<int>(left < 0 ? 0 : left > 100 ? 100 : left);
}

}  // namespace

struct Producer::Impl {
  rd_kafka_t* client = nullptr;
  std::map<std::string, rd_kafka_topic_t*, std::less<>> topics;
  std::deque<std::unique_ptr<Page>> pages;  // oldest first
  absl::Status failure;                     // the first one; final
  metrics::Gauge queue;
  bool has_metrics = false;

  static void OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    static_cast<Impl*>(opaque)->Report(*message);
  }
  static void OnError(rd_kafka_t* client, int error, const char*, void* opaque) {
    if (error != RD_KAFKA_RESP_ERR__FATAL) {
      return;  // the client retries by itself
    }
    char text[256];
    rd_kafka_fatal_error(client, text, sizeof text);
    static_cast<Impl*>(opaque)->Fail(absl::AbortedError(std::string("fatal: ") + text));
  }

  void Fail(absl::Status status) {
    if (failure.ok()) {
      failure = std::move(status);
    }
  }

  void Report(const rd_kafka_message_t& message) {
    auto* page = static_cast<Page*>(message._private);
    ++page->reported;
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Fail(internal::ErrorStatus(message.err,
                                 std::string("delivery to ") + rd_kafka_topic_name(message.rkt)));
      return;
    }
    int64_t& end = page->ends[{message.rkt, message.partition}];
    end = std::max(end, message.offset + 1);
  }

  // By name the client would look it up under a lock for every message.
  rd_kafka_topic_t* Topic(const std::string& name) {
    rd_kafka_topic_t*& topic = topics[name];
    if (topic == nullptr) {
      topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
    }
    return topic;
  }

  // OK also when the client's queue is full: the rest is handed over later.
  absl::Status HandOver(Page& page) {
    std::vector<rd_kafka_vu_t> arguments;
    const std::string* topic_name = nullptr;
    rd_kafka_topic_t* topic = nullptr;
    while (page.handed_over < page.messages.size() && failure.ok()) {
      const Message& message = page.messages[page.handed_over];
      arguments.clear();
      const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
        arguments.push_back({});
        arguments.back().vtype = type;
        return arguments.back();
      };
      if (topic_name == nullptr || *topic_name != message.topic) {
        topic_name = &message.topic;
        topic = Topic(message.topic);
        if (topic == nullptr) {  // a name that can be none; produceva would not look
          Fail(internal::ErrorStatus(rd_kafka_last_error(), "topic " + message.topic));
          return failure;
        }
      }
      add(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
      auto& key = add(RD_KAFKA_VTYPE_KEY);
      key.u.mem.ptr = const_cast<char*>(message.key.data());
      key.u.mem.size = message.key.size();
      auto& value = add(RD_KAFKA_VTYPE_VALUE);
      value.u.mem.ptr = const_cast<char*>(message.value.data());
      value.u.mem.size = message.value.size();
      add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = 0;  // neither copied nor freed by the client
      add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = &page;
      for (const auto& [name, text] : message.headers) {
        auto& header = add(RD_KAFKA_VTYPE_HEADER);
        header.u.header.name = name;
        header.u.header.val = text.data();
        header.u.header.size = static_cast<ssize_t>(text.size());
      }
      rd_kafka_error_t* error = rd_kafka_produceva(client, arguments.data(), arguments.size());
      if (error != nullptr) {
        const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
        rd_kafka_error_destroy(error);
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
          return absl::OkStatus();
        }
        Fail(internal::ErrorStatus(code, "produce to " + message.topic));
        return failure;
      }
      ++page.handed_over;
    }
    return failure;
  }

  // In order: a later page only when all earlier ones are in the client's queue.
  absl::Status HandOverAll() {
    for (auto& page : pages) {
      RETURN_IF_ERROR(HandOver(*page));
      if (page->handed_over < page->messages.size()) {
        break;
      }
    }
    return failure;
  }
};

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Producer::~Producer() {
  rd_kafka_purge(impl_->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (const auto& [name, topic] : impl_->topics) {
    if (topic != nullptr) {
      rd_kafka_topic_destroy(topic);
    }
  }
  internal::DestroyBounded(impl_->client, false);
  if (impl_->has_metrics) {
    impl_->queue.Set(0);
  }
}

absl::StatusOr<std::unique_ptr<Producer>> Producer::Create(const Options& options,
                                                           metrics::Registry* registry) {
  ASSIGN_OR_RETURN(internal::Conf conf, internal::MakeConf(options, internal::ProducerSettings()));
  auto impl = std::make_unique<Impl>();
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), Impl::OnReport);
  rd_kafka_conf_set_error_cb(conf.get(), Impl::OnError);
  ASSIGN_OR_RETURN(impl->client, internal::NewClient(RD_KAFKA_PRODUCER, std::move(conf),
                                                     internal::ProducerSettings()));
  if (registry != nullptr) {
    impl->queue = registry->GetGauge("steward_kafka_producer_queue_messages",
                                     "Messages waiting in the Kafka client.");
    impl->has_metrics = true;
  }
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

absl::Status Producer::Start(std::vector<Message> messages) {
  RETURN_IF_ERROR(impl_->failure);
  auto page = std::make_unique<Page>();
  page->messages = std::move(messages);
  impl_->pages.push_back(std::move(page));
  RETURN_IF_ERROR(impl_->HandOverAll());
  rd_kafka_poll(impl_->client, 0);
  return impl_->failure;
}

absl::Status Producer::Await(Duration timeout,
                             std::map<std::pair<std::string, int>, int64_t>* offsets) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  if (impl_->pages.empty()) {
    return impl_->failure;
  }
  Page& page = *impl_->pages.front();
  while (impl_->failure.ok() && page.reported < page.messages.size()) {
    RETURN_IF_ERROR(impl_->HandOverAll());
    rd_kafka_poll(impl_->client, PollMillis(until));
    if (impl_->has_metrics) {
      impl_->queue.Set(static_cast<double>(QueueLength()));
    }
    if (page.reported < page.messages.size() && MonotonicMicros() >= until) {
      return impl_->failure.ok() ? absl::DeadlineExceededError("not all delivered yet")
                                 : impl_->failure;
    }
  }
  RETURN_IF_ERROR(impl_->failure);
  if (offsets != nullptr) {
    for (const auto& [partition, end] : page.ends) {
      int64_t& highest = (*offsets)[{rd_kafka_topic_name(partition.first), partition.second}];
      highest = std::max(highest, end);
    }
  }
  impl_->pages.pop_front();
  return absl::OkStatus();
}

absl::Status Producer::SendAll(const std::vector<Message>& messages, Duration timeout,
                               std::map<std::pair<std::string, int>, int64_t>* offsets) {
  const int64_t until = MonotonicMicros() + timeout.micros;
  RETURN_IF_ERROR(Start(messages));
  while (!impl_->pages.empty()) {
    RETURN_IF_ERROR(Await(Microseconds(until - MonotonicMicros()), offsets));
  }
  return absl::OkStatus();
}

void Producer::WakeBy(int event_fd) {
  static constexpr uint64_t kOne = 1;
  rd_kafka_queue_t* reports = rd_kafka_queue_get_main(impl_->client);
  rd_kafka_queue_io_event_enable(reports, event_fd, &kOne, sizeof kOne);
  rd_kafka_queue_destroy(reports);
}

int64_t Producer::QueueLength() const { return rd_kafka_outq_len(impl_->client); }

}  // namespace steward::kafka
