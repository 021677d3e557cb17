#include "libs/service/readiness.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/pg/migrate.h"

namespace steward::service {

Readiness::Readiness(pg::Options database, int wanted_schema, std::function<void(bool)> serving)
    : database_(std::move(database)),
      wanted_schema_(wanted_schema),
      serving_(std::move(serving)),
      checks_("readiness", Seconds(1), [this] { Check(); }) {}

void Readiness::Start() { checks_.Start(); }

void Readiness::Drain() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  Become("draining");
}

std::string Readiness::NotReady() const {
  std::lock_guard lock(mutex_);
  return why_;
}

void Readiness::Check() { Become(Look()); }

std::string Readiness::Look() {
  if (connection_ == nullptr || !connection_->healthy()) {
    connection_.reset();
    auto opened = pg::Connection::Open(database_);
    if (!opened.ok()) {
      return "database unreachable";
    }
    connection_ = std::move(opened).value();
  }
  absl::StatusOr<int> version = pg::SchemaVersion(*connection_);
  if (!version.ok()) {
    return "database unreachable";
  }
  return *version >= wanted_schema_
             ? ""
             : absl::StrCat("schema is at ", *version, ", ", wanted_schema_, " is needed");
}

void Readiness::Become(std::string why) {
  std::unique_lock lock(mutex_);
  why = draining_ ? "draining" : why;
  if (why == why_) {
    return;
  }
  why_ = why;
  // Under the lock, so that a late "serving" cannot follow the drain.
  serving_(why.empty());
  lock.unlock();
  log::Info("readiness changed", {{"ready", why.empty()}, {"reason", why}});
}

}  // namespace steward::service
