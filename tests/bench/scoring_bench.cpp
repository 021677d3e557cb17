// Parts of the scoring service without RPC, Kafka and relay around them.
//
//   bench_scoring rebuild --host=DIR --port=N --database=NAME               measure_day thrown away and made anew from fact
//   bench_scoring add --host=... --facts=N [--batch=1000] [--members=N]     new facts with their sums, a transaction a batch
//   bench_scoring kernel [--leads=10000] [--times=20]                       points of leads with 20 features, in memory
//
// One line of JSON.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/pg/tx.h"
#include "services/scoring/domain/points.h"
#include "services/scoring/storage/fact_store.h"

namespace steward::scoring {
namespace {

using Values = std::map<std::string, std::string>;

constexpr int kFeatures = 20;
constexpr const char* kMeasures[] = {"won_count",
                                     "contracts_signed",
                                     "opened_count",
                                     "sales_amount",
                                     "collected_on_time_amount",
                                     "instalment_due_amount",
                                     "effective_touches",
                                     "touches",
                                     "clock_met",
                                     "clock_missed"};
constexpr pg::Statement kNoTimeout{"bench_no_timeout", "SET LOCAL statement_timeout = 0"};

[[noreturn]] void Fail(const absl::Status& status) {
  std::fprintf(stderr, "bench_scoring: %s\n", status.ToString().c_str());
  std::exit(1);
}

std::unique_ptr<pg::Connection> Open(const Values& values) {
  pg::Options options;
  options.host = values.at("host");
  options.port = static_cast<int>(std::stoll(values.at("port")));
  options.database = values.at("database");
  options.user = "postgres";
  options.application_name = "bench-scoring";
  auto connection = pg::Connection::Open(options);
  if (!connection.ok()) {
    Fail(connection.status());
  }
  return *std::move(connection);
}

// As long as it takes: this measures, it serves nobody.
void InTx(pg::Connection& db, const std::function<absl::Status(pg::Tx&)>& body) {
  const absl::Status status = pg::RunInTx(
      db, {.budget = Minutes(60), .name = "bench_scoring"}, [&](pg::Tx& tx) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kSumsLock)});
        tx.Queue(kNoTimeout);  // a connection's own limit is 5 s
        RETURN_IF_ERROR(tx.Flush());
        return body(tx);
      });
  if (!status.ok()) {
    Fail(status);
  }
}

double SecondsSince(int64_t start) { return static_cast<double>(MonotonicMicros() - start) / 1e6; }

void Rebuild(const Values& values) {
  const auto db = Open(values);
  const int64_t start = MonotonicMicros();
  InTx(*db, [](pg::Tx& tx) { return RebuildDays(tx); });
  std::printf("{\"seconds\": %.4f}\n", SecondsSince(start));
}

