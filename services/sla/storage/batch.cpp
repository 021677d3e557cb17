#include "services/sla/storage/batch.h"

#include "libs/base/status.h"
#include "services/sla/storage/clocks.h"
#include "services/sla/storage/columns.h"
#include "steward/sla/events/v1/sla_events.pb.h"

namespace steward::sla {
namespace {

constexpr pg::Statement kPutSubjects{
    "sla_put_subjects",
    "INSERT INTO subject AS s (name, version, owner, team, unmatched, customer, customer_version, "
    "ended) SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], "
    "$6::text[], $7::bigint[], $8::boolean[]) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version, owner = excluded.owner, team = "
    "excluded.team, "
    "unmatched = excluded.unmatched, customer = excluded.customer, customer_version = "
    "greatest(s.customer_version, excluded.customer_version), ended = excluded.ended"};
constexpr pg::Statement kInsertClocks{
    "sla_insert_clocks",
    "INSERT INTO clock (" STEWARD_CLOCK_COLUMNS
    ", breached, warned) SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], "
    "$4::text[], $5::integer[], $6::text[], $7::integer[], $8::text[], $9::integer[], "
    "$10::smallint[], $11::timestamptz[], "
    "$12::timestamptz[], $13::timestamptz[], $14::boolean[], $15::text[], $16::text[], "
    "$17::text[], $18::text[], "
    "$19::smallint[], $20::text[], $21::bytea[], $22::bigint[], $23::integer[], $24::boolean[], "
    "$25::boolean[])"};
constexpr pg::Statement kUpdateClocks{
    "sla_update_clocks",
    "UPDATE clock c SET version = u.version, policy_version = u.policy_version, calendar_version = "
    "u.calendar_version, "
    "cycle = u.cycle, run_state = u.run_state, start_time = u.start_time, due_time = u.due_time, "
    "stop_time = u.stop_time, "
    "provisional = u.provisional, owner = u.owner, team = u.team, cancel_reason = u.cancel_reason, "
    "ladder = u.ladder, "
    "breached = u.breached, warned = u.warned FROM unnest($1::text[], $2::bigint[], $3::integer[], "
    "$4::integer[], "
    "$5::integer[], $6::smallint[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], "
    "$10::boolean[], $11::text[], "
    "$12::text[], $13::text[], $14::bytea[], $15::boolean[], $16::boolean[]) AS u(name, version, "
    "policy_version, "
    "calendar_version, cycle, run_state, start_time, due_time, stop_time, provisional, owner, "
    "team, cancel_reason, ladder, "
    "breached, warned) WHERE c.name = u.name"};
// A firing changes the version, the ladder and what people see of it; nothing else.
constexpr pg::Statement kFireClocks{
    "sla_fire_clocks",
    "UPDATE clock c SET version = u.version, ladder = u.ladder, breached = u.breached, warned = "
    "u.warned "
    "FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::boolean[], $5::boolean[]) AS u(name, "
    "version, ladder, breached, warned) "
    "WHERE c.name = u.name"};
constexpr pg::Statement kDropTimers{"sla_drop_timers",
                                    "DELETE FROM timer WHERE clock = ANY($1::text[])"};
constexpr pg::Statement kPutTimers{"sla_put_timers",
                                   "INSERT INTO timer (shard, clock, subject, cycle, threshold, "
                                   "arming, due, fire_at, accuses) SELECT * FROM "
                                   "unnest($1::smallint[], $2::text[], $3::text[], $4::integer[], "
                                   "$5::text[], $6::integer[], $7::timestamptz[], "
                                   "$8::timestamptz[], $9::boolean[])"};
constexpr pg::Statement kPutFirings{"sla_put_firings",
                                    "INSERT INTO firing (clock, cycle, threshold, arming, "
                                    "occurred_at, detected_at, mark) SELECT * FROM "
                                    "unnest($1::text[], $2::integer[], $3::text[], $4::integer[], "
                                    "$5::timestamptz[], $6::timestamptz[], $7::text[])"};
constexpr pg::Statement kRetract{"sla_retract_firings",
                                 "UPDATE firing f SET retracted = true, retraction_cause = u.cause "
                                 "FROM unnest($1::text[], $2::integer[], $3::text[], "
                                 "$4::integer[], $5::text[]) AS u(clock, cycle, threshold, arming, "
                                 "cause) WHERE f.clock = u.clock AND f.cycle = u.cycle "
                                 "AND f.threshold = u.threshold AND f.arming = u.arming"};
constexpr pg::Statement kPutEscalations{
    "sla_put_escalations",
    "INSERT INTO escalation (" STEWARD_ESCALATION_COLUMNS
    ") SELECT * FROM unnest($1::text[], "
    "$2::bigint[], $3::text[], "
    "$4::text[], $5::text[], $6::integer[], $7::integer[], $8::integer[], $9::text[], $10::text[], "
    "$11::text[], $12::text[], "
    "$13::smallint[], $14::text[], $15::text[], $16::timestamptz[], $17::timestamptz[]) "
    "ON CONFLICT (name) DO UPDATE SET version = excluded.version, recipient = excluded.recipient, "
    "basis = excluded.basis, "
    "state = excluded.state"};

std::vector<std::string> Column(const std::vector<Clock>& clocks, std::string Clock::*field) {
  std::vector<std::string> out;
  for (const Clock& c : clocks) {
    out.push_back(c.*field);
  }
  return out;
}

}  // namespace

void Batch::PutClock(const Clock& clock, bool created, const std::optional<NextFiring>& next,
                     Time now) {
  (created ? created_ : clocks_).push_back(clock);
  if (!next) {
    return;
  }
  const bool late = !fired_only_ && next->at <= now;
  const Time fire_at = late ? now + Seconds(2) : next->at;
  timers_.push_back({ShardOf(clock.subject), clock.name, clock.subject,
                     RungName(next->kind, next->number), clock.cycle, next->arming, next->at,
                     fire_at, next->kind != PlannedRung::Kind::kWarning});
  armed_.push_back({ShardOf(clock.subject), fire_at});
}

void Batch::PutFiring(const std::string& clock, int cycle, const event::Fired& fired) {
  firings_.push_back({clock, RungName(fired.kind, fired.number), cycle, fired.arming,
                      fired.occurred_at, fired.detected_at, fired.mark});
}

void Batch::RetractFiring(const std::string& clock, int cycle, const Retraction& retraction,
                          std::string cause) {
  retractions_.push_back({clock, RungName(retraction.kind, retraction.number), std::move(cause),
                          cycle, retraction.arming});
}

void Batch::PutEscalation(const Escalation& escalation) {
  const auto [place, fresh] = escalation_at_.try_emplace(escalation.name, escalations_.size());
  if (fresh) {
    escalations_.push_back(escalation);
  } else {
    escalations_[place->second] = escalation;  // raised and ended in one change
  }
}

void Batch::QueueClocks(pg::Tx& tx) const {
  const std::vector<Clock>& fresh = created_;
  const std::vector<Clock>& old = clocks_;
  const auto ladders = [](const std::vector<Clock>& list) {
    return Map(list, [](auto& c) { return EncodeLadder(c.ladder); });
  };
  const auto breached = [](const std::vector<Clock>& list) {
    return Map(list, [](auto& c) { return HasStanding(c.ladder, PlannedRung::Kind::kBreach); });
  };
  const auto warned = [](const std::vector<Clock>& list) {
    return Map(list, [](auto& c) { return HasStanding(c.ladder, PlannedRung::Kind::kWarning); });
  };
  const auto state = [](auto& c) { return static_cast<int32_t>(c.state); };
  if (!fresh.empty()) {
    tx.Queue(kInsertClocks,
             pg::Params()
                 .AddTexts(Column(fresh, &Clock::name))
                 .AddInts(Map(fresh, [](auto& c) { return c.version; }))
                 .AddTexts(Column(fresh, &Clock::subject))
                 .AddTexts(Column(fresh, &Clock::policy))
                 .AddInt32s(Map(fresh, [](auto& c) { return int32_t{c.policy_version}; }))
                 .AddTexts(Column(fresh, &Clock::calendar))
                 .AddInt32s(Map(fresh, [](auto& c) { return int32_t{c.calendar_version}; }))
                 .AddTexts(Column(fresh, &Clock::metric))
                 .AddInt32s(Map(fresh, [](auto& c) { return int32_t{c.cycle}; }))
                 .AddInt16s(Map(fresh, [&](auto& c) { return static_cast<int16_t>(state(c)); }))
                 .AddTimes(Map(fresh, [](auto& c) { return c.start; }))
                 .AddOptionalTimes(Map(fresh, [](auto& c) { return c.due; }))
                 .AddOptionalTimes(Map(fresh, [](auto& c) { return c.stop; }))
                 .AddBools(Map(fresh, [](auto& c) { return c.provisional; }))
                 .AddTexts(Column(fresh, &Clock::owner))
                 .AddTexts(Column(fresh, &Clock::team))
                 .AddTexts(Column(fresh, &Clock::pack))
                 .AddTexts(Column(fresh, &Clock::seed))
                 .AddInt16s(Map(fresh, [](auto& c) { return static_cast<int16_t>(c.binding); }))
                 .AddTexts(Column(fresh, &Clock::cancel_reason))
                 .AddBytesArray(ladders(fresh))
                 .AddInts(Map(fresh, [](auto& c) { return c.since.version; }))
                 .AddInt32s(Map(fresh, [](auto& c) { return c.since.step; }))
                 .AddBools(breached(fresh))
                 .AddBools(warned(fresh)));
  }
  if (!old.empty() && fired_only_) {
    tx.Queue(kFireClocks, pg::Params()
                              .AddTexts(Column(old, &Clock::name))
                              .AddInts(Map(old, [](auto& c) { return c.version; }))
                              .AddBytesArray(ladders(old))
                              .AddBools(breached(old))
                              .AddBools(warned(old)));
  } else if (!old.empty()) {
    tx.Queue(kUpdateClocks,
             pg::Params()
                 .AddTexts(Column(old, &Clock::name))
                 .AddInts(Map(old, [](auto& c) { return c.version; }))
                 .AddInt32s(Map(old, [](auto& c) { return int32_t{c.policy_version}; }))
                 .AddInt32s(Map(old, [](auto& c) { return int32_t{c.calendar_version}; }))
                 .AddInt32s(Map(old, [](auto& c) { return int32_t{c.cycle}; }))
                 .AddInt16s(Map(old, [&](auto& c) { return static_cast<int16_t>(state(c)); }))
                 .AddTimes(Map(old, [](auto& c) { return c.start; }))
                 .AddOptionalTimes(Map(old, [](auto& c) { return c.due; }))
                 .AddOptionalTimes(Map(old, [](auto& c) { return c.stop; }))
                 .AddBools(Map(old, [](auto& c) { return c.provisional; }))
                 .AddTexts(Column(old, &Clock::owner))
                 .AddTexts(Column(old, &Clock::team))
                 .AddTexts(Column(old, &Clock::cancel_reason))
                 .AddBytesArray(ladders(old))
                 .AddBools(breached(old))
                 .AddBools(warned(old)));
  }
}

void Batch::QueueTimers(pg::Tx& tx) const {
  // The watcher has deleted its timers by compare-and-delete already.
  if (!fired_only_ && !clocks_.empty()) {
    tx.Queue(kDropTimers, pg::Params().AddTexts(Column(clocks_, &Clock::name)));
  }
  if (!timers_.empty()) {
    tx.Queue(kPutTimers,
             pg::Params()
                 .AddInt16s(Map(timers_, [](auto& t) { return static_cast<int16_t>(t.shard); }))
                 .AddTexts(Map(timers_, [](auto& t) { return t.clock; }))
                 .AddTexts(Map(timers_, [](auto& t) { return t.subject; }))
                 .AddInt32s(Map(timers_, [](auto& t) { return static_cast<int32_t>(t.cycle); }))
                 .AddTexts(Map(timers_, [](auto& t) { return t.threshold; }))
                 .AddInt32s(Map(timers_, [](auto& t) { return static_cast<int32_t>(t.arming); }))
                 .AddTimes(Map(timers_, [](auto& t) { return t.due; }))
                 .AddTimes(Map(timers_, [](auto& t) { return t.fire_at; }))
                 .AddBools(Map(timers_, [](auto& t) { return t.accuses; })));
  }
}

void Batch::QueueFirings(pg::Tx& tx) const {
  if (!retractions_.empty()) {
    tx.Queue(
        kRetract,
        pg::Params()
            .AddTexts(Map(retractions_, [](auto& r) { return r.clock; }))
            .AddInt32s(Map(retractions_, [](auto& r) { return static_cast<int32_t>(r.cycle); }))
            .AddTexts(Map(retractions_, [](auto& r) { return r.threshold; }))
            .AddInt32s(Map(retractions_, [](auto& r) { return static_cast<int32_t>(r.arming); }))
            .AddTexts(Map(retractions_, [](auto& r) { return r.cause; })));
  }
  if (!firings_.empty()) {
    tx.Queue(kPutFirings,
             pg::Params()
                 .AddTexts(Map(firings_, [](auto& f) { return f.clock; }))
                 .AddInt32s(Map(firings_, [](auto& f) { return static_cast<int32_t>(f.cycle); }))
                 .AddTexts(Map(firings_, [](auto& f) { return f.threshold; }))
                 .AddInt32s(Map(firings_, [](auto& f) { return static_cast<int32_t>(f.arming); }))
                 .AddTimes(Map(firings_, [](auto& f) { return f.occurred_at; }))
                 .AddTimes(Map(firings_, [](auto& f) { return f.detected_at; }))
                 .AddTexts(Map(firings_, [](auto& f) { return f.mark; })));
  }
}

void Batch::QueueEscalations(pg::Tx& tx) const {
  if (escalations_.empty()) {
    return;
  }
  const auto& rows = escalations_;
  tx.Queue(kPutEscalations,
           pg::Params()
               .AddTexts(Map(rows, [](auto& e) { return e.name; }))
               .AddInts(Map(rows, [](auto& e) { return e.version; }))
               .AddTexts(Map(rows, [](auto& e) { return e.clock; }))
               .AddTexts(Map(rows, [](auto& e) { return e.subject; }))
               .AddTexts(Map(rows, [](auto& e) { return e.policy; }))
               .AddInt32s(Map(rows, [](auto& e) { return int32_t{e.cycle}; }))
               .AddInt32s(Map(rows, [](auto& e) { return int32_t{e.level}; }))
               .AddInt32s(Map(rows, [](auto& e) { return int32_t{e.arming}; }))
               .AddTexts(Map(rows, [](auto& e) { return e.role; }))
               .AddTexts(Map(rows, [](auto& e) { return e.fallback_role; }))
               .AddTexts(Map(rows, [](auto& e) { return e.recipient; }))
               .AddTexts(Map(rows, [](auto& e) { return e.basis; }))
               .AddInt16s(Map(rows, [](auto& e) { return static_cast<int16_t>(e.state); }))
               .AddTexts(Map(rows, [](auto& e) { return e.owner; }))
               .AddTexts(Map(rows, [](auto& e) { return e.team; }))
               .AddTimes(Map(rows, [](auto& e) { return e.occurred_at; }))
               .AddTimes(Map(rows, [](auto& e) { return e.detected_at; })));
}

void Batch::AddEvent(eventing::NewEvent event) {
  if (events_.empty() || !(events_.back().first == origin_)) {
    events_.emplace_back(origin_, std::vector<eventing::NewEvent>{});
  }
  events_.back().second.push_back(std::move(event));
}

absl::Status Batch::Queue(pg::Tx& tx) {
  if (!subjects_.empty()) {
    tx.Queue(kPutSubjects, pg::Params()
                               .AddTexts(Map(subjects_, [](auto& s) { return s.name; }))
                               .AddInts(Map(subjects_, [](auto& s) { return s.version; }))
                               .AddTexts(Map(subjects_, [](auto& s) { return s.owner; }))
                               .AddTexts(Map(subjects_, [](auto& s) { return s.team; }))
                               .AddBools(Map(subjects_, [](auto& s) { return s.unmatched; }))
                               .AddTexts(Map(subjects_, [](auto& s) { return s.customer; }))
                               .AddInts(Map(subjects_, [](auto& s) { return s.customer_version; }))
                               .AddBools(Map(subjects_, [](auto& s) { return s.ended; })));
  }
  QueueClocks(tx);
  QueueTimers(tx);
  QueueFirings(tx);
  QueueEscalations(tx);
  for (const auto& [origin, events] : events_) {
    RETURN_IF_ERROR(eventing::Append(tx, origin, events, events::v1::SlaEvent::default_instance()));
  }
  return absl::OkStatus();
}

}  // namespace steward::sla
