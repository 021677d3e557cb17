#include "services/orders/storage/ledger_store.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/list_sql.h"
#include "services/orders/storage/day.h"

namespace steward::orders {
namespace {

#define DAY_OF(column) "(" column " - DATE '1970-01-01')"
#define NO_DAY "-2147483648"
#define WITHIN_REACH "($1::boolean OR r.owner = ANY($2::text[]) OR r.team = ANY($3::text[]))"

constexpr pg::Statement kLedgers{
    "receivable_load",
    "SELECT r.contract, r.version, r.customer, r.owner, r.team, r.region, r.kind_path, " DAY_OF(
        "r.signed_on") ", " DAY_OF("r.delivered_on") ", " DAY_OF("r.accepted_on") ", r.currency "
    "FROM receivable r WHERE r.contract = ANY($4::uuid[]) AND " WITHIN_REACH};
constexpr pg::Statement kInstalments{
    "instalment_load",
    "SELECT contract, version, cycle, said, " DAY_OF("due_date") ", due_event, due_days, currency, amount "
    "FROM instalment WHERE contract = ANY($1::uuid[]) ORDER BY contract, number"};
#define ENTRY_COLUMNS \
  "e.contract, e.id, e.kind, " DAY_OF("e.occurred_on") ", e.amount, e.part_instalments, "           \
  "e.part_amounts, e.reverses, e.source, e.external_id, e.recorded_by, e.record_time, r.currency "
constexpr pg::Statement kEntries{
    "cash_entry_load",
    "SELECT " ENTRY_COLUMNS
    "FROM cash_entry e JOIN receivable r ON r.contract = e.contract "
    "WHERE e.contract = ANY($1::uuid[]) ORDER BY e.contract, e.occurred_on, e.id"};
constexpr pg::Statement kFindExternal{
    "cash_entry_external", "SELECT " ENTRY_COLUMNS
                           "FROM unnest($1::text[], $2::text[]) AS k (source, external_id) "
                           "JOIN cash_entry e ON e.source = k.source AND e.external_id = "
                           "k.external_id AND e.external_id <> '' "
                           "JOIN receivable r ON r.contract = e.contract"};
constexpr pg::Statement kInsertLedger{
    "receivable_insert",
    "INSERT INTO receivable (contract, version, customer, owner, team, region, kind_path, "
    "currency, "
    "signed_on, delivered_on, accepted_on, last_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
    "DATE '1970-01-01' + $9::integer, DATE '1970-01-01' + $10::integer, DATE '1970-01-01' + "
    "$11::integer, "
    "COALESCE(DATE '1970-01-01' + $12::integer, DATE '1970-01-01'))"};
constexpr pg::Statement kUpdateLedger{"receivable_update",
                                      "UPDATE receivable SET version = $2, customer = $3, owner = "
                                      "$4, team = $5, region = $6, kind_path = $7, "
                                      "currency = $8, signed_on = DATE '1970-01-01' + $9::integer, "
                                      "delivered_on = DATE '1970-01-01' + "
                                      "$10::integer, accepted_on = DATE '1970-01-01' + "
                                      "$11::integer, last_day = COALESCE(DATE '1970-01-01' + "
                                      "$12::integer, DATE '1970-01-01') WHERE contract = $1"};
constexpr pg::Statement kInsertInstalments{
    "instalment_insert",
    "INSERT INTO instalment (contract, number, version, cycle, said, due_date, due_event, "
    "due_days, currency, "
    "amount, paid, credited, written_off, due_on, settled_on, customer, owner, team, region) "
    "SELECT $1::uuid, i.number, i.version, i.cycle, i.said, DATE '1970-01-01' + "
    "NULLIF(i.due_date, " NO_DAY
    "), "
    "NULLIF(i.due_event, 0), NULLIF(i.due_days, -1), $2::text, i.amount, i.paid, i.credited, "
    "i.written_off, "
    "DATE '1970-01-01' + NULLIF(i.due_on, " NO_DAY
    "), DATE '1970-01-01' + NULLIF(i.settled_on, " NO_DAY
    "), "
    "$3::text, $4::text, $5::text, $6::text FROM unnest($7::integer[], $8::bigint[], "
    "$9::integer[], "
    "$10::smallint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::integer[], $15::integer[], "
    "$16::integer[], $17::smallint[], $18::integer[], $19::bigint[]) AS i (number, version, cycle, "
    "said, paid, "
    "credited, written_off, due_on, settled_on, due_date, due_event, due_days, amount)"};
constexpr pg::Statement kUpdateInstalments{
    "instalment_update",
    "UPDATE instalment t SET version = i.version, cycle = i.cycle, said = i.said, paid = i.paid, "
    "credited = i.credited, written_off = i.written_off, due_on = DATE '1970-01-01' + "
    "NULLIF(i.due_on, " NO_DAY "), settled_on = DATE '1970-01-01' + NULLIF(i.settled_on, " NO_DAY
    "), customer = $3::text, owner = $4::text, "
    "team = $5::text, region = $6::text FROM unnest($7::integer[], $8::bigint[], $9::integer[], "
    "$10::smallint[], "
    "$11::bigint[], $12::bigint[], $13::bigint[], $14::integer[], $15::integer[]) AS i (number, "
    "version, cycle, "
    "said, paid, credited, written_off, due_on, settled_on) WHERE t.contract = $1::uuid AND "
    "t.currency = $2::text "
    "AND t.number = i.number AND (t.version, t.paid, t.credited, t.written_off, t.owner, t.team) "
    "IS DISTINCT FROM "
    "(i.version, i.paid, i.credited, i.written_off, $4::text, $5::text)"};
constexpr pg::Statement kInsertEntry{"cash_entry_insert",
                                     "INSERT INTO cash_entry (id, contract, kind, occurred_on, "
                                     "amount, part_instalments, part_amounts, reverses, "
                                     "source, external_id, recorded_by, record_time) VALUES ($1, "
                                     "$2, $3, DATE '1970-01-01' + $4::integer, $5, "
                                     "$6::integer[], $7::bigint[], $8::uuid, $9, $10, $11, $12)"};
constexpr pg::Statement kFindUnsaid{
    "instalment_unsaid",
    "SELECT DISTINCT contract FROM (SELECT contract FROM instalment WHERE said = 1 AND open > 0 "
    "AND due_on < "
    "DATE '1970-01-01' + $1::integer ORDER BY due_on, contract LIMIT $2::bigint) u"};

std::optional<int32_t> OptionalNumber(const std::optional<absl::CivilDay>& day) {
  return day ? std::optional(DayNumber(*day)) : std::nullopt;
}

// Parameters of insert and update of a receivable.
pg::Params LedgerParams(const ContractLedger& ledger) {
  const LedgerData& data = ledger.data();
  const DueEventDates& dates = data.receivable.dates;
  std::optional<absl::CivilDay> last;
  for (const auto& day : {dates.signed_on, dates.delivered_on, dates.accepted_on}) {
    last = std::max(last, day);
  }
  for (const CashEntry& entry : data.entries) {
    last = std::max(last, std::optional(entry.occurred_on));
  }
  pg::Params params;
  params.Add(data.contract).Add(data.version).Add(data.party.customer).Add(data.party.owner);
  params.Add(data.party.team).Add(data.party.region).AddTexts(data.party.kind_path);
  params.Add(ledger.state().currency).AddOptional(OptionalNumber(dates.signed_on));
  params.AddOptional(OptionalNumber(dates.delivered_on));
  params.AddOptional(OptionalNumber(dates.accepted_on)).AddOptional(OptionalNumber(last));
  return params;
}

// Parameters 1 to 15 of insert and update of instalments.
pg::Params FigureParams(const ContractLedger& ledger) {
  const LedgerData& data = ledger.data();
  std::vector<int32_t> numbers, cycles, due, settled;
  std::vector<int16_t> said;
  std::vector<int64_t> versions, paid, credited, written_off;
  for (size_t i = 0; i < data.instalments.size(); ++i) {
    const InstalmentRecord& record = data.instalments[i];
    const InstalmentStanding& standing = ledger.state().instalments[i];
    numbers.push_back(static_cast<int32_t>(standing.number));
    versions.push_back(record.version);
    cycles.push_back(static_cast<int32_t>(record.cycle));
    said.push_back(static_cast<int16_t>(record.said));
    paid.push_back(standing.paid);
    credited.push_back(standing.credited);
    written_off.push_back(standing.written_off);
    due.push_back(DayNumber(standing.due));
    settled.push_back(DayNumber(standing.settled_on));
  }
  pg::Params params;
  params.Add(data.contract)
      .Add(ledger.state().currency)
      .Add(data.party.customer)
      .Add(data.party.owner);
  params.Add(data.party.team).Add(data.party.region).AddInt32s(numbers).AddInts(versions);
  params.AddInt32s(cycles).AddInt16s(said).AddInts(paid).AddInts(credited).AddInts(written_off);
  params.AddInt32s(due).AddInt32s(settled);
  return params;
}

void ReadLedgers(const pg::Result& rows, std::map<Uuid, LedgerData>& ledgers) {
  for (int row = 0; row < rows.rows(); ++row) {
    LedgerData data;
    data.contract = rows.Uuid(row, 0);
    data.version = rows.Int(row, 1);
    data.party = {rows.Text(row, 2), rows.Text(row, 3), rows.Text(row, 4), rows.Text(row, 5),
                  rows.Texts(row, 6)};
    data.receivable.dates = {OptionalDay(rows, row, 7), OptionalDay(rows, row, 8),
                             OptionalDay(rows, row, 9)};
    ledgers.emplace(data.contract, std::move(data));
  }
}

void ReadInstalments(const pg::Result& rows, std::map<Uuid, LedgerData>& ledgers) {
  for (int row = 0; row < rows.rows(); ++row) {
    const auto found = ledgers.find(rows.Uuid(row, 0));
    if (found == ledgers.end()) {
      continue;  // beyond the reach
    }
    InstalmentRecord record;
    record.version = rows.Int(row, 1);
    record.cycle = rows.Int(row, 2);
    record.said = static_cast<Said>(rows.Int(row, 3));
    Instalment planned;
    if (const auto day = OptionalDay(rows, row, 4)) {
      planned.due = *day;
    } else {
      planned.due =
          DueAfter{static_cast<DueEvent>(rows.Int(row, 5)), static_cast<int32_t>(rows.Int(row, 6))};
    }
    planned.amount = {rows.Text(row, 7), rows.Int(row, 8)};
    found->second.instalments.push_back(record);
    found->second.receivable.plan.push_back(std::move(planned));
  }
}

std::map<Uuid, LedgerData> ReadAll(const pg::Result& ledgers, const pg::Result& instalments,
                                   const pg::Result& entries) {
  std::map<Uuid, LedgerData> read;
  ReadLedgers(ledgers, read);
  ReadInstalments(instalments, read);
  for (StoredEntry& each : ReadEntries(entries)) {
    if (const auto found = read.find(each.contract); found != read.end()) {
      found->second.entries.push_back(std::move(each.entry));
    }
  }
  return read;
}

}  // namespace

LedgerLoad LedgerLoad::Queue(pg::Tx& tx, const std::vector<Uuid>& contracts,
                             const rpc::Reach& reach) {
  pg::Pending ledgers = tx.Queue(kLedgers, service::ReachParams(reach).AddUuids(contracts));
  pg::Pending instalments = tx.Queue(kInstalments, pg::Params().AddUuids(contracts));
  pg::Pending entries = tx.Queue(kEntries, pg::Params().AddUuids(contracts));
  return {std::move(ledgers), std::move(instalments), std::move(entries)};
}

std::map<Uuid, LedgerData> LedgerLoad::Read() const {
  return ReadAll(*ledgers_, *instalments_, *entries_);
}

absl::StatusOr<std::map<Uuid, LedgerData>> GetLedgers(pg::Connection& db,
                                                      const std::vector<Uuid>& contracts,
                                                      const rpc::Reach& reach, Duration timeout) {
  std::map<Uuid, LedgerData> read;
  RETURN_IF_ERROR(pg::RunInTx(
      db, {.budget = timeout, .name = "receivable_read"}, [&](pg::Tx& tx) -> absl::Status {
        // Shared: a command of the same contract is either all in or not at all.
        std::vector<pg::LockKey> locks;
        for (const Uuid& contract : contracts) {
          locks.push_back(pg::LockKey::Shared("contracts/" + contract.ToString()));
        }
        tx.Lock(std::move(locks));
        const LedgerLoad load = LedgerLoad::Queue(tx, contracts, reach);
        RETURN_IF_ERROR(tx.Flush());
        read = load.Read();
        return absl::OkStatus();
      }));
  return read;
}

void QueueInsertLedger(pg::Tx& tx, const ContractLedger& ledger) {
  tx.Queue(kInsertLedger, LedgerParams(ledger));
  std::vector<int32_t> due_dates, due_days;
  std::vector<int16_t> due_events;
  std::vector<int64_t> amounts;
  for (const Instalment& planned : ledger.data().receivable.plan) {
    const auto* day = std::get_if<absl::CivilDay>(&planned.due);
    const auto* after = std::get_if<DueAfter>(&planned.due);
    due_dates.push_back(day != nullptr ? DayNumber(*day) : kNoDay);
    due_events.push_back(after != nullptr ? static_cast<int16_t>(after->event) : int16_t{0});
    due_days.push_back(after != nullptr ? after->days : -1);
    amounts.push_back(planned.amount.minor);
  }
  pg::Params params = FigureParams(ledger);
  params.AddInt32s(due_dates).AddInt16s(due_events).AddInt32s(due_days).AddInts(amounts);
  tx.Queue(kInsertInstalments, params);
}

void QueueSaveLedger(pg::Tx& tx, const ContractLedger& ledger) {
  tx.Queue(kUpdateLedger, LedgerParams(ledger));
  tx.Queue(kUpdateInstalments, FigureParams(ledger));
}

void QueueInsertEntries(pg::Tx& tx, const std::vector<StoredEntry>& entries) {
  for (const StoredEntry& stored : entries) {
    const CashEntry& entry = stored.entry;
    std::vector<int32_t> numbers;
    std::vector<int64_t> amounts;
    for (const EntryPart& part : entry.parts) {
      numbers.push_back(static_cast<int32_t>(part.instalment));
      amounts.push_back(part.amount.minor);
    }
    pg::Params params;
    params.Add(entry.id).Add(stored.contract).Add(static_cast<int16_t>(entry.kind));
    params.Add(DayNumber(entry.occurred_on))
        .Add(entry.amount.minor)
        .AddInt32s(numbers)
        .AddInts(amounts);
    params.AddOptional(entry.reverses).Add(stored.source).Add(stored.external_id);
    params.Add(stored.recorded_by).Add(stored.record_time);
    tx.Queue(kInsertEntry, params);
  }
}

pg::Pending QueueFindExternal(pg::Tx& tx, const std::vector<ExternalId>& ids) {
  std::vector<std::string> sources, external_ids;
  for (const ExternalId& id : ids) {
    sources.push_back(id.source);
    external_ids.push_back(id.id);
  }
  return tx.Queue(kFindExternal, pg::Params().AddTexts(sources).AddTexts(external_ids));
}

std::vector<StoredEntry> ReadEntries(const pg::Result& rows) {
  std::vector<StoredEntry> entries;
  for (int row = 0; row < rows.rows(); ++row) {
    StoredEntry stored;
    stored.contract = rows.Uuid(row, 0);
    CashEntry& entry = stored.entry;
    entry.id = rows.Uuid(row, 1);
    entry.kind = static_cast<EntryKind>(rows.Int(row, 2));
    entry.occurred_on = DayFrom(rows.Int(row, 3));
    const std::string currency = rows.Text(row, 12);
    entry.amount = {currency, rows.Int(row, 4)};
    const std::vector<int64_t> numbers = rows.Ints(row, 5), amounts = rows.Ints(row, 6);
    for (size_t i = 0; i < numbers.size(); ++i) {
      entry.parts.push_back({numbers[i], {currency, amounts[i]}});
    }
    if (!rows.IsNull(row, 7)) {
      entry.reverses = rows.Uuid(row, 7);
    }
    stored.source = rows.Text(row, 8);
    stored.external_id = rows.Text(row, 9);
    stored.recorded_by = rows.Text(row, 10);
    stored.record_time = rows.Timestamp(row, 11);
    entries.push_back(std::move(stored));
  }
  return entries;
}

absl::StatusOr<std::vector<Uuid>> FindUnsaid(pg::Connection& db, absl::CivilDay today, int limit,
                                             Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      db.Run(kFindUnsaid, pg::Params().Add(DayNumber(today)).Add(static_cast<int64_t>(limit)),
             timeout));
  std::vector<Uuid> contracts;
  for (int row = 0; row < rows.rows(); ++row) {
    contracts.push_back(rows.Uuid(row, 0));
  }
  return contracts;
}

}  // namespace steward::orders
