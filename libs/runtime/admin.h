#pragma once
// The admin port: /livez, /readyz, /metrics, /version, and PUT /loglevel?level=debug. Never on the gRPC port.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/metrics/registry.h"

namespace steward::runtime {

struct AdminOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 = any free one
  std::string version_json;
  // Empty = ready; else why not (answered with 503).
  std::function<std::string()> not_ready;
};

class AdminServer {
 public:
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(AdminOptions options,
                                                            metrics::Registry& registry);
  ~AdminServer();
  int port() const;
  void Stop();

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::runtime
