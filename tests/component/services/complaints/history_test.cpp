#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

using History = ComplaintsTest;

TEST_F(History, SaysWhoWhatWhenFromAndTo) {
  const std::string name = Register().name();
  clock.Advance(Minutes(3));
  auto assign = For<pb::AssignTicketRequest>(name);
  assign.set_owner(kWang);
  assign.set_reason("Li is on leave");
  Must(&ComplaintsApi::AssignTicket, assign);
  auto transfer = For<pb::TransferTicketRequest>(name);
  transfer.set_team("teams/west");
  transfer.set_owner(kLi);
  transfer.set_region("west");
  Must(&ComplaintsApi::TransferTicket, transfer, {kWang, {"agent"}, {true, {}, {}}, 0});
  Must(&ComplaintsApi::ResolveTicket, For<pb::ResolveTicketRequest>(name));

  pb::ListTicketHistoryRequest request;
  request.set_parent(name);
  const auto all = Must(&ComplaintsApi::ListTicketHistory, request);
  ASSERT_EQ(all.changes_size(), 6);
  EXPECT_EQ(all.changes(0).type(), "ticket.registered");
  EXPECT_EQ(all.changes(1).field(), "owner");
  EXPECT_EQ(all.changes(1).to(), kWang);
  EXPECT_EQ(all.changes(1).actor(), kLi);
  EXPECT_EQ(all.changes(1).reason(), "Li is on leave");
  EXPECT_EQ(rpc::FromProto(all.changes(1).occurred_at()), kStart + Minutes(3));
  EXPECT_EQ(all.changes(2).field(), "team");
  EXPECT_EQ(all.changes(2).actor(), kWang);
  EXPECT_EQ(all.changes(3).field(), "owner");
  EXPECT_EQ(all.changes(3).from(), kWang);
  EXPECT_EQ(all.changes(4).field(), "region");
  EXPECT_EQ(all.changes(5).from(), "RECORDED");
  EXPECT_EQ(all.changes(5).to(), "RESOLVED");
  EXPECT_EQ(all.changes(5).version(), 4);

  // Pages cut inside the transfer, which has three changes of one version.
  for (const int page_size : {1, 2, 3, 4, 5, 6}) {
    request.set_page_size(page_size);
    request.clear_page_token();
    pb::ListTicketHistoryResponse joined;
    do {
      const auto page = Must(&ComplaintsApi::ListTicketHistory, request);
      ASSERT_LE(page.changes_size(), page_size);
      joined.MergeFrom(page);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && joined.changes_size() < 20);
    joined.clear_next_page_token();
    EXPECT_EQ(joined.SerializeAsString(), all.SerializeAsString()) << page_size;
  }
}

TEST_F(History, NotesAreNewestFirstAndCounted) {
  const std::string name = Register().name();
  pb::CreateTicketNoteRequest create;
  create.set_parent(name);
  for (int i = 0; i < 5; ++i) {
    clock.Advance(Seconds(1));
    create.mutable_note()->set_text("note " + std::to_string(i));
    create.set_request_id("6f8f5ad6-2f6e-4a1c-9d9e-0f3f4a1b2c3" + std::to_string(i));
    const auto note = Must(&ComplaintsApi::CreateTicketNote, create);
    EXPECT_EQ(note.author(), kLi);
    EXPECT_EQ(note.name().rfind(name + "/notes/", 0), 0u);
    EXPECT_EQ(Must(&ComplaintsApi::CreateTicketNote, create).SerializeAsString(),
              note.SerializeAsString());
  }
  pb::ListTicketNotesRequest request;
  request.set_parent(name);
  request.set_page_size(2);
  std::vector<std::string> texts;
  do {
    const auto page = Must(&ComplaintsApi::ListTicketNotes, request);
    for (const pb::TicketNote& note : page.notes()) {
      texts.push_back(note.text());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && texts.size() < 20);
  EXPECT_EQ(texts, (std::vector<std::string>{"note 4", "note 3", "note 2", "note 1", "note 0"}));
  EXPECT_EQ(TypesOf(name).size(), 6u);
  EXPECT_EQ(Get(name).etag(), "\"6\"");
  create.mutable_note()->clear_text();
  pb::TicketNote response;
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::CreateTicketNote, create, &response)), "note.text");
}

}  // namespace
}  // namespace steward::complaints
