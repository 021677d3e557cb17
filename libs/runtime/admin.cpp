#include "libs/runtime/admin.h"

#include <httplib.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/runtime/lifecycle.h"

namespace steward::runtime {
namespace {

constexpr size_t kThreads = 4;
constexpr size_t kMaxBody = 4096;
constexpr time_t kSocketSeconds = 5;

bool ParseLevel(const std::string& text, log::Level* level) {
  if (text == "debug") {
    *level = log::Level::kDebug;
  } else if (text == "info") {
    *level = log::Level::kInfo;
  } else if (text == "warning") {
    *level = log::Level::kWarning;
  } else if (text == "error") {
    *level = log::Level::kError;
  } else {
    return false;
  }
  return true;
}

void SetLogLevel(const httplib::Request& request, httplib::Response& response) {
  std::string text = request.get_param_value("level");
  log::Level level{};
  if (!ParseLevel(text, &level)) {
    response.status = 400;
    response.set_content("level must be debug, info, warning or error\n", "text/plain");
    return;
  }
  log::SetLevel(level);
  log::Warning("log level changed", {{"to", text}});
  response.set_content(text + "\n", "text/plain");
}

}  // namespace

struct AdminServer::Impl {
  AdminOptions options;
  httplib::Server http;
  std::thread thread;
  int port = 0;
  std::atomic<bool> stopped{false};
  std::atomic<bool> ended{false};

  void AddRoutes(metrics::Registry& registry) {
    http.Get("/livez", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("ok\n", "text/plain");
    });
    http.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      std::string reason = options.not_ready ? options.not_ready() : "";
      response.status = reason.empty() ? 200 : 503;
      response.set_content(reason.empty() ? "ready\n" : reason + "\n", "text/plain");
    });
    http.Get("/metrics", [&registry](const httplib::Request&, httplib::Response& response) {
      response.set_content(registry.Text(), "text/plain; version=0.0.4; charset=utf-8");
    });
    http.Get("/version", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(options.version_json, "application/json");
    });
    http.Put("/loglevel", SetLogLevel);
  }

  void SetLimits() {
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    // One request a connection: an idle keep-alive client would hold one of the few threads.
    http.set_keep_alive_max_count(1);
    http.set_read_timeout(kSocketSeconds);
    http.set_write_timeout(kSocketSeconds);
    http.set_payload_max_length(kMaxBody);
    // The library's default is SO_REUSEPORT, with which a second process takes the same port unnoticed.
    http.set_socket_options([](socket_t socket) {
      int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
  }
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(AdminOptions options,
                                                                metrics::Registry& registry) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->AddRoutes(registry);
  impl->SetLimits();
  const AdminOptions& o = impl->options;
  if (o.port == 0) {
    impl->port = impl->http.bind_to_any_port(o.host);
  } else {
    impl->port = impl->http.bind_to_port(o.host, o.port) ? o.port : -1;
  }
  if (impl->port <= 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", o.host, ":", o.port, " (admin port)"));
  }
  Impl* raw = impl.get();
  impl->thread = std::thread([raw] {
    NameThread("admin");
    if (!raw->http.listen_after_bind() && !raw->stopped) {
      log::Error("admin port stopped listening");
    }
    raw->ended = true;
  });
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::~AdminServer() { Stop(); }

int AdminServer::port() const { return impl_->port; }

void AdminServer::Stop() {
  if (impl_->stopped.exchange(true)) {
    return;
  }
  // stop() does nothing until the thread is inside listen_after_bind; wait for that, or the join would never end.
  while (!impl_->http.is_running() && !impl_->ended) {
    std::this_thread::yield();
  }
  impl_->http.stop();
  impl_->thread.join();
}

}  // namespace steward::runtime
