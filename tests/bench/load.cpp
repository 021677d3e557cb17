// Load on RegisterTicket: threads that each keep one call in flight on a connection of their own.
//
//   bench_load --target=HOST:PORT --token-file=FILE [--threads=32] [--seconds=8] [--rate=0] [--owner=members/...]
//              [--team=teams/...] [--channel=bench] [--customer=...]
//
// With a rate the loop is open: calls have intended starts on a fixed grid and are timed from them, so a stalled
// server is not spared. Without one each thread calls again at once. One line of JSON is the answer. A call that
// fails is counted, and the first failure is shown; exit code 1 when any failed.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward {
namespace {

namespace pb = complaints::v1;
constexpr char kMethod[] = "/steward.complaints.v1.ComplaintsService/RegisterTicket";

struct Settings {
  std::map<std::string, std::string> values{
      {"target", ""},   {"token-file", ""},   {"threads", "32"},
      {"seconds", "8"}, {"rate", "0"},        {"owner", ""},
      {"team", ""},     {"channel", "bench"}, {"customer", "customers/bench"}};

  bool Parse(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      const size_t equals = word.find('=');
      if (word.rfind("--", 0) != 0 || equals == std::string::npos) {
        return false;
      }
      const auto found = values.find(word.substr(2, equals - 2));
      if (found == values.end()) {
        return false;
      }
      found->second = word.substr(equals + 1);
    }
    return !values["target"].empty() && !values["token-file"].empty();
  }
  const std::string& Text(const char* name) const { return values.at(name); }
  double Number(const char* name) const { return std::stod(values.at(name)); }
};

struct Outcome {
  std::vector<int64_t> micros;  // of successful calls
  int64_t failures = 0;
  std::string first_failure;
};

// Grid of intended starts that all threads share.
class Pace {
 public:
  Pace(double rate, int64_t start) : rate_(rate), start_(start) {}
  // When the next call should leave; at once without a rate.
  int64_t Next() {
    if (rate_ <= 0) {
      return MonotonicMicros();
    }
    const int64_t number = next_.fetch_add(1);
    return start_ + static_cast<int64_t>(static_cast<double>(number) * 1e6 / rate_);
  }

 private:
  const double rate_;
  const int64_t start_;
  std::atomic<int64_t> next_{0};
};

void WaitUntil(int64_t moment) {
  const int64_t left = moment - MonotonicMicros();
  if (left > 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(left));
  }
}

pb::RegisterTicketRequest Draft(const Settings& settings) {
  pb::RegisterTicketRequest request;
  complaints::v1::Ticket& ticket = *request.mutable_ticket();
  ticket.set_kind("complaint");
  ticket.set_channel(settings.Text("channel"));
  ticket.set_customer(settings.Text("customer"));
  ticket.set_owner(settings.Text("owner"));
  ticket.set_team(settings.Text("team"));
  return request;
}

// The ticket's own time is the intended start: a consumer can tell how long the event took from there.
void Stamp(pb::RegisterTicketRequest& request, int64_t intended, IdGenerator& ids) {
  const int64_t micros = SystemClock().Now().micros - (MonotonicMicros() - intended);
  auto* at = request.mutable_ticket()->mutable_occurred_at();
  at->set_seconds(micros / 1'000'000);
  at->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1'000);
  request.set_request_id(ids.NewId(Time{micros}).ToString());
}

Outcome RunThread(const Settings& settings, const std::string& token, Pace& pace, int64_t end) {
  rpc::ClientOptions options;
  options.target = settings.Text("target");
  options.own_connection = true;
  rpc::Client client(options);
  client.SetToken(token);
  RandomIdGenerator ids;
  pb::RegisterTicketRequest request = Draft(settings);
  pb::RegisterTicketResponse response;
  Outcome outcome;
  for (int64_t intended = pace.Next(); intended < end; intended = pace.Next()) {
    WaitUntil(intended);
    Stamp(request, intended, ids);
    const absl::Status status = client.Invoke(kMethod, request, &response, Seconds(10));
    if (status.ok()) {
      outcome.micros.push_back(MonotonicMicros() - intended);
    } else if (outcome.failures++ == 0) {
      outcome.first_failure = status.ToString();
    }
  }
  return outcome;
}

int64_t Share(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) {
    return 0;
  }
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)];
}

int Run(const Settings& settings) {
  std::ifstream file(settings.Text("token-file"));
  std::string token;
  file >> token;
  const int64_t start = MonotonicMicros();
  const int64_t end = start + static_cast<int64_t>(settings.Number("seconds") * 1e6);
  Pace pace(settings.Number("rate"), start);
  Outcome all;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < static_cast<int>(settings.Number("threads")); ++i) {
    threads.emplace_back([&] {
      Outcome one = RunThread(settings, token, pace, end);
      std::lock_guard lock(mutex);
      all.micros.insert(all.micros.end(), one.micros.begin(), one.micros.end());
      all.failures += one.failures;
      if (all.first_failure.empty()) {
        all.first_failure = one.first_failure;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double seconds = static_cast<double>(MonotonicMicros() - start) / 1e6;
  std::sort(all.micros.begin(), all.micros.end());
  std::printf(
      "{\"calls\": %zu, \"failures\": %lld, \"seconds\": %.3f, \"per_second\": %.1f, \"p50_us\": "
      "%lld, "
      "\"p99_us\": %lld, \"p999_us\": %lld}\n",
      all.micros.size(), static_cast<long long>(all.failures), seconds,
      static_cast<double>(all.micros.size()) / seconds,
      static_cast<long long>(Share(all.micros, 0.5)),
      static_cast<long long>(Share(all.micros, 0.99)),
      static_cast<long long>(Share(all.micros, 0.999)));
  if (all.failures > 0) {
    std::fprintf(stderr, "bench_load: %s\n", all.first_failure.c_str());
  }
  return all.failures > 0 ? 1 : 0;
}

}  // namespace
}  // namespace steward

int main(int count, char** words) {
  steward::Settings settings;
  if (!settings.Parse(count, words)) {
    std::fprintf(stderr,
                 "usage: bench_load --target=HOST:PORT --token-file=FILE [--threads=N] ...\n");
    return 2;
  }
  return steward::Run(settings);
}
