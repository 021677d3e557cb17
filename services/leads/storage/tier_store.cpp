#include "services/leads/storage/tier_store.h"

#include "libs/base/status.h"

namespace steward::leads {
namespace {

constexpr pg::Statement kLast{"customer_tier_last",
                              "SELECT max(effective_from) FROM customer_tier WHERE customer = "
                              "$1::text AND scheme = $2::text"};
constexpr pg::Statement kInsert{
    "customer_tier_insert",
    "INSERT INTO customer_tier (customer, version, scheme, from_tier, tier, effective_from, "
    "set_by, rule, reason, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr pg::Statement kList{
    "customer_tier_list",
    "SELECT version, scheme, from_tier, tier, effective_from, effective_to, set_by, rule, reason, "
    "recorded_at FROM (SELECT *, lead(effective_from) OVER (PARTITION BY scheme ORDER BY version) "
    "AS effective_to FROM customer_tier WHERE customer = $1::text AND ($2::text = '' OR scheme = "
    "$2::text)) t WHERE $3::bigint IS NULL OR (version, scheme) < ($3::bigint, $4::text) "
    "ORDER BY version DESC, scheme DESC LIMIT $5::bigint"};

}  // namespace

pg::Pending QueueLastChange(pg::Tx& tx, const std::string& customer, const std::string& scheme) {
  return tx.Queue(kLast, pg::Params().Add(customer).Add(scheme));
}

std::optional<Time> ReadLastChange(const pg::Result& result) {
  return result.OptionalTimestamp(0, 0);
}

void QueueTierChanges(pg::Tx& tx, const std::string& customer,
                      const std::vector<TierChange>& changes) {
  for (const TierChange& change : changes) {
    pg::Params params;
    params.Add(customer).Add(change.version).Add(change.scheme).Add(change.from_tier);
    params.Add(change.tier).Add(change.effective_from).Add(change.set_by).Add(change.rule);
    params.Add(change.reason).Add(change.recorded_at);
    tx.Queue(kInsert, params);
  }
}

absl::StatusOr<std::vector<TierChange>> ListTierChanges(pg::Connection& db,
                                                        const std::string& customer,
                                                        const std::string& scheme,
                                                        const std::optional<TierCursor>& after,
                                                        int limit, Duration timeout) {
  pg::Params params;
  params.Add(customer).Add(scheme);
  params.AddOptional(after ? std::optional(after->version) : std::nullopt);
  params.AddOptional(after ? std::optional(after->scheme) : std::nullopt);
  params.Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kList, params, timeout));
  std::vector<TierChange> changes;
  for (int row = 0; row < result.rows(); ++row) {
    changes.push_back({result.Int(row, 0), result.Text(row, 1), result.Text(row, 2),
                       result.Text(row, 3), result.Timestamp(row, 4),
                       result.OptionalTimestamp(row, 5), result.Text(row, 6), result.Text(row, 7),
                       result.Text(row, 8), result.Timestamp(row, 9)});
  }
  return changes;
}

}  // namespace steward::leads
