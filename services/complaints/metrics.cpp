#include "services/complaints/metrics.h"

#include <chrono>

#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/runtime/lifecycle.h"
#include "services/complaints/storage/ticket_store.h"

namespace steward::complaints {
namespace {

constexpr std::chrono::seconds kRefreshInterval{10};

}  // namespace

Metrics::Metrics(const KindTree& kinds, metrics::Registry& registry) {
  for (const Kind& kind : kinds.kinds()) {
    for (const std::string& severity : kind.severities) {
      const metrics::Labels labels{{"kind", kind.id}, {"severity", severity}};
      const Key key{kind.id, severity};
      registered_.emplace(key, registry.GetCounter("steward_tickets_registered_total",
                                                   "Tickets taken in.", labels));
      open_.emplace(key, registry.GetGauge("steward_tickets_open",
                                           "Tickets neither closed nor cancelled.", labels));
    }
  }
  for (const auto& entry : registered_) {
    entry.second.Add(0);
  }
}

void Metrics::Registered(const std::string& kind, const std::string& severity) {
  if (const auto found = registered_.find({kind, severity}); found != registered_.end()) {
    found->second.Add();
  }
}

absl::Status Metrics::Refresh(pg::Connection& db) {
  ASSIGN_OR_RETURN(const std::vector<OpenCount> counts, CountOpen(db));
  std::map<Key, int64_t> by_key;
  for (const OpenCount& count : counts) {
    by_key[{count.kind, count.severity}] = count.count;
  }
  for (const auto& [key, gauge] : open_) {
    const auto found = by_key.find(key);
    gauge.Set(found == by_key.end() ? 0 : static_cast<double>(found->second));
  }
  return absl::OkStatus();
}

void OpenTicketsGauge::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void OpenTicketsGauge::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void OpenTicketsGauge::Loop() {
  runtime::NameThread("tickets-open");
  std::unique_ptr<pg::Connection> db;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (db == nullptr || !db->healthy()) {
      if (auto opened = pg::Connection::Open(options_); opened.ok()) {
        db = std::move(*opened);
      }
    }
    if (db != nullptr) {
      if (const absl::Status status = metrics_.Refresh(*db); !status.ok()) {
        log::Warning("cannot count open tickets",
                     {{"error", std::string(FromAbsl(status.message()))}});
      }
    }
    lock.lock();
    wake_.wait_for(lock, kRefreshInterval, [this] { return stopping_; });
  }
}

}  // namespace steward::complaints
