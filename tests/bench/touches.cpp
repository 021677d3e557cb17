// The bare loop that scoring's consumer is measured against: the facts and sums of touches by the very statements of the projection, with
// the versions that a consumer keeps, a batch in one transaction. It reads no topic, parses nothing, and locks no aggregate.
//
//   bench_touches --host=DIR --port=N --database=NAME --first=N --count=N --members=N [--batch=1000]
//
// One line of JSON.

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/pg/tx.h"
#include "services/scoring/storage/fact_store.h"

namespace steward::scoring {
namespace {

using Values = std::map<std::string, std::string>;

constexpr pg::Statement kSeen{
    "touches_seen",
    "INSERT INTO consumer_version AS v (consumer_group, aggregate, version, event_id) "
    "SELECT 'bench', a, 1, e FROM unnest($1::text[], $2::uuid[]) AS u(a, e) "
    "ON CONFLICT (consumer_group, aggregate) DO UPDATE SET version = excluded.version, "
    "event_id = excluded.event_id WHERE v.version < excluded.version"};

std::string Numbered(const char* prefix, int64_t n) {
  char text[64];
  std::snprintf(text, sizeof text, "%s00000000-0000-0000-0000-%012llx", prefix,
                static_cast<unsigned long long>(n));
  return text;
}

// The n-th of those that applied.py sends.
Fact TouchOf(int64_t n, int64_t members, const char* measure) {
  Fact fact;
  fact.measure = measure;
  fact.day = absl::CivilDay(2026, 1, 1) + n / members % 90;
  fact.qualifier = "phone";
  fact.of.member = Numbered("members/", n % members + 1);
  fact.of.team = "teams/bench-" + std::to_string(n % members % 200);
  fact.of.customer = "customers/bench-" + std::to_string(n % 50'000);
  fact.value = 1;
  return fact;
}

absl::Status Batch(pg::Tx& tx, int64_t first, int64_t last, int64_t members) {
  tx.Lock({pg::LockKey::Exclusive(kSumsLock)});
  FactWriter writer(tx);
  std::vector<std::string> aggregates;
  std::vector<Uuid> ids;
  for (int64_t n = first; n < last; ++n) {
    aggregates.push_back(Numbered("touches/", n));
    ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(Numbered("", n)));
    ids.push_back(id);
    const Fact touch = TouchOf(n, members, "touches");
    writer.Add({id, aggregates.back(), 1, Time{1'767'225'600'000'000}, touch.day},
               {touch, TouchOf(n, members, "effective_touches")});
  }
  writer.Finish();
  tx.Queue(kSeen, pg::Params().AddTexts(aggregates).AddUuids(ids));
  return absl::OkStatus();
}

absl::Status Run(const Values& values) {
  pg::Options options;
  options.host = values.at("host");
  options.port = static_cast<int>(std::stoll(values.at("port")));
  options.database = values.at("database");
  options.user = "postgres";
  options.application_name = "bench-touches";
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(options));
  const int64_t first = std::stoll(values.at("first")), batch = std::stoll(values.at("batch"));
  const int64_t end = first + std::stoll(values.at("count"));
  const int64_t members = std::stoll(values.at("members")), start = MonotonicMicros();
  for (int64_t n = first; n < end; n += batch) {
    RETURN_IF_ERROR(pg::RunInTx(*connection, {.name = "touches"}, [&](pg::Tx& tx) {
      return Batch(tx, n, std::min(end, n + batch), members);
    }));
  }
  const double seconds = static_cast<double>(MonotonicMicros() - start) / 1e6;
  std::printf("{\"per_second\": %.1f}\n", static_cast<double>(end - first) / seconds);
  return absl::OkStatus();
}

}  // namespace
}  // namespace steward::scoring

int main(int count, char** words) {
  std::map<std::string, std::string> values{{"batch", "1000"}};
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const size_t equals = word.find('=');
    if (word.rfind("--", 0) == 0 && equals != std::string::npos) {
      values[word.substr(2, equals - 2)] = word.substr(equals + 1);
    }
  }
  for (const char* needed : {"host", "port", "database", "first", "count", "members"}) {
    if (values[needed].empty()) {
      std::fprintf(stderr,
                   "usage: bench_touches --host=DIR --port=N --database=NAME --first=N --count=N "
                   "--members=N [--batch=1000]\n");
      return 2;
    }
  }
  const absl::Status done = steward::scoring::Run(values);
  if (!done.ok()) {
    std::fprintf(stderr, "bench_touches: %s\n", done.ToString().c_str());
    return 1;
  }
  return 0;
}
