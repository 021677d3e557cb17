#include <gmock/gmock.h>

#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

using ::testing::ElementsAre;

class Tiers : public LeadsTest {
 protected:
  pb::SetCustomerTierRequest Set(const std::string& scheme, const std::string& tier) const {
    auto request = For<pb::SetCustomerTierRequest>("customers/acme");
    request.set_scheme(scheme);
    request.set_tier(tier);
    return request;
  }
  std::string ReasonOfSet(const pb::SetCustomerTierRequest& request) {
    pb::Customer response;
    return ReasonOf(Do(&LeadsApi::SetCustomerTier, request, &response));
  }
  std::vector<pb::CustomerTierChange> History(const std::string& scheme = "", int page_size = 0) {
    pb::ListCustomerTierHistoryRequest list;
    list.set_parent("customers/acme");
    list.set_scheme(scheme);
    list.set_page_size(page_size);
    std::vector<pb::CustomerTierChange> changes;
    do {
      const auto page = Must(&LeadsApi::ListCustomerTierHistory, list);
      changes.insert(changes.end(), page.changes().begin(), page.changes().end());
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return changes;
  }
};

TEST_F(Tiers, AreSetInSeveralSchemesAtOnce) {
  Create("acme");
  Must(&LeadsApi::SetCustomerTier, Set("abc", "b"));
  const pb::Customer customer = Must(&LeadsApi::SetCustomerTier, Set("key_account", "yes"));
  EXPECT_THAT(customer.tiers(), ElementsAre("abc:b", "key_account:yes"));
  EXPECT_EQ(Get("customers/acme").SerializeAsString(), customer.SerializeAsString());
  const Row row = Journal().back();
  EXPECT_EQ(row.type, "customer.tier_changed");
  EXPECT_EQ(row.version, 3);
  const auto& event = row.event.customer_tier_changed();
  EXPECT_EQ(event.customer(), "customers/acme");
  EXPECT_EQ(event.scheme(), "key_account");
  EXPECT_EQ(event.from_tier(), "");
  EXPECT_EQ(event.tier(), "yes");
  EXPECT_EQ(rpc::FromProto(event.effective_from()), kStart);
  EXPECT_THAT(event.tiers(), ElementsAre("abc:b", "key_account:yes"));
}

TEST_F(Tiers, KeepTheirHistory) {
  auto draft = Draft("acme");
  draft.mutable_customer()->add_tiers("abc:c");
  Create(draft);
  clock.Advance(Hours(1));
  auto by_rule = Set("abc", "b");
  by_rule.set_rule("annual-spend");
  Must(&LeadsApi::SetCustomerTier, by_rule, {kWang, {"supervisor"}, {true, {}, {}}, 0});
  Must(&LeadsApi::SetCustomerTier, Set("strategic", "key"));
  clock.Advance(Hours(1));
  auto remove = For<pb::RemoveCustomerTierRequest>("customers/acme");
  remove.set_scheme("abc");
  remove.set_reason("moved away");
  EXPECT_THAT(Must(&LeadsApi::RemoveCustomerTier, remove).tiers(), ElementsAre("strategic:key"));

  const auto all = History();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(History("", 1).size(), 4u) << "in pages of one";
  EXPECT_EQ(all[0].scheme() + ":" + all[0].from_tier() + ">" + all[0].tier(), "abc:b>");
  EXPECT_EQ(all[0].reason(), "moved away");
  EXPECT_FALSE(all[0].has_effective_to());
  const auto abc = History("abc");
  ASSERT_EQ(abc.size(), 3u);
  EXPECT_EQ(abc[1].tier(), "b");
  EXPECT_EQ(abc[1].rule(), "annual-spend");
  EXPECT_EQ(abc[1].set_by(), kWang);
  EXPECT_EQ(rpc::FromProto(abc[1].effective_from()), kStart + Hours(1));
  EXPECT_EQ(rpc::FromProto(abc[1].effective_to()), kStart + Hours(2));
  EXPECT_EQ(abc[2].tier(), "c");
  EXPECT_EQ(abc[2].set_by(), kLi);
  EXPECT_EQ(abc[2].version(), 1);
}

TEST_F(Tiers, MayBeBackDatedInOrder) {
  Create("acme");
  auto request = Set("abc", "b");
  *request.mutable_effective_from() = rpc::ToProto(kStart - Hours(24));
  Must(&LeadsApi::SetCustomerTier, request);
  EXPECT_EQ(Journal().back().occurred_at, kStart) << "it was decided now";
  request.set_tier("a");
  *request.mutable_effective_from() = rpc::ToProto(kStart - Hours(25));
  EXPECT_EQ(ReasonOfSet(request), "FIELD_INVALID");
  *request.mutable_effective_from() = rpc::ToProto(kStart + Hours(1));
  EXPECT_EQ(ReasonOfSet(request), "FIELD_INVALID");
  *request.mutable_effective_from() = rpc::ToProto(kStart - Hours(23));
  Must(&LeadsApi::SetCustomerTier, request);
  // What was taken away counts too.
  auto remove = For<pb::RemoveCustomerTierRequest>("customers/acme");
  remove.set_scheme("abc");
  Must(&LeadsApi::RemoveCustomerTier, remove);
  EXPECT_EQ(ReasonOfSet(request), "FIELD_INVALID");
}

TEST_F(Tiers, WhatIsUnknownOrStaleIsRefused) {
  Create("acme");
  EXPECT_EQ(ReasonOfSet(Set("abc", "z")), "FIELD_INVALID");
  EXPECT_EQ(ReasonOfSet(Set("stars", "a")), "FIELD_INVALID");
  auto request = Set("abc", "a");
  request.set_etag("\"7\"");
  EXPECT_EQ(ReasonOfSet(request), "ETAG_MISMATCH");
  request.set_etag("\"1\"");
  Must(&LeadsApi::SetCustomerTier, request);
  EXPECT_EQ(ReasonOfSet(Set("abc", "a")), "NOTHING_TO_CHANGE");
  auto remove = For<pb::RemoveCustomerTierRequest>("customers/acme");
  remove.set_scheme("strategic");
  pb::Customer response;
  EXPECT_EQ(ReasonOf(Do(&LeadsApi::RemoveCustomerTier, remove, &response)), "TIER_NOT_SET");
  EXPECT_EQ(Journal().size(), 2u);
}

TEST_F(Tiers, ARepeatChangesOnce) {
  Create("acme");
  auto request = Set("abc", "a");
  request.set_request_id("0190d9a0-0000-7000-8000-000000000001");
  const pb::Customer first = Must(&LeadsApi::SetCustomerTier, request);
  EXPECT_EQ(Must(&LeadsApi::SetCustomerTier, request).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(Count("SELECT count(*) FROM customer_tier"), 1);
  request.set_tier("b");
  EXPECT_EQ(ReasonOfSet(request), "REQUEST_ID_REUSED");
}

TEST_F(Tiers, SchemesAreListed) {
  const auto list = Must(&LeadsApi::ListTierSchemes, pb::ListTierSchemesRequest());
  ASSERT_EQ(list.schemes_size(), 3);
  EXPECT_EQ(list.schemes(1).id(), "abc");
  EXPECT_EQ(list.schemes(1).tiers(0).id(), "a");
}

}  // namespace
}  // namespace steward::leads
