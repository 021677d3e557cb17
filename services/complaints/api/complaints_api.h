#pragma once
// One method per RPC: plain blocking functions that a test calls without gRPC. Commands run in
// the frame of libs/service/command.h; queries read on the worker's connection.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/occasion.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/complaints/api/clocks.h"
#include "services/complaints/api/mapping.h"
#include "services/complaints/api/unknown_customers.h"
#include "services/complaints/domain/kind_tree.h"
#include "services/complaints/events/customers.h"
#include "services/complaints/metrics.h"

namespace steward::complaints {

struct ApiDeps {
  service::Env env;
  const KindTree* kinds = nullptr;
  TimeRules time_rules;
  Duration repeat_window = Hours(24 * 30);
  const rpc::PageTokens* tokens = nullptr;
  SlaClocks clocks{nullptr, Milliseconds(500)};
  Metrics* metrics = nullptr;
  const CustomerCache* customers = nullptr;  // null = nobody is known
  UnknownCustomers* unknown = nullptr;       // null = nobody is asked for
};

// Thread-safe: it keeps nothing between calls.
class ComplaintsApi {
 public:
  explicit ComplaintsApi(ApiDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status RegisterTicket(const rpc::Call&, const pb::RegisterTicketRequest&,
                              pb::RegisterTicketResponse*);
  absl::Status GetTicket(const rpc::Call&, const pb::GetTicketRequest&, pb::TicketDetail*);
  absl::Status BatchGetTickets(const rpc::Call&, const pb::BatchGetTicketsRequest&,
                               pb::BatchGetTicketsResponse*);
  absl::Status ListTickets(const rpc::Call&, const pb::ListTicketsRequest&,
                           pb::ListTicketsResponse*);
  absl::Status AssignTicket(const rpc::Call&, const pb::AssignTicketRequest&, pb::Ticket*);
  absl::Status TransferTicket(const rpc::Call&, const pb::TransferTicketRequest&, pb::Ticket*);
  absl::Status RecordFirstResponse(const rpc::Call&, const pb::RecordFirstResponseRequest&,
                                   pb::Ticket*);
  absl::Status ProposeSolution(const rpc::Call&, const pb::ProposeSolutionRequest&, pb::Ticket*);
  absl::Status ResolveTicket(const rpc::Call&, const pb::ResolveTicketRequest&, pb::Ticket*);
  absl::Status VerifyTicket(const rpc::Call&, const pb::VerifyTicketRequest&, pb::Ticket*);
  absl::Status CloseTicket(const rpc::Call&, const pb::CloseTicketRequest&, pb::Ticket*);
  absl::Status ReopenTicket(const rpc::Call&, const pb::ReopenTicketRequest&, pb::Ticket*);
  absl::Status HoldTicket(const rpc::Call&, const pb::HoldTicketRequest&, pb::HoldTicketResponse*);
  absl::Status ResumeTicket(const rpc::Call&, const pb::ResumeTicketRequest&, pb::Ticket*);
  absl::Status CancelTicket(const rpc::Call&, const pb::CancelTicketRequest&, pb::Ticket*);
  absl::Status ChangeTicketSeverity(const rpc::Call&, const pb::ChangeTicketSeverityRequest&,
                                    pb::Ticket*);
  absl::Status ChangeTicketKind(const rpc::Call&, const pb::ChangeTicketKindRequest&, pb::Ticket*);
  absl::Status RecordMilestone(const rpc::Call&, const pb::RecordMilestoneRequest&, pb::Ticket*);
  absl::Status CreateTicketNote(const rpc::Call&, const pb::CreateTicketNoteRequest&,
                                pb::TicketNote*);
  absl::Status ListTicketNotes(const rpc::Call&, const pb::ListTicketNotesRequest&,
                               pb::ListTicketNotesResponse*);
  absl::Status ListTicketHistory(const rpc::Call&, const pb::ListTicketHistoryRequest&,
                                 pb::ListTicketHistoryResponse*);
  absl::Status ListTicketKinds(const rpc::Call&, const pb::ListTicketKindsRequest&,
                               pb::ListTicketKindsResponse*);

 private:
  // What every command on one ticket says.
  struct Target {
    std::string_view name, etag, reason;
    std::optional<Time> occurred_at;
    std::string customer;  // its chain of repeats is written too; empty = it is not
  };
  template <class Request>
  static Target TargetOf(const Request& request);
  // What the command does: a call of one method of Ticket.
  using Apply = std::function<absl::Status(Ticket&, const Occasion&)>;

  // Locks, looks the request up, loads, checks etag and time, applies, saves, appends. A Response
  // is a Ticket or holds one.
  template <class Response>
  absl::Status Change(const rpc::Call& call, const Target& target, Response* response,
                      const Apply& apply);
  absl::Status Reach(const rpc::Call& call, const Target& target, std::string_view milestone,
                     pb::Ticket* response);
  // A ticket as the intake gives it, with its past.
  absl::StatusOr<Ticket> NewTicket(const rpc::Call& call, const Intake& intake, const Uuid& id,
                                   Time now) const;
  // Tiers come from the projection. An importer's own go before it; another caller's count while the customer is unknown.
  // True = the customer is unknown and is to be asked for.
  bool TakeTiers(const rpc::Call& call, TicketData& draft) const;
  // The ticket as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<StoredTicket> Visible(const rpc::Call& call, pg::Connection& db,
                                       std::string_view field, std::string_view name);

  ApiDeps deps_;
};

}  // namespace steward::complaints
