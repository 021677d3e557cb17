#include "services/sla/storage/clock_queries.h"

#include <map>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/sla/storage/columns.h"

namespace steward::sla {
namespace {

#define ESCALATION_COLUMNS \
  STEWARD_ESCALATION_COLUMNS ", acknowledged_by, on_behalf_of, note, acknowledge_time"
#define OWNER_REACH "($2 OR owner = ANY($3::text[]) OR team = ANY($4::text[]))"
#define RECIPIENT_REACH \
  "($2 OR recipient = ANY($3::text[]) OR owner = ANY($3::text[]) OR team = ANY($4::text[]))"

constexpr pg::Statement kFind{"sla_find_clocks",
                              "SELECT " STEWARD_CLOCK_COLUMNS
                              " FROM clock WHERE name = ANY($1::text[]) AND " OWNER_REACH};
constexpr pg::Statement kFindOf{"sla_find_clocks_of",
                                "SELECT " STEWARD_CLOCK_COLUMNS
                                " FROM clock WHERE subject = ANY($1::text[]) AND " OWNER_REACH
                                " ORDER BY subject, due_time NULLS LAST, name"};
// Equality and inequality lists are NULL when the filter does not name the field; custom plans drop them then.
constexpr pg::Statement kListClocks{
    "sla_list_clocks",
    "SELECT " STEWARD_CLOCK_COLUMNS
    " FROM clock WHERE (coalesce(due_time, '9999-01-01 00:00:00+00'), name) > ($5, $6) "
    "AND " OWNER_REACH
    " AND ($1::boolean OR run_state IN (1, 2))"
    " AND ($7::text[] IS NULL OR policy = ANY($7)) AND ($8::text[] IS NULL OR policy <> ALL($8))"
    " AND ($9::text[] IS NULL OR owner = ANY($9)) AND ($10::text[] IS NULL OR owner <> ALL($10))"
    " AND ($11::text[] IS NULL OR team = ANY($11)) AND ($12::text[] IS NULL OR team <> ALL($12))"
    " AND ($13::text[] IS NULL OR subject = ANY($13)) AND ($14::text[] IS NULL OR subject <> "
    "ALL($14))"
    " AND ($15::integer[] IS NULL OR run_state = ANY($15)) AND ($16::integer[] IS NULL OR "
    "run_state <> ALL($16))"
    " AND ($17::text[] IS NULL OR (CASE WHEN run_state > 2 THEN '' WHEN breached THEN 'BREACHED' "
    "WHEN run_state = 2 THEN 'PAUSED' "
    "WHEN warned THEN 'WARNED' ELSE 'RUNNING' END) = ANY($17))"
    " AND ($18::text[] IS NULL OR (CASE WHEN run_state > 2 THEN '' WHEN breached THEN 'BREACHED' "
    "WHEN run_state = 2 THEN 'PAUSED' "
    "WHEN warned THEN 'WARNED' ELSE 'RUNNING' END) <> ALL($18))"
    " AND ($19::timestamptz IS NULL OR due_time >= $19) AND ($20::timestamptz IS NULL OR due_time "
    "< $20)"
    " AND ($21::timestamptz IS NULL OR start_time >= $21) AND ($22::timestamptz IS NULL OR "
    "start_time < $22)"
    " ORDER BY coalesce(due_time, '9999-01-01 00:00:00+00'), name LIMIT $23"};
constexpr pg::Statement kFirings{"sla_firings_of",
                                 "SELECT cycle, threshold, arming, occurred_at, detected_at, mark, "
                                 "retracted, retraction_cause FROM firing WHERE clock = $1 "
                                 "ORDER BY cycle, occurred_at, detected_at, threshold, arming"};
constexpr pg::Statement kFacts{"sla_facts_of_one", "SELECT " STEWARD_FACT_COLUMNS
                                                   " FROM subject_fact WHERE subject = $1 "
                                                   "ORDER BY occurred_at, version, step"};
constexpr pg::Statement kListEscalations{
    "sla_list_escalations",
    "SELECT " ESCALATION_COLUMNS
    " FROM escalation WHERE (detected_at, name) < ($5, $6) AND " RECIPIENT_REACH
    " AND ($1::integer[] IS NULL OR state = ANY($1)) AND ($7::integer[] IS NULL OR state <> "
    "ALL($7))"
    " AND ($8::text[] IS NULL OR recipient = ANY($8)) AND ($9::text[] IS NULL OR policy = ANY($9))"
    " AND ($10::text[] IS NULL OR subject = ANY($10)) AND ($11::text[] IS NULL OR clock = ANY($11))"
    " AND ($12::integer[] IS NULL OR level = ANY($12)) ORDER BY detected_at DESC, name DESC LIMIT "
    "$13"};
constexpr pg::Statement kAcknowledge{
    "sla_acknowledge",
    "UPDATE escalation e SET version = u.version, state = 2, acknowledged_by = u.by, on_behalf_of "
    "= u.behalf, note = u.note, "
    "acknowledge_time = u.at FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], "
    "$5::text[], $6::timestamptz[]) "
    "AS u(name, version, by, behalf, note, at) WHERE e.name = u.name"};
constexpr pg::Statement kReassign{
    "sla_reassign",
    "UPDATE escalation SET version = $2, recipient = $3, basis = $4 WHERE name = $1"};
constexpr pg::Statement kCounts{"sla_board_counts",
                                "SELECT CASE WHEN breached THEN 'breached' WHEN run_state = 2 THEN "
                                "'paused' WHEN warned THEN 'warned' ELSE 'running' END AS s, "
                                "count(*) FROM clock WHERE run_state IN (1, 2) GROUP BY 1"};
constexpr pg::Statement kOwners{"sla_board_owners",
                                "SELECT who, (array_agg(name ORDER BY due_time NULLS LAST, "
                                "name))[1], min(due_time), count(*) FROM (SELECT "
                                "coalesce(nullif(owner, ''), '-') AS who, name, due_time FROM "
                                "clock WHERE run_state IN (1, 2)) c GROUP BY who "
                                "ORDER BY min(due_time) NULLS LAST, who LIMIT $1"};
constexpr pg::Statement kTeams{"sla_board_teams",
                               "SELECT who, (array_agg(name ORDER BY due_time NULLS LAST, "
                               "name))[1], min(due_time), count(*) FROM (SELECT "
                               "coalesce(nullif(team, ''), '-') AS who, name, due_time FROM clock "
                               "WHERE run_state IN (1, 2)) c GROUP BY who "
                               "ORDER BY min(due_time) NULLS LAST, who LIMIT $1"};
constexpr pg::Statement kWatcherCounts{
    "sla_watcher_counts",
    "SELECT (SELECT count(*) FROM timer), (SELECT count(*) FROM clock WHERE run_state IN (1, 2) "
    "AND due_time IS NULL), "
    "(SELECT count(*) FROM subject WHERE unmatched), (SELECT count(*) FROM escalation WHERE state "
    "= 1 AND recipient = ''), "
    "(SELECT count(*) FROM timer WHERE failures > 0), clock_timestamp()"};

constexpr Time kFarFuture{253'370'764'800'000'000};  // 9999-01-01: where rows without a time sort

// The values of one field and operator; nullopt when the filter does not name it.
using Lists = std::map<std::string, std::vector<std::string>>;
Lists Collect(const std::vector<rpc::FilterTerm>& filter) {
  Lists lists;
  for (const rpc::FilterTerm& term : filter) {
    lists[term.field + term.op].push_back(term.value);
  }
  return lists;
}

void AddList(pg::Params& params, const Lists& lists, const std::string& key) {
  const auto found = lists.find(key);
  if (found == lists.end()) {
    params.AddNull();
  } else {
    params.AddTexts(found->second);
  }
}

absl::Status AddNumbers(pg::Params& params, const Lists& lists, const std::string& key,
                        const std::map<std::string, int32_t>& names) {
  const auto found = lists.find(key);
  if (found == lists.end()) {
    params.AddNull();
    return absl::OkStatus();
  }
  std::vector<int32_t> numbers;
  for (const std::string& value : found->second) {
    const auto number = names.find(value);
    if (number == names.end()) {
      std::string allowed;
      for (const auto& [name, n] : names) {
        allowed += (allowed.empty() ? "" : ", ") + name;
      }
      return FieldInvalid("filter", value + " is not known; allowed: " + allowed);
    }
    numbers.push_back(number->second);
  }
  params.AddInt32s(numbers);
  return absl::OkStatus();
}

// The tightest bound of a time field: `>=` and `>` give the lower, `<` and `<=` the upper one.
absl::Status AddRange(pg::Params& params, const Lists& lists, const std::string& field) {
  std::optional<Time> from, to;
  for (const auto& [op, add, lower] :
       {std::tuple{">=", 0, true}, {">", 1, true}, {"<", 0, false}, {"<=", 1, false}}) {
    const auto found = lists.find(field + op);
    if (found == lists.end()) {
      continue;
    }
    for (const std::string& value : found->second) {
      const auto time = ParseTime(value);
      if (!time.ok()) {
        return FieldInvalid("filter",
                            field + " wants an RFC 3339 time, for example 2026-01-01T00:00:00Z");
      }
      const Time bound = *time + Duration{add};
      std::optional<Time>& slot = lower ? from : to;
      slot = !slot ? bound : lower ? std::max(*slot, bound) : std::min(*slot, bound);
    }
  }
  params.AddOptional(from).AddOptional(to);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Clock>> ReadClocks(const pg::Result& rows, int limit) {
  std::vector<Clock> clocks;
  for (int i = 0; i < std::min(rows.rows(), limit); ++i) {
    ASSIGN_OR_RETURN(Clock clock, ReadClock(rows, i));
    clocks.push_back(std::move(clock));
  }
  return clocks;
}

pg::Params Within(const std::vector<std::string>& names, const rpc::Reach& reach) {
  return pg::Params().AddTexts(names).Add(reach.all).AddTexts(reach.members).AddTexts(reach.teams);
}

}  // namespace

const pg::Statement kSelectEscalations{
    "sla_select_escalations", "SELECT " ESCALATION_COLUMNS
                              " FROM escalation WHERE name = ANY($1::text[]) AND " RECIPIENT_REACH};

absl::StatusOr<std::vector<Clock>> FindClocks(pg::Connection& connection, const rpc::Reach& reach,
                                              const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kFind, Within(names, reach)));
  return ReadClocks(rows, rows.rows());
}

absl::StatusOr<std::vector<Clock>> FindClocksOf(pg::Connection& connection, const rpc::Reach& reach,
                                                const std::vector<std::string>& subjects) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kFindOf, Within(subjects, reach)));
  return ReadClocks(rows, rows.rows());
}

