#include "services/sla/storage/clocks.h"

#include "libs/base/status.h"
#include "services/sla/storage/columns.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kClocksOf{
    "sla_clocks_of", "SELECT " STEWARD_CLOCK_COLUMNS " FROM clock WHERE subject = ANY($1::text[])"};
constexpr pg::Statement kClocksByName{"sla_clocks_by_name",
                                      "SELECT " STEWARD_CLOCK_COLUMNS
                                      " FROM clock WHERE name = ANY($1::text[])"};
constexpr pg::Statement kEscalationsOf{"sla_open_escalations_of",
                                       "SELECT " STEWARD_ESCALATION_COLUMNS
                                       " FROM escalation WHERE state = 1 AND clock = ANY("
                                       "SELECT name FROM clock WHERE subject = ANY($1::text[]))"};
constexpr pg::Statement kPutFacts{
    "sla_put_facts",
    "INSERT INTO subject_fact (subject, version, event_id, type, occurred_at, payload) SELECT * "
    "FROM "
    "unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::timestamptz[], $6::bytea[])"};
constexpr pg::Statement kFactsOf{"sla_facts_of",
                                 "SELECT subject, version, event_id, type, occurred_at, payload "
                                 "FROM subject_fact WHERE subject = ANY($1::text[]) "
                                 "ORDER BY subject, version"};

}  // namespace

int ShardOf(std::string_view subject) { return static_cast<int>(StableHash(subject) % kShards); }

absl::StatusOr<Clock> ReadClock(const pg::Result& rows, int row, int at) {
  Clock c;
  c.name = rows.Text(row, at);
  c.version = rows.Int(row, at + 1);
  c.subject = rows.Text(row, at + 2);
  c.policy = rows.Text(row, at + 3);
  c.policy_version = static_cast<int>(rows.Int(row, at + 4));
  c.calendar = rows.Text(row, at + 5);
  c.calendar_version = static_cast<int>(rows.Int(row, at + 6));
  c.metric = rows.Text(row, at + 7);
  c.cycle = static_cast<int>(rows.Int(row, at + 8));
  c.state = static_cast<RunState>(rows.Int(row, at + 9));
  c.start = rows.Timestamp(row, at + 10);
  c.due = rows.OptionalTimestamp(row, at + 11);
  c.stop = rows.OptionalTimestamp(row, at + 12);
  c.provisional = rows.Bool(row, at + 13);
  c.owner = rows.Text(row, at + 14);
  c.team = rows.Text(row, at + 15);
  c.pack = rows.Text(row, at + 16);
  c.seed = rows.Text(row, at + 17);
  c.binding = static_cast<int>(rows.Int(row, at + 18));
  c.cancel_reason = rows.Text(row, at + 19);
  ASSIGN_OR_RETURN(c.ladder, DecodeLadder(rows.Bytes(row, at + 20)));
  c.since = rows.Int(row, at + 21);
  return c;
}

Escalation ReadEscalation(const pg::Result& rows, int row, int at) {
  Escalation e;
  e.name = rows.Text(row, at);
  e.version = rows.Int(row, at + 1);
  e.clock = rows.Text(row, at + 2);
  e.subject = rows.Text(row, at + 3);
  e.policy = rows.Text(row, at + 4);
  e.cycle = static_cast<int>(rows.Int(row, at + 5));
  e.level = static_cast<int>(rows.Int(row, at + 6));
  e.arming = static_cast<int>(rows.Int(row, at + 7));
  e.role = rows.Text(row, at + 8);
  e.fallback_role = rows.Text(row, at + 9);
  e.recipient = rows.Text(row, at + 10);
  e.basis = rows.Text(row, at + 11);
  e.state = static_cast<EscalationState>(rows.Int(row, at + 12));
  e.owner = rows.Text(row, at + 13);
  e.team = rows.Text(row, at + 14);
  e.occurred_at = rows.Timestamp(row, at + 15);
  e.detected_at = rows.Timestamp(row, at + 16);
  return e;
}

pg::Pending QueueClocksOf(pg::Tx& tx, const std::vector<std::string>& subjects) {
  return tx.Queue(kClocksOf, pg::Params().AddTexts(subjects));
}
pg::Pending QueueOpenEscalationsOf(pg::Tx& tx, const std::vector<std::string>& subjects) {
  return tx.Queue(kEscalationsOf, pg::Params().AddTexts(subjects));
}
pg::Pending QueueClocksByName(pg::Tx& tx, const std::vector<std::string>& names) {
  return tx.Queue(kClocksByName, pg::Params().AddTexts(names));
}

void QueueFacts(pg::Tx& tx, const std::vector<StoredFact>& facts) {
  if (facts.empty()) {
    return;
  }
  tx.Queue(kPutFacts, pg::Params()
                          .AddTexts(Map(facts, [](auto& f) { return f.subject; }))
                          .AddInts(Map(facts, [](auto& f) { return f.version; }))
                          .AddUuids(Map(facts, [](auto& f) { return f.event_id; }))
                          .AddTexts(Map(facts, [](auto& f) { return f.type; }))
                          .AddTimes(Map(facts, [](auto& f) { return f.occurred_at; }))
                          .AddBytesArray(Map(facts, [](auto& f) { return f.payload; })));
}

pg::Pending QueueFactsOf(pg::Tx& tx, const std::vector<std::string>& subjects) {
  return tx.Queue(kFactsOf, pg::Params().AddTexts(subjects));
}

}  // namespace steward::sla
