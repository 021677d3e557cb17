#pragma once
// LeadPoolService: one method per RPC, plain blocking functions that a test calls without gRPC.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/occasion.h"
#include "libs/identity/org.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/api/assignment_desk.h"
#include "services/leads/api/lead_mapping.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/pipelines.h"
#include "services/leads/domain/lead.h"
#include "services/leads/domain/opportunity_event.h"
#include "services/leads/lead_metrics.h"
#include "services/leads/metrics.h"
#include "services/leads/opportunity_metrics.h"

namespace steward::leads {

struct LeadPoolDeps {
  service::Env env;
  const rpc::PageTokens* tokens = nullptr;
  Rules rules;  // of new customers, and the region of phone numbers
  Pipelines* pipelines = nullptr;
  TimeRules time_rules;
  int recycle_days = 0;                                       // 0 = never
  std::function<std::shared_ptr<const identity::Org>()> org;  // empty = no region is filled in
  const LeadMetrics* metrics = nullptr;
  // Of the customers and opportunities that conversions make.
  const Metrics* customer_metrics = nullptr;
  const OpportunityMetrics* opportunity_metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class LeadPoolApi {
 public:
  explicit LeadPoolApi(LeadPoolDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status CreateLead(const rpc::Call&, const pb::CreateLeadRequest&, pb::CreateLeadResponse*);
  absl::Status BatchCreateLeads(const rpc::Call&, const pb::BatchCreateLeadsRequest&,
                                pb::BatchCreateLeadsResponse*);
  absl::Status GetLead(const rpc::Call&, const pb::GetLeadRequest&, pb::Lead*);
  absl::Status BatchGetLeads(const rpc::Call&, const pb::BatchGetLeadsRequest&,
                             pb::BatchGetLeadsResponse*);
  absl::Status ListLeads(const rpc::Call&, const pb::ListLeadsRequest&, pb::ListLeadsResponse*);
  absl::Status AssignLead(const rpc::Call&, const pb::AssignLeadRequest&, pb::AssignLeadResponse*);
  absl::Status ReleaseLead(const rpc::Call&, const pb::ReleaseLeadRequest&, pb::Lead*);
  absl::Status DisqualifyLead(const rpc::Call&, const pb::DisqualifyLeadRequest&, pb::Lead*);
  absl::Status ConvertLead(const rpc::Call&, const pb::ConvertLeadRequest&,
                           pb::ConvertLeadResponse*);
  absl::Status RestoreLead(const rpc::Call&, const pb::RestoreLeadRequest&, pb::Lead*);
  absl::Status ListLeadHistory(const rpc::Call&, const pb::ListLeadHistoryRequest&,
                               pb::ListLeadHistoryResponse*);

 private:
  // A lead that is taken in by the command in progress.
  struct Made {
    StoredLead stored;
    std::vector<LeadEvent> events;
    std::optional<Choice> choice;
  };
  absl::StatusOr<Made> Make(const rpc::Call& call, const Intake& intake, const std::string& path,
                            Time now, AssignmentDesk& desk) const;
  // Queues all that is stored of it and adds its journal rows.
  void Save(pg::Tx& tx, const Made& made, std::vector<eventing::NewEvent>& rows) const;

  // Which lead a command is about, and what every command may say.
  struct Target {
    std::string name, etag, reason;
    std::optional<Time> occurred_at;
  };
  template <class Request>
  static Target TargetOf(const Request& request);
  using Apply =
      std::function<absl::StatusOr<std::optional<Choice>>(Lead& lead, const Occasion& occasion)>;
  // The frame around the commands on one lead; `answer` fills the response.
  absl::Status Change(
      const rpc::Call& call, const Target& target, AssignmentDesk& desk,
      google::protobuf::Message* response, const Apply& apply,
      const std::function<void(const StoredLead&, const std::optional<Choice>&)>& answer);
  absl::Status Change(const rpc::Call& call, const Target& target, pb::Lead* response,
                      const std::function<absl::Status(Lead&, const Occasion&)>& apply);
  // What a lead is to become: the opportunity without what the lead knows, and the customer where it is new.
  struct Conversion {
    OpportunityData opportunity;
    std::optional<StoredCustomer> new_customer;
  };
  absl::StatusOr<Conversion> ConversionOf(const pb::ConvertLeadRequest& request, Time now) const;
  absl::Status Convert(pg::Tx& tx, service::Command& command, const rpc::Call& call,
                       const Target& target, const Conversion& wanted, StoredLead stored,
                       const pg::Result& active, pb::ConvertLeadResponse* response);

  // The lead as the caller reaches it, or NOT_FOUND.
  absl::StatusOr<StoredLead> Visible(const rpc::Call& call, pg::Connection& db,
                                     std::string_view field, std::string_view name) const;
  // Once the change is committed.
  void Count(pg::Tx& tx, const std::vector<LeadEvent>& events) const;
  Uuid NewId(Time now) const { return deps_.env.ids->NewId(now); }

  LeadPoolDeps deps_;
};

}  // namespace steward::leads
