#include <algorithm>
#include <set>

#include "tests/component/services/complaints/fixture.h"

namespace steward::complaints {
namespace {

class List : public ComplaintsTest {
 protected:
  // Twelve tickets, one a minute; the n-th is raised n hours before it is recorded.
  List() {
    for (int i = 0; i < 12; ++i) {
      clock.Advance(Minutes(1));
      pb::RegisterTicketRequest request = Intake(i % 3 == 0 ? "complaint" : "inquiry");
      pb::Ticket& ticket = *request.mutable_ticket();
      ticket.set_owner(i % 2 == 0 ? kLi : kWang);
      ticket.set_team("teams/east");
      ticket.set_region(i < 6 ? "east" : "west");
      ticket.set_channel(i < 9 ? "hotline" : "web");
      ticket.set_product("led-" + std::to_string(i % 4));
      ticket.set_topic("noise");
      ticket.set_partner("partners/p");
      *ticket.mutable_occurred_at() = rpc::ToProto(clock.Now() - Hours(i));
      names.push_back(Register(request).name());
    }
    Must(&ComplaintsApi::RecordFirstResponse, For<pb::RecordFirstResponseRequest>(names[0]));
  }

  std::vector<std::string> Names(const std::string& filter, const std::string& order_by = "",
                                 int page_size = 200) {
    pb::ListTicketsRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    std::vector<std::string> found;
    for (int pages = 0; pages < 20; ++pages) {
      const auto page = Must(&ComplaintsApi::ListTickets, request);
      EXPECT_LE(page.tickets_size(), page_size);
      for (const pb::Ticket& ticket : page.tickets()) {
        found.push_back(ticket.name());
      }
      if (page.next_page_token().empty()) {
        return found;
      }
      request.set_page_token(page.next_page_token());
    }
    ADD_FAILURE() << "the pages do not end";
    return found;
  }
  size_t CountOf(const std::string& filter) { return Names(filter).size(); }

  std::vector<std::string> names;
};

TEST_F(List, FiltersByEveryField) {
  EXPECT_EQ(CountOf(""), 12u);
  EXPECT_EQ(CountOf("kind = \"complaint\""), 4u);
  EXPECT_EQ(CountOf("kind != \"complaint\""), 8u);
  EXPECT_EQ(CountOf("kind != \"complaint\" AND kind != \"inquiry\""), 0u);
  EXPECT_EQ(CountOf("kind = complaint AND kind = inquiry"), 0u);
  EXPECT_EQ(CountOf("severity = \"ordinary\""), 12u);
  EXPECT_EQ(CountOf("state = \"FIRST_RESPONDED\""), 1u);
  EXPECT_EQ(CountOf("state != \"FIRST_RESPONDED\""), 11u);
  EXPECT_EQ(CountOf("channel = \"web\" AND owner = \"members/li\""), 1u);
  EXPECT_EQ(CountOf("customer = \"customers/x\""), 0u);
  EXPECT_EQ(CountOf("partner = \"partners/p\" AND topic = \"noise\" AND team = \"teams/east\""),
            12u);
  EXPECT_EQ(CountOf("product = \"led-1\" AND region = \"east\""), 2u);
  EXPECT_EQ(CountOf("recorded_at <= \"" + FormatTime(kStart + Minutes(4)) + "\""), 4u);
  EXPECT_EQ(CountOf("recorded_at < \"" + FormatTime(kStart + Minutes(4)) + "\""), 3u);
  EXPECT_EQ(CountOf("occurred_at >= \"" + FormatTime(kStart + Minutes(1)) + "\""), 1u);
  EXPECT_EQ(CountOf("occurred_at > \"" + FormatTime(kStart + Minutes(1)) + "\""), 0u);
}

TEST_F(List, OrdersAndPages) {
  const std::vector<std::string> ascending = names;
  std::vector<std::string> descending(names.rbegin(), names.rend());
  for (const int page_size : {1, 5, 12, 13}) {
    EXPECT_EQ(Names("", "recorded_at", page_size), ascending);
    EXPECT_EQ(Names("", "", page_size), descending);
    EXPECT_EQ(Names("", "occurred_at", page_size), descending) << "raised earlier, recorded later";
    EXPECT_EQ(Names("", "occurred_at desc", page_size), ascending);
  }
}

// Many tickets at one instant: the id decides, and no page loses or repeats one.
TEST_F(List, PagesThroughEqualTimes) {
  std::set<std::string> all(names.begin(), names.end());
  for (int i = 0; i < 7; ++i) {
    all.insert(Register().name());
  }
  const auto found = Names("", "recorded_at", 3);
  EXPECT_EQ(found.size(), all.size());
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), all);
}

