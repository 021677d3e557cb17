"""One function an invariant: it takes a snapshot and answers (how many things it checked, what violates it)."""

import hashlib
from collections import Counter, defaultdict
from datetime import timedelta

from kafka.partitioner.default import murmur2

from . import copies, hours, orders, scoring
from .copies import LEADS, first_occurrences
from .models import MET, MISSED, PAUSED, RUNNING, CANCELLED, ClockModel, Illegal, TicketModel
from .snapshot import SERVICES, topic_of

TICKETS, CLOCKS = "steward.complaints.v1", "steward.sla.v1"
ORDERS = "steward.orders.v1"
KAFKA_POSITIVE = 0x7FFFFFFF


def _by_key(records):
    groups = defaultdict(list)
    for record in first_occurrences(records):
        groups[record.key].append(record)
    return groups


def _answered(s):
    """Operations with a request_id, by (method, caller, request_id)."""
    attempts = defaultdict(list)
    for operation in s.operations:
        if operation.get("request_id") and operation.get("outcome"):
            attempts[operation["method"], operation["principal"], operation["request_id"]].append(operation)
    return attempts


def i01_no_lost_acknowledgement(s):
    bad, checked = [], 0
    for key, attempts in _answered(s).items():
        for attempt in attempts:
            if attempt["outcome"] == "ok":
                checked += 1
                stored = s.responses.get(key)
                if stored is None or stored[1] != attempt["response_hash"]:
                    bad.append(f"{key}: acknowledged, but {'nothing' if stored is None else 'another answer'} is stored")
    return checked, bad


def i02_no_phantom(s):
    bad, checked = [], 0
    for key, attempts in _answered(s).items():
        outcomes = {a["outcome"] for a in attempts}
        if outcomes == {"fail"}:
            checked += 1
            if key in s.responses:
                bad.append(f"{key}: refused, yet an answer is stored")
    return checked, bad


def i03_unknown_becomes_zero_or_one(s):
    made = Counter(t.external_id for t in s.tickets if t.external_id) + Counter(s.externals)
    bad, checked = [], 0
    for key, attempts in _answered(s).items():
        external = attempts[0].get("external_id")
        if external:
            checked += 1
            ok = any(a["outcome"] == "ok" for a in attempts)
            if made[external] > 1 or (ok and made[external] != 1):
                bad.append(f"{key}: {made[external]} of one request")
    return checked, bad


def i04_idempotent(s):
    bad, checked = [], 0
    for key, attempts in _answered(s).items():
        answers = {a["response_hash"] for a in attempts if a["outcome"] == "ok"}
        checked += bool(answers)
        if len(answers) > 1:
            bad.append(f"{key}: {len(answers)} different answers")
    return checked, bad


def i05_versions_without_gap(s):
    bad, checked = [], 0
    for service, rows in s.journals.items():
        versions = defaultdict(list)
        for row in rows:
            versions[row.aggregate].append(row.version)
        for aggregate, list_ in versions.items():
            checked += 1
            if sorted(list_) != list(range(1, len(list_) + 1)):
                bad.append(f"{service} {aggregate}: versions {sorted(list_)[:20]}")
    return checked, bad


def _fold_tickets(s):
    tickets, bad = {}, []
    for key, records in _by_key(s.records[TICKETS]).items():
        if not key.startswith("complaints/"):
            continue
        model = TicketModel()
        for record in sorted(records, key=lambda r: r.version):
            try:
                model.apply(record.type, record.event)
            except Illegal as illegal:
                bad.append(f"{key} version {record.version}: {illegal}")
        tickets[key] = model
    return tickets, bad


def i06_state_is_fold(s):
    models, _ = _fold_tickets(s)
    bad = []
    for ticket in s.tickets:
        model = models.get(ticket.name)
        if model is None:
            bad.append(f"{ticket.name}: a row without events")
            continue
        for name in ("version", "kind", "severity", "state", "owner", "team"):
            ours, theirs = getattr(model, name), getattr(ticket, name)
            if ours != (theirs or ("" if name != "version" else 0)):
                bad.append(f"{ticket.name}: {name} is {theirs!r}, its events say {ours!r}")
    missing = set(models) - {t.name for t in s.tickets}
    checked, unlike = orders.rows_are_folds(s)
    return len(s.tickets) + checked, bad + [f"{name}: events without a row" for name in missing] + unlike


