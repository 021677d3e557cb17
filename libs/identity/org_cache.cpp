#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/identity/period.h"
#include "libs/identity/projection.h"
#include "libs/log/log.h"
#include "libs/runtime/periodic.h"

namespace steward::identity {
namespace {

constexpr pg::Statement kRevision{"org_revision", "SELECT last_value FROM org_revision"};
constexpr pg::Statement kFingerprint{
    "org_fingerprint", "SELECT (coalesce(sum(version), 0) + count(*))::bigint FROM org_entry"};
constexpr pg::Statement kLoad{"org_load", "SELECT name, version, state FROM org_entry"};

constexpr Duration kPoll = Milliseconds(500);
// The sequence moves before its transaction commits; none lives longer than this.
constexpr Duration kOpenTransaction = Seconds(60);
constexpr Duration kCheckAnyway = Seconds(30);

constexpr std::string_view kMembers = "members/", kTeams = "teams/", kRoles = "roles/";

// An answer holds from one change of the organisation's periods to the next.
template <class Answer>
struct Known {
  Time from, until;
  Answer answer;
  bool Holds(Time at) const { return from <= at && at < until; }
};

struct Loaded {
  Org org;
  std::vector<Time>
      changes;  // instants at which a superior, a team or a role begins or ends, sorted
  mutable std::mutex mutex;  // of the next three; only members that exist are remembered
  mutable std::map<std::pair<std::string, rpc::Members::Scope>, Known<rpc::Reach>> reaches;
  mutable std::unordered_map<std::string, Known<std::vector<std::string>>> grants;
  mutable std::optional<Known<bool>> no_admin;
  std::unordered_map<std::string, std::string> by_digest;  // external subject -> member
  int64_t fingerprint =
      -1;  // grows with every committed change: sum of versions and number of entries
};

bool Parse(const std::string& name, const std::string& state, Org& org) {
  if (name.compare(0, kMembers.size(), kMembers) == 0) {
    return org.members[name].ParseFromString(state);
  }
  if (name.compare(0, kTeams.size(), kTeams) == 0) {
    return org.teams[name].ParseFromString(state);
  }
  return name.compare(0, kRoles.size(), kRoles) == 0 && org.roles[name].ParseFromString(state);
}

std::vector<Time> ChangesOf(const Org& org) {
  std::set<Time> changes = {kMinTime, kMaxTime};
  for (const auto& [name, state] : org.members) {
    for (const auto& superior : state.superiors()) {
      changes.insert({StartOf(superior.period()), EndOf(superior.period())});
    }
    for (const auto& team : state.teams()) {
      changes.insert({StartOf(team.period()), EndOf(team.period())});
    }
    for (const auto& role : state.roles()) {
      changes.insert({StartOf(role.period()), EndOf(role.period())});
    }
  }
  return {changes.begin(), changes.end()};
}

absl::StatusOr<std::shared_ptr<const Loaded>> Load(pg::Connection& connection) {
  ASSIGN_OR_RETURN(const pg::Result rows, connection.Run(kLoad));  // one statement, one snapshot
  auto loaded = std::make_shared<Loaded>();
  loaded->fingerprint = rows.rows();
  for (int i = 0; i < rows.rows(); ++i) {
    const std::string name = rows.Text(i, 0);
    loaded->fingerprint += rows.Int(i, 1);
    if (!Parse(name, rows.Bytes(i, 2), loaded->org)) {
      return absl::DataLossError(ToAbsl("org_entry " + name + " cannot be read"));
    }
  }
  for (const auto& [name, state] : loaded->org.members) {
    if (state.active() && !state.external_subject_digest().empty()) {
      loaded->by_digest.emplace(state.external_subject_digest(), name);
    }
  }
  loaded->changes = ChangesOf(loaded->org);
  return loaded;
}

rpc::Reach FindReach(const Org& org, std::string_view member, rpc::Members::Scope scope, Time now) {
  using Scope = rpc::Members::Scope;
  rpc::Reach reach;
  reach.all = scope == Scope::kAll;
  reach.members.emplace_back(member);
  std::set<std::string> teams;
  if (scope == Scope::kTeam || scope == Scope::kLine) {
    const auto own = org.TeamsOf(member, /*led_only=*/false, now);
    teams.insert(own.begin(), own.end());
  }
  if (scope == Scope::kLine) {
    for (std::string& below : org.Below(member, now)) {
      const auto led = org.TeamsOf(below, /*led_only=*/true, now);
      teams.insert(led.begin(), led.end());
      reach.members.push_back(std::move(below));
    }
  }
  reach.teams.assign(teams.begin(), teams.end());
  return reach;
}

// With the stretch of time that it holds; nothing outside of what the organisation knows.
template <class Answer>
std::optional<Known<Answer>> KnownFrom(const Loaded& loaded, Time now, Answer answer) {
  const auto next = std::upper_bound(loaded.changes.begin(), loaded.changes.end(), now);
  if (next == loaded.changes.begin() || next == loaded.changes.end()) {
    return std::nullopt;
  }
  return Known<Answer>{*std::prev(next), *next, std::move(answer)};
}

std::vector<std::string> GrantsOf(const Loaded& loaded, const std::string& member, Time now) {
  {
    const std::lock_guard lock(loaded.mutex);
    const auto it = loaded.grants.find(member);
    if (it != loaded.grants.end() && it->second.Holds(now)) {
      return it->second.answer;
    }
  }
  std::vector<std::string> grants = loaded.org.GrantsOf(member, now);
  if (auto known = KnownFrom(loaded, now, grants)) {
    const std::lock_guard lock(loaded.mutex);
    loaded.grants.insert_or_assign(member, *std::move(known));
  }
  return grants;
}

}  // namespace

struct OrgCache::Impl {
  const pg::Options options;
  metrics::Registry* const registry;
  mutable std::mutex mutex;  // of the next
  std::shared_ptr<const Loaded> current = std::make_shared<Loaded>();
  // Of the thread (and of Start before it).
  std::unique_ptr<pg::Connection> connection;
  int64_t revision = -1;
  int64_t watch_until = 0;  // MonotonicMicros
  int64_t checked = 0;
  bool failing = false;
  runtime::Periodic checking{"org-cache", kPoll, [this] { CheckAgain(); }};

