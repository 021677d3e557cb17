#pragma once
// A repeat of a request_id answers the first answer. The key is (method, caller, request_id); the row holds the
// request's hash and the response's bytes, written in the command's own transaction, kept 7 days. A refused
// command leaves no row. Schema: schema.sql.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace steward::idempotency {

struct Key {
  std::string method;        // full method name
  std::string caller;        // members/{id}
  std::string request_id;    // empty = no key: every call runs
  std::string request_hash;  // SHA-256 of the request without request_id (rpc::RequestHash)
};

// Queues a look-up; the answer is readable after the next Flush. A key without request_id never finds anything.
class Lookup {
 public:
  // The stored response; nullopt = not seen. INVALID_ARGUMENT with reason REQUEST_ID_REUSED for another body.
  absl::StatusOr<std::optional<std::string>> Get() const;

 private:
  friend Lookup Find(pg::Tx&, const Key&);
  Key key_;
  std::optional<pg::Pending> row_;
};
Lookup Find(pg::Tx& tx, const Key& key);

// Queues the plain INSERT of the claim with its response: first of the writes; marks the transaction claimed.
// `aggregate` lets an erasure find stored responses. A concurrent twin fails this transaction with a unique
// violation of kClaimConstraint: IsTwin tells, and the caller then reads the stored answer with Find.
void Claim(pg::Tx& tx, const Key& key, std::string_view response, std::string_view aggregate);
bool IsTwin(const absl::Status& status);

// Deletes rows older than 7 days, at most `limit`; for a housekeeping thread.
absl::StatusOr<int64_t> Purge(pg::Connection& connection, int limit);

}  // namespace steward::idempotency
