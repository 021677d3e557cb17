// Calendars, policies and the deadline arithmetic through the API; all vectors pass through PreviewDeadline.

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/component/services/sla/fixture.h"

namespace steward::sla {
namespace {

using nlohmann::json;

v1::Calendar Office(const std::string& name) {
  v1::Calendar calendar;
  calendar.set_name(name);
  calendar.set_time_zone("Asia/Shanghai");
  for (const char* day : {"mon", "tue", "wed", "thu", "fri"}) {
    auto* hours = calendar.add_weekly_hours();
    hours->set_weekday(day);
    auto* interval = hours->add_intervals();
    interval->set_open("09:00");
    interval->set_close("18:00");
  }
  return calendar;
}

v1::Calendar FromVector(const json& vector) {
  v1::Calendar calendar;
  calendar.set_name("calendars/inline");
  calendar.set_time_zone(vector["timezone"]);
  const auto put = [](const json& intervals, auto add) {
    for (const auto& pair : intervals) {
      v1::Interval* interval = add();
      interval->set_open(pair[0]);
      interval->set_close(pair[1]);
    }
  };
  for (const auto& [day, intervals] : vector["hours"].items()) {
    auto* hours = calendar.add_weekly_hours();
    hours->set_weekday(day);
    put(intervals, [&] { return hours->add_intervals(); });
  }
  std::set<std::string> replaced;
  for (const auto& extra : vector["extra_workdays"]) {
    auto* entry = calendar.add_overrides();
    entry->set_date(extra["date"]);
    replaced.insert(extra["date"]);
    put(extra["hours"], [&] { return entry->add_intervals(); });
  }
  for (const auto& holiday : vector["holidays"]) {
    calendar.add_holidays()->set_date(holiday);
  }
  return calendar;
}

google::protobuf::Timestamp At(const json& text) {
  return rpc::ToProto(*ParseTime(text.get<std::string>()));
}

std::vector<json> PortableVectors() {
  std::vector<json> all;
  for (const char* file : {"/sla_vectors.json", "/sla_vectors_cn.json"}) {
    std::ifstream in(std::string(STEWARD_VECTORS) + file);
    const json loaded = json::parse(in);
    for (const json& v : loaded) {
      const bool cn = std::string(file).find("_cn") != std::string::npos;
      if (cn || v.value("portable", false)) {
        all.push_back(v);
      }
    }
  }
  return all;
}

// Vectors without a question of days are answered as they are; day vectors of other systems count with `same_time`.
v1::DeadlineQuery ToQuery(const json& v) {
  v1::DeadlineQuery query;
  *query.mutable_inline_calendar() = FromVector(v["calendar"]);
  *query.mutable_start_time() = At(v["start"]);
  for (const auto& pause : v["pauses"]) {
    auto* span = query.add_pauses();
    *span->mutable_from_time() = At(pause[0]);
    *span->mutable_to_time() = At(pause[1]);
  }
  if (v["op"] == "between") {
    *query.mutable_until_time() = At(v["end"]);
    return query;
  }
  v1::Target* target = query.mutable_target();
  if (v.contains("amount_working_days")) {
    target->set_working_days(v["amount_working_days"]);
    target->set_close_at(v["day_rule"] == "biz" ? v1::Target::SAME_TIME : v1::Target::END_OF_DAY);
    return query;
  }
  const int64_t seconds = v["amount_seconds"];
  *target->mutable_working_time() = rpc::ToProto(Seconds(std::abs(seconds)));
  target->set_before(seconds < 0 || v.value("direction", "forward") == "backward");
  return query;
}

TEST_F(SlaTest, EveryPortableVectorPassesThroughPreviewDeadline) {
  const std::vector<json> vectors = PortableVectors();
  ASSERT_GT(vectors.size(), 150u);
  v1::PreviewDeadlineRequest request;
  for (const json& v : vectors) {
    *request.add_queries() = ToQuery(v);
  }
  v1::PreviewDeadlineResponse response;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::PreviewDeadline, request, &response).ok());
  ASSERT_EQ(response.answers_size(), static_cast<int>(vectors.size()));
  for (size_t i = 0; i < vectors.size(); ++i) {
    const json& v = vectors[i];
    const v1::DeadlineAnswer& answer = response.answers(static_cast<int>(i));
    EXPECT_EQ(answer.error(), "") << v["id"];
    const json expect = v.contains("exact_expect") ? v["exact_expect"] : v["expect"];
    if (v["op"] == "between") {
      EXPECT_EQ(rpc::FromProto(answer.between()), Seconds(expect.get<int64_t>())) << v["id"];
    } else {
      EXPECT_EQ(FormatTime(rpc::FromProto(answer.due_time())),
                FormatTime(*ParseTime(expect.get<std::string>())))
          << v["id"];
    }
  }
}

