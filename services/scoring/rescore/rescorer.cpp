#include "services/scoring/rescore/rescorer.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <utility>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/log/log.h"
#include "libs/runtime/periodic.h"
#include "services/scoring/storage/leaderboard_reads.h"
#include "services/scoring/storage/pending_store.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {
namespace {

constexpr Duration kEvery = Seconds(1);
constexpr Duration kBetweenSweeps = Minutes(1);
constexpr Duration kLongest =
    Milliseconds(500);  // of a sweep in one transaction; then fewer leads at once

eventing::Origin OriginOfRescorer() {
  return {"system:scoring", "rescorer", "",
          "00-00000000000000000000000000000002-0000000000000002-00"};
}

}  // namespace

struct Rescorer::Impl {
  explicit Impl(Deps d) : deps(std::move(d)), thread("rescorer", kEvery, [this] { Run(); }) {}

  Deps deps;
  std::unique_ptr<pg::Connection> connection, second;
  int batches = deps.batches;  // of a sweep in the next round
  std::atomic<bool> stopping = false;
  runtime::Periodic thread;

  void Run() {
    if (!Opened(connection)) {
      return;  // the next round tries again
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

  bool Opened(std::unique_ptr<pg::Connection>& to) const {
    if (to == nullptr || !to->healthy()) {
      auto opened = pg::Connection::Open(deps.pg);
      to = opened.ok() ? *std::move(opened) : nullptr;
    }
    return to != nullptr;
  }

  // Kept from round to round; one for each connection.
  std::unique_ptr<BatchScorer> scorer, second_scorer;
  RulesState state_of_rules;
  std::map<std::string, std::string> parents_of_rules;

  struct Round {
    int64_t scored = 0, changed = 0;
    bool wrote = false;
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
      deps.metrics->Scored(round.scored, round.changed);
      deps.metrics->SetOldestPending(round.oldest);
    }
    if (round.changed > 0 && deps.said) {
      deps.said();
    }
    return round.more;
  }

  absl::Status OneRound(pg::Tx& tx, Round& round) {
    const Moment moment = MomentOf(deps.clock->Now(), deps.zone);
    const pg::Pending rules = QueueRulesState(tx);
    ASSIGN_OR_RETURN(const Marks marks, ReadMarks(tx, deps.batch));
    ASSIGN_OR_RETURN(SweepState state, ReadSweep(tx));
    round.more = static_cast<int>(marks.ids.size()) == deps.batch;
    ASSIGN_OR_RETURN(const bool active, HoldRules(tx, ReadRulesState(*rules)));
    if (!active) {  // nothing is scored; a model that is activated sweeps over all
      QueueDropMarks(tx, marks);
      QueueDropRequests(tx, state.requests);
      return absl::OkStatus();
    }
    if (!marks.leads.empty()) {
      const PendingBatch leads = QueueBatch(tx, marks.leads);
      QueueDropMarks(tx, marks);
      RETURN_IF_ERROR(tx.Flush());
      ASSIGN_OR_RETURN(const Reckoned reckoned, Score(leads, moment, *scorer, round));
      RETURN_IF_ERROR(Write(tx, reckoned));
    }
    RETURN_IF_ERROR(SweepOn(tx, moment, marks.leads, state, round));
    ASSIGN_OR_RETURN(round.oldest, OldestPending(tx));
    if (round.wrote) {
      QueueScoredLeadsChanged(tx);  // last: consumers wait for its row
    }
    return absl::OkStatus();
  }

  // Compiles the rules where they are not those of the last round. Whether a model is active.
  absl::StatusOr<bool> HoldRules(pg::Tx& tx, const RulesState& now) {
    std::map<std::string, std::string> parents = deps.parents();
    const auto most = static_cast<size_t>(deps.batch) * static_cast<size_t>(deps.batches + 1);
    const bool held = scorer != nullptr && state_of_rules == now && parents_of_rules == parents;
    if (held && scorer->HasRoomFor(most) && second_scorer->HasRoomFor(most)) {
      return true;
    }
    scorer.reset();
    ASSIGN_OR_RETURN(std::optional<Rules> rules, LoadRules(tx, parents));
    if (rules) {
      // If something changed since `now` was read, the next round finds another state and loads once more.
      state_of_rules = now;
      parents_of_rules = std::move(parents);
      second_scorer = std::make_unique<BatchScorer>(*rules);
      scorer = std::make_unique<BatchScorer>(*std::move(rules));
    }
    return scorer != nullptr;
  }

  // `done` were scored in this round already.
  absl::Status SweepOn(pg::Tx& tx, const Moment& moment, const std::vector<std::string>& done,
                       SweepState& state, Round& round) {
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
    const int limit = deps.batch * batches;
    ASSIGN_OR_RETURN(std::vector<std::string> leads, ReadOpenLeads(tx, sweep.after_lead, limit));
    if (static_cast<int>(leads.size()) < limit) {
      sweep.since.reset();
      sweep.after_lead.clear();
    } else {
      sweep.after_lead = leads.back();
      round.more = true;
    }
    std::erase_if(leads, [&](const std::string& lead) {
      return std::binary_search(done.begin(), done.end(), lead);
    });
    const int64_t start = MonotonicMicros();
    RETURN_IF_ERROR(ScoreOnTwo(tx, leads, moment, round));
    // Who waits for the lock (a person who asks for a score) should not wait long.
    const int64_t took = MonotonicMicros() - start;
    batches =
        took > kLongest.micros ? std::max(batches / 2, 1) : std::min(batches * 2, deps.batches);
    QueueSweep(tx, sweep);
    return absl::OkStatus();
  }

  // Half of the leads are written by a second connection at the same time, in a transaction that commits before this one. It needs no
  // lock of its own: its leads are not in this transaction, which holds kScoresLock until the other one has ended. Should only the other
  // one commit, the next round finds those scores as they are to be and says nothing twice; should this connection be lost meanwhile
  // and another replica begin, the journal's key lets one of the two in.
  absl::Status ScoreOnTwo(pg::Tx& tx, const std::vector<std::string>& leads, const Moment& moment,
                          Round& round) {
    if (static_cast<int>(leads.size()) <= deps.batch || !Opened(second)) {
      return ScoreInBatches(tx, leads, moment, *scorer, round);
    }
    const auto middle = leads.begin() + static_cast<ptrdiff_t>(leads.size() / 2);
    Round of_second;
    std::future<absl::Status> other = std::async(std::launch::async, [&] {
      pg::TxOptions options;
      options.name = "rescore_second";
      return pg::RunInTx(*second, options, [&](pg::Tx& second_tx) {
        of_second = Round{};
        RETURN_IF_ERROR(
            ScoreInBatches(second_tx, {middle, leads.end()}, moment, *second_scorer, of_second));
        if (of_second.wrote) {
          QueueScoredLeadsChanged(second_tx);  // what it commits is seen before this one's end
        }
        return second_tx.Flush();
      });
    });
    const absl::Status mine = ScoreInBatches(tx, {leads.begin(), middle}, moment, *scorer, round);
    const absl::Status its = other.get();
    RETURN_IF_ERROR(mine);
    RETURN_IF_ERROR(its);
    round.scored += of_second.scored;
    round.changed += of_second.changed;
    return absl::OkStatus();
  }

  // The server writes one batch and reads the one after the next while the next is scored here.
  absl::Status ScoreInBatches(pg::Tx& tx, const std::vector<std::string>& leads,
                              const Moment& moment, BatchScorer& by, Round& round) {
    size_t read = 0;
    const auto read_on = [&]() -> std::optional<PendingBatch> {
      if (read == leads.size()) {
        return std::nullopt;
      }
      const size_t first = read;
      read = std::min(first + static_cast<size_t>(deps.batch), leads.size());
      return QueueBatch(tx, {leads.begin() + static_cast<ptrdiff_t>(first),
                             leads.begin() + static_cast<ptrdiff_t>(read)});
    };
    std::optional<PendingBatch> now = read_on(), next = read_on();
    RETURN_IF_ERROR(tx.Flush());
    while (now) {
      ASSIGN_OR_RETURN(const Reckoned reckoned, Score(*now, moment, by, round));
      RETURN_IF_ERROR(tx.Flush());  // what was written last, and the rows of `next`
      RETURN_IF_ERROR(Write(tx, reckoned));
      now = std::exchange(next, read_on());
      RETURN_IF_ERROR(tx.Send());
    }
    return tx.Flush();
  }

  absl::StatusOr<Reckoned> Score(const PendingBatch& leads, const Moment& moment, BatchScorer& by,
                                 Round& round) const {
    Reckoned reckoned;
    RETURN_IF_ERROR(by.Reckon(leads, moment, *deps.ids, reckoned));
    round.scored += reckoned.scored;
    round.changed += reckoned.changed;
    round.wrote = round.wrote || !reckoned.updated.empty() || !reckoned.inserted.empty();
    return reckoned;
  }

  static absl::Status Write(pg::Tx& tx, const Reckoned& reckoned) {
    QueueScores(tx, reckoned);
    return reckoned.events.empty() ? absl::OkStatus()
                                   : eventing::Append(tx, OriginOfRescorer(), reckoned.events,
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
