// Opening opportunities, one or many, with or without their past.

#include <set>
#include <utility>

#include "libs/base/status.h"
#include "services/leads/api/opportunities_api.h"
#include "services/leads/events/opportunity_events.h"

namespace steward::leads {
namespace {

constexpr int kMaxBatch = 100;
constexpr size_t kMaxBatchMoves = 1'000;
constexpr std::string_view kCustomers = "customers/";

absl::Status InRequest(const absl::Status& status, const std::string& path) {
  return status.ok() || path.empty() ? status : AtPath(status, path);
}

absl::Status ImporterOnly(const std::string& path) {
  const std::string field = (path.empty() ? "" : path + ".") + "past_moves";
  return Refuse(absl::StatusCode::kPermissionDenied, "`" + field + "` are given by an importer",
                {"GRANT_MISSING", {{"grant", "importer"}, {"field", field}}, {}, {}});
}

absl::Status Taken(const Uuid& id) {
  const std::string name = OpportunityName(id);
  return Refuse(absl::StatusCode::kAlreadyExists, name + " is there already",
                {"ALREADY_EXISTS", {{"name", name}}, {}, {}});
}

}  // namespace

absl::StatusOr<OpportunitiesApi::Draft> OpportunitiesApi::DraftOf(
    const rpc::Call& call, const v1::CreateOpportunityRequest& request, std::string path) {
  if (request.past_moves_size() > 0 && !call.HasGrant("importer")) {
    return ImporterOnly(path);
  }
  const Time now = deps_.env.clock->Now();
  absl::StatusOr<OpportunityDraft> draft = FromProto(request, *deps_.env.ids, now);
  if (!draft.ok()) {
    return InRequest(draft.status(), path);
  }
  OpportunityData& data = draft->data;
  FillFromDirectory(Directory().get(), now, data.owner, data.team, data.region);
  return Draft{*std::move(draft), std::move(path)};
}

absl::StatusOr<Opportunity> OpportunitiesApi::Open(const rpc::Call& call, const Draft& draft,
                                                   const Pipeline& pipeline, Time now) const {
  const OpportunityDraft& given = draft.opportunity;
  ASSIGN_OR_RETURN(const Time at, CheckBeginning("opportunity.occurred_at", deps_.time_rules, now,
                                                 given.occurred_at, call.HasGrant("importer")));
  ASSIGN_OR_RETURN(
      Opportunity opened,
      Opportunity::Open(pipeline, given.data, {call.caller, now, at, false, given.event_id}));
  RETURN_IF_ERROR(opened.Import(given.past_moves, call.caller, now, deps_.time_rules));
  return opened;
}

absl::Status OpportunitiesApi::Create(
    const rpc::Call& call, const std::vector<Draft>& drafts, const std::string& claim,
    google::protobuf::Message* response,
    const std::function<void(const std::vector<Opportunity>&)>& answer) {
  std::vector<pg::LockKey> locks;
  std::vector<Uuid> given;
  std::set<std::string> customers, pipelines;
  for (const Draft& draft : drafts) {
    const OpportunityData& data = draft.opportunity.data;
    locks.push_back(pg::LockKey::Exclusive(OpportunityName(data.id)));
    pipelines.insert(data.pipeline);
    if (draft.opportunity.given) {
      given.push_back(data.id);
    }
    if (!data.customer.empty()) {
      customers.insert(data.customer.substr(kCustomers.size()));
    }
  }
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        tx.Lock(locks);
        command.Find();
        const pg::Pending active =
            deps_.pipelines->QueueActive(tx, {pipelines.begin(), pipelines.end()});
        const pg::Pending taken = QueueTaken(tx, given);
        const pg::Pending found = QueueKnownCustomers(tx, {customers.begin(), customers.end()});
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        if (taken->rows() > 0) {
          return Taken(taken->Uuid(0, 0));
        }
        std::set<std::string> known{""};
        for (int row = 0; row < found->rows(); ++row) {
          known.insert(std::string(kCustomers) + found->Text(row, 0));
        }
        std::vector<Opportunity> opened;
        std::vector<eventing::NewEvent> rows;
        for (const Draft& draft : drafts) {
          const OpportunityData& data = draft.opportunity.data;
          if (known.count(data.customer) == 0) {
            return InRequest(FieldInvalid("opportunity.customer",
                                          "`" + data.customer + "` is no customer; add it first"),
                             draft.path);
          }
          const auto pipeline =
              deps_.pipelines->Active(*active, "opportunity.pipeline", data.pipeline);
          RETURN_IF_ERROR(InRequest(pipeline.status(), draft.path));
          absl::StatusOr<Opportunity> one = Open(call, draft, **pipeline, command.now());
          RETURN_IF_ERROR(InRequest(one.status(), draft.path));
          for (eventing::NewEvent& row : ToJournal(*one)) {
            rows.push_back(std::move(row));
          }
          opened.push_back(*std::move(one));
        }
        answer(opened);
        command.Claim(claim);
        for (size_t i = 0; i < opened.size(); ++i) {
          QueueInsert(tx, opened[i]);
          for (const OpportunityNote& note : drafts[i].opportunity.notes) {
            QueueNote(tx, opened[i].data().id, note);
          }
          Count(tx, opened[i].events());
        }
        return command.Append(rows);
      });
}