absl::StatusOr<ClockPage> ListClockRows(pg::Connection& connection, const rpc::Reach& reach,
                                        const std::vector<rpc::FilterTerm>& filter,
                                        const std::vector<std::string>& after, int size) {
  static const std::map<std::string, int32_t> kStates = {
      {"RUNNING", 1}, {"PAUSED", 2}, {"MET", 3}, {"MISSED", 4}, {"CANCELLED", 5}};
  const Lists lists = Collect(filter);
  const bool closed_too =
      lists.contains("run_state=") || lists.contains("run_state!=") || lists.contains("subject=");
  pg::Params params;
  params.Add(closed_too).Add(reach.all).AddTexts(reach.members).AddTexts(reach.teams);
  if (after.size() == 2) {
    params.Add(Time{std::stoll(after[0])}).Add(after[1]);
  } else {
    params.Add(kEpoch).Add("");
  }
  for (const char* field : {"policy", "owner", "team", "subject"}) {
    AddList(params, lists, std::string(field) + "=");
    AddList(params, lists, std::string(field) + "!=");
  }
  RETURN_IF_ERROR(AddNumbers(params, lists, "run_state=", kStates));
  RETURN_IF_ERROR(AddNumbers(params, lists, "run_state!=", kStates));
  AddList(params, lists, "status=");
  AddList(params, lists, "status!=");
  RETURN_IF_ERROR(AddRange(params, lists, "due_time"));
  RETURN_IF_ERROR(AddRange(params, lists, "start_time"));
  params.Add(int64_t{size} + 1);
  ASSIGN_OR_RETURN(const pg::Result rows, service::ReadPlanned(connection, kListClocks, params));
  ClockPage page;
  ASSIGN_OR_RETURN(page.clocks, ReadClocks(rows, size));
  page.more = rows.rows() > size;
  return page;
}