TEST_F(SlaTest, APreviewAnswersTheOthersWhenOneIsWrong) {
  v1::PreviewDeadlineRequest request;
  *request.add_queries()->mutable_start_time() = rpc::ToProto(DatabaseNow());
  auto* good = request.add_queries();
  *good->mutable_start_time() = rpc::ToProto(DatabaseNow());
  *good->mutable_target()->mutable_wall_clock() = rpc::ToProto(Hours(48));
  v1::PreviewDeadlineResponse response;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::PreviewDeadline, request, &response).ok());
  EXPECT_NE(response.answers(0).error(), "");
  EXPECT_EQ(response.answers(1).error(), "");
}

TEST_F(SlaTest, ACalendarWithADateListedTwiceOrWithoutWorkingTimeIsRefusedByName) {
  v1::CreateCalendarRequest request;
  *request.mutable_calendar() = Office("calendars/office");
  request.mutable_calendar()->add_holidays()->set_date("2026-01-01");
  request.mutable_calendar()->add_holidays()->set_date("2026-01-01");
  v1::Calendar response;
  absl::Status status = Do(rules_api_, &RulesApi::CreateCalendar, request, &response);
  EXPECT_NE(status.ToString().find("holidays[1].date"), std::string::npos) << status;
  request.mutable_calendar()->clear_holidays();
  request.mutable_calendar()->clear_weekly_hours();
  status = Do(rules_api_, &RulesApi::CreateCalendar, request, &response);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << "an empty calendar";
}

TEST_F(SlaTest, VersionsArePinnedAndActivatedInANamedMode) {
  v1::CreateCalendarRequest create;
  *create.mutable_calendar() = Office("calendars/office");
  v1::Calendar calendar;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreateCalendar, create, &calendar).ok());
  EXPECT_EQ(Do(rules_api_, &RulesApi::CreateCalendar, create, &calendar).code(),
            absl::StatusCode::kAlreadyExists);
  v1::CreateCalendarVersionRequest next;
  *next.mutable_calendar() = Office("calendars/office");
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreateCalendarVersion, next, &calendar).ok());
  EXPECT_EQ(calendar.version(), 2);
  v1::ActivateCalendarRequest activate;
  activate.set_name("calendars/office");
  activate.set_version(2);
  activate.set_mode(v1::RETROACTIVE);
  EXPECT_EQ(Do(rules_api_, &RulesApi::ActivateCalendar, activate, &calendar).code(),
            absl::StatusCode::kUnimplemented);
  activate.set_mode(v1::NEW_ONLY);
  EXPECT_TRUE(Do(rules_api_, &RulesApi::ActivateCalendar, activate, &calendar).ok());
  activate.set_version(9);
  EXPECT_EQ(Do(rules_api_, &RulesApi::ActivateCalendar, activate, &calendar).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SlaTest, OpenClocksKeepTheVersionTheyStartedWith) {
  Install(MakePolicy("first", Hours(48)));
  Apply({Registered("0190c6a5-0000-7000-8000-000000000001", DatabaseNow())});
  v1::CreatePolicyVersionRequest next;
  *next.mutable_policy() = MakePolicy("first", Hours(10));
  v1::Policy policy;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreatePolicyVersion, next, &policy).ok());
  v1::ActivatePolicyRequest activate;
  activate.set_name("policies/first");
  activate.set_version(2);
  activate.set_mode(v1::NEW_ONLY);
  ASSERT_TRUE(Do(rules_api_, &RulesApi::ActivatePolicy, activate, &policy).ok());
  Apply({Registered("0190c6a5-0000-7000-8000-000000000002", DatabaseNow() + Seconds(1))});
  EXPECT_THAT(Rows("t1", "SELECT policy_version::text FROM clock ORDER BY name"),
              ::testing::ElementsAre("1", "2"));
  Apply({Held("0190c6a5-0000-7000-8000-000000000001", true, DatabaseNow())});
  EXPECT_THAT(Rows("t2", "SELECT policy_version::text FROM clock ORDER BY name"),
              ::testing::ElementsAre("1", "2"));
}

