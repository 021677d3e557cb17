#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

constexpr char kCanary[] = "canary-王小姐";

class Privacy : public LeadsTest {};

// A word that is nowhere else, put into every personal text, is in no row of the journal.
TEST_F(Privacy, PersonalTextIsNeverInTheJournal) {
  auto request = Draft("acme", kCanary);
  pb::Customer& customer = *request.mutable_customer();
  const auto spread = [](pb::Customer& to) {
    to.set_display_name(kCanary);
    to.set_display_name_zh(kCanary);
    to.set_company_name(kCanary);
    to.set_credit_code("91110108551385082Q");
    to.set_website("https://canary.example");
    to.set_needs(kCanary);
    to.set_preferences(kCanary);
    pb::Contact& contact = *to.add_contacts();
    contact.set_name(kCanary);
    contact.set_title(kCanary);
    contact.set_decision_role("canary");
    contact.set_phone("13800138000");
    contact.set_email("canary@example.cn");
  };
  spread(customer);
  Create(request);
  pb::UpdateCustomerRequest update;
  update.mutable_customer()->set_name("customers/acme");
  spread(*update.mutable_customer());
  spread(*update.mutable_customer());
  update.mutable_customer()->set_display_name("canary two");
  Must(&LeadsApi::UpdateCustomer, update);
  auto set = For<pb::SetCustomerTierRequest>("customers/acme");
  set.set_scheme("abc");
  set.set_tier("a");
  set.set_reason(kCanary);
  Must(&LeadsApi::SetCustomerTier, set);
  auto remove = For<pb::RemoveCustomerTierRequest>("customers/acme");
  remove.set_scheme("abc");
  remove.set_reason(kCanary);
  Must(&LeadsApi::RemoveCustomerTier, remove);

  const std::vector<Row> rows = Journal();
  EXPECT_EQ(rows.size(), 4u);
  for (const Row& row : rows) {
    for (const char* secret : {"canary", "13800138000", "91110108551385082Q"}) {
      EXPECT_EQ(row.payload.find(secret), std::string::npos) << row.type << " " << secret;
      EXPECT_EQ((row.aggregate + row.actor).find(secret), std::string::npos);
    }
  }
  EXPECT_EQ(Get("customers/acme").needs(), kCanary) << "it is kept where it belongs";
}

}  // namespace
}  // namespace steward::leads
