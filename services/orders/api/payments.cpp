// Writing into the ledgers.

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/refusals.h"
#include "services/orders/api/receivables_api.h"
#include "services/orders/events/ledger_events.h"

namespace steward::orders {
namespace {

constexpr int kMaxBatch = 500;

bool SameEntry(const StoredEntry& a, const StoredEntry& b) {
  return a.contract == b.contract && a.entry.kind == b.entry.kind &&
         a.entry.occurred_on == b.entry.occurred_on && a.entry.amount == b.entry.amount &&
         a.entry.parts == b.entry.parts && a.entry.reverses == b.entry.reverses;
}

absl::Status Reused(const ExternalId& id) {
  return Refuse(absl::StatusCode::kAlreadyExists,
                "`" + id.id + "` of `" + id.source + "` is recorded already, as another payment",
                {"EXTERNAL_ID_REUSED", {{"source", id.source}, {"external_id", id.id}}, {}, {}});
}

}  // namespace

// What one transaction works on.
struct ReceivablesApi::Writing {
  std::map<Uuid, ContractLedger> ledgers;
  std::map<ExternalId, StoredEntry> known;
  std::set<Uuid> touched;
  std::vector<StoredEntry> written;

  absl::Status Load(std::map<Uuid, LedgerData> stored, const pg::Result* external,
                    absl::CivilDay today) {
    for (auto& [contract, data] : stored) {
      ASSIGN_OR_RETURN(ContractLedger ledger, ContractLedger::Load(std::move(data), today));
      ledgers.emplace(contract, std::move(ledger));
    }
    if (external != nullptr) {
      for (StoredEntry& entry : ReadEntries(*external)) {
        ExternalId id{entry.source, entry.external_id};
        known.emplace(std::move(id), std::move(entry));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Record(Row& row) {
    const auto ledger = ledgers.find(row.stored.contract);
    if (ledger == ledgers.end()) {
      return NotFound(ReceivableName(row.stored.contract));
    }
    const ExternalId id{row.stored.source, row.stored.external_id};
    if (const auto found = known.find(id); !id.id.empty() && found != known.end()) {
      if (!SameEntry(found->second, row.stored)) {
        return Reused(id);
      }
      row.stored = found->second;
      row.already_existed = true;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(ledger->second.Record(row.stored.entry));
    touched.insert(row.stored.contract);
    written.push_back(row.stored);
    if (!id.id.empty()) {
      known.emplace(id, row.stored);
    }
    return absl::OkStatus();
  }
};

absl::CivilDay ReceivablesApi::Today() const { return DayOf(deps_.env.clock->Now(), deps_.zone); }

ReceivablesApi::Row ReceivablesApi::RowOf(const rpc::Call& call,
                                          const v1::RecordPaymentRequest& request,
                                          const std::string& path) {
  Row row;
  const auto contract = ParseReceivableName(path + "parent", request.parent());
  if (!contract.ok()) {
    row.fault = contract.status();
    return row;
  }
  auto stored = EntryFrom(path + "payment", request.payment(), *contract, Today());
  if (!stored.ok()) {
    row.fault = stored.status();
    return row;
  }
  row.stored = *std::move(stored);
  const Time now = deps_.env.clock->Now();
  row.stored.entry.id = deps_.env.ids->NewId(now);
  row.stored.recorded_by = call.caller;
  row.stored.record_time = now;
  return row;
}

void ReceivablesApi::Count(pg::Tx& tx, const std::vector<StoredEntry>& written,
                           const std::vector<eventing::NewEvent>& events) const {
  if (deps_.metrics == nullptr) {
    return;
  }
  std::vector<EntryKind> kinds;
  for (const StoredEntry& each : written) {
    kinds.push_back(each.entry.kind);
  }
  tx.AfterCommit([metrics = deps_.metrics, kinds = std::move(kinds), passed = CountPassed(events)] {
    std::for_each(kinds.begin(), kinds.end(), [&](EntryKind kind) { metrics->Recorded(kind); });
    metrics->DueDatesPassed(passed);
  });
}

absl::Status ReceivablesApi::Write(const rpc::Call& call, const std::vector<Row>& rows,
                                   const std::string& claim, google::protobuf::Message* response,
                                   const Answer& answer) {
  std::set<Uuid> contracts;
  std::set<ExternalId> external;
  std::vector<pg::LockKey> locks;
  for (const Row& row : rows) {
    if (!row.fault.ok()) {
      continue;
    }
    if (contracts.insert(row.stored.contract).second) {
      locks.push_back(pg::LockKey::Exclusive("contracts/" + row.stored.contract.ToString()));
    }
    const ExternalId id{row.stored.source, row.stored.external_id};
    if (!id.id.empty() && external.insert(id).second) {
      locks.push_back(pg::LockKey::Exclusive("payments/" + id.source + "/" + id.id));
    }
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        if (!locks.empty()) {
          tx.Lock(locks);
        }
        command.Find();
        const LedgerLoad load =
            LedgerLoad::Queue(tx, {contracts.begin(), contracts.end()}, call.reach);
        std::optional<pg::Pending> found;
        if (!external.empty()) {
          found = QueueFindExternal(tx, {external.begin(), external.end()});
        }
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        Writing writing;
        RETURN_IF_ERROR(writing.Load(load.Read(), found ? &**found : nullptr,
                                     DayOf(command.now(), deps_.zone)));
        std::vector<Row> done = rows;
        for (Row& row : done) {
          if (row.fault.ok()) {
            row.fault = writing.Record(row);
          }
        }
        RETURN_IF_ERROR(answer(done, writing.ledgers));
        command.Claim(claim);
        QueueInsertEntries(tx, writing.written);
        std::vector<eventing::NewEvent> events;
        for (const Uuid& contract : writing.touched) {
          const ContractLedger& ledger = writing.ledgers.at(contract);
          QueueSaveLedger(tx, ledger);
          for (eventing::NewEvent& event :
               ToJournal(*deps_.env.ids, command.now(), deps_.zone, ledger)) {
            events.push_back(std::move(event));
          }
        }
        Count(tx, writing.written, events);
        return events.empty() ? absl::OkStatus() : command.Append(events);
      });
}

absl::Status ReceivablesApi::RecordPayment(const rpc::Call& call,
                                           const v1::RecordPaymentRequest& request,
                                           v1::RecordPaymentResponse* response) {
  const Row row = RowOf(call, request, "");
  RETURN_IF_ERROR(row.fault);
  return Write(call, {row}, ReceivableName(row.stored.contract), response,
               [&](const std::vector<Row>& rows,
                   const std::map<Uuid, ContractLedger>& ledgers) -> absl::Status {
                 const Row& done = rows.front();
                 RETURN_IF_ERROR(done.fault);
                 response->Clear();
                 ToProto(done.stored, response->mutable_payment());
                 response->set_already_existed(done.already_existed);
                 const ContractLedger& ledger = ledgers.at(done.stored.contract);
                 ToProto(ledger.data(), ledger.state(), Today(), response->mutable_receivable());
                 return absl::OkStatus();
               });
}

absl::Status ReceivablesApi::BatchRecordPayments(const rpc::Call& call,
                                                 const v1::BatchRecordPaymentsRequest& request,
                                                 v1::BatchRecordPaymentsResponse* response) {
  if (request.requests_size() == 0 || request.requests_size() > kMaxBatch) {
    return FieldInvalid("requests", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<Row> rows;
  for (int i = 0; i < request.requests_size(); ++i) {
    rows.push_back(RowOf(call, request.requests(i), ""));
    if (!request.requests(i).request_id().empty()) {
      rows.back().fault = FieldInvalid("request_id", "is given once, for the batch");
    }
  }
  return Write(
      call, rows, "payments", response,
      [&](const std::vector<Row>& done, const std::map<Uuid, ContractLedger>&) -> absl::Status {
        response->Clear();
        for (const Row& row : done) {
          v1::BatchRecordPaymentsResponse::Result& result = *response->add_results();
          if (row.fault.ok()) {
            ToProto(row.stored, result.mutable_payment());
            result.set_already_existed(row.already_existed);
            row.already_existed ? response->set_already_existed(response->already_existed() + 1)
                                : response->set_recorded(response->recorded() + 1);
            continue;
          }
          const Refusal refusal = RefusalOf(row.fault).value_or(Refusal{});
          result.set_reason(refusal.reason);
          result.set_field(refusal.fields.empty() ? "" : refusal.fields.front().field);
          result.set_message(std::string(FromAbsl(row.fault.message())));
          response->set_refused(response->refused() + 1);
        }
        return absl::OkStatus();
      });
}

}  // namespace steward::orders
