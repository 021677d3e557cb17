#include "services/scoring/rescore/rescorer.h"

#include <atomic>
#include <utility>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/log/log.h"
#include "libs/runtime/periodic.h"
#include "services/scoring/storage/pending_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {
namespace {

constexpr Duration kEvery = Seconds(1);
constexpr Duration kBetweenSweeps = Minutes(1);

eventing::Origin OriginOfRescorer() {
  return {"system:scoring", "rescorer", "",
          "00-00000000000000000000000000000002-0000000000000002-00"};
}

}  // namespace

struct Rescorer::Impl {
  explicit Impl(Deps d) : deps(std::move(d)), thread("rescorer", kEvery, [this] { Run(); }) {}

  Deps deps;
  std::unique_ptr<pg::Connection> connection;
  std::atomic<bool> stopping = false;
  runtime::Periodic thread;

  void Run() {
    if (connection == nullptr || !connection->healthy()) {
      auto opened = pg::Connection::Open(deps.pg);
      if (!opened.ok()) {
        return;  // the next round tries again
      }
      connection = *std::move(opened);
    }
    while (!stopping) {
      const absl::StatusOr<bool> more = Step(*connection);
      if (!more.ok()) {
        log::Warning("leads were not scored", {{"error", FromAbsl(more.status().message())}});
      }
      if (!more.ok() || !*more) {
        return;
      }
    }
  }

  struct Round {
    Reckoned reckoned;
    bool more = false;
    std::optional<Time> oldest;
  };

  absl::StatusOr<bool> Step(pg::Connection& db) {
    Round round;
    pg::TxOptions options;
    options.name = "rescore";
    RETURN_IF_ERROR(pg::RunInTx(db, options, [&](pg::Tx& tx) -> absl::Status {
      round = Round{};
      ASSIGN_OR_RETURN(const std::vector<bool> got,
                       tx.TryLock({pg::LockKey::Exclusive(kScoresLock)}));
      return got[0] ? OneRound(tx, round) : absl::OkStatus();
    }));
    if (deps.metrics != nullptr) {
      deps.metrics->Scored(round.reckoned.scored, round.reckoned.changed);
      deps.metrics->SetOldestPending(round.oldest);
    }
    if (!round.reckoned.events.empty() && deps.said) {
      deps.said();
    }
    return round.more;
  }

  absl::Status OneRound(pg::Tx& tx, Round& round) {
    const Moment moment = MomentOf(deps.clock->Now(), deps.zone);
    ASSIGN_OR_RETURN(const auto rules, LoadRules(tx, deps.parents()));
    ASSIGN_OR_RETURN(const Marks marks, ReadMarks(tx, deps.batch));
    ASSIGN_OR_RETURN(SweepState state, ReadSweep(tx));
    round.more = static_cast<int>(marks.ids.size()) == deps.batch;
    if (!rules) {  // nothing is scored; a model that is activated sweeps over all
      QueueDropMarks(tx, marks);
      QueueDropRequests(tx, state.requests);
      return absl::OkStatus();
    }
    if (!marks.leads.empty()) {
      RETURN_IF_ERROR(Reckon(tx, *rules, marks.leads, moment, *deps.ids, round.reckoned));
      RETURN_IF_ERROR(Write(tx, std::exchange(round.reckoned.rows, {}), {}));
    }
    // Written before the sweep reads, so that a lead in both is not said twice.
    RETURN_IF_ERROR(SweepOn(tx, *rules, moment, state, round));
    QueueDropMarks(tx, marks);
    RETURN_IF_ERROR(Write(tx, round.reckoned.rows, round.reckoned.events));
    ASSIGN_OR_RETURN(round.oldest, OldestPending(tx));
    return absl::OkStatus();
  }

  absl::Status SweepOn(pg::Tx& tx, const Rules& rules, const Moment& moment, SweepState& state,
                       Round& round) {
    Sweep& sweep = state.sweep;
    const bool turned = sweep.day != moment.day;
    const bool rested = !sweep.begun_at || moment.now - *sweep.begun_at >= kBetweenSweeps;
    const bool asked = !state.requests.ids.empty() && (state.requests.soon || rested);
    if (!sweep.since && (turned || asked)) {
      sweep = {moment.day, moment.now, state.requests.since.value_or(moment.now), ""};
      QueueDropRequests(tx, state.requests);
    } else if (!sweep.since) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> leads,
                     ReadOpenLeads(tx, sweep.after_lead, deps.batch));
    if (!leads.empty()) {
      RETURN_IF_ERROR(Reckon(tx, rules, leads, moment, *deps.ids, round.reckoned));
      sweep.after_lead = leads.back();
    }
    if (static_cast<int>(leads.size()) < deps.batch) {
      sweep.since.reset();
      sweep.after_lead.clear();
    } else {
      round.more = true;
    }
    QueueSweep(tx, sweep);
    return absl::OkStatus();
  }

  static absl::Status Write(pg::Tx& tx, const std::vector<StoredScore>& rows,
                            const std::vector<eventing::NewEvent>& events) {
    QueuePutScores(tx, rows);
    return events.empty() ? absl::OkStatus()
                          : eventing::Append(tx, OriginOfRescorer(), events,
                                             events::v1::ScoringEvent::default_instance());
  }
};

Rescorer::Rescorer(Deps deps) : impl_(std::make_unique<Impl>(std::move(deps))) {}
Rescorer::~Rescorer() { Stop(); }
void Rescorer::Start() { impl_->thread.Start(); }
void Rescorer::Stop() {
  impl_->stopping = true;
  impl_->thread.Stop();
}
void Rescorer::Poke() { impl_->thread.Poke(); }
absl::StatusOr<bool> Rescorer::Step(pg::Connection& db) { return impl_->Step(db); }

}  // namespace steward::scoring
