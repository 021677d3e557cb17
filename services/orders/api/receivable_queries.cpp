// Reads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/values.h"
#include "services/orders/api/receivables_api.h"
#include "services/orders/events/ledger_events.h"
#include "services/orders/storage/day.h"

namespace steward::orders {
namespace {

constexpr size_t kLedgersAtOnce = 100;

absl::StatusOr<absl::CivilDay> DayIn(std::string_view field, bool given,
                                     const google::type::Date& day, absl::CivilDay otherwise) {
  return given ? rpc::FromProto(field, day) : otherwise;
}

absl::StatusOr<Uuid> CursorId(const std::string& text) {
  const auto id = Uuid::Parse(text);
  return id.ok() ? id : rpc::BadPageToken();
}

absl::StatusOr<std::optional<InstalmentCursor>> ReadInstalmentCursor(
    const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<InstalmentCursor>();
  }
  if (cursor.size() != 3) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t day, rpc::CursorNumber(cursor[0]));
  ASSIGN_OR_RETURN(const Uuid contract, CursorId(cursor[1]));
  ASSIGN_OR_RETURN(const int64_t number, rpc::CursorNumber(cursor[2]));
  return std::optional(InstalmentCursor{DayFrom(day), contract, number});
}

absl::StatusOr<std::optional<EntryCursor>> ReadEntryCursor(const std::vector<std::string>& cursor) {
  if (cursor.empty()) {
    return std::optional<EntryCursor>();
  }
  if (cursor.size() != 2) {
    return rpc::BadPageToken();
  }
  ASSIGN_OR_RETURN(const int64_t day, rpc::CursorNumber(cursor[0]));
  ASSIGN_OR_RETURN(const Uuid id, CursorId(cursor[1]));
  return std::optional(EntryCursor{DayFrom(day), id});
}

}  // namespace

absl::Status ReceivablesApi::ForEachLedger(
    const rpc::Call& call, pg::Connection& db, const std::vector<Uuid>& contracts,
    const std::function<absl::Status(const LedgerData&)>& each) {
  for (size_t i = 0; i < contracts.size(); i += kLedgersAtOnce) {
    const auto from = contracts.begin() + static_cast<std::ptrdiff_t>(i);
    const auto to =
        from + static_cast<std::ptrdiff_t>(std::min(kLedgersAtOnce, contracts.size() - i));
    ASSIGN_OR_RETURN(const auto ledgers, GetLedgers(db, {from, to}, call.reach, call.TimeLeft()));
    for (const auto& [contract, data] : ledgers) {
      RETURN_IF_ERROR(each(data));
    }
  }
  return absl::OkStatus();
}

absl::Status ReceivablesApi::GetReceivable(const rpc::Call& call,
                                           const v1::GetReceivableRequest& request,
                                           v1::Receivable* response) {
  ASSIGN_OR_RETURN(const Uuid contract, ParseReceivableName("name", request.name()));
  ASSIGN_OR_RETURN(const absl::CivilDay as_of,
                   DayIn("as_of", request.has_as_of(), request.as_of(), Today()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  bool found = false;
  RETURN_IF_ERROR(ForEachLedger(call, *db, {contract}, [&](const LedgerData& data) -> absl::Status {
    ASSIGN_OR_RETURN(const LedgerState state, ComputeLedger(data.receivable, data.entries, as_of));
    ToProto(data, state, as_of, response);
    found = true;
    return absl::OkStatus();
  }));
  return found ? absl::OkStatus() : NotFound(request.name());
}

absl::Status ReceivablesApi::ListInstalments(const rpc::Call& call,
                                             const v1::ListInstalmentsRequest& request,
                                             v1::ListInstalmentsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  const absl::CivilDay today = Today();
  ASSIGN_OR_RETURN(const InstalmentQuery query, ParseInstalmentFilter(request.filter(), today));
  const std::string bound = "ListInstalments\n" + request.filter();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<InstalmentCursor> after, ReadInstalmentCursor(cursor));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<ListedInstalment> listed,
                   orders::ListInstalments(*db, query.filter, today, after, call.reach,
                                           page_size + 1, call.TimeLeft()));
  if (listed.size() > static_cast<size_t>(page_size)) {
    listed.resize(static_cast<size_t>(page_size));
    const InstalmentCursor& place = listed.back().place;
    response->set_next_page_token(
        deps_.tokens->Make(bound, {std::to_string(DayNumber(place.due)), place.contract.ToString(),
                                   std::to_string(place.number)}));
  }
  for (const ListedInstalment& each : listed) {
    ToProto(each, response->add_instalments());
  }
  return absl::OkStatus();
}

absl::Status ReceivablesApi::ListPayments(const rpc::Call& call,
                                          const v1::ListPaymentsRequest& request,
                                          v1::ListPaymentsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  std::optional<Uuid> contract;
  if (!request.parent().empty()) {
    ASSIGN_OR_RETURN(contract, ParseReceivableName("parent", request.parent()));
  }
  const std::string bound = "ListPayments\n" + request.parent();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   deps_.tokens->Read(bound, request.page_token()));
  ASSIGN_OR_RETURN(const std::optional<EntryCursor> after, ReadEntryCursor(cursor));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredEntry> entries,
                   ListEntries(*db, contract, after, call.reach, page_size + 1, call.TimeLeft()));
  if (entries.empty() && contract && !after) {
    ASSIGN_OR_RETURN(const auto ledgers, GetLedgers(*db, {*contract}, call.reach, call.TimeLeft()));
    return ledgers.empty() ? NotFound(request.parent()) : absl::OkStatus();
  }
  if (entries.size() > static_cast<size_t>(page_size)) {
    entries.resize(static_cast<size_t>(page_size));
    const CashEntry& last = entries.back().entry;
    response->set_next_page_token(deps_.tokens->Make(
        bound, {std::to_string(DayNumber(last.occurred_on)), last.id.ToString()}));
  }
  for (const StoredEntry& each : entries) {
    ToProto(each, response->add_payments());
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
