#include "tools/stewardctl/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "steward/complaints/events/v1/complaints_events.pb.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "steward/directory/v1/directory_service.pb.h"
#include "steward/leads/events/v1/leads_events.pb.h"
#include "steward/leads/v1/campaigns_service.pb.h"
#include "tools/stewardctl/changes.h"
#include "tools/stewardctl/columns.h"
#include "tools/stewardctl/services.h"

namespace stewardctl {
namespace {

using ::testing::HasSubstr;

steward::directory::v1::ListTeamsResponse Teams() {
  steward::directory::v1::ListTeamsResponse response;
  for (const char* id : {"east", "south"}) {
    auto* team = response.add_teams();
    team->set_name(std::string("teams/") + id);
    (*team->mutable_display_names())["zh-Hans"] = "某区";
    (*team->mutable_display_names())["en"] = id;
  }
  return response;
}

TEST(RenderMessage, AListIsATable) {
  EXPECT_EQ(RenderMessage(Teams(), Format::kTable, false),
            "TEAM         PARENT  REGION  NAME\n"
            "teams/east                   east · 某区\n"
            "teams/south                  south · 某区\n");
}

TEST(RenderMessage, AListIsOneLineAnElementForPrograms) {
  const std::string lines = RenderMessage(Teams(), Format::kJsonl, false);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_THAT(lines, HasSubstr("\"name\":\"teams/south\""));
}

TEST(RenderMessage, ARecordShowsWhatIsSetAndItsParts) {
  steward::complaints::v1::TicketDetail detail;
  detail.mutable_ticket()->set_name("complaints/x");
  detail.mutable_ticket()->set_state(steward::complaints::v1::Ticket::RESOLVED);
  detail.mutable_ticket()->mutable_occurred_at()->set_seconds(1'772'438'400);
  auto* clock = detail.add_clocks();
  clock->set_name("clocks/x-cmc-001");
  clock->set_status(steward::sla::v1::Clock::STATUS_BREACHED);
  const std::string text = RenderMessage(detail, Format::kTable, false);
  EXPECT_THAT(text, HasSubstr("state        RESOLVED\n"));
  EXPECT_THAT(text, HasSubstr("occurred_at  2026-03-02T08:00:00Z\n"));
  EXPECT_THAT(text, HasSubstr("clocks/x-cmc-001"));
  EXPECT_THAT(text, HasSubstr("  BREACHED"));  // without the enum's prefix
}

TEST(RenderMessage, AmountsAndDaysAreWhatPeopleRead) {
  steward::leads::events::v1::OpportunityOpened opened;
  opened.mutable_amount()->set_currency_code("CNY");
  opened.mutable_amount()->set_units(12345);
  opened.mutable_expected_close()->set_year(2026);
  opened.mutable_expected_close()->set_month(5);
  opened.mutable_expected_close()->set_day(1);
  EXPECT_EQ(RenderMessage(opened, Format::kTable, false),
            "amount          12,345.00 CNY\n"
            "expected_close  2026-05-01\n");
  steward::leads::v1::ListCampaignsResponse campaigns;
  campaigns.add_campaigns()->mutable_budget()->set_currency_code("JPY");
  EXPECT_THAT(RenderMessage(campaigns, Format::kTable, false), HasSubstr("0 JPY"));
}

TEST(RenderMessage, JsonHasTheFieldNamesOfTheProtos) {
  steward::complaints::v1::RegisterTicketResponse response;
  response.mutable_ticket()->set_serial_number("7");
  const std::string json = RenderMessage(response, Format::kJson, false);
  EXPECT_THAT(json, HasSubstr("\"serial_number\": \"7\""));
  EXPECT_THAT(json, HasSubstr("\"already_existed\": false"));
}

TEST(Columns, NameFieldsThatExist) {
  std::vector<const google::protobuf::ServiceDescriptor*> apis;
  for (const ServiceInfo& service : Services()) {
    apis.insert(apis.end(), service.apis.begin(), service.apis.end());
  }
  for (const auto* api : apis) {
    for (int i = 0; i < api->method_count(); ++i) {
      const auto* list = ListField(*api->method(i)->output_type());
      if (list == nullptr) {
        continue;
      }
      for (const Column& column : ColumnsOf(*list->message_type())) {
        const std::string field = column.path.substr(0, column.path.find('.'));
        EXPECT_NE(list->message_type()->FindFieldByName(field), nullptr)
            << list->message_type()->full_name() << " " << column.path;
      }
    }
  }
}

TEST(ChangeLine, DecodesThePayload) {
  steward::complaints::events::v1::ComplaintsEvent event;
  event.mutable_ticket_registered()->set_kind("complaint");
  steward::operations::v1::Change change;
  change.set_type("ticket.registered");
  change.set_aggregate("complaints/x");
  change.set_payload(event.SerializeAsString());
  const std::string json = ChangeLine("complaints", change, true);
  EXPECT_THAT(json, HasSubstr("\"payload\":{\"ticket_registered\":{"));
  EXPECT_THAT(json, HasSubstr("\"kind\":\"complaint\""));
  EXPECT_THAT(ChangeLine("complaints", change, false),
              HasSubstr("ticket.registered  complaints/x v0"));
}

}  // namespace
}  // namespace stewardctl
