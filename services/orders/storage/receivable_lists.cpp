#include "services/orders/storage/receivable_lists.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/orders/storage/day.h"

namespace steward::orders {
namespace {

#define DAY_OF(column) "(" column " - DATE '1970-01-01')"
#define REACHED(t) "($1::boolean OR " t ".owner = ANY($2::text[]) OR " t ".team = ANY($3::text[]))"
#define ON(parameter) "(DATE '1970-01-01' + " parameter "::integer)"

// Standing as in ledger.h.
constexpr pg::Statement kListInstalments{
    "instalment_list",
    "SELECT i.contract, i.number, i.customer, i.owner, i.team, i.region, " DAY_OF("i.due_date") ", i.due_event, "
    "i.due_days, i.currency, i.amount, i.paid, i.credited, i.written_off, " DAY_OF("i.due_on") ", "
    DAY_OF("i.settled_on") ", " DAY_OF("i.due_sort") " FROM instalment i WHERE " REACHED("i")
    " AND ($4::text IS NULL OR i.owner = $4::text) AND ($5::text IS NULL OR i.team = $5::text)"
    " AND ($6::text IS NULL OR i.region = $6::text) AND ($7::text IS NULL OR i.customer = $7::text)"
    " AND ($8::smallint IS NULL OR $8::smallint = CASE WHEN i.open = 0 THEN CASE WHEN i.written_off > 0 THEN 6 ELSE 4 END "
    "WHEN i.due_on < " ON("$9") " THEN 5 WHEN i.paid > 0 THEN 3 WHEN i.due_on = " ON("$9") " THEN 2 ELSE 1 END)"
    " AND (NOT $10::boolean OR i.open > 0)"
    " AND ($11::integer IS NULL OR i.due_on >= " ON("$11") ") AND ($12::integer IS NULL OR i.due_on <= " ON("$12") ")"
    " AND ($11::integer IS NULL OR i.due_sort >= " ON("$11") ") AND ($12::integer IS NULL OR i.due_sort <= " ON("$12") ")"
    " AND ($13::integer IS NULL OR i.open = 0 OR i.due_sort >= " ON("$13") ")"
    " AND ($14::integer IS NULL OR (i.due_sort, i.contract, i.number) > (" ON("$14") ", $15::uuid, $16::integer))"
    " ORDER BY i.due_sort, i.contract, i.number LIMIT $17::bigint"};

#define ENTRY_COLUMNS \
  "e.contract, e.id, e.kind, " DAY_OF("e.occurred_on") ", e.amount, e.part_instalments, e.part_amounts, "      \
  "e.reverses, e.source, e.external_id, e.recorded_by, e.record_time, r.currency "
constexpr pg::Statement kListEntries{
    "cash_entry_list",
    "SELECT " ENTRY_COLUMNS "FROM cash_entry e JOIN receivable r ON r.contract = e.contract WHERE " REACHED("r")
    " AND ($4::uuid IS NULL OR e.contract = $4::uuid)"
    " AND ($5::integer IS NULL OR (e.occurred_on, e.id) < (" ON("$5") ", $6::uuid))"
    " ORDER BY e.occurred_on DESC, e.id DESC LIMIT $7::bigint"};

// One snapshot for both parts, so that a contract is in one of them.
#define SUM_BY_AGE(name, group)                                                                                     \
  pg::Statement {                                                                                                   \
    "receivable_ageing_" name,                                                                                    \
        "SELECT NULL::uuid, " group ", i.currency, width_bucket(GREATEST(" ON("$4") " - i.due_sort, 0) - 1, "     \
        "$5::integer[]), count(*), sum(i.open)::bigint FROM instalment i JOIN receivable r ON r.contract = "      \
        "i.contract AND r.last_day <= " ON("$4") " WHERE i.open > 0 AND " REACHED("i") " GROUP BY 2, 3, 4 "        \
        "UNION ALL SELECT r.contract, '', '', 0, 0, 0 FROM receivable r WHERE r.last_day > " ON("$4") " AND "      \
        REACHED("r") \
  }
constexpr pg::Statement kSumByAge[] = {
    SUM_BY_AGE("all", "''"), SUM_BY_AGE("owner", "i.owner"), SUM_BY_AGE("team", "i.team"),
    SUM_BY_AGE("region", "i.region"), SUM_BY_AGE("customer", "i.customer")};
constexpr pg::Statement kContractsDue{
    "receivable_due",
    "SELECT DISTINCT i.contract FROM instalment i WHERE " REACHED("i") " AND i.due_sort >= " ON(
        "$4") " AND i.due_sort <= " ON("$5") " AND i.due_on IS NOT NULL"};

constexpr pg::Statement kCountOverdue{
    "receivable_overdue",
    "SELECT CASE WHEN days >= 30 THEN '30_plus' WHEN days >= 15 THEN '15_29' ELSE '1_14' END, "
    "currency, count(*) FROM (SELECT " ON("$1") " - due_sort AS days, currency FROM instalment "
    "WHERE open > 0 AND due_sort < " ON("$1") ") late GROUP BY 1, 2"};

std::optional<int32_t> Number(const std::optional<absl::CivilDay>& day) {
  return day ? std::optional(DayNumber(*day)) : std::nullopt;
}

pg::Params ListParams(const InstalmentFilter& filter, absl::CivilDay today,
                      const std::optional<InstalmentCursor>& after, const rpc::Reach& reach,
                      int limit) {
  pg::Params params = service::ReachParams(reach);
  params.AddOptional(filter.owner)
      .AddOptional(filter.team)
      .AddOptional(filter.region)
      .AddOptional(filter.customer);
  params.AddOptional(filter.standing ? std::optional(static_cast<int16_t>(*filter.standing))
                                     : std::nullopt);
  params.Add(DayNumber(today)).Add(filter.open_only);
  params.AddOptional(Number(filter.due_from)).AddOptional(Number(filter.due_to));
  params.AddOptional(filter.overdue_at_most
                         ? std::optional(DayNumber(today - *filter.overdue_at_most))
                         : std::nullopt);
  params.AddOptional(after ? std::optional(DayNumber(after->due)) : std::nullopt);
  params.AddOptional(after ? std::optional(after->contract) : std::nullopt);
  params.AddOptional(after ? std::optional(static_cast<int32_t>(after->number)) : std::nullopt);
  return std::move(params.Add(static_cast<int64_t>(limit)));
}

ListedInstalment ReadListed(const pg::Result& rows, int row, absl::CivilDay today) {
  ListedInstalment listed;
  listed.contract = rows.Uuid(row, 0);
  InstalmentStanding& to = listed.standing;
  to.number = rows.Int(row, 1);
  listed.party = {rows.Text(row, 2), rows.Text(row, 3), rows.Text(row, 4), rows.Text(row, 5), {}};
  if (const auto day = OptionalDay(rows, row, 6)) {
    listed.condition = *day;
  } else {
    listed.condition =
        DueAfter{static_cast<DueEvent>(rows.Int(row, 7)), static_cast<int32_t>(rows.Int(row, 8))};
  }
  listed.currency = rows.Text(row, 9);
  to.amount = rows.Int(row, 10);
  to.paid = rows.Int(row, 11);
  to.credited = rows.Int(row, 12);
  to.written_off = rows.Int(row, 13);
  to.due = OptionalDay(rows, row, 14);
  to.settled_on = OptionalDay(rows, row, 15);
  Stand(to, today);
  listed.place = {DayFrom(rows.Int(row, 16)), listed.contract, to.number};
  return listed;
}

}  // namespace

absl::StatusOr<std::vector<ListedInstalment>> ListInstalments(
    pg::Connection& db, const InstalmentFilter& filter, absl::CivilDay today,
    const std::optional<InstalmentCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   service::ReadPlanned(db, kListInstalments,
                                        ListParams(filter, today, after, reach, limit), timeout));
  std::vector<ListedInstalment> listed;
  for (int row = 0; row < rows.rows(); ++row) {
    listed.push_back(ReadListed(rows, row, today));
  }
  return listed;
}

