"""What the auditor looks at: journals, topics, tables and the operation log, read once when the system is quiet."""

import json
from collections import defaultdict, namedtuple
from dataclasses import dataclass, field

import psycopg

from clients import topics

from . import orders, scoring

JournalRow = namedtuple("JournalRow", "xid seq event_id aggregate version type occurred_at payload")
Ticket = namedtuple("Ticket", "name version kind severity state owner team external_id")
Clock = namedtuple("Clock", "name version subject policy cycle run_state start due stop owner breached policy_version calendar calendar_version team")
Firing = namedtuple("Firing", "clock cycle threshold arming occurred_at detected_at retracted")
Escalation = namedtuple("Escalation", "name version clock level state recipient")
Offset = namedtuple("Offset", "topic partition next_offset applied repeated parked")
Fact = namedtuple("Fact", "event_id measure part aggregate version day qualifier currency member team region customer value")

SERVICES = ("directory", "complaints", "sla", "leads", "orders", "scoring")
CONSUMERS = ("complaints", "sla", "leads", "orders", "scoring")


@dataclass
class Snapshot:
    journals: dict = field(default_factory=dict)    # service -> [JournalRow] in (xid, seq) order
    unsent: dict = field(default_factory=dict)      # service -> journal rows that no cursor covers
    records: dict = field(default_factory=lambda: defaultdict(list))  # topic -> [topics.Record] in partition order
    partitions: dict = field(default_factory=dict)  # topic -> number of partitions
    responses: dict = field(default_factory=dict)   # (method, caller, request_id) -> (request hash, sha256 of response)
    tickets: list = field(default_factory=list)
    externals: list = field(default_factory=list)   # callers' ids of leads, payments and measurements
    clocks: list = field(default_factory=list)
    firings: list = field(default_factory=list)
    escalations: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)       # (subject, version) -> (type, payload), of the subjects' own events
    learnt: list = field(default_factory=list)      # (subject, event id, payload): facts told by another, its customer
    tiers: dict = field(default_factory=dict)       # complaints: customer -> (version, tiers)
    scores: dict = field(default_factory=dict)      # leads: lead -> (version, score, band, win_percent, model, model_version)
    won_contracts: dict = field(default_factory=dict)  # leads: opportunity -> (contract, its state, why it was cancelled)
    told: dict = field(default_factory=dict)        # sla: (customer, version) -> payload
    org: dict = field(default_factory=lambda: defaultdict(dict))  # service -> {name: (version, state bytes)}
    offsets: dict = field(default_factory=dict)     # service -> [Offset]
    versions: dict = field(default_factory=dict)    # service -> {aggregate: version}
    parked: dict = field(default_factory=lambda: defaultdict(dict))  # service -> {aggregate: count}
    timers_overdue: int = 0
    timers: dict = field(default_factory=dict)      # clock -> threshold
    policies: dict = field(default_factory=dict)    # (policy, version) -> steward.sla.v1.Policy
    calendars: dict = field(default_factory=dict)   # (calendar, version) -> steward.sla.v1.Calendar
    contracts: dict = field(default_factory=dict)   # of orders: name -> the row that ContractModel.row gives; the next alike
    orders: dict = field(default_factory=dict)
    receivables: dict = field(default_factory=dict)  # contract -> version of its ledger
    instalments: dict = field(default_factory=dict)  # (contract, number) -> version, cycle, said, due, amount, paid, credited, written off
    cash: dict = field(default_factory=dict)        # payment -> kind, amount, day, what it reverses
    scoring_facts: list = field(default_factory=list)
    days: dict = field(default_factory=dict)        # (subject, measure, day, qualifier, currency) -> (facts, total)
    kept_scores: dict = field(default_factory=dict)  # scoring: lead -> (version, score, band, win)
    now: object = None                              # PostgreSQL's clock
    operations: list = field(default_factory=list)  # of the operation log


def topic_of(service):
    return f"steward.{service}.v1"


def _journal(db):
    rows = db.execute("SELECT xid::text::bigint, seq, event_id::text, aggregate, aggregate_version, type, occurred_at, payload"
                      " FROM journal ORDER BY xid, seq").fetchall()
    return [JournalRow(*row[:7], bytes(row[7])) for row in rows]


def _unsent(db):
    return db.execute("SELECT count(*) FROM journal j WHERE j.xid < pg_snapshot_xmin(pg_current_snapshot())"
                      " AND NOT EXISTS (SELECT FROM journal_cursor c WHERE (j.xid, j.seq) <= (c.xid, c.seq))").fetchone()[0]


def _consumer(db, snapshot, service):
    group = f"steward.{service}"
    snapshot.offsets[service] = [Offset(*row) for row in db.execute(
        "SELECT o.topic, o.partition, o.next_offset, coalesce(c.applied, 0), coalesce(c.repeated, 0), coalesce(c.parked, 0)"
        " FROM consumer_offset o LEFT JOIN consumer_count c USING (consumer_group, topic, partition) WHERE consumer_group = %s", (group,))]
    snapshot.versions[service] = dict(db.execute("SELECT aggregate, version FROM consumer_version WHERE consumer_group = %s", (group,)))
    snapshot.parked[service] = dict(db.execute(
        "SELECT aggregate, count(*) FROM parked_record WHERE consumer_group = %s AND state = 'parked' GROUP BY 1", (group,)))