TEST_F(List, RefusesTokensOfOtherQueries) {
  pb::ListTicketsRequest request;
  request.set_page_size(2);
  request.set_filter("kind = inquiry");
  const std::string token = Must(&ComplaintsApi::ListTickets, request).next_page_token();
  ASSERT_FALSE(token.empty());
  const auto reason = [&](const pb::ListTicketsRequest& changed) {
    pb::ListTicketsResponse response;
    return ReasonOf(Do(&ComplaintsApi::ListTickets, changed, &response));
  };
  request.set_page_token(token);
  pb::ListTicketsRequest other = request;
  other.set_filter("kind = complaint");
  EXPECT_EQ(reason(other), "PAGE_TOKEN_INVALID");
  other = request;
  other.set_order_by("recorded_at");
  EXPECT_EQ(reason(other), "PAGE_TOKEN_INVALID");
  other = request;
  other.set_page_token(token.substr(0, token.size() - 2) + "xx");
  EXPECT_EQ(reason(other), "PAGE_TOKEN_INVALID");
  pb::ListTicketHistoryRequest history;
  history.set_parent(names[0]);
  history.set_page_token(token);
  pb::ListTicketHistoryResponse response;
  EXPECT_EQ(ReasonOf(Do(&ComplaintsApi::ListTicketHistory, history, &response)),
            "PAGE_TOKEN_INVALID");
  request.set_page_size(200);
  EXPECT_EQ(Must(&ComplaintsApi::ListTickets, request).tickets_size(), 6)
      << "the page size may change";
}

TEST_F(List, NamesWhatItDoesNotUnderstand) {
  pb::ListTicketsRequest request;
  pb::ListTicketsResponse response;
  request.set_filter("summary = \"x\"");
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::ListTickets, request, &response)), "filter");
  request.set_filter("");
  request.set_order_by("kind");
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::ListTickets, request, &response)), "order_by");
  request.set_order_by("");
  request.set_page_size(-1);
  EXPECT_EQ(FieldOf(Do(&ComplaintsApi::ListTickets, request, &response)), "page_size");
}

// One plan for any filter would read the whole table; the statements are planned with their values.
TEST_F(List, IsPlannedForItsFilter) {
  for (int i = 0; i < 10; ++i) {
    Names("owner = members/li");
  }
  pg::Connection* db = *connections->Get(0);
  const auto plans = db->Run(pg::Statement{
      "plans",
      "SELECT sum(custom_plans)::bigint, sum(generic_plans)::bigint FROM pg_prepared_statements"
      " WHERE statement LIKE 'SELECT t.id%ORDER BY t.recorded_at%'"});
  ASSERT_TRUE(plans.ok()) << plans.status();
  EXPECT_GE(plans->Int(0, 0), 10);
  EXPECT_EQ(plans->Int(0, 1), 0);
}

// A value is a parameter, never a piece of a statement.
TEST_F(List, ValuesAreNotStatements) {
  EXPECT_EQ(CountOf("owner = \"' OR true --\""), 0u);
  EXPECT_EQ(CountOf("owner != \"'; DROP TABLE ticket; --\""), 12u);
}

}  // namespace
}  // namespace steward::complaints
