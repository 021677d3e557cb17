// Create, update, deactivate: what is stored, what is journalled, what a repeat answers.

#include <google/protobuf/util/message_differencer.h>

#include <thread>

#include "tests/component/services/directory/fixture.h"

namespace steward::directory {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kRequestId[] = "0190d9a0-0000-7000-8000-000000000001";

class MemberCommands : public DirectoryTest {};

TEST_F(MemberCommands, ACreatedMemberCanBeReadAndIsJournalledOnce) {
  const auto created = Create(Person("members/a"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_TRUE(created->active());
  EXPECT_EQ(created->etag(), "\"1\"");
  EXPECT_EQ(rpc::FromProto(created->create_time()), kStart);
  EXPECT_TRUE(MessageDifferencer::Equals(*created, *Get("members/a")));

  const auto journal = Journal("members/a");
  ASSERT_EQ(journal.size(), 1u);
  EXPECT_EQ(journal[0].type, "member.added");
  EXPECT_EQ(journal[0].aggregate_version, 1);
  EXPECT_EQ(journal[0].actor, "members/tester");
  pb_events::DirectoryEvent event;
  ASSERT_TRUE(event.ParseFromString(journal[0].payload));
  EXPECT_TRUE(event.member_added().active());
}

TEST_F(MemberCommands, TheSameRequestAgainAnswersTheSame) {
  const auto first = Create(Person("members/a"), kRequestId);
  const auto again = Create(Person("members/a"), kRequestId);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*first, *again));
  EXPECT_EQ(Journal("members/a").size(), 1u);
}

TEST_F(MemberCommands, ARequestIdWithAnotherBodyIsRefused) {
  ASSERT_TRUE(Create(Person("members/a"), kRequestId).ok());
  const auto other = Create(Person("members/b"), kRequestId);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(other.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Get("members/b").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MemberCommands, ARefusedCommandLeavesNothingSoThatItsIdMayBeUsedAgain) {
  EXPECT_FALSE(Create(Person("members/a", "members/boss"), kRequestId).ok());
  EXPECT_EQ(Count("idempotency_key"), 0);
  ASSERT_TRUE(Create(Person("members/boss")).ok());
  EXPECT_TRUE(Create(Person("members/a", "members/boss"), kRequestId).ok());
}

TEST_F(MemberCommands, AnExistingNameIsRefused) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  const auto again = Create(Person("members/a"));
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MetadataOf(again.status(), "name"), "members/a");
}

TEST_F(MemberCommands, AnUpdateTakesTheMaskAndCountsTheVersion) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  pb::Member wanted = Person("members/a");
  wanted.set_display_name("Renamed");
  wanted.set_email("ignored@example.com");
  clock_.Advance(Minutes(1));
  const auto updated = Update(wanted, {"display_name"});
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->display_name(), "Renamed");
  EXPECT_EQ(updated->email(), "");
  EXPECT_EQ(updated->etag(), "\"2\"");
  EXPECT_EQ(rpc::FromProto(updated->update_time()), kStart + Minutes(1));
  EXPECT_EQ(rpc::FromProto(updated->create_time()), kStart);
  EXPECT_TRUE(MessageDifferencer::Equals(*updated, *Get("members/a")));
  EXPECT_EQ(Journal("members/a").back().type, "member.updated");
}

TEST_F(MemberCommands, AnUpdateThatChangesNothingIsNoEvent) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  const auto same = Update(Person("members/a"), {"display_name"});
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->etag(), "\"1\"");
  EXPECT_EQ(Journal("members/a").size(), 1u);
}

TEST_F(MemberCommands, ListsAreReplacedWholeInStorageToo) {
  ASSERT_TRUE(CreateRole("roles/x").ok());
  ASSERT_TRUE(CreateRole("roles/y").ok());
  pb::Member member = Person("members/a");
  member.add_roles()->set_role("roles/x");
  SetPeriod(member.add_leaves(), kStart, kStart + Hours(8));
  ASSERT_TRUE(Create(member).ok());
  pb::Member wanted = Person("members/a");
  wanted.add_roles()->set_role("roles/y");
  SetPeriod(wanted.mutable_roles(0)->mutable_period(), kStart, std::nullopt);
  ASSERT_TRUE(Update(wanted, {"roles"}).ok());
  const auto stored = Get("members/a");
  ASSERT_EQ(stored->roles_size(), 1);
  EXPECT_EQ(stored->roles(0).role(), "roles/y");
  EXPECT_EQ(rpc::FromProto(stored->roles(0).period().start_time()), kStart);
  EXPECT_FALSE(stored->roles(0).period().has_end_time());
  EXPECT_EQ(stored->leaves_size(), 1);
}

