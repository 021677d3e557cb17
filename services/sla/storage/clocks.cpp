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
    "sla_put_facts", "INSERT INTO subject_fact (" STEWARD_FACT_COLUMNS
                     ") SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[], "
                     "$4::uuid[], $5::text[], $6::timestamptz[], $7::smallint[], $8::bytea[])"};
constexpr pg::Statement kFactsOf{"sla_facts_of", "SELECT " STEWARD_FACT_COLUMNS
                                                 " FROM subject_fact WHERE subject = "
                                                 "ANY($1::text[]) ORDER BY subject, version, step"};

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
  c.since = FactNumber(rows.Int(row, at + 21), static_cast<int32_t>(rows.Int(row, at + 22)));
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
                          .AddInts(Map(facts, [](auto& f) { return f.number.version; }))
                          .AddInt32s(Map(facts, [](auto& f) { return f.number.step; }))
                          .AddUuids(Map(facts, [](auto& f) { return f.event_id; }))
                          .AddTexts(Map(facts, [](auto& f) { return f.type; }))
                          .AddTimes(Map(facts, [](auto& f) { return f.occurred_at; }))
                          .AddInt16s(Map(facts, [](auto& f) { return int16_t(f.source); }))
                          .AddBytesArray(Map(facts, [](auto& f) { return f.payload; })));
}

pg::Pending QueueFactsOf(pg::Tx& tx, const std::vector<std::string>& subjects) {
  return tx.Queue(kFactsOf, pg::Params().AddTexts(subjects));
}

StoredFact ReadFact(const pg::Result& rows, int row) {
  return {
      rows.Text(row, 0),      FactNumber(rows.Int(row, 1), static_cast<int32_t>(rows.Int(row, 2))),
      rows.Uuid(row, 3),      rows.Text(row, 4),
      rows.Timestamp(row, 5), static_cast<FactSource>(rows.Int(row, 6)),
      rows.Bytes(row, 7)};
}

}  // namespace steward::sla
