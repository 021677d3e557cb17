#include "libs/identity/deny_list.h"

#include <atomic>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/runtime/periodic.h"

namespace steward::identity {
namespace {

constexpr pg::Statement kLoad{"denied_token_load",
                              "SELECT d.kind, d.value, d.expires_at FROM denied_token d "
                              "WHERE d.expires_at IS NULL OR d.expires_at > clock_timestamp()"};

using Ends = absl::flat_hash_map<std::string, Time>;  // until when each value is denied
struct Entries {
  Ends tokens, subjects;
};

absl::StatusOr<Entries> Load(pg::Connection& connection) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kLoad));
  Entries entries;
  for (int i = 0; i < rows.rows(); ++i) {
    Ends& ends = rows.Text(i, 0) == "jti" ? entries.tokens : entries.subjects;
    ends.insert_or_assign(rows.Text(i, 1), rows.OptionalTimestamp(i, 2).value_or(kMaxTime));
  }
  return entries;
}

}  // namespace

struct DenyList::Impl {
  const pg::Options options;
  metrics::Registry& registry;
  const Duration period;
  const metrics::Gauge tokens, subjects;
  // Shared with the registry, which may be scraped for longer than the list lives.
  const std::shared_ptr<std::atomic<int64_t>> read_at =
      std::make_shared<std::atomic<int64_t>>(MonotonicMicros());
  mutable std::mutex mutex;  // of the entries
  Entries entries;
  // Of the thread (and of Start before it).
  std::unique_ptr<pg::Connection> connection;
  bool failing = false;
  runtime::Periodic reading;

  Impl(pg::Options o, metrics::Registry& r, Duration p)
      : options(std::move(o)),
        registry(r),
        period(p),
        tokens(Count("jti")),
        subjects(Count("sub")),
        reading("deny-list", period, [this] { ReadAgain(); }) {
    const metrics::Gauge age = registry.GetGauge("steward_denied_tokens_read_age_seconds",
                                                 "Since the deny-list was last read.");
    registry.OnScrape(
        [age, at = read_at] { age.Set(static_cast<double>(MonotonicMicros() - *at) / 1e6); });
  }

  metrics::Gauge Count(const char* kind) {
    return registry.GetGauge("steward_denied_tokens", "Entries of the deny-list.",
                             {{"kind", kind}});
  }

  absl::Status Read() {
    const int64_t begun = MonotonicMicros();
    if (connection == nullptr || !connection->healthy()) {
      connection.reset();
      ASSIGN_OR_RETURN(connection, pg::Connection::Open(options, &registry));
    }
    ASSIGN_OR_RETURN(Entries loaded, Load(*connection));
    tokens.Set(static_cast<double>(loaded.tokens.size()));
    subjects.Set(static_cast<double>(loaded.subjects.size()));
    *read_at = begun;
    const std::lock_guard lock(mutex);
    std::swap(entries, loaded);
    return absl::OkStatus();
  }

  void ReadAgain() {
    const absl::Status status = Read();
    if (!status.ok() && !failing) {
      log::Warning("deny-list not read; the last one stays in force",
                   {{"error", status.ToString()}});
    }
    failing = !status.ok();
  }

  bool Has(const Ends Entries::*kind, std::string_view value, Time now) const {
    const std::lock_guard lock(mutex);
    const auto it = (entries.*kind).find(ToAbsl(value));
    return it != (entries.*kind).end() && now < it->second;
  }
};

DenyList::DenyList(pg::Options pg, metrics::Registry& registry, Duration period)
    : impl_(std::make_unique<Impl>(std::move(pg), registry, period)) {}

DenyList::~DenyList() = default;

absl::Status DenyList::Start() {
  RETURN_IF_ERROR(impl_->Read());
  impl_->reading.Start(impl_->period);
  return absl::OkStatus();
}

void DenyList::Stop() { impl_->reading.Stop(); }

void DenyList::Poke() { impl_->reading.Poke(); }

bool DenyList::DeniesToken(std::string_view id, Time now) const {
  return impl_->Has(&Entries::tokens, id, now);
}

bool DenyList::DeniesSubject(std::string_view subject, Time now) const {
  return impl_->Has(&Entries::subjects, subject, now);
}

}  // namespace steward::identity
