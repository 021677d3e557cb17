#pragma once
// Tokens that are refused although they are valid: table denied_token (denied_token.sql), in memory for the guard.

#include <memory>
#include <string>
#include <string_view>

#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/pg/pool.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"

namespace steward::identity {

// The list as PostgreSQL had it when it was last read. While PostgreSQL is away the last list stays in force, and
// steward_denied_tokens_read_age_seconds grows. Thread-safe; entries end by the time that the caller gives.
class DenyList final : public rpc::DeniedTokens {
 public:
  DenyList(pg::Options pg, metrics::Registry& registry, Duration period = Seconds(5));
  ~DenyList() override;
  // Reads the list, then again after each period on a thread of its own.
  [[nodiscard]] absl::Status Start();
  void Stop();
  // Read it now.
  void Poke();

  bool DeniesToken(std::string_view id, Time now) const override;
  bool DeniesSubject(std::string_view subject, Time now) const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// DenyToken, AllowToken and ListDeniedTokens of OperationsService.
struct DenyMethods {
  pg::WorkerConnections* db = nullptr;
  const Clock* clock = nullptr;
  DenyList* list = nullptr;
  const rpc::PageTokens* tokens = nullptr;
  // The longest that a token is accepted: an entry for one token ends after it.
  Duration token_life = {};
};
// What `methods` points to must outlive the server.
void AddDenyMethods(rpc::Server& server, const DenyMethods& methods);

}  // namespace steward::identity