def i07_legal_transitions(s):
    models, bad = _fold_tickets(s)
    checked, illegal = orders.legal(s)
    return sum(m.version for m in models.values()) + checked, bad + illegal


def i09_complete(s):
    bad, checked = [], 0
    for service, rows in s.journals.items():
        sent = {r.event_id for r in s.records[topic_of(service)]}
        for row in rows:
            checked += 1
            if row.event_id not in sent:
                bad.append(f"{service} {row.aggregate} version {row.version} ({row.type}) never reached Kafka")
    return checked, bad


def i10_no_invention(s):
    bad, checked = [], 0
    for service, rows in s.journals.items():
        payloads = {row.event_id: hashlib.sha256(row.payload).digest() for row in rows}
        for record in s.records[topic_of(service)]:
            checked += 1
            if payloads.get(record.event_id) != hashlib.sha256(record.value).digest():
                bad.append(f"{record.topic}/{record.partition}@{record.offset} {record.key}: not in the journal with these bytes")
    return checked, bad


def i11_order(s):
    bad, checked = [], 0
    for service, rows in s.journals.items():
        last = {}
        for row in rows:
            if row.version != last.get(row.aggregate, 0) + 1:
                bad.append(f"{service} journal: {row.aggregate} version {row.version} after {last.get(row.aggregate, 0)}")
            last[row.aggregate] = row.version
    for topic, records in s.records.items():
        last, bytes_of = {}, {}
        for record in records:
            checked += 1
            if record.event_id in bytes_of:
                if bytes_of[record.event_id] != record.value:
                    bad.append(f"{topic} {record.key}: a repeat with other bytes")
                continue
            bytes_of[record.event_id] = record.value
            if record.version != last.get(record.key, 0) + 1:
                bad.append(f"{topic} {record.key}: version {record.version} after {last.get(record.key, 0)}")
            last[record.key] = record.version
    return checked, bad


def i12_one_partition(s):
    bad, checked = [], 0
    for topic, records in s.records.items():
        for key, partition in {(r.key, r.partition) for r in records}:
            checked += 1
            expected = (murmur2(key.encode()) & KAFKA_POSITIVE) % s.partitions[topic]
            if partition != expected:
                bad.append(f"{topic} {key}: partition {partition}, its hash says {expected}")
    return checked, bad


def i13_honest_cursor(s):
    return len(s.unsent), [f"{service}: {n} rows that could be sent are not" for service, n in s.unsent.items() if n]


# What clocks learn of campaigns and instalments; of an instalment, only once its due date has passed.
CAMPAIGN_FACTS = {"campaign." + name for name in ("planned", "rescheduled", "rehearsed", "started", "ended", "recap_submitted", "archived",
                                                  "cancelled")}
INSTALMENT_FACTS = {"instalment.due_date_passed", "instalment.assigned"}


def _is_fact(record):
    if record.topic == TICKETS:
        return record.key.startswith("complaints/") and record.type not in ("ticket.note_added", "repeat.detected")
    if record.type in ("instalment.paid", "instalment.reopened"):
        return record.event.cycle > 0
    return record.type in CAMPAIGN_FACTS or record.type in INSTALMENT_FACTS


