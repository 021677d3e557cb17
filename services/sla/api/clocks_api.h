#pragma once
// Clocks, escalations, board, watcher: one method an RPC.

#include "libs/identity/projection.h"
#include "libs/rpc/call.h"
#include "libs/rpc/paging.h"
#include "libs/service/command.h"
#include "services/sla/storage/clock_queries.h"
#include "services/sla/storage/rules.h"
#include "services/sla/watcher/watcher.h"
#include "steward/sla/v1/sla_service.pb.h"

namespace steward::sla {

// The board as a mirror serves it; nullopt = ask PostgreSQL. Implemented over Redis (services/sla/board).
class BoardMirror {
 public:
  virtual ~BoardMirror() = default;
  virtual std::optional<v1::Board> Read(int limit) = 0;
  virtual absl::Status Rebuild() = 0;
};

class ClocksApi {
 public:
  struct Deps {
    service::Env env;
    RuleCache* rules;
    const identity::OrgCache* org;
    SlaMetrics* metrics = nullptr;  // may be null
    const rpc::PageTokens* tokens;
    const Watcher* watcher;  // may be null in tests
    BoardMirror* board;      // may be null
  };
  explicit ClocksApi(Deps deps) : deps_(deps) {}

  absl::Status GetClock(rpc::Call&, const v1::GetClockRequest&, v1::Clock*);
  absl::Status BatchGetClocks(rpc::Call&, const v1::BatchGetClocksRequest&,
                              v1::BatchGetClocksResponse*);
  absl::Status ListClocks(rpc::Call&, const v1::ListClocksRequest&, v1::ListClocksResponse*);
  absl::Status ExplainClock(rpc::Call&, const v1::ExplainClockRequest&, v1::ClockExplanation*);
  absl::Status GetEscalation(rpc::Call&, const v1::GetEscalationRequest&, v1::Escalation*);
  absl::Status ListEscalations(rpc::Call&, const v1::ListEscalationsRequest&,
                               v1::ListEscalationsResponse*);
  absl::Status AcknowledgeEscalation(rpc::Call&, const v1::AcknowledgeEscalationRequest&,
                                     v1::Escalation*);
  absl::Status BatchAcknowledgeEscalations(rpc::Call&,
                                           const v1::BatchAcknowledgeEscalationsRequest&,
                                           v1::BatchAcknowledgeEscalationsResponse*);
  absl::Status ReassignEscalation(rpc::Call&, const v1::ReassignEscalationRequest&,
                                  v1::Escalation*);
  absl::Status GetBoard(rpc::Call&, const v1::GetBoardRequest&, v1::Board*);
  absl::Status RebuildBoard(rpc::Call&, const v1::RebuildBoardRequest&, v1::Board*);
  absl::Status GetWatcherStatus(rpc::Call&, const v1::GetWatcherStatusRequest&, v1::WatcherStatus*);
  absl::Status ReleaseClockGuard(rpc::Call&, const v1::ReleaseClockGuardRequest&,
                                 v1::WatcherStatus*);

 private:
  struct Snapshot {
    std::shared_ptr<const RuleSet> rules;
    Time now;
  };
  absl::StatusOr<Snapshot> Look(pg::Connection& connection, const rpc::Call& call);
  absl::Status FillStatus(rpc::Call& call, v1::WatcherStatus* response);
  Deps deps_;
};

}  // namespace steward::sla
