// Parts of the scoring service without RPC, Kafka and relay around them.
//
//   bench_scoring rebuild --host=DIR --port=N --database=NAME [--empty=1]   measure_day made anew from fact, as `rebuild-sums`
//   bench_scoring add --host=... --facts=N [--batch=1000] [--members=N]     new facts with their sums, a transaction a batch
//   bench_scoring kernel [--leads=1000000] [--batch=1000] [--times=5]       points of leads with 20 features, in memory
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
#include "services/scoring/domain/point_kernel.h"
#include "services/scoring/storage/fact_store.h"

namespace steward::scoring {
namespace {

using Values = std::map<std::string, std::string>;

constexpr size_t kFeatures = 20;
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

// `--empty` forgets the sums before, which is not timed: then every row is written.
void Rebuild(const Values& values) {
  const auto db = Open(values);
  if (values.count("empty") != 0) {
    const absl::Status cleared = db->RunScript("TRUNCATE measure_day");
    if (!cleared.ok()) {
      Fail(cleared);
    }
  }
  const int64_t start = MonotonicMicros();
  const auto changes = RebuildSums(*db);
  if (!changes.ok()) {
    Fail(changes.status());
  }
  std::printf("{\"seconds\": %.4f, \"removed\": %lld, \"corrected\": %lld, \"added\": %lld}\n",
              SecondsSince(start), static_cast<long long>(changes->removed),
              static_cast<long long>(changes->corrected), static_cast<long long>(changes->added));
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

// Twenty features as leads have them: the columns of the record and twelve tiers.
std::string FeatureName(size_t i) {
  return i < kRecordFeatures ? std::string(RecordFeatureName(i))
                             : TierFeature("scheme_" + std::to_string(i - kRecordFeatures));
}

PointModel Model() {
  PointModel model;
  model.id = "bench";
  model.groups.push_back({"fit", {}});
  for (size_t i = 0; i < kFeatures; ++i) {
    model.features.push_back({"rule-" + std::to_string(i),
                              "fit",
                              FeatureName(i),
                              {"a", "b", "c"},
                              Whole(static_cast<int64_t>(i) + 1)});
  }
  return model;
}

LeadFacts LeadOf(int64_t n) {
  const auto value = [n](size_t i) {
    return std::string(1, "abcdef"[(n / (static_cast<int64_t>(i) + 1)) % 6]);
  };
  LeadFacts lead;
  LeadRecord& r = lead.record;
  size_t i = 0;
  for (std::string* column : {&r.source, &r.channel, &r.territory, &r.industry, &r.campaign,
                              &r.utm_source, &r.utm_medium, &r.utm_campaign}) {
    *column = value(i++);
  }
  for (; i < kFeatures; ++i) {
    lead.tiers.push_back("scheme_" + std::to_string(i - kRecordFeatures) + ":" + value(i));
  }
  return lead;
}

// The worker's batches, one after another in memory; all together they are larger than the processor's caches.
std::vector<LeadBatch> Batches(LeadDictionary& dictionary, int64_t leads, int64_t batch) {
  std::vector<LeadBatch> batches;
  for (int64_t n = 0; n < leads; ++n) {
    if (n % batch == 0) {
      batches.emplace_back(dictionary);
    }
    batches.back().Add(LeadOf(n), {});
  }
  return batches;
}

// Of each: what ScorePoints says with its trace.
void Compare(const PointModel& model, const LeadBatch& batch, const std::vector<Decimal>& points) {
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto traced = ScorePoints(model, batch.FeaturesOf(i), {}, {});
    if (!traced.ok() || traced->score != points[i]) {
      Fail(absl::InternalError("the kernel and ScorePoints differ"));
    }
  }
}

// Leads a second by the kernel, as the worker that scores leads calls it, and by memcpy of the codes that it reads.
void Kernel(const Values& values) {
  const PointModel model = Model();
  if (const absl::Status good = CheckModel(model); !good.ok()) {
    Fail(good);
  }
  const int64_t leads = std::stoll(values.at("leads")), times = std::stoll(values.at("times"));
  const int64_t size = std::stoll(values.at("batch"));
  LeadDictionary dictionary;
  PointKernel kernel(model, dictionary);
  const std::vector<LeadBatch> batches = Batches(dictionary, leads, size);
  const std::vector<Time> at(static_cast<size_t>(size));
  std::vector<Decimal> points(static_cast<size_t>(size));
  const auto score = [&](const LeadBatch& batch) {
    if (const absl::Status done = kernel.Score(batch, at, points); !done.ok()) {
      Fail(done);
    }
  };
  size_t bytes = 0;
  for (const LeadBatch& batch : batches) {
    score(batch);
    bytes += batch.bytes();
    if (&batch == &batches.front() || &batch == &batches.back()) {
      Compare(model, batch, points);
    }
  }
  int64_t start = MonotonicMicros();
  for (int64_t i = 0; i < times; ++i) {
    for (const LeadBatch& batch : batches) {
      score(batch);
      asm volatile("" : : "r"(points.data()) : "memory");  // every score is made
    }
  }
  const double scored = SecondsSince(start);
  // One piece of memory, which is the fastest to copy.
  std::vector<Code> flat, copy(bytes / sizeof(Code));
  for (const LeadBatch& batch : batches) {
    for (size_t column = 0; column < batch.columns(); ++column) {
      flat.insert(flat.end(), batch.column(column).begin(), batch.column(column).end());
    }
  }
  start = MonotonicMicros();
  for (int64_t i = 0; i < times; ++i) {
    std::memcpy(copy.data(), flat.data(), bytes);
    asm volatile("" : : "r"(copy.data()) : "memory");  // every copy is made
  }
  const double copied = SecondsSince(start);
  const auto count = static_cast<double>(leads) * static_cast<double>(times);
  std::printf(
      "{\"leads_per_second\": %.1f, \"memcpy_per_second\": %.1f, \"bytes\": %zu, "
      "\"bytes_a_lead\": %zu}\n",
      count / scored, count / copied, bytes, bytes / static_cast<size_t>(leads));
}

}  // namespace
}  // namespace steward::scoring

int main(int count, char** words) {
  std::map<std::string, std::string> values{
      {"batch", "1000"}, {"members", "10000"}, {"leads", "1000000"}, {"times", "5"}};
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
