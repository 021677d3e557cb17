// Reads: what the caller reaches, on the worker's connection.

#include <algorithm>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/values.h"
#include "libs/service/pages.h"
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

absl::StatusOr<std::optional<InstalmentCursor>> ReadInstalmentPlace(const service::Page& page) {
  if (page.place().empty()) {
    return std::optional<InstalmentCursor>();
  }
  ASSIGN_OR_RETURN(const int64_t day, rpc::CursorNumber(page.place()[0]));
  ASSIGN_OR_RETURN(const Uuid contract, service::ReadPlaceId(page.place()[1]));
  ASSIGN_OR_RETURN(const int64_t number, rpc::CursorNumber(page.place()[2]));
  return std::optional(InstalmentCursor{DayFrom(day), contract, number});
}

absl::StatusOr<std::optional<EntryCursor>> ReadEntryPlace(const service::Page& page) {
  if (page.place().empty()) {
    return std::optional<EntryCursor>();
  }
  ASSIGN_OR_RETURN(const int64_t day, rpc::CursorNumber(page.place()[0]));
  ASSIGN_OR_RETURN(const Uuid id, service::ReadPlaceId(page.place()[1]));
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
  const absl::CivilDay today = Today();
  ASSIGN_OR_RETURN(const InstalmentQuery query, ParseInstalmentFilter(request.filter(), today));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(*deps_.tokens, "ListInstalments\n" + request.filter(), request, 3));
  ASSIGN_OR_RETURN(const std::optional<InstalmentCursor> after, ReadInstalmentPlace(page));
  if (query.nothing) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<ListedInstalment> listed,
                   orders::ListInstalments(*db, query.filter, today, after, call.reach,
                                           page.limit(), call.TimeLeft()));
  if (page.Cut(listed)) {
    const InstalmentCursor& place = listed.back().place;
    page.Continue({std::to_string(DayNumber(place.due)), place.contract.ToString(),
                   std::to_string(place.number)},
                  response);
  }
  for (const ListedInstalment& each : listed) {
    ToProto(each, response->add_instalments());
  }
  return absl::OkStatus();
}

absl::Status ReceivablesApi::ListPayments(const rpc::Call& call,
                                          const v1::ListPaymentsRequest& request,
                                          v1::ListPaymentsResponse* response) {
  std::optional<Uuid> contract;
  if (!request.parent().empty()) {
    ASSIGN_OR_RETURN(contract, ParseReceivableName("parent", request.parent()));
  }
  ASSIGN_OR_RETURN(const service::Page page,
                   service::OpenPage(*deps_.tokens, "ListPayments\n" + request.parent(), request));
  ASSIGN_OR_RETURN(const std::optional<EntryCursor> after, ReadEntryPlace(page));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(std::vector<StoredEntry> entries,
                   ListEntries(*db, contract, after, call.reach, page.limit(), call.TimeLeft()));
  if (entries.empty() && contract && !after) {
    ASSIGN_OR_RETURN(const auto ledgers, GetLedgers(*db, {*contract}, call.reach, call.TimeLeft()));
    return ledgers.empty() ? NotFound(request.parent()) : absl::OkStatus();
  }
  if (page.Cut(entries)) {
    const CashEntry& last = entries.back().entry;
    page.Continue({std::to_string(DayNumber(last.occurred_on)), last.id.ToString()}, response);
  }
  for (const StoredEntry& each : entries) {
    ToProto(each, response->add_payments());
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
