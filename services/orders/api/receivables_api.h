#pragma once
// ReceivablesService, one method per RPC: plain blocking functions that a test calls without gRPC. Commands run in the frame
// of libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/orders/api/receivable_mapping.h"
#include "services/orders/metrics.h"

namespace steward::orders {

struct ReceivablesDeps {
  service::Env env;
  absl::TimeZone zone;  // the company's
  const rpc::PageTokens* tokens = nullptr;
  Metrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class ReceivablesApi {
 public:
  explicit ReceivablesApi(ReceivablesDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status GetReceivable(const rpc::Call&, const v1::GetReceivableRequest&, v1::Receivable*);
  absl::Status ListInstalments(const rpc::Call&, const v1::ListInstalmentsRequest&,
                               v1::ListInstalmentsResponse*);
  absl::Status RecordPayment(const rpc::Call&, const v1::RecordPaymentRequest&,
                             v1::RecordPaymentResponse*);
  absl::Status BatchRecordPayments(const rpc::Call&, const v1::BatchRecordPaymentsRequest&,
                                   v1::BatchRecordPaymentsResponse*);
  absl::Status ListPayments(const rpc::Call&, const v1::ListPaymentsRequest&,
                            v1::ListPaymentsResponse*);
  absl::Status GetAgeingReport(const rpc::Call&, const v1::GetAgeingReportRequest&,
                               v1::GetAgeingReportResponse*);
  absl::Status GetCollectionTimeliness(const rpc::Call&, const v1::GetCollectionTimelinessRequest&,
                                       v1::GetCollectionTimelinessResponse*);

 private:
  // One row to write, and what becomes of it.
  struct Row {
    absl::Status fault;
    StoredEntry stored;
    bool already_existed = false;
  };
  struct Writing;  // the ledgers of one transaction
  using Answer =
      std::function<absl::Status(const std::vector<Row>&, const std::map<Uuid, ContractLedger>&)>;
  Row RowOf(const rpc::Call& call, const v1::RecordPaymentRequest& request,
            const std::string& path);
  void Count(pg::Tx& tx, const std::vector<StoredEntry>& written,
             const std::vector<eventing::NewEvent>& events) const;
  // Writes what is without fault, in order. `answer` fills the response, or refuses all.
  absl::Status Write(const rpc::Call& call, const std::vector<Row>& rows, const std::string& claim,
                     google::protobuf::Message* response, const Answer& answer);

  absl::CivilDay Today() const;
  // Calls `each` with the ledgers of these contracts, some at a time.
  absl::Status ForEachLedger(const rpc::Call& call, pg::Connection& db,
                             const std::vector<Uuid>& contracts,
                             const std::function<absl::Status(const LedgerData&)>& each);

  ReceivablesDeps deps_;
};

}  // namespace steward::orders