TEST_F(MemberCommands, AStaleEtagIsAborted) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  pb::Member wanted = Person("members/a");
  wanted.set_display_name("Second");
  wanted.set_etag("\"1\"");
  ASSERT_TRUE(Update(wanted, {"display_name"}).ok());
  wanted.set_display_name("Third");
  const auto stale = Update(wanted, {"display_name"});
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(stale.status()), "ETAG_MISMATCH");
  EXPECT_EQ(Deactivate("members/a", "\"1\"").status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(Deactivate("members/a", "\"2\"").ok());
}

TEST_F(MemberCommands, AnUnknownPathIsNamed) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  const auto result = Update(Person("members/a"), {"salary"});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(FieldsOf(result.status()), ElementsAre("update_mask"));
}

TEST_F(MemberCommands, DeactivateAndReactivate) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  EXPECT_FALSE(Deactivate("members/a")->active());
  const auto twice = Deactivate("members/a");
  EXPECT_EQ(twice.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(twice.status()), "ILLEGAL_TRANSITION");
  EXPECT_EQ(MetadataOf(twice.status(), "allowed"), "update,reactivate");
  EXPECT_TRUE(Reactivate("members/a")->active());
  std::vector<std::string> types;
  for (const auto& row : Journal("members/a")) {
    types.push_back(row.type);
  }
  EXPECT_THAT(types, ElementsAre("member.added", "member.deactivated", "member.reactivated"));
}

TEST_F(MemberCommands, AnUnknownMemberIsNotFound) {
  EXPECT_EQ(Get("members/ghost").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Update(Person("members/ghost"), {"email"}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Deactivate("members/ghost").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MemberCommands, AnExternalSubjectMeansOneMember) {
  pb::Member a = Person("members/a"), b = Person("members/b");
  a.set_external_subject("idp|1");
  b.set_external_subject("idp|1");
  ASSERT_TRUE(Create(a).ok());
  const auto taken = Create(b);
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(FieldsOf(taken.status()), ElementsAre("member.external_subject"));
  a.set_external_subject("");
  ASSERT_TRUE(Update(a, {"external_subject"}).ok());
  EXPECT_TRUE(Create(b).ok());
}

TEST_F(MemberCommands, NoPersonalDataInJournalAndProjection) {
  pb::Member member = Person("members/a");
  const std::vector<std::string> canaries = {"CanaryLatin", "金丝雀", "canary@example.com",
                                             "+8613811112222", "canary|subject"};
  member.set_display_name(canaries[0]);
  member.set_display_name_zh(canaries[1]);
  member.set_email(canaries[2]);
  member.set_mobile(canaries[3]);
  member.set_external_subject(canaries[4]);
  ASSERT_TRUE(Create(member).ok());
  ASSERT_TRUE(Deactivate("members/a").ok());
  static constexpr pg::Statement kBytes{
      "test_bytes", "SELECT payload FROM journal UNION ALL SELECT state FROM org_entry"};
  const auto rows = connection().Run(kBytes);
  ASSERT_EQ(rows->rows(), 3);
  for (int row = 0; row < rows->rows(); ++row) {
    for (const std::string& canary : canaries) {
      EXPECT_EQ(rows->Bytes(row, 0).find(canary), std::string::npos) << canary;
    }
  }
}

TEST_F(MemberCommands, TheProjectionFollowsInTheSameTransaction) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  ASSERT_TRUE(Deactivate("members/a").ok());
  static constexpr pg::Statement kEntry{
      "test_entry", "SELECT version, state FROM org_entry WHERE name = 'members/a'"};
  const auto row = connection().Run(kEntry);
  EXPECT_EQ(row->Int(0, 0), 2);
  pb_events::MemberState state;
  ASSERT_TRUE(state.ParseFromString(row->Bytes(0, 1)));
  EXPECT_FALSE(state.active());
}

// Many writers of one member: every accepted update is one version, without gap.
TEST_F(MemberCommands, ConcurrentUpdatesEachCountOnce) {
  ASSERT_TRUE(Create(Person("members/a")).ok());
  std::vector<std::thread> writers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    writers.emplace_back([this, worker] {
      for (int i = 0; i < 5; ++i) {
        pb::Member wanted = Person("members/a");
        wanted.set_display_name("Name " + std::to_string(worker) + "." + std::to_string(i));
        EXPECT_TRUE(Update(wanted, {"display_name"}, "", worker).ok());
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  const auto journal = Journal("members/a");
  ASSERT_EQ(journal.size(), 21u);
  for (size_t i = 0; i < journal.size(); ++i) {
    EXPECT_EQ(journal[i].aggregate_version, static_cast<int64_t>(i) + 1);
  }
  EXPECT_EQ(Get("members/a")->etag(), "\"21\"");
}

}  // namespace
}  // namespace steward::directory
