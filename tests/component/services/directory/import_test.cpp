// ImportOrganisation: all or nothing, the same again changes nothing.

#include "tests/component/services/directory/fixture.h"

namespace steward::directory {
namespace {

using ::testing::ElementsAre;

class Import : public DirectoryTest {
 protected:
  static pb::ImportOrganisationRequest Sample() {
    pb::ImportOrganisationRequest request;
    pb::Role* role = request.add_roles();
    role->set_name("roles/lead");
    (*role->mutable_display_names())["en"] = "Lead";
    pb::Team* team = request.add_teams();  // a child before its parent
    team->set_name("teams/east");
    (*team->mutable_display_names())["zh-Hans"] = "东区";
    team->set_parent("teams/all");
    team = request.add_teams();
    team->set_name("teams/all");
    (*team->mutable_display_names())["en"] = "All";
    pb::Member* member = request.add_members();
    *member = Person("members/agent", "members/lead");
    member->add_teams()->set_team("teams/east");
    member = request.add_members();
    *member = Person("members/lead");
    member->add_roles()->set_role("roles/lead");
    return request;
  }
  absl::StatusOr<pb::ImportOrganisationResponse> Load(const pb::ImportOrganisationRequest& request,
                                                      const std::string& id = "") {
    return Do(&DirectoryApi::ImportOrganisation, request, id);
  }
};

TEST_F(Import, BringsRowsInAnyOrder) {
  const auto outcome = Load(Sample());
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->created(), 5);
  EXPECT_EQ(outcome->updated() + outcome->unchanged(), 0);
  EXPECT_EQ(Get("members/agent")->superiors(0).member(), "members/lead");
  EXPECT_EQ(Count("journal"), 5);
}

TEST_F(Import, TheSameAgainChangesNothing) {
  ASSERT_TRUE(Load(Sample()).ok());
  const auto again = Load(Sample());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 5);
  EXPECT_EQ(again->created() + again->updated(), 0);
  EXPECT_EQ(Count("journal"), 5);
}

TEST_F(Import, OnlyChangedRowsAreEvents) {
  ASSERT_TRUE(Load(Sample()).ok());
  auto changed = Sample();
  changed.mutable_teams(0)->set_region("east");
  const auto outcome = Load(changed);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->updated(), 1);
  EXPECT_EQ(outcome->unchanged(), 4);
  EXPECT_EQ(Count("journal"), 6);
  EXPECT_EQ(Journal("teams/east").back().aggregate_version, 2);
}

TEST_F(Import, ValidateOnlyStoresNothing) {
  auto request = Sample();
  request.set_validate_only(true);
  const auto outcome = Load(request, "0190d9a0-0000-7000-8000-000000000002");
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->created(), 5);
  EXPECT_EQ(Count("journal") + Count("member") + Count("team") + Count("role") +
                Count("org_entry") + Count("idempotency_key"),
            0);
}

TEST_F(Import, ValidateOnlyFindsWhatTheRealRunWouldRefuse) {
  auto request = Sample();
  request.set_validate_only(true);
  request.mutable_members(1)->add_superiors()->set_member("members/agent");
  EXPECT_EQ(ReasonOf(Load(request).status()), "REPORTING_CYCLE");
}

TEST_F(Import, OneBadRowRefusesAllAndEveryFaultIsNamed) {
  auto request = Sample();
  request.mutable_teams(0)->set_region("far east");
  request.mutable_members(0)->mutable_superiors(0)->set_member("lead");
  request.mutable_members(1)->set_email("nobody");
  *request.add_members() = Person("members/lead");
  const auto outcome = Load(request);
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(FieldsOf(outcome.status()),
              ElementsAre("teams[0].region", "members[0].superiors[0].member", "members[1].email"));
  EXPECT_EQ(Count("journal"), 0);
}

TEST_F(Import, ReferencesAreCheckedAfterAllRowsAreKnown) {
  auto request = Sample();
  request.mutable_members(0)->mutable_superiors(0)->set_member("members/ghost");
  EXPECT_THAT(FieldsOf(Load(request).status()), ElementsAre("members[0].superiors[0].member"));
}

TEST_F(Import, ANameGivenTwiceIsRefused) {
  auto request = Sample();
  *request.add_members() = Person("members/lead");
  EXPECT_THAT(FieldsOf(Load(request).status()), ElementsAre("members[2].name"));
}

TEST_F(Import, SuperiorsMayBeExchangedInOneImport) {
  ASSERT_TRUE(Load(Sample()).ok());
  pb::ImportOrganisationRequest request;
  *request.add_members() = Person("members/agent");
  *request.add_members() = Person("members/lead", "members/agent");
  EXPECT_TRUE(Load(request).ok());
}

TEST_F(Import, ExternalSubjectsAreComparedWithTheWholeImport) {
  pb::ImportOrganisationRequest request;
  for (const char* name : {"members/a", "members/b"}) {
    *request.add_members() = Person(name);
    request.mutable_members(request.members_size() - 1)->set_external_subject("idp|1");
  }
  EXPECT_THAT(FieldsOf(Load(request).status()), ElementsAre("members[1].external_subject"));
}

TEST_F(Import, AThousandRowsAndNoMore) {
  pb::ImportOrganisationRequest request;
  for (int i = 0; i < 1000; ++i) {
    *request.add_members() = Person("members/m" + std::to_string(i),
                                    i == 0 ? "" : "members/m" + std::to_string((i - 1) / 8));
  }
  const auto outcome = Load(request);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->created(), 1000);
  *request.add_members() = Person("members/one-too-many");
  EXPECT_EQ(Load(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Import, TheSameRequestIdAnswersTheSame) {
  const std::string id = "0190d9a0-0000-7000-8000-000000000003";
  ASSERT_TRUE(Load(Sample(), id).ok());
  const auto again = Load(Sample(), id);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->created(), 5);  // the first answer, not `unchanged`
}

}  // namespace
}  // namespace steward::directory
