#include "services/complaints/storage/repeat_store.h"

namespace steward::complaints {
namespace {

// `customer <> ''` lets the planner use the partial index. The links of the newest carry those of
// older tickets.
constexpr pg::Statement kCandidates{
    "repeat_candidates",
    "SELECT t.id, t.occurred_at, t.topic, t.product, r.first_ticket, r.first_occurred_at, r.rule"
    " FROM ticket t LEFT JOIN ticket_repeat r ON r.ticket = t.id"
    " WHERE t.customer = $1::text AND t.customer <> '' AND t.occurred_at >= $2::timestamptz AND "
    "t.state <> 7"
    " ORDER BY t.occurred_at DESC, t.id DESC LIMIT 2000"};
constexpr pg::Statement kChainVersion{"repeat_chain_version",
                                      "SELECT version FROM repeat_chain WHERE customer = $1::text"};
constexpr pg::Statement kSaveChain{
    "repeat_chain_save",
    "INSERT INTO repeat_chain (customer, version) VALUES ($1, $2)"
    " ON CONFLICT (customer) DO UPDATE SET version = excluded.version"};
constexpr pg::Statement kSaveLink{
    "repeat_link_save",
    "INSERT INTO ticket_repeat (ticket, first_ticket, first_occurred_at, rule) VALUES ($1, $2, $3, "
    "$4)"
    " ON CONFLICT (ticket) DO UPDATE SET first_ticket = excluded.first_ticket,"
    " first_occurred_at = excluded.first_occurred_at, rule = excluded.rule"};

}  // namespace

pg::Pending QueueRepeatCandidates(pg::Tx& tx, std::string_view customer, Time from) {
  return tx.Queue(kCandidates, pg::Params().Add(customer).Add(from));
}

std::vector<RepeatCandidate> ReadRepeatCandidates(const pg::Result& result) {
  std::vector<RepeatCandidate> tickets;
  for (int row = 0; row < result.rows(); ++row) {
    RepeatCandidate ticket{result.Uuid(row, 0),
                           result.Timestamp(row, 1),
                           result.Text(row, 2),
                           result.Text(row, 3),
                           {}};
    if (!result.IsNull(row, 4)) {
      ticket.link = RepeatLink{result.Uuid(row, 4), result.Timestamp(row, 5), result.Text(row, 6)};
    }
    tickets.push_back(std::move(ticket));
  }
  return tickets;
}

pg::Pending QueueChainVersion(pg::Tx& tx, std::string_view customer) {
  return tx.Queue(kChainVersion, pg::Params().Add(customer));
}

int64_t ReadChainVersion(const pg::Result& result) {
  return result.rows() == 0 ? 0 : result.Int(0, 0);
}

void QueueChain(pg::Tx& tx, std::string_view customer, int64_t version) {
  tx.Queue(kSaveChain, pg::Params().Add(customer).Add(version));
}

void QueueLink(pg::Tx& tx, const FoundRepeat& repeat) {
  tx.Queue(kSaveLink, pg::Params()
                          .Add(repeat.ticket)
                          .Add(repeat.link.first)
                          .Add(repeat.link.first_occurred_at)
                          .Add(repeat.link.rule));
}

}  // namespace steward::complaints
