#include "libs/eventing/operations_outbox.h"

#include "libs/base/status.h"
#include "libs/eventing/reconcile.h"
#include "libs/rpc/validate.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::eventing {
namespace {

namespace pb = steward::operations::v1;

constexpr size_t kMaxReason = 1000;

void FillCheck(const OutboxCheck& check, pb::OutboxCheck* response) {
  response->set_refusal(check.refusal);
  response->mutable_choices()->Add(check.choices.begin(), check.choices.end());
  response->set_kafka_cluster(check.kafka_cluster);
  response->set_kafka_cluster_before(check.kafka_cluster_before);
  response->set_more_unknown_records(check.more_unknown);
  response->set_etag(check.etag);
  for (const UnknownRecord& record : check.unknown) {
    auto* unknown = response->add_unknown_records();
    unknown->set_partition(record.partition);
    unknown->set_offset(record.offset);
    unknown->set_key(record.key);
    unknown->set_aggregate_version(record.version);
    unknown->set_event_id(record.event_id);
    unknown->set_type(record.type);
    *unknown->mutable_record_time() = rpc::ToProto(record.timestamp);
    unknown->set_reason(record.why);
  }
  for (const LostTail& tail : check.lost) {
    auto* lost = response->add_lost_tails();
    lost->set_partition(tail.partition);
    lost->set_acknowledged_offset(tail.acknowledged);
    lost->set_end_offset(tail.end);
  }
  for (const OutboxDecision& decision : check.decisions) {
    auto* made = response->add_decisions();
    made->set_choice(decision.choice);
    made->set_member(decision.decided_by);
    *made->mutable_decide_time() = rpc::ToProto(decision.decide_time);
    made->set_reason(decision.reason);
    made->set_refusal(decision.refusal);
    made->set_records(decision.records);
  }
}

absl::Status Check(const OperationsDeps& deps, pb::OutboxCheck* response) {
  if (deps.relay_options.topic.empty()) {
    return absl::FailedPreconditionError("this service publishes nothing");
  }
  ASSIGN_OR_RETURN(const OutboxCheck check, CheckOutbox(deps.relay_options, *deps.registry));
  FillCheck(check, response);
  return absl::OkStatus();
}

absl::Status Reconcile(const OperationsDeps& deps, rpc::Call& call,
                       const pb::ReconcileOutboxRequest& request, pb::OutboxCheck* response) {
  if (request.reason().empty() || request.reason().size() > kMaxReason) {
    return FieldInvalid("reason", "needs 1 to 1000 bytes");
  }
  if (deps.relay_options.topic.empty()) {
    return absl::FailedPreconditionError("this service publishes nothing");
  }
  ASSIGN_OR_RETURN(pg::Connection * db, deps.db->Get(call.worker));
  RETURN_IF_ERROR(ReconcileOutbox(*db, deps.relay_options, *deps.registry,
                                  {.choice = request.choice(),
                                   .etag = request.etag(),
                                   .reason = request.reason(),
                                   .decided_by = call.caller,
                                   .request_id = request.request_id()}));
  return Check(deps, response);
}

}  // namespace

void AddOutbox(const OperationsDeps& deps, rpc::Server& server) {
  const std::string service = "/steward.operations.v1.OperationsService/";
  server.Add<pb::CheckOutboxRequest, pb::OutboxCheck>(
      service + "CheckOutbox",
      [&deps](rpc::Call&, const pb::CheckOutboxRequest&, pb::OutboxCheck* response) {
        return Check(deps, response);
      });
  server.Add<pb::ReconcileOutboxRequest, pb::OutboxCheck>(
      service + "ReconcileOutbox",
      [&deps](rpc::Call& call, const pb::ReconcileOutboxRequest& request,
              pb::OutboxCheck* response) { return Reconcile(deps, call, request, response); });
}

}  // namespace steward::eventing
