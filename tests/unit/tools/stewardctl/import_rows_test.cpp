// Rows of files: what is good is read, what is not is reported by line, field and reason.

#include "tools/stewardctl/import_rows.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "steward/leads/v1/lead_pool_service.pb.h"

namespace stewardctl {
namespace {

using steward::leads::v1::CreateLeadRequest;

const RowShape& Leads() {
  static const RowShape shape{&CreateLeadRequest::default_instance(), "lead", {"rule", "owner"}};
  return shape;
}

const CreateLeadRequest& LeadOf(const Row& row) {
  return static_cast<const CreateLeadRequest&>(*row.request);
}

TEST(ImportRows, CsvColumnsAreFields) {
  const auto rows = ReadRows("a.csv",
                             "channel,external_id,person.phone,skills,rule\n"
                             "web,7,138,led,assignmentRules/east\n"
                             "\n"
                             "web,8,,,\n",
                             Leads(), {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->total, 2);
  ASSERT_EQ(rows->good.size(), 2u);
  EXPECT_EQ(rows->good[0].line, 2);
  EXPECT_EQ(LeadOf(rows->good[0]).lead().person().phone(), "138");
  EXPECT_EQ(LeadOf(rows->good[0]).lead().skills(0), "led");
  EXPECT_EQ(LeadOf(rows->good[0]).rule(), "assignmentRules/east");
  EXPECT_EQ(LeadOf(rows->good[1]).assign_to_case(), CreateLeadRequest::ASSIGN_TO_NOT_SET);
}

TEST(ImportRows, ABrokenEncodingIsTheFaultOfItsCellAlone) {
  const auto rows = ReadRows("a.csv",
                             "channel,external_id\n"
                             "web,\xff\n"
                             "web,8\n"
                             "web\n"
                             "web,9\n",
                             Leads(), {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->good.size(), 2u);
  ASSERT_EQ(rows->faults.size(), 2u);
  EXPECT_EQ(rows->faults[0], (RowFault{2, "external_id", "is not clean UTF-8"}));
  EXPECT_EQ(rows->faults[1].line, 4);
}

TEST(ImportRows, JsonLines) {
  const auto rows = ReadRows("a.jsonl",
                             "{\"channel\":\"web\",\"external_id\":\"7\",\"owner\":\"members/a\"}\n"
                             "\n"
                             "{\"channel\":\n"
                             "{\"nothing\":1}\n"
                             "{\"channel\":\"\xff\"}\r\n"
                             "{\"channel\":\"web\",\"person\":{\"phone\":\"138\"}}",
                             Leads(), {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->total, 5);
  ASSERT_EQ(rows->good.size(), 2u);
  EXPECT_EQ(LeadOf(rows->good[0]).owner(), "members/a");
  EXPECT_EQ(rows->good[1].line, 6);
  ASSERT_EQ(rows->faults.size(), 3u);
  EXPECT_EQ(rows->faults[0], (RowFault{3, "", "is no JSON object"}));
  EXPECT_EQ(rows->faults[1].line, 4);
  EXPECT_EQ(rows->faults[2], (RowFault{5, "", "is not clean UTF-8"}));
}

TEST(ImportRows, AFileThatHasNoRowsIsRefusedWhole) {
  EXPECT_FALSE(ReadRows("a.csv", "channel,colour\nweb,red\n", Leads(), {}).ok());
  EXPECT_FALSE(ReadRows("a.csv", "", Leads(), {}).ok());
  EXPECT_FALSE(ReadRows("a.txt", "channel\nweb\n", Leads(), {}).ok());
}

TEST(ImportRows, FieldsOfABatchAreLedBackToRows) {
  const FieldOfRow at = SplitField("requests[12].lead.person.phone", "lead");
  EXPECT_EQ(at.row, 12);
  EXPECT_EQ(at.field, "person.phone");
  EXPECT_EQ(SplitField("requests[3].customer_id", "customer").field, "customer_id");
  EXPECT_EQ(SplitField("lead.source", "lead").field, "source");
  EXPECT_EQ(SplitField("requests", "lead").row, -1);
}

TEST(ImportRows, TheSameBatchHasTheSameRequestId) {
  CreateLeadRequest request;
  request.mutable_lead()->set_channel("web");
  const std::string id = RequestIdFor(request);
  request.set_request_id(id);
  EXPECT_EQ(RequestIdFor(request), id);
  request.mutable_lead()->set_channel("phone");
  EXPECT_NE(RequestIdFor(request), id);
}

}  // namespace
}  // namespace stewardctl