def i16_projection_is_replay(s):
    bad, checked = [], 0
    expected = {}
    for topic in (TICKETS, LEADS, ORDERS):
        for record in first_occurrences(s.records[topic]):
            if _is_fact(record) and record.key not in s.parked.get("sla", {}):
                expected[record.key, record.version] = (record.type, record.value)
    checked += len(expected)
    for part_checked, part_bad in (copies.tiers(s), copies.scores(s), copies.contracts(s)):
        checked += part_checked
        bad += part_bad
    bad += [f"{key}: fact differs from the topic" for key in expected.keys() | s.facts.keys() if expected.get(key) != s.facts.get(key)]
    states = {}
    for record in first_occurrences(s.records["steward.directory.v1"]):
        states[record.key] = (record.version, record.event.SerializeToString())
    for service in SERVICES:
        for name, (version, state) in states.items():
            checked += 1
            ours, theirs = (version, state), s.org[service].get(name, (0, b""))
            if ours != theirs:
                bad.append(f"{service} {name}: organisation at version {theirs[0]}, the topic at {version}"
                           + (" with another state" if ours[0] == theirs[0] else ""))
    bad += _clock_rows(s)
    return checked + len(s.clocks), bad


def _fold_clocks(s):
    clocks, bad = {}, []
    for key, records in _by_key(s.records[CLOCKS]).items():
        if key.startswith("clocks/"):
            model = ClockModel()
            for record in sorted(records, key=lambda r: r.version):
                try:
                    model.apply(record.type, record.event)
                except Illegal as illegal:
                    bad.append(f"{key} version {record.version}: {illegal}")
            clocks[key] = model
    return clocks, bad


def _clock_rows(s):
    models, bad = _fold_clocks(s)
    for clock in s.clocks:
        model = models.get(clock.name)
        if model is None:
            bad.append(f"{clock.name}: a row without events")
        else:
            row = (clock.version, clock.run_state, clock.cycle, str(clock.due), clock.owner, clock.team)
            told = (model.version, model.state, model.cycle, str(model.due), model.owner, model.team)
            if row != told:
                bad.append(f"{clock.name}: row {row}, events {told}")
    return bad + [f"{name}: events without a row" for name in set(models) - {c.name for c in s.clocks}]


def i17_offset_with_effect(s):
    bad, checked = [], 0
    for service, offsets in s.offsets.items():
        ends = Counter()
        for topic in {o.topic for o in offsets}:
            for record in s.records[topic]:
                ends[topic, record.partition] = max(ends[topic, record.partition], record.offset + 1)
        stored = {(o.topic, o.partition) for o in offsets}
        bad += [f"{service} {topic}/{n}: records up to {end}, no offset" for (topic, n), end in ends.items() if (topic, n) not in stored]
        for o in offsets:
            checked += 1
            if o.next_offset != ends[o.topic, o.partition]:
                bad.append(f"{service} {o.topic}/{o.partition}: next offset {o.next_offset}, the end is {ends[o.topic, o.partition]}")
    return checked, bad


def i18_gap_refused(s):
    bad, checked = [], 0
    for service, versions in s.versions.items():
        last = {}
        for topic in {o.topic for o in s.offsets[service]}:
            for record in s.records[topic]:
                last[record.key] = max(last.get(record.key, 0), record.version)
        for key, version in last.items():
            if key not in s.parked[service]:
                checked += 1
                if versions.get(key) != version:
                    bad.append(f"{service} {key}: applied up to {versions.get(key)}, the topic holds {version}")
    return checked, bad


def i19_conservation(s):
    bad, checked = [], 0
    for service, offsets in s.offsets.items():
        for o in offsets:
            checked += 1
            if o.applied + o.repeated + o.parked != o.next_offset:
                bad.append(f"{service} {o.topic}/{o.partition}: read {o.next_offset} = {o.applied} applied + {o.repeated} repeated"
                           f" + {o.parked} parked does not hold")
    return checked, bad


def i22_fired_once(s):
    events = Counter()
    for record in first_occurrences(s.records[CLOCKS]):
        if record.type in ("clock.warned", "clock.breached", "clock.breach_reinstated"):
            events[record.key, record.event.cycle, record.event.threshold, record.event.arming] += 1
        elif record.type == "escalation.raised":
            events[record.event.clock, record.event.cycle, f"level-{record.event.level}", record.event.arming] += 1
    rows = Counter((f.clock, f.cycle, f.threshold, f.arming) for f in s.firings)
    bad = [f"{key}: {rows[key]} rows, {events[key]} events" for key in events.keys() | rows.keys() if (rows[key], events[key]) != (1, 1)]
    standing = Counter((f.clock, f.cycle, f.threshold) for f in s.firings if not f.retracted)
    bad += [f"{key}: {n} firings stand" for key, n in standing.items() if n > 1]
    return len(rows), bad


