// Working time added to a start: the compiled calendar against a loop over days.
//
// One iteration runs 1,048,576 random starts over twenty years, so that no branch can be learned; before
// timing, every answer is compared with the loop's. The loop is a good one: local days from a fixed offset, one
// byte a day for its kind, no allocation.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "services/sla/domain/calendar.h"

namespace steward::sla {
namespace {

constexpr int kFirstYear = 2004;
constexpr int kLastYear = 2026;
constexpr size_t kStarts = 1 << 20;
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kShanghai = 8 * 3'600 * kSecond;

Date Day(int year, const char* month_and_day) {
  return ParseDate(std::to_string(year) + "-" + month_and_day).value();
}

// 09:00-12:00 and 13:30-18:00 on weekdays, twelve holidays and two make-up days a year.
CalendarSpec Office() {
  CalendarSpec spec;
  spec.time_zone = "Asia/Shanghai";
  const std::vector<DayInterval> hours{{32'400, 43'200}, {48'600, 64'800}};
  for (int day = 0; day < 5; ++day) {
    spec.weekly[static_cast<size_t>(day)] = hours;
  }
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    for (const char* date : {"01-01", "01-28", "01-29", "01-30", "04-05", "05-01", "06-10", "09-20",
                             "10-01", "10-02", "10-03", "10-04"}) {
      spec.holidays[Day(year, date)] = {};
    }
    for (const char* date : {"02-08", "10-11"}) {
      spec.overrides[Day(year, date)] = {hours, true, {}};
    }
  }
  return spec;
}

class DayLoop {
 public:
  explicit DayLoop(const CalendarSpec& spec) : first_(Day(kFirstYear, "01-01").days) {
    for (Date date = Day(kFirstYear, "01-01"); YearOf(date) <= kLastYear; ++date.days) {
      const bool works =
          spec.overrides.contains(date) || (!spec.holidays.contains(date) && WeekdayOf(date) < 5);
      works_.push_back(works ? 1 : 0);
    }
  }

  int64_t Add(int64_t start, int64_t amount) const {
    const int64_t local = start + kShanghai;
    int64_t day = local / kDay;
    int64_t time = local % kDay;
    for (;; ++day, time = 0) {
      if (works_[static_cast<size_t>(day - first_)] == 0) {
        continue;
      }
      for (const auto& [open, close] : kHours) {
        if (time >= close) {
          continue;
        }
        const int64_t from = std::max(time, open);
        if (amount <= close - from) {
          return day * kDay + from + amount - kShanghai;
        }
        amount -= close - from;
      }
    }
  }

 private:
  static constexpr std::array<std::pair<int64_t, int64_t>, 2> kHours{
      {{32'400 * kSecond, 43'200 * kSecond}, {48'600 * kSecond, 64'800 * kSecond}}};
  int64_t first_;
  std::vector<uint8_t> works_;
};

struct Fixture {
  CalendarSpec spec = Office();
  std::shared_ptr<const CompiledCalendar> calendar =
      CompiledCalendar::Compile(spec, kFirstYear, kLastYear).value();
  DayLoop loop{spec};
  std::vector<Time> starts;

  Fixture() {
    std::mt19937_64 random(1);
    std::uniform_int_distribution<int64_t> start(Day(2005, "01-01").days * kDay,
                                                 Day(2025, "01-01").days * kDay);
    for (size_t i = 0; i < kStarts; ++i) {
      starts.push_back(Time{start(random)});
    }
  }
  void Compare(Duration amount) const {
    for (const Time start : starts) {
      const Reached end = calendar->Add(start, amount, Boundary::kEndOfInterval);
      if (!end.at || end.at->micros != loop.Add(start.micros, amount.micros)) {
        std::fprintf(stderr, "%s differs from the loop\n", FormatTime(start).c_str());
        std::abort();
      }
    }
  }
};

const Fixture& Shared() {
  static const Fixture fixture;
  return fixture;
}

void PerOperation(benchmark::State& state) {
  state.counters["ns"] = benchmark::Counter(
      static_cast<double>(kStarts),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Compiled(benchmark::State& state) {
  const Fixture& fixture = Shared();
  const Duration amount = Hours(state.range(0));
  fixture.Compare(amount);
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Time start : fixture.starts) {
      sum += fixture.calendar->Add(start, amount, Boundary::kEndOfInterval).at->micros;
    }
    benchmark::DoNotOptimize(sum);
  }
  PerOperation(state);
}

void Loop(benchmark::State& state) {
  const Fixture& fixture = Shared();
  const int64_t amount = Hours(state.range(0)).micros;
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Time start : fixture.starts) {
      sum += fixture.loop.Add(start.micros, amount);
    }
    benchmark::DoNotOptimize(sum);
  }
  PerOperation(state);
}

void Between(benchmark::State& state) {
  const Fixture& fixture = Shared();
  const Duration length = Hours(state.range(0));
  for (auto _ : state) {
    int64_t sum = 0;
    for (const Time start : fixture.starts) {
      sum += fixture.calendar->Between(start, start + length).micros;
    }
    benchmark::DoNotOptimize(sum);
  }
  PerOperation(state);
}

BENCHMARK(Compiled)->Arg(4)->Arg(40)->Arg(400)->Unit(benchmark::kMillisecond);
BENCHMARK(Loop)->Arg(4)->Arg(40)->Arg(400)->Unit(benchmark::kMillisecond);
BENCHMARK(Between)->Arg(4)->Arg(400)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace steward::sla

BENCHMARK_MAIN();