// Of the same members, customers and days as those that scoring.py fills in: one of each member in turn.
Fact FactOf(int64_t n, int64_t members) {
  const int64_t member = n % members, turn = n / members;
  const auto measure = static_cast<size_t>(turn * 7 % 10);
  char uuid[40];
  std::snprintf(uuid, sizeof uuid, "00000000-0000-0000-0000-%012llx",
                static_cast<unsigned long long>(member + 1));
  Fact fact;
  fact.measure = kMeasures[measure];
  fact.currency = measure >= 3 && measure < 6 ? "CNY" : "";
  fact.day = absl::CivilDay(2026, 1, 1) + turn % 90;
  fact.of.member = std::string("members/") + uuid;
  fact.of.customer = measure < 3 ? "customers/bench-" + std::to_string(n % 50'000) : "";
  fact.of.team = "teams/bench-" + std::to_string(member % 200);
  fact.of.region = "regions/" + std::to_string(member % 20);
  fact.value = n % 1000;
  return fact;
}

void AddFacts(const Values& values) {
  const auto db = Open(values);
  const int64_t facts = std::stoll(values.at("facts")), batch = std::stoll(values.at("batch"));
  const int64_t members = std::stoll(values.at("members"));
  RandomIdGenerator ids;
  const int64_t start = MonotonicMicros();
  for (int64_t first = 0; first < facts; first += batch) {
    InTx(*db, [&](pg::Tx& tx) -> absl::Status {
      FactWriter writer(tx);
      for (int64_t n = first; n < std::min(facts, first + batch); ++n) {
        const Fact fact = FactOf(n, members);
        const Uuid id = ids.NewId(SystemClock().Now());
        writer.Add({id, "bench/" + id.ToString(), 1, SystemClock().Now(), fact.day}, {fact});
      }
      writer.Finish();
      return absl::OkStatus();
    });
  }
  std::printf("{\"facts\": %lld, \"seconds\": %.4f}\n", static_cast<long long>(facts),
              SecondsSince(start));
}

PointModel Model() {
  PointModel model;
  model.id = "bench";
  PointGroup fit;
  fit.id = "fit";
  model.groups.push_back(std::move(fit));
  for (int i = 0; i < kFeatures; ++i) {
    FeatureRule rule;
    rule.id = "rule-" + std::to_string(i);
    rule.group = "fit";
    rule.feature = "feature_" + std::to_string(i);
    rule.values = {"a", "b", "c"};
    rule.points = Whole(i + 1);
    model.features.push_back(std::move(rule));
  }
  return model;
}

struct Leads {
  std::vector<Features> features;
  std::string bytes;  // the same, names and values one after another
};

Leads MakeLeads(int64_t count) {
  Leads leads;
  for (int64_t n = 0; n < count; ++n) {
    Features features;
    for (int i = 0; i < kFeatures; ++i) {
      const auto [at, added] =
          features.emplace("feature_" + std::to_string(i), std::string(1, "abcdef"[(n + i) % 6]));
      leads.bytes += at->first + at->second;
    }
    leads.features.push_back(std::move(features));
  }
  return leads;
}

// Leads a second by ScorePoints, and by memcpy of the same bytes.
void Kernel(const Values& values) {
  const PointModel model = Model();
  if (const absl::Status good = CheckModel(model); !good.ok()) {
    Fail(good);
  }
  const Leads leads = MakeLeads(std::stoll(values.at("leads")));
  const int64_t times = std::stoll(values.at("times"));
  const auto count = static_cast<double>(leads.features.size()) * static_cast<double>(times);
  int64_t sum = 0;
  int64_t start = MonotonicMicros();
  for (int64_t i = 0; i < times; ++i) {
    for (const Features& features : leads.features) {
      const auto score = ScorePoints(model, features, {}, Time{1'800'000'000'000'000});
      if (!score.ok()) {
        Fail(score.status());
      }
      sum += score->score.scaled;
    }
  }
  const double scored = SecondsSince(start);
  std::string copy(leads.bytes.size(), '\0');
  const int64_t copies = times * 100;
  start = MonotonicMicros();
  for (int64_t i = 0; i < copies; ++i) {
    std::memcpy(copy.data(), leads.bytes.data(), copy.size());
    asm volatile("" : : "r"(copy.data()) : "memory");  // every copy is made
  }
  const double copied = SecondsSince(start) / 100;
  std::printf(
      "{\"leads_per_second\": %.1f, \"memcpy_per_second\": %.1f, \"bytes_a_lead\": %zu, "
      "\"sum\": %lld}\n",
      count / scored, count / copied, leads.bytes.size() / leads.features.size(),
      static_cast<long long>(sum));
}

}  // namespace
}  // namespace steward::scoring

int main(int count, char** words) {
  std::map<std::string, std::string> values{
      {"batch", "1000"}, {"members", "10000"}, {"leads", "10000"}, {"times", "20"}};
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    const size_t equals = word.find('=');
    if (word.rfind("--", 0) == 0 && equals != std::string::npos) {
      values[word.substr(2, equals - 2)] = word.substr(equals + 1);
    }
  }
  const std::string_view what = count > 1 ? words[1] : "";
  const bool store = values.count("host") && values.count("port") && values.count("database");
  if (what == "kernel") {
    steward::scoring::Kernel(values);
  } else if (what == "rebuild" && store) {
    steward::scoring::Rebuild(values);
  } else if (what == "add" && store && values.count("facts")) {
    steward::scoring::AddFacts(values);
  } else {
    std::fprintf(stderr,
                 "usage: bench_scoring rebuild|add --host=DIR --port=N --database=NAME "
                 "[--facts=N], or bench_scoring kernel\n");
    return 2;
  }
  return 0;
}