namespace {

// As it is stored: the words of the loss that it still has.
StoredOpportunity StoredOf(const Opportunity& opened, const std::vector<OpportunityNote>& notes) {
  StoredOpportunity stored{opened.data(), ""};
  for (const OpportunityNote& note : notes) {
    if (note.event_id.ToString() == stored.data.lost_note) {
      stored.lost_note = note.lost_note;
    }
  }
  return stored;
}

}  // namespace

absl::Status OpportunitiesApi::CreateOpportunity(const rpc::Call& call,
                                                 const v1::CreateOpportunityRequest& request,
                                                 v1::Opportunity* response) {
  ASSIGN_OR_RETURN(const Draft draft, DraftOf(call, request, ""));
  return Create(call, {draft}, OpportunityName(draft.opportunity.data.id), response,
                [&](const std::vector<Opportunity>& opened) {
                  ToProto(opened.front().pipeline(),
                          StoredOf(opened.front(), draft.opportunity.notes), response);
                });
}

absl::Status OpportunitiesApi::BatchCreateOpportunities(
    const rpc::Call& call, const v1::BatchCreateOpportunitiesRequest& request,
    v1::BatchCreateOpportunitiesResponse* response) {
  if (request.requests_size() == 0 || request.requests_size() > kMaxBatch) {
    return FieldInvalid("requests", "are 1 to " + std::to_string(kMaxBatch));
  }
  std::vector<Draft> drafts;
  std::vector<FieldViolation> faults;
  std::set<Uuid> ids;
  size_t moves = 0;
  for (int i = 0; i < request.requests_size(); ++i) {
    const std::string path = "requests[" + std::to_string(i) + "]";
    absl::StatusOr<Draft> draft = DraftOf(call, request.requests(i), path);
    if (absl::IsPermissionDenied(draft.status())) {
      return draft.status();
    }
    if (!draft.ok()) {
      for (FieldViolation& fault : RefusalOf(draft.status()).value_or(Refusal{}).fields) {
        faults.push_back(std::move(fault));
      }
      continue;
    }
    if (!request.requests(i).request_id().empty()) {
      faults.push_back({path + ".request_id", "is given once, for the batch"});
    }
    const Uuid& id = draft->opportunity.data.id;
    if (!ids.insert(id).second) {
      faults.push_back({path + ".opportunity_id", "`" + id.ToString() + "` is given twice"});
    }
    moves += draft->opportunity.past_moves.size();
    drafts.push_back(*std::move(draft));
  }
  if (moves > kMaxBatchMoves) {
    faults.push_back(
        {"requests", "have more than " + std::to_string(kMaxBatchMoves) + " past moves in all"});
  }
  if (!faults.empty()) {
    return FieldsInvalid(std::move(faults));
  }
  return Create(call, drafts, "opportunities", response,
                [&](const std::vector<Opportunity>& opened) {
                  response->Clear();
                  for (size_t i = 0; i < opened.size(); ++i) {
                    ToProto(opened[i].pipeline(), StoredOf(opened[i], drafts[i].opportunity.notes),
                            response->add_opportunities());
                  }
                });
}

}  // namespace steward::leads
