#include "libs/rpc/field_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/directory/v1/directory_service.pb.h"

namespace steward::rpc {
namespace {

using ::testing::HasSubstr;

google::protobuf::FieldMask Mask(std::initializer_list<const char*> paths) {
  google::protobuf::FieldMask mask;
  for (const char* path : paths) {
    mask.add_paths(path);
  }
  return mask;
}

directory::v1::Member Stored() {
  directory::v1::Member member;
  member.set_name("members/a");
  member.set_display_name("Old");
  member.set_email("old@example.com");
  member.set_active(true);
  member.set_etag("\"3\"");
  member.add_roles()->set_role("roles/old");
  return member;
}

TEST(ApplyMask, TakesWhatIsNamedAndListsWhole) {
  directory::v1::Member wanted, target = Stored();
  wanted.set_display_name("New");
  wanted.add_roles()->set_role("roles/new");
  wanted.add_roles()->set_role("roles/newer");
  ASSERT_TRUE(ApplyMask(wanted, Mask({"roles"}), &target).ok());
  EXPECT_EQ(target.display_name(), "Old");
  ASSERT_EQ(target.roles_size(), 2);
  EXPECT_EQ(target.roles(0).role(), "roles/new");
}

TEST(ApplyMask, ANamedFieldThatIsEmptyIsCleared) {
  directory::v1::Member target = Stored();
  ASSERT_TRUE(ApplyMask(directory::v1::Member(), Mask({"email", "roles"}), &target).ok());
  EXPECT_EQ(target.email(), "");
  EXPECT_EQ(target.roles_size(), 0);
  EXPECT_EQ(target.display_name(), "Old");
}

TEST(ApplyMask, AnEmptyMaskTakesEveryFieldThatIsSet) {
  directory::v1::Member wanted, target = Stored();
  wanted.set_name("members/a");
  wanted.set_display_name("New");
  ASSERT_TRUE(ApplyMask(wanted, {}, &target).ok());
  EXPECT_EQ(target.display_name(), "New");
  EXPECT_EQ(target.email(), "old@example.com");
  EXPECT_EQ(target.roles_size(), 1);
}

TEST(ApplyMask, AStarTakesEverythingAClientMaySet) {
  directory::v1::Member wanted, target = Stored();
  wanted.set_name("members/other");
  wanted.set_display_name("New");
  ASSERT_TRUE(ApplyMask(wanted, Mask({"*"}), &target).ok());
  EXPECT_EQ(target.name(), "members/a");
  EXPECT_EQ(target.display_name(), "New");
  EXPECT_EQ(target.email(), "");
  EXPECT_TRUE(target.active());
  EXPECT_EQ(target.etag(), "\"3\"");
}

TEST(ApplyMask, OutputOnlyPathsAreIgnored) {
  directory::v1::Member wanted, target = Stored();
  wanted.set_active(false);
  wanted.set_etag("\"9\"");
  ASSERT_TRUE(ApplyMask(wanted, Mask({"active", "etag", "create_time", "name"}), &target).ok());
  EXPECT_TRUE(target.active());
  EXPECT_EQ(target.etag(), "\"3\"");
}

TEST(ApplyMask, UnknownPathsAreRefusedByName) {
  directory::v1::Member target = Stored();
  const absl::Status status =
      ApplyMask(directory::v1::Member(), Mask({"salary", "roles.role"}), &target);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const auto refusal = RefusalOf(status);
  ASSERT_EQ(refusal->fields.size(), 2u);
  EXPECT_EQ(refusal->fields[0].field, "update_mask");
  EXPECT_THAT(refusal->fields[0].description, HasSubstr("salary"));
}

// What runs before a handler must let through what an update leaves out.
TEST(ApplyMask, AnUpdateMayLeaveOutWhatACreateNeeds) {
  directory::v1::UpdateTeamRequest update;
  update.mutable_team()->set_name("teams/a");
  update.mutable_team()->set_region("east");
  *update.mutable_update_mask() = Mask({"region"});
  EXPECT_TRUE(Validate(update).ok());
  directory::v1::CreateTeamRequest create;
  *create.mutable_team() = update.team();
  EXPECT_FALSE(Validate(create).ok());
  EXPECT_FALSE(Validate(directory::v1::UpdateTeamRequest()).ok());  // the row itself is needed
  directory::v1::UpdateMemberRequest member;
  member.mutable_member()->add_roles();  // an entry without its role says nothing
  EXPECT_FALSE(Validate(member).ok());
}

TEST(ApplyMask, MapsAreReplacedWhole) {
  directory::v1::Team wanted, target;
  (*target.mutable_display_names())["en"] = "Old";
  (*target.mutable_display_names())["zh-Hans"] = "旧";
  (*wanted.mutable_display_names())["en"] = "New";
  ASSERT_TRUE(ApplyMask(wanted, Mask({"display_names"}), &target).ok());
  EXPECT_EQ(target.display_names().size(), 1u);
  EXPECT_EQ(target.display_names().at("en"), "New");
}

}  // namespace
}  // namespace steward::rpc
