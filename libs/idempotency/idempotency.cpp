#include "libs/idempotency/idempotency.h"

#include "libs/base/status.h"

namespace steward::idempotency {
namespace {

constexpr char kClaimConstraint[] = "idempotency_key_pkey";

constexpr pg::Statement kFind{"idempotency_find",
                              "SELECT request_hash, response FROM idempotency_key "
                              "WHERE method = $1 AND caller = $2 AND request_id = $3"};
// Plain, so that a twin aborts everything queued behind it.
constexpr pg::Statement kClaim{
    "idempotency_claim",
    "INSERT INTO idempotency_key (method, caller, request_id, request_hash, response, aggregate) "
    "VALUES ($1, $2, $3, $4, $5, $6)"};
// Several replicas purge at once; each skips the other's rows.
constexpr pg::Statement kPurge{"idempotency_purge",
                               "DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY("
                               "SELECT ctid FROM idempotency_key WHERE create_time < "
                               "statement_timestamp() - interval '7 days' "
                               "ORDER BY create_time LIMIT $1 FOR UPDATE SKIP LOCKED))"};

}  // namespace

Lookup Find(pg::Tx& tx, const Key& key) {
  Lookup lookup;
  lookup.key_ = key;
  if (!key.request_id.empty()) {
    lookup.row_ = tx.Queue(kFind, pg::Params().Add(key.method).Add(key.caller).Add(key.request_id));
  }
  return lookup;
}

absl::StatusOr<std::optional<std::string>> Lookup::Get() const {
  if (!row_ || (*row_)->rows() == 0) {
    return std::nullopt;
  }
  if ((*row_)->Bytes(0, 0) != key_.request_hash) {
    return Refuse(absl::StatusCode::kInvalidArgument,
                  "request_id was used for another request; take a new one",
                  {.reason = "REQUEST_ID_REUSED",
                   .metadata = {{"requestId", key_.request_id}},
                   .fields = {{"request_id", "was used for another request; take a new one"}}});
  }
  return (*row_)->Bytes(0, 1);
}

void Claim(pg::Tx& tx, const Key& key, std::string_view response, std::string_view aggregate) {
  if (!key.request_id.empty()) {
    tx.Queue(kClaim, pg::Params()
                         .Add(key.method)
                         .Add(key.caller)
                         .Add(key.request_id)
                         .AddBytes(key.request_hash)
                         .AddBytes(response)
                         .Add(aggregate));
  }
  tx.MarkClaimed();
}

bool IsTwin(const absl::Status& status) {
  return pg::ViolatedConstraint(status) == kClaimConstraint;
}

absl::StatusOr<int64_t> Purge(pg::Connection& connection, int limit) {
  ASSIGN_OR_RETURN(const pg::Result deleted,
                   connection.Run(kPurge, pg::Params().Add(static_cast<int64_t>(limit))));
  return deleted.affected();
}

}  // namespace steward::idempotency
