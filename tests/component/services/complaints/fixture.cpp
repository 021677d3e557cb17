#include "tests/component/services/complaints/fixture.h"

#include "services/complaints/migrations.h"

namespace steward::complaints {

ComplaintsTest::ComplaintsTest()
    : ServiceTest("complaints", Migrations()),
      kinds(*LoadKinds("")),
      metrics(std::make_unique<Metrics>(kinds, registry)) {
  const auto invoke = [this](std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message* response, Duration timeout,
                             const rpc::Call& call) -> absl::Status {
    return sla ? sla(method, request, response, timeout, call)
               : absl::UnavailableError("no sla service");
  };
  customers = std::make_unique<CustomerCache>(options);
  unknown = std::make_unique<UnknownCustomers>(UnknownCustomers::Deps{
      .env = env,
      .pg = options,
      .kinds = &kinds,
      .leads = [this](std::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message* response, Duration timeout,
                      const rpc::Call& call) -> absl::Status {
        return leads ? leads(method, request, response, timeout, call)
                     : absl::UnavailableError("no leads service");
      },
      .most_customers = 2,
      .most_tickets = 2});
  std::get<std::unique_ptr<ComplaintsApi>>(apis) =
      std::make_unique<ComplaintsApi>(ApiDeps{.env = env,
                                              .kinds = &kinds,
                                              .time_rules = {},
                                              .repeat_window = Hours(24 * 30),
                                              .tokens = &tokens,
                                              .clocks = {invoke, Milliseconds(500)},
                                              .metrics = metrics.get(),
                                              .customers = customers.get(),
                                              .unknown = unknown.get()});
}

pb::RegisterTicketRequest ComplaintsTest::Intake(std::string kind) const {
  pb::RegisterTicketRequest request;
  request.mutable_ticket()->set_kind(std::move(kind));
  request.mutable_ticket()->set_channel("hotline");
  return request;
}

pb::Ticket ComplaintsTest::Register(const pb::RegisterTicketRequest& request,
                                    const Caller& caller) {
  return Must(&ComplaintsApi::RegisterTicket, request, caller).ticket();
}

pb::Ticket ComplaintsTest::Get(const std::string& name, const Caller& caller) {
  return Must(&ComplaintsApi::GetTicket, For<pb::GetTicketRequest>(name), caller).ticket();
}

}  // namespace steward::complaints
