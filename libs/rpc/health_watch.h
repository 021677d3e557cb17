#pragma once
// grpc.health.v1.Health/Watch: a stream that says the state of a service now and at every change. The one
// streaming method; a poller answers it like Check. Internal to the library.

#include <mutex>
#include <set>
#include <string>

#include "grpcpp/support/async_stream.h"
#include "libs/rpc/raw_service.h"
#include "libs/rpc/unary_call.h"

namespace steward::rpc {

inline constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

class HealthWatch;

// The streams that are open.
class HealthWatches {
 public:
  // Tells every stream the state as it is now.
  void Changed();
  // Tells every stream the last state and ends it; those that come later too.
  void Close();

 private:
  friend class HealthWatch;
  std::mutex mutex_;  // of this, and of what every stream has done
  std::set<HealthWatch*> open_;
  bool closed_ = false;
};

// SERVING, NOT_SERVING or, for a service that is not there, SERVICE_UNKNOWN. Ends with UNAVAILABLE when the server
// stops. No identity: probes have none.
class HealthWatch {
 public:
  struct Shared {
    ServerCore& core;
    RawService& service;
    int index;
    const std::set<std::string>& names;  // services that are known
    HealthWatches& watches;
  };
  static void Post(const Shared& shared, grpc::ServerCompletionQueue* queue);

 private:
  friend class HealthWatches;
  // One kind of event of the stream. The stream may be gone when its method returns.
  struct Tag final : Event {
    Tag(HealthWatch* w, void (HealthWatch::*m)(bool)) : watch(w), method(m) {}
    void Happened(bool ok) override { (watch->*method)(ok); }
    HealthWatch* watch;
    void (HealthWatch::*method)(bool);
  };

  HealthWatch(const Shared& shared, grpc::ServerCompletionQueue* queue);
  ~HealthWatch() { shared_.core.calls.Remove(); }
  void Arrived(bool ok);
  void Sent(bool ok);   // a state, or the end
  void Ended(bool ok);  // the client has all, or is gone
  // The next thing to send, one at a time. Needs the lock, as does what follows.
  void Step();
  void Finish(const absl::Status& status);
  // Whether nothing more can happen: then the caller deletes the stream, without the lock.
  bool Over();

  const Shared& shared_;
  grpc::ServerCompletionQueue* queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_;
  Tag arrived_, sent_, ended_;
  bool known_ = false;  // the service that it asks for
  bool busy_ = true;    // something is being sent, or the call has not arrived
  bool finished_ = false;
  bool ended_seen_ = false;
  int told_ = -1;  // the last state
};

}  // namespace steward::rpc