def _sla(db, snapshot):
    from clients import protos as p

    snapshot.clocks = [Clock(*row) for row in db.execute(
        "SELECT name, version, subject, policy, cycle, run_state, start_time, due_time, stop_time, owner, breached, policy_version,"
        " calendar, calendar_version, team FROM clock")]
    snapshot.firings = [Firing(*row) for row in db.execute(
        "SELECT clock, cycle, threshold, arming, occurred_at, detected_at, retracted FROM firing")]
    snapshot.escalations = [Escalation(*row) for row in db.execute(
        "SELECT name, version, clock, level, state, recipient FROM escalation")]
    snapshot.facts = {(s, v): (t, bytes(b)) for s, v, t, b in db.execute(
        "SELECT subject, version, type, payload FROM subject_fact WHERE step = 0")}
    snapshot.learnt = [(s, e, bytes(b)) for s, e, b in db.execute(
        "SELECT subject, event_id::text, payload FROM subject_fact WHERE step > 0")]
    snapshot.told = {(c, v): bytes(b) for c, v, b in db.execute("SELECT customer, version, payload FROM customer_tiers")}
    snapshot.timers = dict(db.execute("SELECT clock, threshold FROM timer"))
    snapshot.timers_overdue, snapshot.now = db.execute(
        "SELECT count(*) FILTER (WHERE fire_at < clock_timestamp() - interval '5 s'), clock_timestamp() FROM timer").fetchone()
    for name, version, spec in db.execute("SELECT policy, version, spec FROM policy_version"):
        snapshot.policies[name, version] = p.sla_types.Policy.FromString(bytes(spec))
    for name, version, spec in db.execute("SELECT calendar, version, spec FROM calendar_version"):
        snapshot.calendars[name, version] = p.sla_types.Calendar.FromString(bytes(spec))


# What was made under a caller's own id, besides tickets.
EXTERNALS = {"leads": "SELECT external_id FROM lead WHERE external_id <> ''", "orders": "SELECT external_id FROM cash_entry WHERE external_id <> ''",
             "scoring": "SELECT external_id FROM measurement WHERE version = 1"}


def read(dsn, kafka, operations_file=None):
    """`dsn(service)` gives a libpq string of a read-only role."""
    snapshot = Snapshot()
    for service in SERVICES:
        with psycopg.connect(dsn(service), autocommit=False) as db:
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            snapshot.journals[service] = _journal(db)
            snapshot.unsent[service] = _unsent(db)
            snapshot.org[service] = {n: (v, bytes(s)) for n, v, s in db.execute("SELECT name, version, state FROM org_entry")}
            for method, caller, request, request_hash, digest in db.execute(
                    "SELECT method, caller, request_id, encode(request_hash, 'hex'), encode(sha256(response), 'hex') FROM idempotency_key"):
                snapshot.responses[method, caller, request] = (request_hash, digest)
            if service in CONSUMERS:
                _consumer(db, snapshot, service)
            snapshot.externals += [external for external, in db.execute(EXTERNALS[service])] if service in EXTERNALS else []
            if service == "complaints":
                snapshot.tiers = {n: (v, tuple(t)) for n, v, t in db.execute("SELECT name, version, tiers FROM customer")}
                snapshot.tickets = [Ticket(*row) for row in db.execute(
                    "SELECT 'complaints/' || id, version, kind, severity, (ARRAY['RECORDED', 'FIRST_RESPONDED', 'SOLUTION_PROPOSED', 'RESOLVED',"
                    " 'VERIFIED', 'CLOSED', 'CANCELLED'])[state], owner, team, external_id FROM ticket")]
            if service == "sla":
                _sla(db, snapshot)
            if service == "orders":
                orders.read(db, snapshot)
            if service == "scoring":
                scoring.read(db, snapshot)
            if service == "leads":
                snapshot.scores = {name: tuple(row) for name, *row in db.execute(
                    "SELECT 'leads/' || lead, version, score::text, band, win_percent, model, model_version FROM lead_score WHERE version > 0")}
                snapshot.won_contracts = {name: tuple(row) for name, *row in db.execute(
                    "SELECT 'opportunities/' || id, contract, contract_state, contract_cancel_reason FROM opportunity WHERE contract <> ''")}
        snapshot.records[topic_of(service)] = topics.read(kafka, topic_of(service))
        snapshot.partitions[topic_of(service)] = topics.partition_count(kafka, topic_of(service))
    if operations_file:
        with open(operations_file) as lines:
            snapshot.operations = [entry for entry in map(json.loads, lines) if "operation" in entry]
    return snapshot
