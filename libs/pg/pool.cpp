#include "libs/pg/pool.h"

#include "libs/base/status.h"

namespace steward::pg {

WorkerConnections::WorkerConnections(Options options, int workers, metrics::Registry* registry)
    : options_(std::move(options)), registry_(registry), connections_(workers) {}

absl::StatusOr<Connection*> WorkerConnections::Get(int worker) {
  std::unique_ptr<Connection>& connection = connections_.at(worker);
  if (connection == nullptr || !connection->healthy()) {
    connection.reset();  // first, so that the server frees it before it makes another
    ASSIGN_OR_RETURN(connection, Connection::Open(options_, registry_));
  }
  return connection.get();
}

}  // namespace steward::pg
