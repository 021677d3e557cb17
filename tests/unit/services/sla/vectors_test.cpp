// Every vector of tests/vectors: cases from other systems' own tests and cases made for mainland China.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/services/sla/sample_calendars.h"

namespace steward::sla::testing {
namespace {

using nlohmann::json;

// Run with close_at = same_time: their peers keep the time of day (C11).
const std::set<std::string> kSameTime = {"biz-009", "biz-012", "biz-013", "biz-014", "biz-017"};

json Load(const std::string& file) {
  std::ifstream in(std::string(STEWARD_VECTORS) + "/" + file);
  EXPECT_TRUE(in.good()) << file;
  return json::parse(in);
}

std::vector<DayInterval> HoursOf(const json& hours) {
  std::vector<DayInterval> intervals;
  for (const json& pair : hours) {
    intervals.push_back(Work(pair[0].get<std::string>(), pair[1].get<std::string>()));
  }
  return intervals;
}

CalendarSpec SpecOf(const json& calendar) {
  static const std::vector<std::string> weekdays = {"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
  CalendarSpec spec;
  spec.time_zone = calendar["timezone"];
  for (size_t day = 0; day < weekdays.size(); ++day) {
    if (calendar["hours"].contains(weekdays[day])) {
      spec.weekly[day] = HoursOf(calendar["hours"][weekdays[day]]);
    }
  }
  for (const json& date : calendar["holidays"]) {
    spec.holidays[On(date.get<std::string>())] = {};
  }
  for (const json& day : calendar["extra_workdays"]) {
    spec.overrides[On(day["date"].get<std::string>())] = {HoursOf(day["hours"]), true, {}};
  }
  return spec;
}

struct Vector {
  json data;
  CalendarSpec spec;
  Calendar calendar;

  std::string id() const { return data["id"]; }
  Time Instant(const char* key) const { return At(data[key].get<std::string>()); }
  std::vector<Span> Pauses() const {
    std::vector<Span> pauses;
    for (const json& pause : data["pauses"]) {
      pauses.push_back({At(pause[0].get<std::string>()), At(pause[1].get<std::string>())});
    }
    return pauses;
  }

  std::string Answer(Boundary boundary, CloseAt close_at) const {
    const Time start = Instant("start");
    if (data["op"] == "between") {
      Target target{Target::Kind::kWorkingTime, {}};
      const Duration work = Charged(target, calendar.get(), start, Instant("end"), Pauses());
      return std::to_string(work.micros / 1'000'000) + (work.micros % 1'000'000 == 0 ? "" : "+");
    }
    Reached due;
    if (data.contains("amount_working_days")) {
      due = calendar->NthWorkingDay(start, data["amount_working_days"], close_at, false);
    } else if (data.value("direction", "") == "backward" || data["amount_seconds"] < 0) {
      due = calendar->Add(start, Seconds(data["amount_seconds"]), boundary, true);
    } else {
      Target target{Target::Kind::kWorkingTime, Seconds(data["amount_seconds"])};
      target.boundary = boundary;
      due = Due(target, calendar.get(), start, Pauses());
    }
    return due.at ? FormatTime(*due.at) : "never";
  }
  std::string Expected(const char* key) const {
    return data["op"] == "between" ? std::to_string(data[key].get<int64_t>())
                                   : FormatTime(Instant(key));
  }
};

const std::vector<Vector>& Vectors(const std::string& file) {
  static std::map<std::string, std::vector<Vector>> loaded;
  std::vector<Vector>& vectors = loaded[file];
  if (!vectors.empty()) {
    return vectors;
  }
  for (json& data : static_cast<json&&>(Load(file))) {
    CalendarSpec spec = SpecOf(data["calendar"]);
    const int year = std::stoi(data["start"].get<std::string>().substr(0, 4));
    Calendar calendar = Compiled(spec, year - 1, year + 1);
    vectors.push_back({std::move(data), std::move(spec), std::move(calendar)});
  }
  return vectors;
}

// Asserts one vector and returns how many answers were compared.
int Check(const Vector& vector) {
  const json& data = vector.data;
  SCOPED_TRACE(vector.id() + ": " + data["test"].get<std::string>());
  const CloseAt close_at =
      kSameTime.contains(vector.id()) ? CloseAt::kSameTime : CloseAt::kEndOfDay;
  const char* expected = data.contains("exact_expect") ? "exact_expect" : "expect";
  const std::string boundary = data.value("boundary", "either");
  if (data.contains("other_convention")) {
    const bool ends_first = boundary == "end_of_interval";
    EXPECT_EQ(
        vector.Answer(ends_first ? Boundary::kEndOfInterval : Boundary::kStartOfNext, close_at),
        vector.Expected("expect"));
    EXPECT_EQ(
        vector.Answer(ends_first ? Boundary::kStartOfNext : Boundary::kEndOfInterval, close_at),
        vector.Expected("other_convention"));
    return 2;
  }
  EXPECT_EQ(vector.Answer(Boundary::kEndOfInterval, close_at), vector.Expected(expected));
  EXPECT_EQ(vector.Answer(Boundary::kStartOfNext, close_at), vector.Expected(expected));
  return 2;
}

// Vectors whose answer depends on the day rule; each is asserted by its own test below.
bool DependsOnDayRule(const Vector& vector) {
  return vector.data.contains("by_rule") && !vector.data["portable"].get<bool>();
}

TEST(Vectors, OtherSystems) {
  int vectors = 0;
  for (const Vector& vector : Vectors("sla_vectors.json")) {
    if (!DependsOnDayRule(vector)) {
      EXPECT_GT(Check(vector), 0);
      ++vectors;
    }
  }
  EXPECT_EQ(vectors, 161);
}

TEST(Vectors, MainlandChina) {
  int vectors = 0;
  for (const Vector& vector : Vectors("sla_vectors_cn.json")) {
    EXPECT_GT(Check(vector), 0);
    ++vectors;
  }
  EXPECT_EQ(vectors, 14);
}

// biz-010, 011, 015, 016: the event lies outside the hours of a working day. With end_of_day Steward is
// GLPI's end-of-working-day rule.
TEST(Vectors, DayRuleEndOfDayIsGlpisOnWorkingDays) {
  int vectors = 0;
  for (const Vector& vector : Vectors("sla_vectors.json")) {
    const int n = vector.data.value("amount_working_days", 0);
    if (!vector.data.contains("by_rule") || n == 0) {
      continue;  // biz-013 counts no day; C11 gives it same_time only
    }
    ++vectors;
    EXPECT_EQ(vector.Answer(Boundary::kEndOfInterval, CloseAt::kEndOfDay),
              FormatTime(At(vector.data["by_rule"]["glpi_end_of_working_day"].get<std::string>())))
        << vector.id();
  }
  EXPECT_EQ(vectors, 8);
}

// The same four with same_time: the event's time of day, clamped into the day's hours. Differs from each
// peer somewhere; the reasons are in tests/vectors/README.md.
TEST(Vectors, DayRuleSameTimeIsClampedIntoTheDay) {
  const std::map<std::string, std::string> ours = {{"biz-010", "2006-01-05T10:00:00Z"},
                                                   {"biz-011", "2006-01-05T16:00:00Z"},
                                                   {"biz-015", "2006-01-03T10:00:00Z"},
                                                   {"biz-016", "2006-01-03T16:00:00Z"}};
  int vectors = 0;
  for (const Vector& vector : Vectors("sla_vectors.json")) {
    if (DependsOnDayRule(vector)) {
      ++vectors;
      EXPECT_EQ(vector.Answer(Boundary::kEndOfInterval, CloseAt::kSameTime), ours.at(vector.id()));
    }
  }
  EXPECT_EQ(vectors, 4);
}

// Without its make-up days a calendar gives another date: the engine does count them.
TEST(Vectors, MakeUpDaysMatter) {
  int vectors = 0;
  for (const Vector& vector : Vectors("sla_vectors_cn.json")) {
    if (!vector.data.contains("without_makeup_days")) {
      continue;
    }
    ++vectors;
    CalendarSpec spec = vector.spec;
    spec.overrides.clear();
    const Calendar calendar = Compiled(spec, 2025, 2025);
    const Time due =
        *calendar
             ->NthWorkingDay(vector.Instant("start"), vector.data["amount_working_days"],
                             CloseAt::kEndOfDay, false)
             .at;
    EXPECT_EQ(FormatDate(calendar->LocalDate(due)),
              vector.data["without_makeup_days"].get<std::string>())
        << vector.id();
  }
  EXPECT_EQ(vectors, 2);
}

// cn-025 through the threshold itself.
TEST(Vectors, EightyPercentThreshold) {
  for (const Vector& vector : Vectors("sla_vectors_cn.json")) {
    if (vector.id() == "cn-025") {
      const Target target{Target::Kind::kWorkingTime, Hours(4)};
      const Reached at = ThresholdAt(Share{80}, target, vector.calendar.get(), nullptr,
                                     vector.Instant("start"), {});
      EXPECT_EQ(FormatTime(*at.at), vector.Expected("expect"));
      return;
    }
  }
  FAIL() << "cn-025 is missing";
}

}  // namespace
}  // namespace steward::sla::testing
