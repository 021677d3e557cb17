#include "libs/base/zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steward {
namespace {

TEST(LoadZone, TakesNamesOfTheIanaList) {
  for (const char* name : {"Asia/Shanghai", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+8"}) {
    EXPECT_EQ(LoadZone("company_zone", name)->name(), name);
  }
}

TEST(LoadZone, RefusesWhatDependsOnTheMachineAndNamesTheField) {
  for (const char* name : {"", "localtime", "posixrules", "/etc/localtime", "../localtime",
                           "CST-8,M3", "Fixed/UTC+08:00:00", "Asia/Shanghia"}) {
    EXPECT_THAT(std::string(LoadZone("company_zone", name).status().message()),
                testing::StartsWith("company_zone: '" + std::string(name) + "' is not a time zone"))
        << name;
  }
}

}  // namespace
}  // namespace steward
