// What librdkafka alone can send: records with the keys, values and headers of real events, from memory, with the relay's own
// client settings, as fast as its queue takes them. The bare limit of the relay.
//
//   bench_produce --bootstrap=HOST:PORT --topic=TOPIC --count=N --payload-bytes=N
//
// One line of JSON: messages a second from the first call to the last delivery report. Exit code 1 when one failed.

#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/eventing/envelope.h"
#include "libs/kafka/settings.h"

namespace steward {
namespace {

constexpr size_t kPool = 20'000;  // different records; they are sent again and again

struct Reports {
  int64_t delivered = 0, failed = 0;
  static void Take(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* reports = static_cast<Reports*>(opaque);
    ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? reports->delivered : reports->failed);
  }
};

// Half of an event's bytes are ids, which no codec makes smaller; the rest is much the same each time.
std::string Payload(size_t size, std::mt19937_64& random) {
  std::string out;
  while (out.size() < size) {
    out += out.size() % 2 == 0 ? static_cast<char>('a' + random() % 16) : 'x';
  }
  return out;
}

std::vector<kafka::Message> MakePool(const std::string& topic, size_t payload_bytes) {
  RandomIdGenerator ids;
  std::mt19937_64 random(1);
  const Time now = SystemClock().Now();
  const eventing::Source source{"complaints", "steward.complaints.v1",
                                "steward.complaints.events.v1.ComplaintsEvent"};
  std::vector<kafka::Message> pool;
  for (size_t i = 0; i < kPool; ++i) {
    const std::string trace = ids.NewId(now).ToString();
    pool.push_back(eventing::ToMessage(
        source, {.xid = 1,
                 .seq = 1,
                 .event_id = ids.NewId(now),
                 .aggregate = "complaints/" + ids.NewId(now).ToString(),
                 .aggregate_version = 1,
                 .type = "ticket.registered",
                 .occurred_at = now,
                 .recorded_at = now,
                 .actor = "members/operator",
                 .correlation = trace,
                 .causation = "",
                 .traceparent = "00-" + trace.substr(0, 32) + "-" + trace.substr(0, 16) + "-01",
                 .payload = Payload(payload_bytes, random)}));
    pool.back().topic = topic;
  }
  return pool;
}

bool Produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const kafka::Message& message) {
  std::vector<rd_kafka_vu_t> arguments(3 + message.headers.size());
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[1].u.mem = {const_cast<char*>(message.key.data()), message.key.size()};
  arguments[2].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[2].u.mem = {const_cast<char*>(message.value.data()), message.value.size()};
  for (size_t i = 0; i < message.headers.size(); ++i) {
    const auto& [name, value] = message.headers[i];
    arguments[3 + i].vtype = RD_KAFKA_VTYPE_HEADER;
    arguments[3 + i].u.header = {name, value.data(), static_cast<ssize_t>(value.size())};
  }
  rd_kafka_error_t* error = rd_kafka_produceva(client, arguments.data(), arguments.size());
  const bool taken = error == nullptr;
  if (!taken) {
    rd_kafka_error_destroy(error);
  }
  return taken;
}

int Run(std::map<std::string, std::string> values) {
  const int64_t count = std::stoll(values["count"]);
  const std::vector<kafka::Message> pool =
      MakePool(values["topic"], std::stoull(values["payload-bytes"]));
  auto conf = kafka::internal::MakeConf(
      {.bootstrap_servers = values["bootstrap"], .client_id = "bench", .extra = {}},
      kafka::internal::ProducerSettings());
  if (!conf.ok()) {
    std::fprintf(stderr, "bench_produce: %s\n", conf.status().ToString().c_str());
    return 1;
  }
  Reports reports;
  rd_kafka_conf_set_opaque(conf->get(), &reports);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), Reports::Take);
  auto client = kafka::internal::NewClient(RD_KAFKA_PRODUCER, *std::move(conf),
                                           kafka::internal::ProducerSettings());
  if (!client.ok()) {
    std::fprintf(stderr, "bench_produce: %s\n", client.status().ToString().c_str());
    return 1;
  }
  rd_kafka_topic_t* topic = rd_kafka_topic_new(*client, values["topic"].c_str(), nullptr);
  const int64_t start = MonotonicMicros();
  for (int64_t sent = 0; sent < count;) {
    if (Produce(*client, topic, pool[static_cast<size_t>(sent) % pool.size()])) {
      ++sent;
      rd_kafka_poll(*client, 0);
    } else {
      rd_kafka_poll(*client, 10);  // the queue is full
    }
  }
  const int64_t give_up = MonotonicMicros() + 120'000'000;
  while (reports.delivered + reports.failed < count && MonotonicMicros() < give_up) {
    rd_kafka_poll(*client, 10);
  }
  const double seconds = static_cast<double>(MonotonicMicros() - start) / 1e6;
  std::printf("{\"delivered\": %lld, \"per_second\": %.1f}\n",
              static_cast<long long>(reports.delivered),
              static_cast<double>(reports.delivered) / seconds);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(*client);
  return reports.delivered == count ? 0 : 1;
}

}  // namespace
}  // namespace steward

int main(int count, char** words) {
  std::map<std::string, std::string> values;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const size_t equals = word.find('=');
    if (word.rfind("--", 0) == 0 && equals != std::string::npos) {
      values[word.substr(2, equals - 2)] = word.substr(equals + 1);
    }
  }
  for (const char* needed : {"bootstrap", "topic", "count", "payload-bytes"}) {
    if (values[needed].empty()) {
      std::fprintf(stderr,
                   "usage: bench_produce --bootstrap=HOST:PORT --topic=TOPIC --count=N "
                   "--payload-bytes=N\n");
      return 2;
    }
  }
  return steward::Run(std::move(values));
}
