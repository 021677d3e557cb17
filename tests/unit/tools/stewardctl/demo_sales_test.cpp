// The rules of deploy/demo/sales; tests/reference states them in another language.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libs/base/status.h"
#include "tools/stewardctl/demo_sales_plan.h"
#include "tools/stewardctl/demo_sales_setup.h"

namespace stewardctl {
namespace {

using absl::CivilDay;

const std::string kFolder = std::string(STEWARD_SOURCE_DIR) + "/deploy/demo/sales";

TEST(DemoSales, SlugsAndNumbers) {
  EXPECT_EQ(Slug("Maxwell & Sons "), "maxwell-sons");
  EXPECT_EQ(SalesNumber("1C1I7A6R/1"), 7581404872094183846u);
  EXPECT_EQ(SalesNumber("target/members/moses-frase/2026Q1"), 2844675218110724961u);
}

TEST(DemoSales, TheShiftIsWholeWeeksUpToTheSundayBeforeToday) {
  for (const CivilDay today :
       {CivilDay(2026, 11, 29), CivilDay(2018, 1, 1), CivilDay(2017, 12, 1)}) {
    const int64_t shift = SalesShift(today);
    EXPECT_EQ(shift % 7, 0);
    const int64_t before = today - (CivilDay(2017, 12, 31) + shift);
    EXPECT_GE(before, 1);
    EXPECT_LE(before, 7);
  }
}

TEST(DemoSales, AWonRowIsFollowedByDeliveryAcceptanceAndPayments) {
  const auto files = ReadSales(kFolder, 3248, CivilDay(2026, 11, 28), 0);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->rows.size(), 8'800u);
  EXPECT_EQ(files->agents.size(), 35u);
  const SalesRow& row = files->rows.front();
  EXPECT_EQ(row.closed, CivilDay(2026, 1, 21));
  EXPECT_EQ(row.accepted, CivilDay(2026, 2, 4));
  ASSERT_EQ(row.payments.size(), 4u);
  EXPECT_EQ(row.payments[1].day, CivilDay(2026, 4, 2));
  EXPECT_EQ(row.payments[1].instalment, 3);
  EXPECT_EQ(row.payments[1].cents, 15'810);
}

TEST(DemoSales, WhatLiesAfterTheLastKnownDayHasNotHappened) {
  const auto files = ReadSales(kFolder, 3248, CivilDay(2026, 1, 30), 1);
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->rows.size(), 1u);
  EXPECT_EQ(files->rows[0].delivered, CivilDay(2026, 1, 28));
  EXPECT_FALSE(files->rows[0].accepted.has_value());
  EXPECT_EQ(files->rows[0].payments.size(), 1u);
}

TEST(DemoSales, ABadCellIsNamedWithFileAndLine) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "demo-sales";
  std::filesystem::remove_all(folder);
  std::filesystem::copy(kFolder, folder);
  std::ofstream(folder / "sales_pipeline.csv")
      << "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_"
         "value\n"
      << "1C1I7A6R,Moses Frase,GTX Basic,Cancity,Won,2016-10-20,2017-02-30,1054\n";
  const auto files = ReadSales(folder, 0, CivilDay(2017, 12, 31), 0);
  ASSERT_FALSE(files.ok());
  EXPECT_NE(files.status().message().find("sales_pipeline.csv line 2: close_date: `2017-02-30`"),
            absl::string_view::npos)
      << files.status();
}

TEST(DemoSales, TargetsOfATeamAreTheSumOfItsMembers) {
  const auto files = ReadSales(kFolder, 0, CivilDay(2017, 12, 31), 1);
  ASSERT_TRUE(files.ok());
  const auto targets = SalesTargets(*files, CivilDay(2026, 11, 28));
  EXPECT_EQ(targets.size(), 4u * (35 + 6 + 3));
  int64_t members = 0, regions = 0;
  for (const auto& request : targets) {
    const auto& target = request.target();
    const int64_t value = std::stoll(target.target().value());
    members += target.subject().starts_with("members/") ? value : 0;
    regions += target.subject().starts_with("regions/") ? value : 0;
  }
  EXPECT_EQ(members, regions);
}

}  // namespace
}  // namespace stewardctl
