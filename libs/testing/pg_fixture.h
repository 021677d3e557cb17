#pragma once
// A private PostgreSQL 15 for a test binary: started on first use in a temporary folder on a Unix socket, stopped at exit. As root it
// runs as user postgres. Never a system-wide server.

#include <string>
#include <vector>

#include "libs/pg/connection.h"
#include "libs/pg/migrate.h"

namespace steward::testing {

class PgFixture {
 public:
  // Crashes with the server's log when it cannot start. Thread-safe.
  static PgFixture& Shared();
  // A fresh database with these migrations applied; databases with the same migrations are cloned from one template.
  pg::Options NewDatabase(const std::vector<pg::Migration>& migrations = {});
  // kill -9 of the postmaster and all backends, and start again: for fault tests.
  void Kill();
  void Restart();

 private:
  PgFixture();
  struct Impl;
  Impl* impl_;
};

}  // namespace steward::testing