absl::StatusOr<std::vector<FiringRow>> FiringsOf(pg::Connection& connection,
                                                 const std::string& clock) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kFirings, pg::Params().Add(clock)));
  std::vector<FiringRow> out;
  for (int i = 0; i < rows.rows(); ++i) {
    out.push_back({static_cast<int>(rows.Int(i, 0)), rows.Text(i, 1),
                   static_cast<int>(rows.Int(i, 2)), rows.Timestamp(i, 3), rows.Timestamp(i, 4),
                   rows.Text(i, 5), rows.Bool(i, 6), rows.Text(i, 7)});
  }
  return out;
}

absl::StatusOr<std::vector<StoredFact>> FactsOf(pg::Connection& connection,
                                                const std::string& subject) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kFacts, pg::Params().Add(subject)));
  std::vector<StoredFact> out;
  for (int i = 0; i < rows.rows(); ++i) {
    out.push_back(ReadFact(rows, i));
  }
  return out;
}

EscalationRow ReadEscalationRow(const pg::Result& rows, int row) {
  return {ReadEscalation(rows, row), rows.Text(row, 17), rows.Text(row, 18), rows.Text(row, 19),
          rows.OptionalTimestamp(row, 20)};
}

pg::Params EscalationParams(const std::vector<std::string>& names, const rpc::Reach& reach) {
  return Within(names, reach);
}

