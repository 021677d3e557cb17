#include "services/sla/storage/customers.h"

#include "libs/base/status.h"
#include "services/sla/storage/columns.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kPutTiers{
    "sla_put_customer_tiers",
    "INSERT INTO customer_tiers (customer, version, event_id, type, occurred_at, payload) SELECT * "
    "FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::timestamptz[], "
    "$6::bytea[])"};
constexpr pg::Statement kPutRematch{
    "sla_put_rematch",
    "INSERT INTO rematch (customer, version) SELECT c, max(v) FROM unnest($1::text[], "
    "$2::bigint[]) AS u(c, v) GROUP BY c ON CONFLICT (customer) DO UPDATE SET version = "
    "excluded.version"};
constexpr pg::Statement kTiersOf{
    "sla_customer_tiers_of",
    "SELECT customer, version, event_id, type, occurred_at, payload FROM customer_tiers WHERE "
    "customer = ANY($1::text[]) ORDER BY customer, version"};
constexpr pg::Statement kTiersOfSubject{
    "sla_customer_tiers_of_subject",
    "SELECT customer, version, event_id, type, occurred_at, payload FROM customer_tiers WHERE "
    "customer = (SELECT customer FROM subject WHERE name = $1) ORDER BY version"};
constexpr pg::Statement kSeen{"sla_tiers_seen",
                              "SELECT customer_version, ended FROM subject WHERE name = $1"};
constexpr pg::Statement kWaiting{
    "sla_rematch_waiting",
    "SELECT customer, version FROM rematch WHERE customer > $1 ORDER BY customer LIMIT $2"};
constexpr pg::Statement kBehind{
    "sla_rematch_behind",
    "SELECT name FROM subject WHERE customer = $1 AND customer <> '' AND NOT ended AND "
    "customer_version < $2 AND name > $3 ORDER BY name LIMIT $4"};
constexpr pg::Statement kFinish{"sla_rematch_finish",
                                "DELETE FROM rematch WHERE customer = $1 AND version = $2"};

}  // namespace

void QueueTiers(pg::Tx& tx, const std::vector<CustomerTiers>& told) {
  if (told.empty()) {
    return;
  }
  const std::vector<std::string> customers = Map(told, [](auto& t) { return t.customer; });
  const std::vector<int64_t> versions = Map(told, [](auto& t) { return t.version; });
  tx.Queue(kPutTiers, pg::Params()
                          .AddTexts(customers)
                          .AddInts(versions)
                          .AddUuids(Map(told, [](auto& t) { return t.event_id; }))
                          .AddTexts(Map(told, [](auto& t) { return t.type; }))
                          .AddTimes(Map(told, [](auto& t) { return t.occurred_at; }))
                          .AddBytesArray(Map(told, [](auto& t) { return t.payload; })));
  tx.Queue(kPutRematch, pg::Params().AddTexts(customers).AddInts(versions));
}

pg::Pending QueueTiersOf(pg::Tx& tx, const std::vector<std::string>& customers) {
  return tx.Queue(kTiersOf, pg::Params().AddTexts(customers));
}

pg::Pending QueueTiersOfSubject(pg::Tx& tx, const std::string& subject) {
  return tx.Queue(kTiersOfSubject, pg::Params().Add(subject));
}

std::vector<CustomerTiers> ReadTiers(const pg::Result& rows) {
  std::vector<CustomerTiers> out;
  for (int i = 0; i < rows.rows(); ++i) {
    out.push_back({rows.Text(i, 0), rows.Int(i, 1), rows.Uuid(i, 2), rows.Text(i, 3),
                   rows.Timestamp(i, 4), rows.Bytes(i, 5)});
  }
  return out;
}

pg::Pending QueueTiersSeen(pg::Tx& tx, const std::string& subject) {
  return tx.Queue(kSeen, pg::Params().Add(subject));
}

absl::StatusOr<std::vector<Waiting>> FindWaiting(pg::Connection& db, const std::string& after,
                                                 int limit) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   db.Run(kWaiting, pg::Params().Add(after).Add(int64_t{limit})));
  std::vector<Waiting> out;
  for (int i = 0; i < rows.rows(); ++i) {
    out.push_back({rows.Text(i, 0), rows.Int(i, 1)});
  }
  return out;
}

absl::StatusOr<std::vector<std::string>> FindBehind(pg::Connection& db, const Waiting& waiting,
                                                    const std::string& after, int limit) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      db.Run(
          kBehind,
          pg::Params().Add(waiting.customer).Add(waiting.version).Add(after).Add(int64_t{limit})));
  std::vector<std::string> out;
  for (int i = 0; i < rows.rows(); ++i) {
    out.push_back(rows.Text(i, 0));
  }
  return out;
}

absl::Status FinishWaiting(pg::Connection& db, const Waiting& waiting) {
  return db.Run(kFinish, pg::Params().Add(waiting.customer).Add(waiting.version)).status();
}

}  // namespace steward::sla
