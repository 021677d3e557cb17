#include "services/directory/api/mapping.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "libs/eventing/journal.h"
#include "services/directory/events/directory_events.h"

namespace steward::directory {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::Field;

Member FullMember() {
  Member member;
  member.name = {"members/a"};
  member.profile = {"Canary Name", "金丝雀", "canary@example.com", "+8613800000000",
                    "canary|subject"};
  member.placement.roles = {{{"roles/r"}, {Time{1'000'000}, kMaxTime}}};
  member.placement.teams = {{{"teams/t"}, {kMinTime, Time{2'000'000}}, true}};
  member.placement.superiors = {{{"members/b"}, {}}};
  member.placement.leaves = {{Time{3'000'000}, Time{4'000'000}}};
  member.Add(Time{5'000'000});
  return member;
}

TEST(Mapping, AMemberComesBackAsItWas) {
  const Member member = FullMember();
  const auto back = FromProto(ToProto(member), "member");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->name, member.name);
  EXPECT_EQ(back->profile, member.profile);
  EXPECT_EQ(back->placement, member.placement);
  EXPECT_EQ(ToProto(member).etag(), "\"1\"");
}

TEST(Mapping, OpenEndsStayUnset) {
  const pb::Member message = ToProto(FullMember());
  EXPECT_TRUE(message.roles(0).period().has_start_time());
  EXPECT_FALSE(message.roles(0).period().has_end_time());
  EXPECT_FALSE(message.superiors(0).period().has_start_time());
}

TEST(Mapping, FaultsAreNamedBelowTheRow) {
  pb::Member message = ToProto(FullMember());
  message.mutable_superiors(0)->set_member("b");
  const auto result = FromProto(message, "members[12]");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(RefusalOf(result.status())->fields,
              ElementsAre(Field(&FieldViolation::field, "members[12].superiors[0].member")));
}

TEST(Events, NameAndStateOfEachKind) {
  const Member member = FullMember();
  EXPECT_EQ(eventing::EventName(ToEvent(MemberEvent::kAdded, member)), "member.added");
  EXPECT_EQ(eventing::EventName(ToEvent(MemberEvent::kUpdated, member)), "member.updated");
  EXPECT_EQ(eventing::EventName(ToEvent(MemberEvent::kDeactivated, member)), "member.deactivated");
  EXPECT_EQ(eventing::EventName(ToEvent(MemberEvent::kReactivated, member)), "member.reactivated");
  EXPECT_EQ(eventing::EventName(ToEvent(TeamEvent::kAdded, Team{})), "team.added");
  EXPECT_EQ(eventing::EventName(ToEvent(TeamEvent::kUpdated, Team{})), "team.updated");
  EXPECT_EQ(eventing::EventName(ToEvent(RoleEvent::kAdded, Role{})), "role.added");
  EXPECT_EQ(eventing::EventName(ToEvent(RoleEvent::kUpdated, Role{})), "role.updated");
  const pb_events::MemberState state = ToState(member);
  EXPECT_TRUE(state.active());
  EXPECT_EQ(state.superiors(0).member(), "members/b");
  EXPECT_EQ(state.external_subject_digest().size(), 32u);
}

TEST(Events, CarryNoPersonalData) {
  const Member member = FullMember();
  const std::string bytes = ToEvent(MemberEvent::kAdded, member).SerializeAsString();
  for (const std::string& personal :
       {member.profile.display_name, member.profile.display_name_zh, member.profile.email,
        member.profile.mobile, member.profile.external_subject}) {
    EXPECT_EQ(bytes.find(personal), std::string::npos) << personal;
  }
}

}  // namespace
}  // namespace steward::directory
