#include "services/scoring/storage/pending_store.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr pg::Statement kMarks{"lead_mark_read",
                               "SELECT id, lead FROM lead_mark ORDER BY id LIMIT $1::bigint"};
constexpr pg::Statement kDropMarks{"lead_mark_drop",
                                   "DELETE FROM lead_mark WHERE id = ANY($1::bigint[])"};
constexpr pg::Statement kSweep{"lead_sweep_read",
                               "SELECT day, begun_at, since, after_lead FROM lead_sweep"};
constexpr pg::Statement kRequests{
    "sweep_request_read", "SELECT id, soon, since FROM sweep_request ORDER BY id LIMIT 10000"};
constexpr pg::Statement kDropRequests{"sweep_request_drop",
                                      "DELETE FROM sweep_request WHERE id = ANY($1::bigint[])"};
constexpr pg::Statement kPutSweep{
    "lead_sweep_put",
    "UPDATE lead_sweep SET day = $1::text, begun_at = $2::timestamptz, since = $3::timestamptz, "
    "after_lead = $4::text"};
constexpr pg::Statement kAsk{"sweep_request_soon",
                             "INSERT INTO sweep_request (soon) VALUES (true)"};
constexpr pg::Statement kOpen{
    "lead_record_open",
    "SELECT lead FROM lead_record WHERE open AND lead > $1::text ORDER BY lead LIMIT $2::bigint"};
constexpr pg::Statement kCountOpen{"lead_record_count_open",
                                   "SELECT count(*) FROM lead_record WHERE open"};
constexpr pg::Statement kOldest{
    "lead_pending_oldest",
    "SELECT least((SELECT since FROM lead_mark ORDER BY id LIMIT 1), (SELECT since FROM "
    "sweep_request ORDER BY id LIMIT 1), (SELECT since FROM lead_sweep))"};

}  // namespace

absl::StatusOr<Marks> ReadMarks(pg::Tx& tx, int limit) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   tx.Run(kMarks, pg::Params().Add(static_cast<int64_t>(limit))));
  Marks marks;
  std::set<std::string> leads;
  for (int i = 0; i < rows.rows(); ++i) {
    marks.ids.push_back(rows.Int(i, 0));
    leads.insert(rows.Text(i, 1));
  }
  marks.leads.assign(leads.begin(), leads.end());
  return marks;
}

void QueueDropMarks(pg::Tx& tx, const Marks& marks) {
  if (!marks.ids.empty()) {
    tx.Queue(kDropMarks, pg::Params().AddInts(marks.ids));
  }
}

absl::StatusOr<SweepState> ReadSweep(pg::Tx& tx) {
  const pg::Pending sweep = tx.Queue(kSweep);
  const pg::Pending requests = tx.Queue(kRequests);
  RETURN_IF_ERROR(tx.Flush());
  SweepState state;
  state.sweep = {sweep->Text(0, 0), sweep->OptionalTimestamp(0, 1), sweep->OptionalTimestamp(0, 2),
                 sweep->Text(0, 3)};
  for (int i = 0; i < requests->rows(); ++i) {
    state.requests.ids.push_back(requests->Int(i, 0));
    state.requests.soon = state.requests.soon || requests->Bool(i, 1);
    const Time since = requests->Timestamp(i, 2);
    state.requests.since = std::min(state.requests.since.value_or(since), since);
  }
  return state;
}

void QueueSweep(pg::Tx& tx, const Sweep& sweep) {
  pg::Params params;
  params.Add(sweep.day).AddOptional(sweep.begun_at).AddOptional(sweep.since);
  tx.Queue(kPutSweep, params.Add(sweep.after_lead));
}

void QueueDropRequests(pg::Tx& tx, const SweepRequests& requests) {
  if (!requests.ids.empty()) {
    tx.Queue(kDropRequests, pg::Params().AddInts(requests.ids));
  }
}

void QueueAskSweep(pg::Tx& tx) { tx.Queue(kAsk); }

absl::StatusOr<std::vector<std::string>> ReadOpenLeads(pg::Tx& tx, const std::string& after,
                                                       int limit) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   tx.Run(kOpen, pg::Params().Add(after).Add(static_cast<int64_t>(limit))));
  std::vector<std::string> leads;
  for (int i = 0; i < rows.rows(); ++i) {
    leads.push_back(rows.Text(i, 0));
  }
  return leads;
}

pg::Pending QueueCountOpen(pg::Tx& tx) { return tx.Queue(kCountOpen); }

absl::StatusOr<std::optional<Time>> OldestPending(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const pg::Result rows, tx.Run(kOldest));
  return rows.OptionalTimestamp(0, 0);
}

}  // namespace steward::scoring
