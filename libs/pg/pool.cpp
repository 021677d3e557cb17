#include "libs/pg/pool.h"

#include <poll.h>

#include "libs/base/status.h"

namespace steward::pg {
namespace {

// Between commands a server says nothing but farewell: an idle socket with something to read is
// one that PostgreSQL has closed. Noticed here, the loss costs the next call a reconnect instead
// of an UNAVAILABLE.
bool DiedWhileIdle(const Connection& connection) {
  pollfd descriptor{.fd = connection.socket(), .events = POLLIN, .revents = 0};
  return poll(&descriptor, 1, 0) != 0;
}

}  // namespace

WorkerConnections::WorkerConnections(Options options, int workers, metrics::Registry* registry)
    : options_(std::move(options)), registry_(registry), connections_(workers) {}

absl::StatusOr<Connection*> WorkerConnections::Get(int worker) {
  std::unique_ptr<Connection>& connection = connections_.at(worker);
  if (connection == nullptr || !connection->healthy() || DiedWhileIdle(*connection)) {
    connection.reset();  // first, so that the server frees it before it makes another
    ASSIGN_OR_RETURN(connection, Connection::Open(options_, registry_));
  }
  return connection.get();
}

}  // namespace steward::pg
