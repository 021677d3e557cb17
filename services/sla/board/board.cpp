#include "services/sla/board/board.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "libs/base/backoff.h"
#include "libs/base/status.h"
#include "libs/log/log.h"
#include "libs/rpc/validate.h"
#include "libs/runtime/lifecycle.h"
#include "services/sla/board/projector.h"

namespace steward::sla {
namespace {

constexpr Duration kGiveWay = Milliseconds(50);
constexpr int kGiveWayTimes = 20;
constexpr Duration kStepEvery = Milliseconds(200);
constexpr Duration kTryLeadEvery = Seconds(1);
constexpr Duration kTooOld = Seconds(5);

// Pages take longer than the commands of readers, and nobody waits for them.
redis::Options ForWriting(redis::Options options) {
  options.command_timeout_ms = 1000;
  return options;
}

v1::Board ToProto(const BoardCopy& copy) {
  v1::Board board;
  for (const auto& [status, n] : copy.data.counts) {
    v1::Board::Count* count = board.add_counts();
    count->set_status(status);
    count->set_clocks(n);
  }
  for (auto [rows, list] : {std::pair{&copy.data.owners, board.mutable_owners()},
                            {&copy.data.teams, board.mutable_teams()}}) {
    for (const BoardRow& row : *rows) {
      v1::Board::NextDue* next = list->Add();
      next->set_who(row.who);
      next->set_clock(row.clock);
      next->set_clocks(row.clocks);
      if (row.due) {
        *next->mutable_due_time() = rpc::ToProto(*row.due);
      }
    }
  }
  board.set_served_by("redis");
  *board.mutable_as_of_time() = rpc::ToProto(copy.as_of);
  return board;
}

}  // namespace

struct Board::Impl {
  explicit Impl(Deps d) : deps(std::move(d)) {
    for (const char* result : {"hit", "miss", "error"}) {
      requests[result] = deps.metrics->GetCounter(
          "steward_cache_requests_total",
          "Reads of a copy in Redis; after a miss or an error PostgreSQL answers.",
          {{"cache", "board"}, {"result", result}});
    }
  }

  Deps deps;
  std::map<std::string, metrics::Counter> requests;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false, asked = false;
  // Clients of readers that are not reading now: never more than there are RPC workers.
  std::vector<std::unique_ptr<redis::Client>> idle;

  bool Stopping() {
    std::lock_guard lock(mutex);
    return stopping;
  }
  void Wait(Duration d) {
    std::unique_lock lock(mutex);
    wake.wait_for(lock, std::chrono::microseconds(d.micros), [&] { return stopping || asked; });
    asked = false;
  }

  // Before each page; false = stop.
  bool GoOn() {
    for (int i = 0; i < kGiveWayTimes && deps.firing_behind && deps.firing_behind(); ++i) {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, std::chrono::microseconds(kGiveWay.micros), [&] { return stopping; });
      if (stopping) {
        return false;
      }
    }
    return !Stopping();
  }

  void Run() {
    runtime::NameThread("sla-board");
    redis::Client redis(ForWriting(deps.redis), deps.metrics);
    Backoff backoff(Milliseconds(100), Seconds(2), 11);
    bool failing = false;
    while (!Stopping()) {
      const absl::Status status = Lead(redis, backoff, failing);
      if (!status.ok()) {
        log::Warning("board lost its database", {{"error", FromAbsl(status.message())}});
        Wait(backoff.Next());
      }
    }
  }

  // On one connection to PostgreSQL, until it breaks. Redis may come and go.
  absl::Status Lead(redis::Client& redis, Backoff& backoff, bool& failing) {
    ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(deps.pg, deps.metrics));
    BoardProjector projector(*connection, redis, [this] { return GoOn(); });
    while (!Stopping()) {
      ASSIGN_OR_RETURN(const bool leads, projector.TakeLead());
      if (!leads) {
        Wait(kTryLeadEvery);
        continue;
      }
      if (!GoOn()) {
        break;
      }
      const auto progress = projector.Step();
      if (!progress.ok() && !connection->healthy()) {
        return progress.status();
      }
      if (!progress.ok()) {
        if (!std::exchange(failing, true)) {
          log::Warning("board stands still; PostgreSQL answers",
                       {{"error", FromAbsl(progress.status().message())}});
        }
        Wait(backoff.Next());
        continue;
      }
      failing = false;
      backoff.Reset();
      if (!progress->more) {
        Wait(kStepEvery);
      }
    }
    return absl::OkStatus();
  }

  std::unique_ptr<redis::Client> Lease() {
    std::lock_guard lock(mutex);
    if (idle.empty()) {
      return std::make_unique<redis::Client>(deps.redis, deps.metrics);
    }
    std::unique_ptr<redis::Client> client = std::move(idle.back());
    idle.pop_back();
    return client;
  }
  void GiveBack(std::unique_ptr<redis::Client> client) {
    std::lock_guard lock(mutex);
    idle.push_back(std::move(client));
  }
};

Board::Board(Deps deps) : impl_(std::make_unique<Impl>(std::move(deps))) {}
Board::~Board() { Stop(); }

void Board::Start() {
  impl_->thread = std::thread([this] { impl_->Run(); });
}

void Board::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

std::optional<v1::Board> Board::Read(int limit) {
  std::unique_ptr<redis::Client> client = impl_->Lease();
  const auto copy = ReadBoardCopy(*client, impl_->deps.clock->Now() - kTooOld, limit);
  impl_->GiveBack(std::move(client));
  impl_->requests.at(!copy.ok() ? "error" : !*copy ? "miss" : "hit").Add();
  return copy.ok() && *copy ? std::optional(ToProto(**copy)) : std::nullopt;
}

absl::Status Board::Rebuild() {
  std::unique_ptr<redis::Client> client = impl_->Lease();
  const absl::Status status = client->Command({"UNLINK", kBoardKey}).status();
  impl_->GiveBack(std::move(client));
  {
    std::lock_guard lock(impl_->mutex);
    impl_->asked = true;
  }
  impl_->wake.notify_all();
  return status;
}

}  // namespace steward::sla
