#pragma once
// Ready = database reachable, its schema new enough, not draining. Kafka or Redis down does not unready a service: the
// journal absorbs the one, every reader of the other has another answer.

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "libs/pg/connection.h"
#include "libs/runtime/periodic.h"

namespace steward::service {

// Thread-safe.
class Readiness {
 public:
  // Looks every second on a connection of its own. `serving` hears of every change (gRPC health follows). A newer schema
  // is fine: while a release rolls out, the old processes serve on.
  Readiness(pg::Options database, int wanted_schema, std::function<void(bool)> serving);
  // From "starting" to what the checks say.
  void Start();
  // Not ready from now on, for good.
  void Drain();
  void Stop() { checks_.Stop(); }
  // "" = ready; else why not.
  std::string NotReady() const;

 private:
  void Check();
  std::string Look();
  void Become(std::string why);

  pg::Options database_;
  int wanted_schema_;
  std::function<void(bool)> serving_;
  std::unique_ptr<pg::Connection> connection_;  // of the checks' thread
  mutable std::mutex mutex_;
  std::string why_ = "starting";  // guarded by mutex_
  bool draining_ = false;         // guarded by mutex_
  runtime::Periodic checks_;
};

}  // namespace steward::service
