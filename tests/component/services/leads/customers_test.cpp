#include <gmock/gmock.h>

#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

constexpr char kRequest[] = "0190d9a0-0000-7000-8000-000000000001";
constexpr char kOther[] = "0190d9a0-0000-7000-8000-000000000002";

class Customers : public LeadsTest {
 protected:
  pb::CreateCustomerRequest FullDraft() const {
    pb::CreateCustomerRequest request = Draft("acme");
    pb::Customer& customer = *request.mutable_customer();
    customer.set_display_name_zh("极致");
    customer.set_company_name("极致科技有限公司");
    customer.set_credit_code("9111 0108 5513 8508 2q");
    customer.set_website("https://acme.example");
    customer.set_industry("retail");
    customer.set_region("east");
    customer.set_owner(kLi);
    customer.set_team("teams/east");
    customer.set_needs("Kiosks");
    customer.set_preferences("WeChat");
    customer.add_tiers("abc:b");
    pb::Contact& contact = *customer.add_contacts();
    contact.set_name("王小姐");
    contact.set_decision_role("decision_maker");
    contact.set_phone("13800138000");
    contact.set_email("wang@acme.example");
    return request;
  }
  pb::UpdateCustomerRequest Update(const std::string& name, std::vector<std::string> paths = {}) {
    pb::UpdateCustomerRequest request;
    request.mutable_customer()->set_name(name);
    for (std::string& path : paths) {
      request.mutable_update_mask()->add_paths(std::move(path));
    }
    return request;
  }
};

TEST_F(Customers, AreKeptWhole) {
  const pb::Customer created = Create(FullDraft());
  EXPECT_EQ(created.name(), "customers/acme");
  EXPECT_EQ(created.credit_code(), "91110108551385082Q");
  EXPECT_EQ(created.contacts(0).phone_e164(), "+8613800138000");
  EXPECT_THAT(created.tiers(), ElementsAre("abc:b"));
  EXPECT_EQ(created.etag(), "\"1\"");
  EXPECT_EQ(Get("customers/acme").SerializeAsString(), created.SerializeAsString());
  const auto rows = Journal();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].aggregate, "customers/acme");
  EXPECT_EQ(rows[0].type, "customer.registered");
  EXPECT_EQ(rows[0].actor, kLi);
  EXPECT_EQ(rows[0].event.customer_registered().region(), "east");
  EXPECT_THAT(rows[0].event.customer_registered().tiers(), ElementsAre("abc:b"));
}

TEST_F(Customers, WithoutAnIdGetAUuid) {
  const pb::Customer one = Create(), other = Create();
  EXPECT_NE(one.name(), other.name());
  EXPECT_TRUE(Uuid::Parse(one.name().substr(std::string("customers/").size())).ok());
}

TEST_F(Customers, ARepeatAnswersTheFirstAnswer) {
  for (const char* id : {"", "acme"}) {
    auto request = Draft(id);
    request.set_request_id(id == std::string() ? kRequest : kOther);
    const pb::Customer first = Create(request);
    clock.Advance(Seconds(5));
    EXPECT_EQ(Create(request).SerializeAsString(), first.SerializeAsString()) << id;
    request.mutable_customer()->set_needs("something else");
    pb::Customer response;
    EXPECT_EQ(ReasonOf(Do(&LeadsApi::CreateCustomer, request, &response)), "REQUEST_ID_REUSED");
  }
  EXPECT_EQ(Journal().size(), 2u);
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 2);
}

TEST_F(Customers, AnIdThatIsTakenIsRefused) {
  Create("acme");
  pb::Customer response;
  const absl::Status status = Do(&LeadsApi::CreateCustomer, Draft("acme", "Other"), &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MetadataOf(status, "name"), "customers/acme");
  EXPECT_EQ(Get("customers/acme").display_name(), "Acme");
  for (const char* wrong : {"Acme", "a b", "a/b", "-a"}) {
    EXPECT_EQ(FieldOf(Do(&LeadsApi::CreateCustomer, Draft(wrong), &response)), "customer_id")
        << wrong;
  }
}

