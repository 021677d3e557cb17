#include <gmock/gmock.h>

#include "libs/rpc/values.h"
#include "services/orders/events/ledger_events.h"
#include "tests/component/services/orders/cash_fixture.h"

namespace steward::orders {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReceivableLists : public CashTest {
 protected:
  std::vector<std::string> List(const std::string& filter, const Caller& caller = {},
                                int page_size = 2) {
    v1::ListInstalmentsRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    std::vector<std::string> listed;
    do {
      const auto page = Must(&ReceivablesApi::ListInstalments, request, caller);
      for (const v1::InstalmentStanding& each : page.instalments()) {
        listed.push_back(names_[each.name().substr(0, each.name().find("/instalments"))] +
                         std::to_string(each.number()) + ":" + each.standing());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  }
  Uuid Named(const std::string& name, const Uuid& contract) {
    names_["contracts/" + contract.ToString()] = name;
    return contract;
  }
  std::vector<std::string> Ageing(std::string_view as_of, std::string group = "",
                                  std::vector<int32_t> ends = {}) {
    v1::GetAgeingReportRequest request;
    if (!as_of.empty()) {
      SetDay(request.mutable_as_of(), as_of);
    }
    request.set_group_by(std::move(group));
    request.mutable_bucket_ends()->Assign(ends.begin(), ends.end());
    std::vector<std::string> lines;
    const auto report = Must(&ReceivablesApi::GetAgeingReport, request);
    for (const v1::AgeingRow& row : report.rows()) {
      std::string line = row.group() + "|" + row.outstanding().currency_code();
      for (const v1::AgeingBucket& bucket : row.buckets()) {
        line += " " + bucket.bucket() + "=" + std::to_string(Minor(bucket.outstanding())) + "/" +
                std::to_string(bucket.instalments());
      }
      lines.push_back(line + " overdue=" + std::to_string(Minor(row.overdue())));
    }
    return lines;
  }

 private:
  std::map<std::string, std::string> names_;
};

TEST_F(ReceivableLists, OldestDueFirstByStandingOwnerAndAge) {
  const Uuid a = Named("a", SignThreeAndSeven());
  const Uuid b = Named("b", Sign({{Day("2026-06-15"), Cny(10'000)},
                                  {DueAfter{DueEvent::kDelivered, 5}, Cny(10'000)}},
                                 "customers/bolt", kZhao));
  Record(Pay(b, 4'000));
  GoTo("2026-06-15");
  EXPECT_THAT(List(""), ElementsAre("a1:OVERDUE", "b1:PARTLY_PAID", "a2:PLANNED", "b2:PLANNED"));
  EXPECT_THAT(List("standing = OVERDUE"), ElementsAre("a1:OVERDUE"));
  EXPECT_THAT(List("standing = PLANNED"), ElementsAre("a2:PLANNED", "b2:PLANNED"));
  EXPECT_THAT(List("standing = PLANNED AND standing = PAID"), IsEmpty());
  EXPECT_THAT(List("owner = \"members/zhao\""), ElementsAre("b1:PARTLY_PAID", "b2:PLANNED"));
  EXPECT_THAT(List("customer = \"customers/bolt\" AND standing = PLANNED"),
              ElementsAre("b2:PLANNED"));
  EXPECT_THAT(List("overdue_days >= 14"), ElementsAre("a1:OVERDUE"));
  EXPECT_THAT(List("overdue_days > 14"), IsEmpty());
  EXPECT_THAT(List("overdue_days = 14"), ElementsAre("a1:OVERDUE"));
  EXPECT_THAT(List("overdue_days < 14"), ElementsAre("b1:PARTLY_PAID", "a2:PLANNED", "b2:PLANNED"));
  EXPECT_THAT(List("due_date >= \"2026-06-15\""), ElementsAre("b1:PARTLY_PAID", "a2:PLANNED"));
  EXPECT_THAT(List("due_date < \"2026-06-15\""), ElementsAre("a1:OVERDUE"));
  EXPECT_THAT(List("", Agent(kZhao)), ElementsAre("b1:PARTLY_PAID", "b2:PLANNED"));
  EXPECT_THAT(List("", Agent(kWang)), IsEmpty());
  GoTo("2026-06-30");
  EXPECT_THAT(List("standing = DUE"), ElementsAre("a2:DUE")) << "the day alone does it";
  v1::ListInstalmentsResponse response;
  v1::ListInstalmentsRequest wrong;
  for (const char* filter :
       {"standing = SOON", "overdue_days >= -1", "due_date = \"soon\"", "amount = 3"}) {
    wrong.set_filter(filter);
    EXPECT_EQ(FieldOf(Do(&ReceivablesApi::ListInstalments, wrong, &response)), "filter") << filter;
  }
  (void)a;
}

TEST_F(ReceivableLists, AgeingIsByBucketAndGroup) {
  const Uuid a = SignThreeAndSeven();
  const Uuid b =
      Sign({{Day("2026-06-15"), Cny(10'000)}, {DueAfter{DueEvent::kDelivered, 5}, Cny(10'000)}},
           "customers/bolt", kZhao);
  Record(Pay(b, 4'000));
  GoTo("2026-07-02");
  EXPECT_THAT(Ageing(""),
              ElementsAre("|CNY not_due=10000/1 1-30=76000/2 31-60=30000/1 61-90=0/0 over_90=0/0 "
                          "overdue=106000"));
  EXPECT_THAT(Ageing("", "owner"), ElementsAre("members/li|CNY not_due=0/0 1-30=70000/1 "
                                               "31-60=30000/1 61-90=0/0 over_90=0/0 overdue=100000",
                                               "members/zhao|CNY not_due=10000/1 1-30=6000/1 "
                                               "31-60=0/0 61-90=0/0 over_90=0/0 overdue=6000"));
  EXPECT_THAT(Ageing("", "", {0, 2}),
              ElementsAre("|CNY not_due=10000/1 1-2=70000/1 over_2=36000/2 overdue=106000"));
  Record(Pay(a, 100'000));
  EXPECT_THAT(
      Ageing("", "customer"),
      ElementsAre("customers/bolt|CNY not_due=10000/1 1-30=6000/1 31-60=0/0 61-90=0/0 over_90=0/0 "
                  "overdue=6000"));
  EXPECT_THAT(
      Ageing("2026-07-01", "customer"),
      ElementsAre("customers/acme|CNY not_due=0/0 1-30=100000/2 31-60=0/0 61-90=0/0 over_90=0/0 "
                  "overdue=100000",
                  "customers/bolt|CNY not_due=10000/1 1-30=6000/1 31-60=0/0 61-90=0/0 over_90=0/0 "
                  "overdue=6000"))
      << "of a day that is over, as it was then";
  EXPECT_THAT(Ageing("2026-05-28"), IsEmpty()) << "before the signature";
  v1::GetAgeingReportRequest wrong;
  v1::GetAgeingReportResponse response;
  wrong.set_group_by("colour");
  EXPECT_EQ(FieldOf(Do(&ReceivablesApi::GetAgeingReport, wrong, &response)), "group_by");
  wrong.clear_group_by();
  wrong.add_bucket_ends(7);
  EXPECT_EQ(FieldOf(Do(&ReceivablesApi::GetAgeingReport, wrong, &response)), "buckets");
}

TEST_F(ReceivableLists, TimelinessIsByAmountAndByCount) {
  const Uuid a = SignThreeAndSeven();
  const Uuid b = Sign({{Day("2026-06-15"), Cny(10'000)}}, "customers/bolt", kZhao);
  Record(Pay(a, 30'000, "2026-05-29"));
  GoTo("2026-07-10");
  Record(Pay(a, 35'000, "2026-06-30"));
  Record(Pay(a, 35'000, "2026-07-05"));
  Record(Pay(b, 10'000, "2026-06-16"));
  v1::GetCollectionTimelinessRequest request;
  SetDay(request.mutable_from(), "2026-06-01");
  SetDay(request.mutable_to(), "2026-06-30");
  const auto all = Must(&ReceivablesApi::GetCollectionTimeliness, request);
  ASSERT_EQ(all.rows_size(), 1);
  EXPECT_EQ(Minor(all.rows(0).due()), 110'000);
  EXPECT_EQ(Minor(all.rows(0).on_time()), 65'000);
  EXPECT_EQ(all.rows(0).due_instalments(), 3);
  EXPECT_EQ(all.rows(0).on_time_instalments(), 1);
  EXPECT_EQ(all.rows(0).amount_basis_points(), 5'909);
  EXPECT_EQ(all.rows(0).count_basis_points(), 3'333);
  request.set_group_by("owner");
  const auto owners = Must(&ReceivablesApi::GetCollectionTimeliness, request);
  ASSERT_EQ(owners.rows_size(), 2);
  EXPECT_EQ(owners.rows(1).group(), kZhao);
  EXPECT_EQ(owners.rows(1).amount_basis_points(), 0);
  SetDay(request.mutable_to(), "2026-05-01");
  v1::GetCollectionTimelinessResponse response;
  EXPECT_EQ(FieldOf(Do(&ReceivablesApi::GetCollectionTimeliness, request, &response)), "to");
}

// Every list by owner, team, region, customer or age finds an index.
TEST_F(ReceivableLists, AreServedByAnIndex) {
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  ASSERT_TRUE(
      (*db)
          ->RunScript("INSERT INTO receivable SELECT gen_random_uuid(), 1, 'customers/' || n % "
                      "500, 'members/' || n % "
                      "50, 'teams/' || n % 9, 'r' || n % 9, '{}', 'CNY', '2026-01-01', NULL, NULL, "
                      "'2026-01-01' FROM "
                      "generate_series(1, 1500) n;"
                      "INSERT INTO instalment SELECT contract, i, 1, 0, 1, '2026-01-01'::date + i "
                      "* 30, NULL, NULL, "
                      "'CNY', 100, CASE WHEN i < 4 THEN 100 ELSE 0 END, 0, 0, '2026-01-01'::date + "
                      "i * 30, NULL, "
                      "customer, owner, team, region FROM receivable, generate_series(1, 4) i;"
                      "ANALYZE")
          .ok());
  const auto plan = [&](const std::string& where) {
    auto fresh = pg::Connection::Open(options);  // a statement's text is for the connection's life
    const std::string sql = "EXPLAIN SELECT * FROM instalment i WHERE " + where +
                            " ORDER BY due_sort, contract, number LIMIT 51";
    const auto rows = (*fresh)->Run(pg::Statement{"explain", sql.c_str()});
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::string text;
    for (int row = 0; row < rows->rows(); ++row) {
      text += rows->Text(row, 0) + "\n";
    }
    return text;
  };
  for (const char* where : {"true", "owner = 'members/7'", "team = 'teams/7'", "region = 'r7'",
                            "customer = 'customers/7'", "open > 0 AND due_sort <= '2026-05-01'"}) {
    EXPECT_THAT(plan(where), ::testing::Not(::testing::HasSubstr("Seq Scan"))) << where;
  }
}

}  // namespace
}  // namespace steward::orders
