"""Scoring: leads scored again (G14, G14b), sums of days made anew (G15) and kept (G15b). A round of G14, G15 and G15b is minutes at full
size, so none is discarded."""

import importlib.util
import json
import subprocess
import tempfile
import threading
import time
import uuid

from business import NEXT, Call, latency
from clients import protos as p
from stats import Goal
from timers import pss_mib

cards = p._load("steward.scoring.v1.scorecards_service_pb2")
MEMBERS = 10_000
# Counts with a customer, amounts, other counts: as in scoring_bench.cpp.
MEASURES = ["won_count", "contracts_signed", "opened_count", "sales_amount", "collected_on_time_amount", "instalment_due_amount",
            "effective_touches", "touches", "clock_met", "clock_missed"]
LIMIT_MIB = 1024
COLUMNS = ["source", "channel", "territory", "industry", "campaign", "utm_source", "utm_medium", "utm_campaign"]
SCHEMES = [f"scheme_{n}" for n in range(12)]
CUSTOMERS = 10_000


def leads_of(fixture):
    return 50_000 if fixture.quick else 1_000_000


def facts_of(fixture):
    return 200_000 if fixture.quick else 5_000_000


def program(fixture, what, *options):
    """A part of the service alone: bench_scoring."""
    where = [f"--host={fixture.stack.postgres.socket_dir}", f"--port={fixture.stack.ports['postgres']}", "--database=scoring"]
    done = subprocess.run([fixture.program("bench_scoring"), what, *([] if what == "kernel" else where), *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench_scoring: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)


def seconds_of(fixture, database, *queries):
    """How long they take in one transaction."""
    with fixture.connect(database) as connection:
        start = time.monotonic()
        with connection.transaction():
            for query in queries:
                connection.execute(query)
        return time.monotonic() - start


# Leads: eight columns and twelve tiers are the twenty features; each has a rule, and two of three values give points.

def fill_leads(fixture, database):
    columns = ", ".join(COLUMNS)
    values = ", ".join(f"'v' || (n / {3 ** i}) % 3" for i in range(len(COLUMNS)))
    tiers = ", ".join(f"'{scheme}:v' || (n / {i + 1}) % 3" for i, scheme in enumerate(SCHEMES))
    fixture.sql(database, f"INSERT INTO customer_tiers SELECT 'customers/bench-' || n, 1, ARRAY[{tiers}] FROM generate_series(0, {CUSTOMERS - 1}) n")
    fixture.sql(database, f"INSERT INTO lead_record (lead, version, captured, disqualified, open, {columns}, customer, owner, team) SELECT"
                f" 'leads/' || lpad(to_hex(n), 32, '0')::uuid, 1, true, false, true, {values}, 'customers/bench-' || n % {CUSTOMERS},"
                f" 'members/bench-' || n % {MEMBERS}, '' FROM generate_series(1, {leads_of(fixture)}) n")


def model(turn):
    """Two models in turn, so that every score changes."""
    features = COLUMNS + [f"tier.{scheme}" for scheme in SCHEMES]
    made = p.lead_scores_types.ScoringModel(name="scoringModels/bench")
    made.display_names["en"] = made.display_names["zh-Hans"] = "bench"
    group = made.groups.add(id="fit")
    group.display_names["en"] = group.display_names["zh-Hans"] = "fit"
    for number, feature in enumerate(features):
        made.features.add(id=f"rule-{number}", group="fit", feature=feature, values=["v1", "v2"], points=str(number + 1 + turn))
    band = made.bands.add(id="any", least="0")
    band.display_names["en"] = band.display_names["zh-Hans"] = "any"
    return made


def update_from(turn):
    """The same scores by one statement."""
    points = [f"CASE WHEN r.{column} IN ('v1', 'v2') THEN {i + 1 + turn} ELSE 0 END" for i, column in enumerate(COLUMNS)]
    points += [f"CASE WHEN '{scheme}:v1' = ANY(c.tiers) OR '{scheme}:v2' = ANY(c.tiers) THEN {len(COLUMNS) + i + 1 + turn} ELSE 0 END"
               for i, scheme in enumerate(SCHEMES)]
    return (f"UPDATE lead_score s SET score = 1000000::bigint * ({' + '.join(points)}), version = s.version + 1, scored_at = now(),"
            " model_version = s.model_version + 1 FROM lead_record r JOIN customer_tiers c ON c.customer = r.customer"
            " WHERE r.lead = s.lead AND r.open")


class Memory:
    """The largest Pss of a process while the block runs, in MiB."""

    def __init__(self, pid):
        self.pid, self.most, self._done = pid, 0.0, threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while not self._done.wait(0.2):
            self.most = max(self.most, pss_mib(self.pid))


def sweep(fixture, version):
    """Seconds from the activation until every open lead is scored by this version."""
    before = fixture.sql("scoring", "SELECT coalesce(begun_at, '-infinity')::text FROM lead_sweep")[0][0]
    start = time.monotonic()
    fixture.system.call("scoring", "ActivateScoringModel", p.lead_scores.ActivateScoringModelRequest(
        name="scoringModels/bench", version=version, request_id=str(uuid.uuid4())), timeout=60)
    done = ("SELECT since IS NULL AND coalesce(begun_at, '-infinity') > %s::timestamptz AND NOT EXISTS (SELECT FROM sweep_request) FROM lead_sweep")
    with fixture.connect("scoring") as connection:
        while not connection.execute(done, (before,)).fetchone()[0]:
            if time.monotonic() - start > 3600:
                raise RuntimeError("the sweep did not end within an hour")
            time.sleep(0.05)
    took = time.monotonic() - start
    left = fixture.sql("scoring", "SELECT count(*) FROM lead_record r LEFT JOIN lead_score s ON s.lead = r.lead AND s.model_version = %s"
                       " WHERE s.lead IS NULL", version)[0][0]
    if left:
        raise RuntimeError(f"{left} leads have no score of the version: void")
    return took


def rescore(fixture, rounds):
    """G14: every open lead scored again by the service, with a row and an event each, against one UPDATE."""
    count = leads_of(fixture)
    goal = Goal("G14", f"leads scored again/s, {count:,} with 20 features", "one SQL UPDATE ... FROM", 0.5, 1.0)
    rival = fixture.rival("scoring")
    for database in ("scoring", rival):
        fill_leads(fixture, database)
        fixture.settle(database)
    for turn in (0, 1):
        fixture.system.call("scoring", "CreateScoringModelVersion", p.lead_scores.CreateScoringModelVersionRequest(
            model=model(turn), request_id=str(uuid.uuid4())))
    # Both begin with the same scores of a version that is not there, so that the first sweep too changes every row.
    for database in ("scoring", rival):
        fixture.sql(database, "INSERT INTO lead_score (lead, version, score, band, win, win_basis, model, model_version, feature_hash, as_of,"
                    " scored_at, event_count, last_event, lead_version) SELECT lead, 0, -1, 'none', NULL, '', 'scoringModels/bench', 0,"
                    " repeat('0', 16), now(), now(), 0, '', 1 FROM lead_record ORDER BY lead")
        fixture.settle(database)
    most = 0.0
    for number in range(rounds):
        turn = number % 2
        with Memory(fixture.stack.services["scoring"].process.pid) as memory:
            ours = count / sweep(fixture, turn + 1)
        most = max(most, memory.most)
        fixture.settle("scoring", rival)
        other = count / seconds_of(fixture, rival, update_from(turn))
        digest = "SELECT count(*), sum(hashtextextended(lead || '=' || score, 0)::numeric) FROM lead_score"
        if fixture.sql("scoring", digest) != fixture.sql(rival, digest):
            raise RuntimeError("the scores differ from those of the statement: void")
        fixture.say(f"G14 round {number}: ours {ours:.0f} leads/s, UPDATE {other:.0f}/s; scoring at most {memory.most:.0f} MiB")
        goal.add(ours, other)
    goal.notes.append(f"scoring took at most {most:.0f} MiB (limit {LIMIT_MIB}); ours appends an event a lead, which the relay publishes")
    if most > LIMIT_MIB:
        raise RuntimeError(f"scoring took {most:.0f} MiB, the limit is {LIMIT_MIB}")
    return [goal]


def kernel(fixture, rounds):
    """G14b: points in memory."""
    goal = Goal("G14b", "leads/s, points of 20 features in memory", "memcpy of the same bytes", 0.3, None)
    goal.target = goal.floor
    if not fixture.program("bench_scoring"):
        goal.skip("bench_scoring is not built")
        return [goal]
    peer = Goal("G14b", "the same", "numpy X @ w, floats", 1.0, 1.0)
    if importlib.util.find_spec("numpy") is None:
        peer.skip("numpy is not installed")
    for number in range(rounds + 1):
        got = program(fixture, "kernel", *(["--leads=200000"] if fixture.quick else []))
        fixture.say(f"G14b round {number}: {got['leads_per_second']:.0f} leads/s, memcpy {got['memcpy_per_second']:.0f}/s")
        if number:
            goal.add(got["leads_per_second"], got["memcpy_per_second"])
        if not peer.skipped:
            dot = dot_product()
            fixture.say(f"G14b round {number}: numpy {dot:.0f} leads/s")
            if number:
                peer.add(got["leads_per_second"], dot)
    goal.notes.append(f"{got['bytes'] / 1e6:.0f} MB of codes, {got['bytes_a_lead']} bytes a lead, in the batches of the worker")
    return [goal, peer]


def dot_product():
    """Leads a second of numpy: one product of a matrix with a column for each of the twenty features."""
    import numpy
    leads = 1_000_000
    columns = numpy.random.default_rng(1).integers(0, 2, (leads, 20)).astype(numpy.float64)
    weights = numpy.arange(1.0, 21.0)
    best = None
    for _ in range(5):
        start = time.monotonic()
        columns @ weights
        took = time.monotonic() - start
        best = took if best is None else min(best, took)
    return leads / best


# Facts.

SUMS = ("SELECT s.subject, f.measure, f.day, f.qualifier, f.currency, sum(CASE WHEN f.part < 0 THEN -1 ELSE 1 END)::bigint AS facts,"
        " sum(f.value)::bigint AS total FROM fact f, LATERAL (VALUES (f.member), (f.team), (f.region), (f.customer), ('company')) AS s(subject)"
        " WHERE s.subject <> '' GROUP BY 1, 2, 3, 4, 5")


def fill_facts(fixture):
    """Facts of each member in turn, ten measures over ninety days."""
    count = facts_of(fixture)
    if fixture.sql("scoring", "SELECT count(*) FROM (SELECT FROM fact LIMIT 1) one")[0][0]:
        return
    fixture.sql("scoring", "INSERT INTO fact (event_id, measure, part, aggregate, version, occurred_at, day, qualifier, currency, member, team,"
                f" region, customer, value) SELECT lpad(to_hex(n), 32, '0')::uuid, ('{{{', '.join(MEASURES)}}}'::text[])[1 + turn * 7 % 10], 0,"
                " 'bench/' || n, 1, now(), DATE '2026-01-01' + (turn % 90)::integer, '',"
                " CASE WHEN turn * 7 % 10 IN (3, 4, 5) THEN 'CNY' ELSE '' END, 'members/' || lpad(to_hex(member + 1), 32, '0')::uuid,"
                " 'teams/bench-' || member % 200, 'regions/' || member % 20,"
                " CASE WHEN turn * 7 % 10 < 3 THEN 'customers/bench-' || n % 50000 ELSE '' END, n % 1000"
                f" FROM (SELECT n, n % {MEMBERS} AS member, n / {MEMBERS} AS turn FROM generate_series(0, {count - 1}) n) fresh")
    fixture.settle("scoring")


def differences(fixture, other):
    return fixture.sql("scoring", f"SELECT count(*) FROM (SELECT * FROM measure_day d FULL JOIN {other} o"
                       " USING (subject, measure, day, qualifier, currency) WHERE d.total IS DISTINCT FROM o.total"
                       " OR d.facts IS DISTINCT FROM o.facts) different")[0][0]


def recompute(fixture, rounds):
    """G15: all sums of days made anew, against the same sums by one GROUP BY into an empty table with the same key."""
    count = facts_of(fixture)
    goal = Goal("G15", f"sums of days made anew, {count:,} facts of {MEMBERS:,} members", "one GROUP BY into an empty table", 1.5, 1.1,
                at_least=False)
    if not fixture.program("bench_scoring"):
        goal.skip("bench_scoring is not built")
        return [goal]
    fill_facts(fixture)
    fixture.sql("scoring", "CREATE TABLE IF NOT EXISTS bench_day (LIKE measure_day INCLUDING ALL)")
    for number in range(rounds):
        ours = program(fixture, "rebuild", "--empty=1")["seconds"]
        fixture.settle("scoring")
        fixture.sql("scoring", "TRUNCATE bench_day")
        other = seconds_of(fixture, "scoring", f"INSERT INTO bench_day {SUMS}")
        fixture.settle("scoring")
        if wrong := differences(fixture, "bench_day"):
            raise RuntimeError(f"{wrong} sums differ: void")
        fixture.say(f"G15 round {number}: ours {ours:.2f} s, GROUP BY {other:.2f} s")
        goal.add(ours, other)
    rows = fixture.sql("scoring", "SELECT count(*) FROM bench_day")[0][0]
    fixture.sql("scoring", "DROP TABLE bench_day")
    again = program(fixture, "rebuild")
    goal.notes.append(f"{rows:,} sums, equal row by row; where all are right already it takes {again['seconds']:.1f} s")
    return [goal]


def make_sums(fixture):
    """As G15 leaves them, where it has not run."""
    if not fixture.sql("scoring", "SELECT count(*) FROM (SELECT FROM measure_day LIMIT 1) one")[0][0]:
        program(fixture, "rebuild")


def increment(fixture, rounds):
    """G15b: one per cent of new facts with their sums in batches of 1,000, as the projection adds them, against REFRESH."""
    count = facts_of(fixture)
    goal = Goal("G15b", f"sums after {count // 100:,} new facts on {count:,}", "REFRESH MATERIALIZED VIEW", 0.05, 0.02, at_least=False, lowered=0.35)
    if not fixture.program("bench_scoring"):
        goal.skip("bench_scoring is not built")
        return [goal]
    fill_facts(fixture)
    make_sums(fixture)
    fixture.sql("scoring", f"CREATE MATERIALIZED VIEW bench_sums AS {SUMS}")
    fixture.settle("scoring")
    for number in range(rounds):
        ours = program(fixture, "add", f"--facts={count // 100}", f"--members={MEMBERS}")["seconds"]
        fixture.settle("scoring")
        other = seconds_of(fixture, "scoring", "REFRESH MATERIALIZED VIEW bench_sums")
        if wrong := differences(fixture, "bench_sums"):
            raise RuntimeError(f"{wrong} sums differ: void")
        fixture.say(f"G15b round {number}: ours {ours:.2f} s, REFRESH {other:.2f} s")
        goal.add(ours, other)
    fixture.sql("scoring", "DROP MATERIALIZED VIEW bench_sums")
    goal.notes.append("ours also stores the facts, which REFRESH finds there already")
    return [goal]


def fill_card(fixture, rounds):
    """L3: the card of sales of the first quarter, filled in for another member each time."""
    goal = Goal("L3", "GetScorecard p99", "the same SQL, prepared", None, None, at_least=False)
    if not fixture.program("bench_load") or not fixture.program("bench_scoring"):
        goal.skip("bench_load or bench_scoring is not built")
        return [goal]
    fill_facts(fixture)
    make_sums(fixture)
    fixture.settle("scoring")
    request = cards.GetScorecardRequest(scorecard="scorecards/sc-002-sales", subject=f"members/{NEXT}", period="periods/2026-q1")
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        call = Call(fixture, folder, "scoring", "ScorecardsService", "GetScorecard", request)
        latency(goal, call, rounds, 7, None, 4, 50 if fixture.quick else 100, range(1, MEMBERS + 1))
    goal.notes.append(f"{facts_of(fixture):,} facts of {MEMBERS:,} members; its statements are several round trips of the service, one of pgbench")
    return [goal]
