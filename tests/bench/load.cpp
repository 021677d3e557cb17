// Load on one RPC, RegisterTicket unless another is named: one thread that keeps calls in flight on a few connections. gRPC calls are written on
// nghttp2, as pgbench writes on libpq: a load generator shares the cores with what it measures, and gRPC's own client
// takes several times as much of them.
//
//   bench_load --target=HOST:PORT --token-file=FILE [--in-flight=32] [--connections=4] [--seconds=8] [--rate=0]
//              [--owner=members/...] [--team=teams/...] [--channel=bench] [--customer=...]
//              [--method=/package.Service/Method --request=FILE [--names=FILE]]
//
// With a rate the loop is open: calls have intended starts on a fixed grid and are timed from them, so a stalled
// server is not spared, and neither is a call that had to wait for one of the places. Without one each place calls
// again at once. One line of JSON is the answer. A call that fails is counted, and the first failure is shown; exit
// code 1 when any failed.

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "tests/bench/requests.h"

namespace steward {
namespace {

struct Outcome {
  std::vector<int64_t> micros;  // of successful calls
  int64_t failures = 0;
  std::string first_failure;
};

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench_load: %s\n", what.c_str());
  std::exit(1);
}

// A place for one call at a time.
struct Place {
  size_t connection = 0;
  int64_t intended = 0;
  std::string body;  // gRPC's frame: 0, four bytes of length, the message
  size_t sent = 0;
  std::string status, message;
};

// Told when a call has ended.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void Ended(Place& place) = 0;
};