class ActivationTest : public SlaTest {
 protected:
  void SetUp() override {
    SlaTest::SetUp();
    Install(MakePolicy("first", Hours(48)));
    v1::CreatePolicyVersionRequest next;
    *next.mutable_policy() = MakePolicy("first", Hours(10));
    v1::Policy policy;
    ASSERT_TRUE(Do(rules_api_, &RulesApi::CreatePolicyVersion, next, &policy).ok());
  }
  // Answers the database's time after it.
  Time Activate(int version) {
    v1::ActivatePolicyRequest activate;
    activate.set_name("policies/first");
    activate.set_version(version);
    activate.set_mode(v1::NEW_ONLY);
    v1::Policy policy;
    const absl::Status status = Do(rules_api_, &RulesApi::ActivatePolicy, activate, &policy);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(policy.active());
    return DatabaseNow();
  }
  Time Deactivate() {
    v1::DeactivatePolicyRequest request;
    request.set_name("policies/first");
    v1::Policy policy;
    EXPECT_TRUE(Do(rules_api_, &RulesApi::DeactivatePolicy, request, &policy).ok());
    return DatabaseNow();
  }
  // The version of a clock that starts then; 0 = no clock.
  int64_t VersionAt(Time start) {
    const std::string ticket = ids_.NewId(clock_.Now()).ToString();
    Apply({Registered(ticket, start)});
    const auto rows = Rows("all", "SELECT subject || ' ' || policy_version FROM clock");
    for (const std::string& row : rows) {
      if (row.find(ticket) != std::string::npos) {
        return std::stoll(row.substr(row.find(' ')));
      }
    }
    return 0;
  }
};

TEST_F(ActivationTest, AVersionMayComeIntoForceAgain) {
  const Time first = DatabaseNow();
  const Time second = Activate(2);
  const Time again = Activate(1);
  EXPECT_EQ(VersionAt(first - Hours(1)), 1);
  EXPECT_EQ(VersionAt(second), 2) << "its period stays known to imports";
  EXPECT_EQ(VersionAt(again), 1);
  Activate(1);
  EXPECT_EQ(Count("t1", "SELECT count(*) FROM journal WHERE type = 'policy.activated'"), 3)
      << "what is in force is left alone";
}

TEST_F(ActivationTest, AndAfterItWentOutOfForce) {
  const Time out = Deactivate();
  const Time again = Activate(1);
  EXPECT_EQ(VersionAt(out), 0);
  EXPECT_EQ(VersionAt(again), 1);
  EXPECT_EQ(VersionAt(out - Hours(1)), 1);
}

TEST_F(ActivationTest, TheDateThatItGivesCountsTheFirstTimeOnly) {
  v1::CreatePolicyVersionRequest next;
  *next.mutable_policy() = MakePolicy("first", Hours(20));
  *next.mutable_policy()->mutable_effective_from() = rpc::ToProto(DatabaseNow() - Hours(5));
  v1::Policy policy;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreatePolicyVersion, next, &policy).ok());
  const Time dated = Activate(3);
  const Time second = Activate(2);
  const Time again = Activate(3);
  EXPECT_EQ(VersionAt(dated - Hours(4)), 3);
  EXPECT_EQ(VersionAt(second), 2);
  EXPECT_EQ(VersionAt(again), 3);
}

TEST_F(SlaTest, ThresholdsKeepTheVersionOfTheirCalendar) {
  v1::CreateCalendarRequest create;
  *create.mutable_calendar() = Office("calendars/office");
  v1::Calendar calendar;
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreateCalendar, create, &calendar).ok());
  v1::Policy policy = MakePolicy("first", Hours(240));
  auto* warning = policy.add_warnings();
  *warning->mutable_offset() = rpc::ToProto(Hours(-20));
  warning->set_calendar("calendars/office");
  Install(policy);
  Apply({Registered("0190c6a5-0000-7000-8000-000000000001", DatabaseNow())});
  const auto before = Rows("t1", "SELECT due::text FROM timer");
  v1::CreateCalendarVersionRequest next;
  *next.mutable_calendar() = Office("calendars/office");
  next.mutable_calendar()->mutable_weekly_hours()->DeleteSubrange(1, 4);
  ASSERT_TRUE(Do(rules_api_, &RulesApi::CreateCalendarVersion, next, &calendar).ok());
  v1::ActivateCalendarRequest activate;
  activate.set_name("calendars/office");
  activate.set_version(2);
  activate.set_mode(v1::NEW_ONLY);
  ASSERT_TRUE(Do(rules_api_, &RulesApi::ActivateCalendar, activate, &calendar).ok());
  Apply({Held("0190c6a5-0000-7000-8000-000000000001", true, DatabaseNow())});
  EXPECT_EQ(Rows("t1", "SELECT due::text FROM timer"), before);
}

TEST_F(SlaTest, APolicyThatNamesAnUnknownCalendarIsRefused) {
  v1::Policy policy = MakePolicy("closure", Hours(1));
  policy.mutable_target()->set_working_days(7);
  policy.set_calendar("calendars/none");
  v1::CreatePolicyRequest request;
  *request.mutable_policy() = policy;
  v1::Policy response;
  const absl::Status status = Do(rules_api_, &RulesApi::CreatePolicy, request, &response);
  EXPECT_NE(status.ToString().find("policy.calendar"), std::string::npos) << status;
}

}  // namespace
}  // namespace steward::sla