TEST_F(Customers, BadInputIsRefusedByField) {
  const auto refused = [&](const std::function<void(pb::Customer&)>& spoil) {
    pb::CreateCustomerRequest request = FullDraft();
    spoil(*request.mutable_customer());
    pb::Customer response;
    return FieldOf(Do(&LeadsApi::CreateCustomer, request, &response));
  };
  EXPECT_EQ(refused([](pb::Customer& c) { c.set_credit_code("91110108551385082R"); }),
            "customer.credit_code");
  EXPECT_EQ(refused([](pb::Customer& c) { c.add_tiers("stars:five"); }), "customer.tiers");
  EXPECT_EQ(refused([](pb::Customer& c) { c.mutable_contacts(0)->set_phone("call me"); }),
            "customer.contacts[0].phone");
  EXPECT_EQ(refused([](pb::Customer& c) { c.set_owner("customers/x"); }), "customer.owner");
  EXPECT_EQ(Count("SELECT count(*) FROM customer"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM journal"), 0);
}

TEST_F(Customers, AnUpdateTakesWhatTheMaskNames) {
  Create(FullDraft());
  clock.Advance(Seconds(60));
  auto update = Update("customers/acme", {"owner", "needs", "credit_code"});
  update.mutable_customer()->set_owner(kWang);
  update.mutable_customer()->set_needs("Screens");
  update.mutable_customer()->set_region("west");
  const pb::Customer changed = Must(&LeadsApi::UpdateCustomer, update);
  EXPECT_EQ(changed.owner(), kWang);
  EXPECT_EQ(changed.needs(), "Screens");
  EXPECT_EQ(changed.credit_code(), "");
  EXPECT_EQ(changed.region(), "east") << "not in the mask";
  EXPECT_EQ(changed.contacts_size(), 1);
  EXPECT_EQ(changed.etag(), "\"2\"");
  EXPECT_EQ(Get("customers/acme").SerializeAsString(), changed.SerializeAsString());
  const auto event = Journal().back().event.customer_updated();
  EXPECT_THAT(event.changed_fields(), ElementsAre("credit_code", "needs", "owner"));
  EXPECT_EQ(event.from_owner(), kLi);
  EXPECT_EQ(event.owner(), kWang);
  EXPECT_EQ(Count("SELECT count(*) FROM customer_key WHERE kind = 1"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM customer_key"), 3);
}

TEST_F(Customers, AnUpdateThatChangesNothingIsNoEvent) {
  const pb::Customer created = Create(FullDraft());
  clock.Advance(Seconds(60));
  auto update = Update("customers/acme", {"*"});
  *update.mutable_customer() = created;
  update.mutable_customer()->mutable_tiers()->Clear();
  const pb::Customer same = Must(&LeadsApi::UpdateCustomer, update);
  EXPECT_EQ(same.SerializeAsString(), created.SerializeAsString())
      << "tiers have methods of their own";
  EXPECT_EQ(Journal().size(), 1u);
}

TEST_F(Customers, AStaleEtagIsAborted) {
  Create(FullDraft());
  auto update = Update("customers/acme", {"needs"});
  update.mutable_customer()->set_etag("\"1\"");
  update.mutable_customer()->set_needs("One");
  Must(&LeadsApi::UpdateCustomer, update);
  update.mutable_customer()->set_needs("Two");
  pb::Customer response;
  const absl::Status status = Do(&LeadsApi::UpdateCustomer, update, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(MetadataOf(status, "etag"), "\"2\"");
  EXPECT_EQ(Get("customers/acme").needs(), "One");
}

TEST_F(Customers, AnUpdateIsCheckedLikeACreation) {
  Create(FullDraft());
  pb::Customer response;
  auto update = Update("customers/acme", {"display_name", "display_name_zh"});
  EXPECT_EQ(FieldOf(Do(&LeadsApi::UpdateCustomer, update, &response)), "customer.display_name");
  EXPECT_EQ(FieldOf(Do(&LeadsApi::UpdateCustomer, Update("customers/acme", {"salary"}), &response)),
            "update_mask");
  EXPECT_EQ(FieldOf(Do(&LeadsApi::UpdateCustomer, Update("acme"), &response)), "customer.name");
  EXPECT_EQ(Do(&LeadsApi::UpdateCustomer, Update("customers/nobody"), &response).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Customers, ARepeatedUpdateChangesOnce) {
  Create(FullDraft());
  auto update = Update("customers/acme", {"needs"});
  update.set_request_id(kRequest);
  update.mutable_customer()->set_needs("One");
  const pb::Customer first = Must(&LeadsApi::UpdateCustomer, update);
  EXPECT_EQ(Must(&LeadsApi::UpdateCustomer, update).SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(Customers, HistoryNamesWhatIsPersonal) {
  Create(FullDraft());
  auto update = Update("customers/acme", {"needs", "region"});
  update.mutable_customer()->set_needs("secret");
  update.mutable_customer()->set_region("west");
  Must(&LeadsApi::UpdateCustomer, update, {kWang, {"supervisor"}, {true, {}, {}}, 0});
  pb::ListCustomerHistoryRequest list;
  list.set_parent("customers/acme");
  list.set_page_size(1);
  std::vector<std::string> told;
  do {
    const auto page = Must(&LeadsApi::ListCustomerHistory, list);
    for (const pb::CustomerChange& change : page.changes()) {
      told.push_back(std::to_string(change.version()) + " " + change.type() + " " + change.field() +
                     " " + change.from() + " " + change.to() + " " + change.actor());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(told, ElementsAre("1 customer.registered    members/li",
                                "2 customer.updated needs   members/wang",
                                "2 customer.updated region east west members/wang"));
}

TEST_F(Customers, BatchGetIsAllOrNotFound) {
  Create("a");
  Create("b");
  pb::BatchGetCustomersRequest request;
  request.add_names("customers/b");
  request.add_names("customers/a");
  request.add_names("customers/b");
  const auto found = Must(&LeadsApi::BatchGetCustomers, request);
  ASSERT_EQ(found.customers_size(), 3);
  EXPECT_EQ(found.customers(1).name(), "customers/a");
  request.add_names("customers/c");
  pb::BatchGetCustomersResponse response;
  EXPECT_EQ(Do(&LeadsApi::BatchGetCustomers, request, &response).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(response.customers_size(), 0);
}

}  // namespace
}  // namespace steward::leads
