#include "steward/sla/v1/sla_service.pb.h"
#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

using Queries = ComplaintsTest;

TEST_F(Queries, TheFullViewHasTheClocks) {
  const std::string name = Register().name();
  auto request = For<pb::GetTicketRequest>(name);
  request.set_view(pb::TICKET_VIEW_FULL);
  const auto without = Must(&ComplaintsApi::GetTicket, request);
  EXPECT_TRUE(without.clocks_unavailable());
  EXPECT_EQ(without.ticket().name(), name);

  std::string asked;
  sla = [&](std::string_view method, const google::protobuf::Message& question,
            google::protobuf::Message* response, Duration timeout, const rpc::Call& call) {
    EXPECT_EQ(method, "/steward.sla.v1.SlaService/BatchGetClocks");
    EXPECT_EQ(timeout, Milliseconds(500));
    EXPECT_EQ(call.caller, kLi);
    asked = static_cast<const steward::sla::v1::BatchGetClocksRequest&>(question).subjects(0);
    auto& clock = *static_cast<steward::sla::v1::BatchGetClocksResponse*>(response)->add_clocks();
    clock.set_run_state(steward::sla::v1::Clock::RUNNING);
    *clock.mutable_due_time() = rpc::ToProto(kStart + Hours(48));
    return absl::OkStatus();
  };
  const auto with = Must(&ComplaintsApi::GetTicket, request);
  EXPECT_EQ(asked, name);
  EXPECT_EQ(with.clocks_size(), 1);
  EXPECT_FALSE(with.clocks_unavailable());
  EXPECT_EQ(rpc::FromProto(with.next_due_time()), kStart + Hours(48));
  EXPECT_EQ(Must(&ComplaintsApi::GetTicket, For<pb::GetTicketRequest>(name)).clocks_size(), 0)
      << "BASIC asks nobody";
}

TEST_F(Queries, BatchGetIsAllOrNotFound) {
  const std::string a = Register().name();
  const std::string b = Register().name();
  pb::BatchGetTicketsRequest request;
  request.add_names(b);
  request.add_names(a);
  request.add_names(b);
  const auto response = Must(&ComplaintsApi::BatchGetTickets, request);
  ASSERT_EQ(response.tickets_size(), 3);
  EXPECT_EQ(response.tickets(0).name(), b);
  EXPECT_EQ(response.tickets(1).name(), a);
  const std::string missing = "complaints/00000000-0000-7000-8000-000000000001";
  request.add_names(missing);
  pb::BatchGetTicketsResponse refused;
  const absl::Status status = Do(&ComplaintsApi::BatchGetTickets, request, &refused);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MetadataOf(status, "name"), missing);
  EXPECT_EQ(refused.tickets_size(), 0);
  pb::BatchGetTicketsRequest many;
  for (int i = 0; i < 101; ++i) {
    many.add_names(a);
  }
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::BatchGetTickets, many, &refused)), "names");
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::BatchGetTickets, pb::BatchGetTicketsRequest(), &refused)),
            "names");
}

TEST_F(Queries, KindsAreTheShippedTree) {
  const auto response = Must(&ComplaintsApi::ListTicketKinds, pb::ListTicketKindsRequest());
  EXPECT_EQ(response.kinds_size(), 9);
  EXPECT_EQ(response.kinds(4).id(), "quality_complaint");
  EXPECT_EQ(response.kinds(4).parent(), "complaint");
  EXPECT_TRUE(response.kinds(4).needs_verification());
  EXPECT_EQ(response.kinds(4).display_names().at("zh-Hans"), "产品质量投诉");
}

}  // namespace
}  // namespace steward::complaints