absl::StatusOr<EscalationPage> ListEscalationRows(pg::Connection& connection,
                                                  const rpc::Reach& reach,
                                                  const std::vector<rpc::FilterTerm>& filter,
                                                  const std::vector<std::string>& after, int size) {
  static const std::map<std::string, int32_t> kStates = {
      {"OPEN", 1}, {"ACKNOWLEDGED", 2}, {"WITHDRAWN", 3}, {"ENDED", 4}};
  static const std::map<std::string, int32_t> kLevels = {{"1", 1}, {"2", 2}, {"3", 3}, {"4", 4},
                                                         {"5", 5}, {"6", 6}, {"7", 7}, {"8", 8}};
  const Lists lists = Collect(filter);
  pg::Params params;
  RETURN_IF_ERROR(AddNumbers(params, lists, "state=", kStates));
  params.Add(reach.all).AddTexts(reach.members).AddTexts(reach.teams);
  if (after.size() == 2) {
    params.Add(Time{std::stoll(after[0])}).Add(after[1]);
  } else {
    params.Add(kFarFuture).Add("");
  }
  RETURN_IF_ERROR(AddNumbers(params, lists, "state!=", kStates));
  for (const char* field : {"recipient=", "policy=", "subject=", "clock="}) {
    AddList(params, lists, field);
  }
  RETURN_IF_ERROR(AddNumbers(params, lists, "level=", kLevels));
  params.Add(int64_t{size} + 1);
  ASSIGN_OR_RETURN(const pg::Result rows,
                   service::ReadPlanned(connection, kListEscalations, params));
  EscalationPage page;
  for (int i = 0; i < std::min(rows.rows(), size); ++i) {
    page.rows.push_back(ReadEscalationRow(rows, i));
  }
  page.more = rows.rows() > size;
  return page;
}

void QueueAcknowledge(pg::Tx& tx, const std::vector<EscalationRow>& rows) {
  std::vector<std::string> names, by, behalf, notes;
  std::vector<int64_t> versions;
  std::vector<Time> times;
  for (const EscalationRow& row : rows) {
    names.push_back(row.escalation.name);
    versions.push_back(row.escalation.version);
    by.push_back(row.acknowledged_by);
    behalf.push_back(row.on_behalf_of);
    notes.push_back(row.note);
    times.push_back(*row.acknowledge_time);
  }
  tx.Queue(kAcknowledge, pg::Params()
                             .AddTexts(names)
                             .AddInts(versions)
                             .AddTexts(by)
                             .AddTexts(behalf)
                             .AddTexts(notes)
                             .AddTimes(times));
}

void QueueReassign(pg::Tx& tx, const Escalation& e) {
  tx.Queue(kReassign, pg::Params().Add(e.name).Add(e.version).Add(e.recipient).Add(e.basis));
}

absl::StatusOr<BoardData> ReadBoard(pg::Connection& connection, int limit) {
  BoardData board;
  ASSIGN_OR_RETURN(const pg::Result counts, connection.Run(kCounts));
  for (const char* status : {"running", "warned", "paused", "breached"}) {
    int64_t n = 0;
    for (int i = 0; i < counts.rows(); ++i) {
      n = counts.Text(i, 0) == status ? counts.Int(i, 1) : n;
    }
    board.counts.emplace_back(status, n);
  }
  for (auto [statement, list] : {std::pair{&kOwners, &board.owners}, {&kTeams, &board.teams}}) {
    ASSIGN_OR_RETURN(const pg::Result rows,
                     connection.Run(*statement, pg::Params().Add(int64_t{limit})));
    for (int i = 0; i < rows.rows(); ++i) {
      list->push_back(
          {rows.Text(i, 0), rows.Text(i, 1), rows.OptionalTimestamp(i, 2), rows.Int(i, 3)});
    }
  }
  return board;
}

absl::StatusOr<WatcherCounts> ReadWatcherCounts(pg::Connection& connection) {
  ASSIGN_OR_RETURN(const pg::Result r, connection.Run(kWatcherCounts));
  return WatcherCounts{r.Int(0, 0), r.Int(0, 1), r.Int(0, 2),
                       r.Int(0, 3), r.Int(0, 4), r.Timestamp(0, 5)};
}

}  // namespace steward::sla
