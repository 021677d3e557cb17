// Load on RegisterTicket: one thread and one completion queue that keep calls in flight on a few connections.
//
//   bench_load --target=HOST:PORT --token-file=FILE [--in-flight=32] [--connections=4] [--seconds=8] [--rate=0]
//              [--owner=members/...] [--team=teams/...] [--channel=bench] [--customer=...]
//
// With a rate the loop is open: calls have intended starts on a fixed grid and are timed from them, so a stalled
// server is not spared, and neither is a call that had to wait for one of the places. Without one each place calls
// again at once. One line of JSON is the answer. A call that fails is counted, and the first failure is shown; exit
// code 1 when any failed.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward {
namespace {

namespace pb = complaints::v1;
constexpr char kMethod[] = "/steward.complaints.v1.ComplaintsService/RegisterTicket";

struct Settings {
  std::map<std::string, std::string> values{{"target", ""},       {"token-file", ""},
                                            {"in-flight", "32"},  {"connections", "4"},
                                            {"seconds", "8"},     {"rate", "0"},
                                            {"owner", ""},        {"team", ""},
                                            {"channel", "bench"}, {"customer", "customers/bench"}};

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

using Stub = grpc::TemplatedGenericStub<pb::RegisterTicketRequest, pb::RegisterTicketResponse>;

// A connection of its own: channels with the same arguments would share one.
std::unique_ptr<Stub> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return std::make_unique<Stub>(
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
}

// A place for one call at a time.
struct Place {
  Stub* stub = nullptr;
  pb::RegisterTicketRequest request;
  int64_t intended = 0;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<pb::RegisterTicketResponse>> reader;
  pb::RegisterTicketResponse response;
  grpc::Status status;
};

class Load {
 public:
  Load(const Settings& settings, const std::string& token)
      : rate_(settings.Number("rate")), authorization_("Bearer " + token) {
    for (int i = 0; i < static_cast<int>(settings.Number("connections")); ++i) {
      stubs_.push_back(Connect(settings.Text("target")));
    }
    for (size_t i = 0; i < static_cast<size_t>(settings.Number("in-flight")); ++i) {
      places_.push_back(std::make_unique<Place>());
      places_.back()->stub = stubs_[i % stubs_.size()].get();
      places_.back()->request = Draft(settings);
      free_.push_back(places_.back().get());
    }
  }

  Outcome Run(double seconds) {
    start_ = MonotonicMicros();
    end_ = start_ + static_cast<int64_t>(seconds * 1e6);
    while (true) {
      const int64_t now = MonotonicMicros();
      while (!free_.empty() && NextStart(now) < end_ && NextStart(now) <= now) {
        Place* place = free_.back();
        free_.pop_back();
        Begin(*place, NextStart(now));
        ++begun_;
      }
      const bool more = NextStart(now) < end_;
      if (!more && free_.size() == places_.size()) {
        return std::move(outcome_);
      }
      Await(more && !free_.empty() ? NextStart(now) : now + 1'000'000);
    }
  }

 private:
  // On the grid, or at once without a rate.
  int64_t NextStart(int64_t now) const {
    return rate_ <= 0 ? now
                      : start_ + static_cast<int64_t>(static_cast<double>(begun_) * 1e6 / rate_);
  }

  void Begin(Place& place, int64_t intended) {
    place.intended = intended;
    Stamp(place.request, intended, ids_);
    place.context.emplace();
    place.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    place.context->AddMetadata("authorization", authorization_);
    place.reader = place.stub->PrepareUnaryCall(&*place.context, kMethod, place.request, &queue_);
    place.reader->StartCall();
    place.reader->Finish(&place.response, &place.status, &place);
  }

  // The end of a call, or the moment.
  void Await(int64_t moment) {
    void* tag = nullptr;
    bool ok = false;
    const auto until = std::chrono::system_clock::now() +
                       std::chrono::microseconds(std::max<int64_t>(0, moment - MonotonicMicros()));
    if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) {
      return;
    }
    Place& place = *static_cast<Place*>(tag);
    if (place.status.ok()) {
      outcome_.micros.push_back(MonotonicMicros() - place.intended);
    } else if (outcome_.failures++ == 0) {
      outcome_.first_failure = place.status.error_message();
    }
    free_.push_back(&place);
  }

  const double rate_;
  const std::string authorization_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<Place*> free_;
  RandomIdGenerator ids_;
  int64_t start_ = 0, end_ = 0, begun_ = 0;
  Outcome outcome_;
};

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
  Outcome all = Load(settings, token).Run(settings.Number("seconds"));
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
                 "usage: bench_load --target=HOST:PORT --token-file=FILE [--in-flight=N] ...\n");
    return 2;
  }
  return steward::Run(settings);
}