absl::StatusOr<std::vector<StoredEntry>> ListEntries(pg::Connection& db,
                                                     const std::optional<Uuid>& contract,
                                                     const std::optional<EntryCursor>& after,
                                                     const rpc::Reach& reach, int limit,
                                                     Duration timeout) {
  pg::Params params = service::ReachParams(reach);
  params.AddOptional(contract).AddOptional(after ? std::optional(DayNumber(after->day))
                                                 : std::nullopt);
  params.AddOptional(after ? std::optional(after->id) : std::nullopt)
      .Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result rows, service::ReadPlanned(db, kListEntries, params, timeout));
  return ReadEntries(rows);
}

absl::StatusOr<AgedLedgers> SumByAge(pg::Connection& db, GroupBy group, absl::CivilDay as_of,
                                     const std::vector<int32_t>& bucket_ends,
                                     const rpc::Reach& reach, Duration timeout) {
  pg::Params params = service::ReachParams(reach);
  params.Add(DayNumber(as_of)).AddInt32s(bucket_ends);
  ASSIGN_OR_RETURN(const pg::Result rows,
                   db.Run(kSumByAge[static_cast<size_t>(group)], params, timeout));
  AgedLedgers aged;
  for (int row = 0; row < rows.rows(); ++row) {
    if (!rows.IsNull(row, 0)) {
      aged.moved.push_back(rows.Uuid(row, 0));
      continue;
    }
    aged.sums.push_back({rows.Text(row, 1), rows.Text(row, 2), rows.Int(row, 3), rows.Int(row, 4),
                         rows.Int(row, 5)});
  }
  return aged;
}

absl::StatusOr<std::vector<Uuid>> ContractsDue(pg::Connection& db, absl::CivilDay from,
                                               absl::CivilDay to, const rpc::Reach& reach,
                                               Duration timeout) {
  pg::Params params = service::ReachParams(reach);
  params.Add(DayNumber(from)).Add(DayNumber(to));
  ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kContractsDue, params, timeout));
  std::vector<Uuid> contracts;
  for (int row = 0; row < rows.rows(); ++row) {
    contracts.push_back(rows.Uuid(row, 0));
  }
  return contracts;
}

absl::StatusOr<std::vector<OverdueCount>> CountOverdue(pg::Connection& db, absl::CivilDay today,
                                                       Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result rows,
                   db.Run(kCountOverdue, pg::Params().Add(DayNumber(today)), timeout));
  std::vector<OverdueCount> counts;
  for (int row = 0; row < rows.rows(); ++row) {
    counts.push_back({rows.Text(row, 0), rows.Text(row, 1), rows.Int(row, 2)});
  }
  return counts;
}

}  // namespace steward::orders
