#pragma once
// Business metrics of the service, by kind and severity. Both are closed sets: the kind file.

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "libs/metrics/registry.h"
#include "libs/pg/connection.h"
#include "services/complaints/domain/kind_tree.h"

namespace steward::complaints {

// steward_tickets_registered_total and steward_tickets_open. Thread-safe after construction.
class Metrics {
 public:
  Metrics(const KindTree& kinds, metrics::Registry& registry);
  void Registered(const std::string& kind, const std::string& severity);
  // Sets the gauge from the database.
  [[nodiscard]] absl::Status Refresh(pg::Connection& db);

 private:
  using Key = std::pair<std::string, std::string>;
  std::map<Key, metrics::Counter> registered_;
  std::map<Key, metrics::Gauge> open_;
};

// Refreshes the gauge every 10 s on a connection of its own.
class OpenTicketsGauge {
 public:
  OpenTicketsGauge(pg::Options options, Metrics& metrics)
      : options_(std::move(options)), metrics_(metrics) {}
  ~OpenTicketsGauge() { Stop(); }
  void Start();
  void Stop();

 private:
  void Loop();

  pg::Options options_;
  Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace steward::complaints
