#pragma once
// Journal to Kafka: one active relay per database, held by a session advisory lock, in (xid, seq) order below
// the snapshot horizon. Waits for every delivery report, then moves the cursor by compare-and-set on the connection that
// holds the lock. Never LISTENs: wake-up by Poke plus a 100 ms poll.

#include <memory>
#include <string>

#include "libs/kafka/kafka.h"
#include "libs/metrics/registry.h"
#include "libs/pg/connection.h"

namespace steward::eventing {

struct RelayOptions {
  std::string service;      // ce_source `/steward/<service>`
  std::string topic;        // steward.<service>.v1
  std::string data_schema;  // steward.complaints.events.v1.ComplaintsEvent
  int partitions = 12;      // compared with the broker at start and every minute
  pg::Options pg;
  kafka::Options kafka;
  int page = 2000;
};

class Relay {
 public:
  Relay(RelayOptions options, metrics::Registry& registry);
  ~Relay();
  void Start();
  // After a commit; coalesced, cheap, thread-safe.
  void Poke();
  // Finishes the page in flight and stores the cursor.
  void Stop();
  struct Status {
    bool active = false;
    std::string
        refusal;  // why it does not run: another cluster's cursor, prepared transactions, lost tail ...
  };
  Status status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::eventing
