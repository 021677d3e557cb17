// RegisterTicket: the only way a ticket comes to be. Where nothing must be looked up first it is
// one round trip.

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/complaints/api/complaints_api.h"
#include "services/complaints/api/repeat_links.h"
#include "services/complaints/events/complaints_events.h"
#include "services/complaints/storage/repeat_store.h"

namespace steward::complaints {
namespace {

bool HasReopening(const std::vector<PastFact>& facts) {
  return std::any_of(facts.begin(), facts.end(),
                     [](const PastFact& fact) { return fact.type == kReopened; });
}

absl::Status ImporterOnly() {
  return Refuse(absl::StatusCode::kPermissionDenied, "`past_facts` are given by an importer",
                {"GRANT_MISSING", {{"grant", "importer"}, {"field", "past_facts"}}, {}, {}});
}

// An intake that was taken in before. Its text is shown only to whom the ticket is.
void AnswerExisting(StoredTicket existing, pb::RegisterTicketResponse* response) {
  if (!existing.within_reach) {
    existing.text = {};
  }
  response->Clear();
  ToProto(existing, response->mutable_ticket());
  response->set_already_existed(true);
}

// What must be known before the first write, and its locks.
struct LookUp {
  bool external = false;  // is this intake a ticket already?
  bool repeats = false;   // which tickets of the customer does it repeat?

  explicit LookUp(const Intake& intake) {
    const TicketData& draft = intake.draft;
    external = !draft.external_id.empty();
    repeats = !draft.customer.empty() &&
              (!draft.topic.empty() || !draft.product.empty() || HasReopening(intake.past_facts));
  }
  std::vector<pg::LockKey> Locks(const TicketData& ticket) const {
    std::vector<pg::LockKey> locks{pg::LockKey::Exclusive(TicketName(ticket.id))};
    if (external) {
      locks.push_back(pg::LockKey::Exclusive(ticket.channel + "/" + ticket.external_id));
    }
    if (repeats) {
      locks.push_back(pg::LockKey::Exclusive(RepeatAggregate(ticket.customer)));
    }
    return locks;
  }
};

}  // namespace

absl::StatusOr<Ticket> ComplaintsApi::NewTicket(const rpc::Call& call, const Intake& intake,
                                                const Uuid& id, Time now) const {
  TicketData fresh = intake.draft;
  fresh.id = id;
  ASSIGN_OR_RETURN(fresh.occurred_at,
                   CheckBeginning("ticket.occurred_at", deps_.time_rules, now, intake.occurred_at,
                                  call.HasGrant("importer")));
  ASSIGN_OR_RETURN(Ticket ticket,
                   Ticket::Register(*deps_.kinds, std::move(fresh), call.caller, now));
  RETURN_IF_ERROR(ticket.Import(intake.past_facts, call.caller, now, deps_.time_rules));
  return ticket;
}

bool ComplaintsApi::TakeTiers(const rpc::Call& call, TicketData& draft) const {
  if (draft.customer.empty() || (!draft.customer_tiers.empty() && call.HasGrant("importer"))) {
    return false;
  }
  std::optional<KnownCustomer> known =
      deps_.customers == nullptr ? std::nullopt : deps_.customers->Find(draft.customer);
  if (!known) {
    return deps_.unknown != nullptr;
  }
  draft.customer_tiers = std::move(known->tiers);
  draft.customer_version = known->version;
  return false;
}

absl::Status ComplaintsApi::RegisterTicket(const rpc::Call& call,
                                           const pb::RegisterTicketRequest& request,
                                           pb::RegisterTicketResponse* response) {
  ASSIGN_OR_RETURN(Intake intake, FromProto(request));
  if (!intake.past_facts.empty() && !call.HasGrant("importer")) {
    return ImporterOnly();
  }
  const bool ask = TakeTiers(call, intake.draft);
  const LookUp look_up(intake);
  const Uuid id = deps_.env.ids->NewId(deps_.env.clock->Now());
  return service::RunCommand(
      deps_.env, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        ASSIGN_OR_RETURN(const Ticket ticket, NewTicket(call, intake, id, command.now()));
        const TicketData& data = ticket.data();
        tx.Lock(look_up.Locks(data));
        std::vector<FoundRepeat> repeats;
        int64_t chain_version = 0;
        if (look_up.external || look_up.repeats) {
          command.Find();
          const pg::Pending existing =
              QueueFindExternal(tx, data.channel, data.external_id, call.reach);
          const pg::Pending chain = QueueChainVersion(tx, data.customer);
          const pg::Pending known = QueueRepeatCandidates(tx, look_up.repeats ? data.customer : "",
                                                          data.occurred_at - deps_.repeat_window);
          RETURN_IF_ERROR(tx.Flush());
          if (command.Answered()) {
            return absl::OkStatus();
          }
          if (existing->rows() > 0) {
            AnswerExisting(ReadTicket(*existing, 0), response);
            command.Claim(response->ticket().name());
            return absl::OkStatus();
          }
          if (look_up.repeats) {
            chain_version = ReadChainVersion(*chain);
            repeats = RepeatsOf(data, ReadRepeatCandidates(*known), deps_.repeat_window);
          }
        }
        response->Clear();
        ToProto(StoredTicket{data, intake.text, LinkOf(id, repeats), true},
                response->mutable_ticket());
        command.Claim(response->ticket().name());
        QueueInsert(tx, data, intake.text);
        std::vector<eventing::NewEvent> rows =
            ToJournal(*deps_.env.ids, command.now(), id, ticket.events());
        QueueRepeats(tx, *deps_.env.ids, command.now(), data.customer, chain_version, repeats,
                     rows);
        tx.AfterCommit([&, kind = data.kind, severity = data.severity] {
          if (deps_.metrics != nullptr) {
            deps_.metrics->Registered(kind, severity);
          }
          if (ask) {
            deps_.unknown->Ask(intake.draft.customer, id, call);
          }
        });
        return command.Append(rows);
      });
}

}  // namespace steward::complaints