  Impl(pg::Options o, metrics::Registry* r) : options(std::move(o)), registry(r) {}

  std::shared_ptr<const Loaded> Get() const {
    const std::lock_guard lock(mutex);
    return current;
  }

  absl::Status Reload() {
    ASSIGN_OR_RETURN(auto loaded, Load(*connection));
    const std::lock_guard lock(mutex);
    current = std::move(loaded);
    return absl::OkStatus();
  }

  absl::Status Check() {
    if (connection == nullptr || !connection->healthy()) {
      connection.reset();
      ASSIGN_OR_RETURN(connection, pg::Connection::Open(options, registry));
    }
    ASSIGN_OR_RETURN(const pg::Result row, connection->Run(kRevision));
    const int64_t now = MonotonicMicros();
    if (row.Int(0, 0) != revision) {
      revision = row.Int(0, 0);
      watch_until = now + kOpenTransaction.micros;
    }
    if (now >= watch_until && now < checked + kCheckAnyway.micros) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const pg::Result fingerprint, connection->Run(kFingerprint));
    checked = now;
    return fingerprint.Int(0, 0) == Get()->fingerprint ? absl::OkStatus() : Reload();
  }

  void CheckAgain() {
    const absl::Status status = Check();
    if (!status.ok() && !failing) {
      log::Warning("organisation not refreshed", {{"error", status.ToString()}});
    }
    failing = !status.ok();
  }
};

OrgCache::OrgCache(pg::Options pg, metrics::Registry* registry)
    : impl_(std::make_unique<Impl>(std::move(pg), registry)) {}

OrgCache::~OrgCache() = default;

absl::Status OrgCache::Start() {
  RETURN_IF_ERROR(impl_->Check());
  impl_->checking.Start(kPoll);
  return absl::OkStatus();
}

void OrgCache::Stop() { impl_->checking.Stop(); }

void OrgCache::Poke() { impl_->checking.Poke(); }

std::shared_ptr<const Org> OrgCache::Get() const {
  std::shared_ptr<const Loaded> loaded = impl_->Get();
  return {loaded, &loaded->org};
}

std::optional<rpc::Members::Who> OrgCache::Find(std::string_view subject, Time now) const {
  const std::shared_ptr<const Loaded> loaded = impl_->Get();
  std::string member(subject);
  if (!loaded->org.members.contains(member)) {
    const auto it = loaded->by_digest.find(SubjectDigest(subject));
    if (it == loaded->by_digest.end()) {
      return std::nullopt;
    }
    member = it->second;
  }
  if (!loaded->org.Active(member)) {
    return std::nullopt;
  }
  return Who{member, GrantsOf(*loaded, member, now)};
}

bool OrgCache::NoAdminYet() const {
  const std::shared_ptr<const Loaded> loaded = impl_->Get();
  const Time now = SystemClock().Now();
  {
    const std::lock_guard lock(loaded->mutex);
    if (loaded->no_admin && loaded->no_admin->Holds(now)) {
      return loaded->no_admin->answer;
    }
  }
  const bool none =
      std::none_of(loaded->org.members.begin(), loaded->org.members.end(), [&](const auto& member) {
        const std::vector<std::string> grants = loaded->org.GrantsOf(member.first, now);
        return member.second.active() &&
               std::find(grants.begin(), grants.end(), "admin") != grants.end();
      });
  if (auto known = KnownFrom(*loaded, now, none)) {
    const std::lock_guard lock(loaded->mutex);
    loaded->no_admin = std::move(known);
  }
  return none;
}

rpc::Reach OrgCache::ReachOf(std::string_view member, Scope scope, Time now) const {
  const std::shared_ptr<const Loaded> loaded = impl_->Get();
  const std::pair key(std::string(member), scope);
  {
    const std::lock_guard lock(loaded->mutex);
    const auto it = loaded->reaches.find(key);
    if (it != loaded->reaches.end() && it->second.Holds(now)) {
      return it->second.answer;
    }
  }
  rpc::Reach reach = FindReach(loaded->org, member, scope, now);
  auto known = KnownFrom(*loaded, now, reach);
  if (known && loaded->org.members.contains(key.first)) {
    const std::lock_guard lock(loaded->mutex);
    loaded->reaches.insert_or_assign(key, *std::move(known));
  }
  return reach;
}

}  // namespace steward::identity
