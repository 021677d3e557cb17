#include <set>
#include <thread>

#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

class Concurrency : public ComplaintsTest {
 protected:
  // Runs `body(worker)` on every worker at once.
  void OnAllWorkers(const std::function<void(int)>& body) {
    std::vector<std::thread> threads;
    for (int worker = 0; worker < kWorkers; ++worker) {
      threads.emplace_back([&body, worker] { body(worker); });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
};

TEST_F(Concurrency, TheSameIntakeIsOneTicket) {
  std::vector<pb::RegisterTicketResponse> answers(kWorkers);
  OnAllWorkers([&](int worker) {
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_external_id("CALL-1");
    Caller caller;
    caller.worker = worker;
    answers[static_cast<size_t>(worker)] = Must(&ComplaintsApi::RegisterTicket, request, caller);
  });
  std::set<std::string> names;
  int fresh = 0;
  for (const auto& answer : answers) {
    names.insert(answer.ticket().name());
    fresh += answer.already_existed() ? 0 : 1;
  }
  EXPECT_EQ(names.size(), 1u);
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(Journal().size(), 1u);
}

TEST_F(Concurrency, TheSameRequestIsOneTicket) {
  std::vector<std::string> answers(kWorkers);
  OnAllWorkers([&](int worker) {
    pb::RegisterTicketRequest request = Intake();
    request.set_request_id("6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3d");
    Caller caller;
    caller.worker = worker;
    answers[static_cast<size_t>(worker)] =
        Must(&ComplaintsApi::RegisterTicket, request, caller).SerializeAsString();
  });
  EXPECT_EQ(std::set<std::string>(answers.begin(), answers.end()).size(), 1u);
  EXPECT_EQ(Journal().size(), 1u);
}

// Ten notes by each worker on one ticket: versions 1 to 81 without gap (Journal checks it), in
// the order of the journal.
TEST_F(Concurrency, CommandsOnOneTicketQueueUp) {
  const std::string name = Register().name();
  OnAllWorkers([&](int worker) {
    for (int i = 0; i < 10; ++i) {
      pb::CreateTicketNoteRequest request;
      request.set_parent(name);
      request.mutable_note()->set_text("note");
      Caller caller;
      caller.worker = worker;
      Must(&ComplaintsApi::CreateTicketNote, request, caller);
    }
  });
  EXPECT_EQ(Journal().size(), 81u);
  EXPECT_EQ(Get(name).etag(), "\"81\"");
}

TEST_F(Concurrency, OneOfManyFirstResponsesIsTheFirst) {
  const std::string name = Register().name();
  std::atomic<int> done = 0;
  OnAllWorkers([&](int worker) {
    Caller caller;
    caller.worker = worker;
    pb::Ticket response;
    const absl::Status status = Do(&ComplaintsApi::RecordFirstResponse,
                                   For<pb::RecordFirstResponseRequest>(name), &response, caller);
    done += status.ok() ? 1 : 0;
    EXPECT_TRUE(status.ok() || ReasonOf(status) == "ILLEGAL_TRANSITION") << status;
  });
  EXPECT_EQ(done, 1);
}

// Tickets of one customer that arrive at once are linked as if they had come one by one.
TEST_F(Concurrency, RepeatsOfOneCustomerAreLinkedOnce) {
  OnAllWorkers([&](int worker) {
    pb::RegisterTicketRequest request = Intake();
    request.mutable_ticket()->set_customer("customers/acme");
    request.mutable_ticket()->set_topic("noise");
    *request.mutable_ticket()->mutable_occurred_at() = rpc::ToProto(kStart - Hours(worker));
    Caller caller;
    caller.worker = worker;
    Must(&ComplaintsApi::RegisterTicket, request, caller);
  });
  pb::ListTicketsRequest list;
  list.set_order_by("occurred_at");
  const auto tickets = Must(&ComplaintsApi::ListTickets, list);
  ASSERT_EQ(tickets.tickets_size(), kWorkers);
  EXPECT_EQ(tickets.tickets(0).repeat_of(), "");
  for (int i = 1; i < kWorkers; ++i) {
    EXPECT_EQ(tickets.tickets(i).repeat_of(), tickets.tickets(0).name());
  }
}

}  // namespace
}  // namespace steward::complaints
