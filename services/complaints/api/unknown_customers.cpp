#include "services/complaints/api/unknown_customers.h"

#include <algorithm>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "services/complaints/domain/ticket.h"
#include "services/complaints/events/complaints_events.h"
#include "services/complaints/storage/customer_store.h"
#include "services/complaints/storage/ticket_store.h"
#include "steward/leads/v1/leads_service.pb.h"

namespace steward::complaints {
namespace {

constexpr char kGetCustomer[] = "/steward.leads.v1.LeadsService/GetCustomer";
constexpr Duration kInterval = Seconds(5);        // also how long it waits after a failure
constexpr std::chrono::seconds kNotFoundFor{60};  // a stranger is not asked for more often
constexpr size_t kMostNotFound = 10'000;

metrics::Counter Outcome(metrics::Registry* registry, const char* outcome) {
  return registry->GetCounter("steward_customer_questions_total",
                              "Customers of tickets that the leads service was asked for.",
                              {{"outcome", outcome}});
}

// Not there, or not within the caller's reach: asking again soon tells no more.
bool IsMissing(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnauthenticated;
}

}  // namespace

UnknownCustomers::UnknownCustomers(Deps deps)
    : deps_(std::move(deps)),
      answered_(Outcome(deps_.env.metrics, "answered")),
      missing_(Outcome(deps_.env.metrics, "missing")),
      failed_(Outcome(deps_.env.metrics, "failed")),
      dropped_(Outcome(deps_.env.metrics, "dropped")),
      loop_("customers-ask", kInterval, [this] { Run(); }) {}

void UnknownCustomers::Ask(const std::string& customer, const Uuid& ticket, const rpc::Call& call) {
  {
    const std::lock_guard lock(mutex_);
    const auto missing = not_found_.find(customer);
    if (missing != not_found_.end()) {
      if (std::chrono::steady_clock::now() < missing->second + kNotFoundFor) {
        return;
      }
      not_found_.erase(missing);
    }
    const auto place = waiting_.find(customer);
    if (place == waiting_.end() ? waiting_.size() >= deps_.most_customers
                                : place->second.tickets.size() >= deps_.most_tickets) {
      dropped_.Add();
      return;
    }
    if (place == waiting_.end()) {
      waiting_.emplace(customer, Question{{ticket}, call});
    } else {
      place->second.tickets.push_back(ticket);
      return;  // somebody poked for it already
    }
  }
  loop_.Poke();
}

void UnknownCustomers::Run() {
  Questions questions;
  {
    const std::lock_guard lock(mutex_);
    questions.swap(waiting_);
  }
  while (!questions.empty()) {
    const auto& [customer, question] = *questions.begin();
    if (const absl::Status status = AskFor(customer, question); !status.ok()) {
      failed_.Add();
      log::Warning("cannot ask for the customer of a ticket; its tiers stay as they are until then",
                   {{"customer", customer},
                    {"waiting", std::to_string(questions.size())},
                    {"error", std::string(FromAbsl(status.message()))}});
      // They wait for the next run, beside those who came meanwhile.
      const std::lock_guard lock(mutex_);
      for (auto& [name, kept] : questions) {
        Question& place = waiting_.try_emplace(name, Question{{}, kept.call}).first->second;
        place.tickets.insert(place.tickets.end(), kept.tickets.begin(), kept.tickets.end());
      }
      return;
    }
    questions.erase(questions.begin());
  }
}

absl::Status UnknownCustomers::AskFor(const std::string& customer, const Question& question) {
  if (connection_ == nullptr || !connection_->healthy()) {
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(deps_.pg));
  }
  leads::v1::GetCustomerRequest request;
  request.set_name(customer);
  leads::v1::Customer response;
  rpc::Call call = question.call;
  call.deadline_micros = MonotonicMicros() + deps_.timeout.micros;  // that of the ticket is over
  const Time asked_at = deps_.env.clock->Now();
  const absl::Status status =
      deps_.leads ? deps_.leads(kGetCustomer, request, &response, deps_.timeout, call)
                  : absl::UnavailableError("no leads service");
  if (IsMissing(status)) {
    missing_.Add();
    Remember(customer);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(status);
  for (const Uuid& ticket : question.tickets) {
    RETURN_IF_ERROR(Learn(ticket, customer, call,
                          {response.tiers().begin(), response.tiers().end()}, asked_at));
  }
  answered_.Add();
  return absl::OkStatus();
}

// What an event told meanwhile goes before the answer; a ticket that is closed, or knows already,
// stays as it is. The change happened when it was asked for, so that a later one comes after it.
absl::Status UnknownCustomers::Learn(const Uuid& id, const std::string& customer,
                                     const rpc::Call& call, std::vector<std::string> tiers,
                                     Time asked_at) {
  pg::TxOptions options;
  options.name = "learn_customer_tiers";
  RETURN_IF_ERROR(pg::RunInTx(*connection_, options, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({pg::LockKey::Exclusive(TicketName(id))});
    const pg::Pending row = QueueLoad(tx, id, {.all = true, .members = {}, .teams = {}});
    const pg::Pending known = QueueGetCustomer(tx, customer);
    RETURN_IF_ERROR(tx.Flush());
    if (row->rows() == 0) {
      return absl::OkStatus();
    }
    Ticket ticket(*deps_.kinds, ReadTicket(*row, 0).data);
    const absl::Status learnt =
        ticket.LearnTiers(known->rows() > 0 ? ReadCustomer(*known, 0).tiers : tiers, asked_at,
                          deps_.env.clock->Now());
    if (!learnt.ok()) {
      return absl::OkStatus();
    }
    QueueUpdate(tx, ticket.data());
    QueueTiers(tx, id, ticket.data().customer_tiers);
    return eventing::Append(tx, {"system:complaints", call.correlation, "", call.traceparent},
                            ToJournal(*deps_.env.ids, deps_.env.clock->Now(), id, ticket.events()),
                            *deps_.env.topic_message);
  }));
  if (deps_.env.relay != nullptr) {
    deps_.env.relay->Poke();
  }
  return absl::OkStatus();
}

void UnknownCustomers::Remember(const std::string& customer) {
  const std::lock_guard lock(mutex_);
  if (not_found_.size() >= kMostNotFound) {
    not_found_.clear();
  }
  not_found_[customer] = std::chrono::steady_clock::now();
}

}  // namespace steward::complaints