def i23_never_early(s):
    return len(s.firings), [f"{f.clock} {f.threshold}: detected {f.detected_at}, due {f.occurred_at}" for f in s.firings
                            if f.detected_at < f.occurred_at]


def _oracle_breach(s, clock):
    """Must a breach stand? From the clock's due and stop; _wrong_dues asks whether the due itself is right."""
    end = clock.stop if clock.run_state in (MET, MISSED) else s.now - timedelta(seconds=5)
    return clock.due is not None and clock.due < end and clock.run_state in (RUNNING, MET, MISSED)


# Events that leave start, due and policy of a clock as they were at its start.
PLAIN = {"clock.started", "clock.warned", "clock.breached", "clock.breach_retracted", "clock.breach_reinstated", "clock.stopped",
         "clock.cancelled", "clock.assigned"}


def _wrong_dues(s):
    """Start and target by our own calendar arithmetic, for clocks that nothing can have moved."""
    moved = {record.key for record in s.records[CLOCKS] if record.type not in PLAIN}
    for clock in s.clocks:
        policy = s.policies.get((clock.policy, clock.policy_version))
        if policy is None or policy.pause_causes or clock.cycle != 1 or clock.name in moved:
            continue
        expected = hours.due(policy.target, s.calendars.get((clock.calendar, clock.calendar_version)), clock.start)
        if expected is not None and expected != clock.due:
            yield f"{clock.name}: started {clock.start}, due {clock.due}, by its policy it is {expected}"


def i24_none_missed(s):
    bad = [f"{s.timers_overdue} timers are overdue by 5 s"] if s.timers_overdue else []
    bad += _wrong_dues(s)
    standing = {(f.clock, f.cycle) for f in s.firings if f.threshold == "breach" and not f.retracted}
    for clock in s.clocks:
        if clock.run_state in (CANCELLED, PAUSED):
            continue
        late = _oracle_breach(s, clock)
        stands = (clock.name, clock.cycle) in standing
        recent = clock.due is not None and clock.run_state == RUNNING and s.now - timedelta(seconds=5) <= clock.due <= s.now
        if late != stands and not recent:
            bad.append(f"{clock.name}: due {clock.due}, stop {clock.stop}: a breach must {'' if late else 'not '}stand")
        if clock.run_state == RUNNING and clock.due is not None and not stands and clock.name not in s.timers:
            bad.append(f"{clock.name}: runs without a timer")
    return len(s.clocks), bad


ALL = {
    "I01 no lost acknowledgement": i01_no_lost_acknowledgement,
    "I02 no phantom": i02_no_phantom,
    "I03 unknown becomes 0 or 1": i03_unknown_becomes_zero_or_one,
    "I04 idempotent": i04_idempotent,
    "I05 versions without gap": i05_versions_without_gap,
    "I06 state is the fold of its events": i06_state_is_fold,
    "I07 legal transitions only": i07_legal_transitions,
    "I09 complete": i09_complete,
    "I10 no invention": i10_no_invention,
    "I11 order": i11_order,
    "I12 one partition per aggregate": i12_one_partition,
    "I13 the cursor is honest": i13_honest_cursor,
    "I16 projection is a replay from 0": i16_projection_is_replay,
    "I17 offset and effect together": i17_offset_with_effect,
    "I18 gaps refused": i18_gap_refused,
    "I19 conservation": i19_conservation,
    "I21 a score is a function of events": scoring.score_is_a_function,
    "I22 fired once": i22_fired_once,
    "I23 never early": i23_never_early,
    "I24 none missed": i24_none_missed,
    "I40 open = contract - cash at every event": orders.balances,
}
NEED_OPERATIONS = ("I01", "I02", "I03", "I04")
