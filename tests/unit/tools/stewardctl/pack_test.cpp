#include "tools/stewardctl/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "libs/rpc/validate.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/versioned.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& yaml) {
  return std::string(ParsePack(yaml).status().message());
}

TEST(ParsePack, ReadsAPack) {
  const auto pack = ParsePack(
      "pack: p\nenabled_by_default: true\nsource: \"seed 000\"\ndisplay_names: {en: P}\n"
      "policies:\n  - {name: policies/a, metric: m}\n  - {name: policies/b, pack: p}\n");
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_TRUE(pack->enabled_by_default);
  ASSERT_EQ(pack->policies.size(), 2u);
  EXPECT_EQ(pack->policies[0].pack(), "p");
}

TEST(ParsePack, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(ErrorOf("pack: p\npolicys: []"), HasSubstr("unknown key `policys`"));
  EXPECT_THAT(ErrorOf("pack: p\npolicies: [{name: policies/a}, {name: policies/b, warn_at: 80}]"),
              testing::AllOf(HasSubstr("policies[1]"), HasSubstr("warn_at")));
  EXPECT_THAT(ErrorOf("pack: p\npolicies: [{name: policies/a, pack: q}]"), HasSubstr("`q`"));
  EXPECT_THAT(ErrorOf("policies: []"), HasSubstr("`pack` is missing"));
}

TEST(ReadPackFile, EveryShippedPackIsReadable) {
  int packs = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(STEWARD_SOURCE_DIR "/services/sla/packs")) {
    if (entry.path().extension() == ".yaml") {
      const auto pack = ReadPackFile(entry.path());
      ASSERT_TRUE(pack.ok()) << pack.status();
      EXPECT_EQ(pack->name, entry.path().stem());
      EXPECT_FALSE(pack->policies.empty()) << pack->name;
      for (const auto& policy : pack->policies) {
        steward::sla::v1::CreatePolicyRequest request;
        *request.mutable_policy() = policy;
        EXPECT_TRUE(steward::rpc::Validate(request).ok())
            << policy.name() << ": " << steward::rpc::Validate(request);
      }
      ++packs;
    }
  }
  EXPECT_GE(packs, 6);
}

TEST(ReadMessageFile, EveryShippedCalendarIsReadable) {
  int calendars = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(STEWARD_SOURCE_DIR "/services/sla/calendars")) {
    steward::sla::v1::CreateCalendarRequest request;
    const absl::Status read = ReadMessageFile(entry.path(), request.mutable_calendar());
    ASSERT_TRUE(read.ok()) << read;
    EXPECT_EQ(request.calendar().name(), "calendars/" + entry.path().stem().string());
    EXPECT_FALSE(request.calendar().holidays().empty());
    EXPECT_TRUE(steward::rpc::Validate(request).ok())
        << entry.path() << ": " << steward::rpc::Validate(request);
    ++calendars;
  }
  EXPECT_GE(calendars, 1);
}

TEST(SameContent, WhatOnlyTheServerSetsDoesNotCount) {
  steward::sla::v1::Policy file, stored;
  file.set_name("policies/a");
  stored = file;
  stored.set_version(3);
  stored.set_active(true);
  stored.mutable_create_time()->set_seconds(1);
  stored.mutable_effective_from()->set_seconds(2);
  EXPECT_TRUE(SameContent(file, stored));
  stored.set_metric("m");
  EXPECT_FALSE(SameContent(file, stored));
  stored.set_metric("");
  file.mutable_effective_from()->set_seconds(3);
  EXPECT_FALSE(SameContent(file, stored));
}

}  // namespace
}  // namespace stewardctl