// One HTTP/2 connection in clear text.
class Connection {
 public:
  Connection(const std::string& target, std::string path, std::string authorization,
             Watcher& watcher)
      : target_(target),
        path_(std::move(path)),
        authorization_(std::move(authorization)),
        watcher_(watcher) {
    const size_t colon = target.rfind(':');
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (colon == std::string::npos ||
        getaddrinfo(target.substr(0, colon).c_str(), target.c_str() + colon + 1, &hints, &found) !=
            0) {
      Fail("no such address: " + target);
    }
    fd_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 || connect(fd_, found->ai_addr, found->ai_addrlen) != 0) {
      Fail("cannot connect to " + target);
    }
    freeaddrinfo(found);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd_, F_SETFL, O_NONBLOCK);
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Connection() {
    nghttp2_session_del(session_);
    close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  bool writing() const { return !out_.empty(); }

  void Call(Place& place) {
    const auto field = [](const char* name, const std::string& value) {
      return nghttp2_nv{reinterpret_cast<uint8_t*>(const_cast<char*>(name)),
                        reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
                        std::strlen(name), value.size(),
                        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
    };
    static const std::string kPost = "POST", kHttp = "http", kTrailers = "trailers",
                             kType = "application/grpc", kTimeout = "10S", kAgent = "bench_load";
    const nghttp2_nv fields[] = {field(":method", kPost),
                                 field(":scheme", kHttp),
                                 field(":path", path_),
                                 field(":authority", target_),
                                 field("te", kTrailers),
                                 field("content-type", kType),
                                 field("user-agent", kAgent),
                                 field("grpc-timeout", kTimeout),
                                 field("authorization", authorization_)};
    nghttp2_data_provider body;
    body.source.ptr = &place;
    body.read_callback = ReadBody;
    if (nghttp2_submit_request(session_, nullptr, fields, std::size(fields), &body, &place) < 0) {
      Fail("cannot submit a call");
    }
  }

  void Write() {
    while (true) {
      if (out_.empty()) {
        const uint8_t* bytes = nullptr;
        // Many small frames go out by one call.
        for (ssize_t size = 0; out_.size() < 65536;) {
          size = nghttp2_session_mem_send(session_, &bytes);
          if (size <= 0) {
            break;
          }
          out_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
        }
      }
      if (out_.empty()) {
        return;
      }
      const ssize_t written = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (written < 0) {
        if (errno == EAGAIN) {
          return;
        }
        Fail("the connection broke");
      }
      out_.erase(0, static_cast<size_t>(written));
    }
  }

  void Read() {
    uint8_t buffer[65536];
    while (true) {
      const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
      if (size < 0 && errno == EAGAIN) {
        return;
      }
      if (size <= 0 || nghttp2_session_mem_recv(session_, buffer, static_cast<size_t>(size)) < 0) {
        Fail("the connection broke");
      }
      if (static_cast<size_t>(size) < sizeof buffer) {
        return;
      }
    }
  }

 private:
  static ssize_t ReadBody(nghttp2_session*, int32_t, uint8_t* to, size_t limit, uint32_t* flags,
                          nghttp2_data_source* source, void*) {
    Place& place = *static_cast<Place*>(source->ptr);
    const size_t size = std::min(limit, place.body.size() - place.sent);
    std::memcpy(to, place.body.data() + place.sent, size);
    place.sent += size;
    if (place.sent == place.body.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(size);
  }
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t, void*) {
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    if (key != "grpc-status" && key != "grpc-message") {
      return 0;
    }
    void* of = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (of != nullptr) {
      Place& place = *static_cast<Place*>(of);
      (key == "grpc-status" ? place.status : place.message)
          .assign(reinterpret_cast<const char*>(value), value_size);
    }
    return 0;
  }
  static int OnClose(nghttp2_session* session, int32_t stream, uint32_t, void* self) {
    if (void* of = nghttp2_session_get_stream_user_data(session, stream); of != nullptr) {
      static_cast<Connection*>(self)->watcher_.Ended(*static_cast<Place*>(of));
    }
    return 0;
  }

  const std::string target_, path_, authorization_;
  Watcher& watcher_;
  int fd_ = -1;
  nghttp2_session* session_ = nullptr;
  std::string out_;
};

class Load final : public Watcher {
 public:
  Load(const Settings& settings, Requests& requests, const std::string& token)
      : requests_(requests), rate_(settings.Number("rate")) {
    for (int i = 0; i < static_cast<int>(settings.Number("connections")); ++i) {
      connections_.push_back(std::make_unique<Connection>(
          settings.Text("target"), requests.method(), "Bearer " + token, *this));
    }
    for (size_t i = 0; i < static_cast<size_t>(settings.Number("in-flight")); ++i) {
      places_.push_back(std::make_unique<Place>());
      places_.back()->connection = i % connections_.size();
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
      if (MonotonicMicros() > end_ + 15'000'000) {
        Fail("a call has no answer 5 s after its deadline");
      }
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
    place.body.assign(5, '\0');
    requests_.Append(intended, &place.body);
    const size_t size = place.body.size() - 5;
    for (size_t i = 0; i < 4; ++i) {
      place.body[4 - i] = static_cast<char>(size >> (8 * i));
    }
    place.sent = 0;
    place.status.clear();
    place.message.clear();
    connections_[place.connection]->Call(place);
  }

  void Ended(Place& place) override {
    if (place.status == "0") {
      outcome_.micros.push_back(MonotonicMicros() - place.intended);
    } else if (outcome_.failures++ == 0) {
      outcome_.first_failure = "status " + place.status + ": " + place.message;
    }
    free_.push_back(&place);
  }

  // Ends of calls, or the moment.
  void Await(int64_t moment) {
    std::vector<pollfd> ready;
    for (const auto& connection : connections_) {
      connection->Write();
      ready.push_back({connection->fd(),
                       static_cast<short>(POLLIN | (connection->writing() ? POLLOUT : 0)), 0});
    }
    const int64_t wait = std::max<int64_t>(0, moment - MonotonicMicros());
    const timespec limit{wait / 1'000'000, wait % 1'000'000 * 1000};
    if (ppoll(ready.data(), ready.size(), &limit, nullptr) <= 0) {
      return;
    }
    for (size_t i = 0; i < ready.size(); ++i) {
      if (ready[i].revents & (POLLIN | POLLHUP | POLLERR)) {
        connections_[i]->Read();
      }
    }
  }

  Requests& requests_;
  const double rate_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<Place*> free_;
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
  const std::unique_ptr<Requests> requests = MakeRequests(settings);
  if (requests == nullptr) {
    return 2;
  }
  const int64_t start = MonotonicMicros();
  Outcome all = Load(settings, *requests, token).Run(settings.Number("seconds"));
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
