"""What is derived from events is a function of them: an empty database that reads all topics from offset 0 has the same rows, scores and
explanations, byte for byte. The steps are those of docs/reference/rebuilding.md."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "chaos"))
from audit import report, snapshot
from clients import protos as p
from clients import rebuild
from clients.system import ROOT, Refused, System, eventually, key
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from kafka import KafkaProducer
from reference.cards import quarters, subjects
from reference.line import Line
from steward_stack import Stack
from test_measurement_intake import KPI as RATED
from test_measurement_intake import write as write_measurement
from test_sales_line import FOLDER, ZONE
from test_sales_line import load as load_sales

touches = p._load("steward.leads.v1.touches_service_pb2")
touch = p._load("steward.leads.v1.touches_pb2")

# Columns that say when, or how often, this database was written, not what happened; and what is waiting at the moment.
TIMES = {
    "fact": ["recorded_at"],        # when scoring took the fact in
    "lead_score": ["version", "scored_at"],  # how often this lead's score was said; when it was reckoned
    "schema_migration": None,       # when each migration ran
    "measure_revision": None, "outcome_count_revision": None,  # how many transactions changed a sum: batches fall otherwise
    "lead_mark": None, "sweep_request": None, "lead_sweep": None,  # queues of the rescorer
    "consumer_count": None,         # applied or repeated: a repeat on the topic is counted where it falls
    "parked_record": None,          # asserted to be empty
    "consumer_offset": ["end_offset", "end_confirmed_at"],  # what the broker last confirmed
}
ROWS = 100  # of the demonstration's files
# A change is said once it shows: two places of the score, whole per cents of the chance.
LEADS_SCORES = "SELECT lead::text, round(score, 2), band, round(nullif(win_percent, '')::numeric), version > 0 FROM lead_score ORDER BY 1"
CARDS = ["scorecards/sc-002-sales", "scorecards/sc-002-cs", "scorecards/sc-002-head"]


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("replay") / "run", build=os.environ["STEWARD_BUILD"], ephemeral=True) as stack:
        stack.start()
        operator = System(stack)
        operator.load_basics()
        operator.load_pack("services/sla/packs/receivables.yaml")
        yield operator


def put_model(system):
    """The shipped example, with so small a sample that the won and lost ones of this line give chances."""
    model = json_format.ParseDict(json.loads((ROOT / "services/scoring/models/fit-and-engagement.json").read_text()),
                                  p.lead_scores_types.ScoringModel())
    model.win.least_won = model.win.least_lost = 5
    system.call("scoring", "CreateScoringModelVersion", p.lead_scores.CreateScoringModelVersionRequest(model=model, request_id=key()))
    system.call("scoring", "ActivateScoringModel", p.lead_scores.ActivateScoringModelRequest(name=model.name, version=1, request_id=key()))


def put_measurement(system, subject, day):
    system.call("scoring", "RecordMeasurement", p.measurements.RecordMeasurementRequest(request_id=key(), measurement=p.measurements.Measurement(
        source="hr", external_id="replay-1", kpi=RATED, subject=subject, day=day, value="87.5", evidence="sheet 7")))


def some_touches(system):
    """On a few leads: by telephone and in person, reached or not."""
    for n, (name,) in enumerate(system.sql("leads", "SELECT 'leads/' || id FROM lead ORDER BY id LIMIT 9")):
        for kind in ("phone", "visit", "visit")[:n % 3 + 1]:
            system.call("leads", "RecordTouch", touches.RecordTouchRequest(request_id=key(), touch=touch.Touch(
                kind=kind, outcome="no_answer" if n % 4 == 3 else "reached", effective=n % 4 != 3, lead=name, member="members/sales-rep-east-1")))


def wait_scored(system):
    """Every open lead is scored by all that is known."""
    system.call("scoring", "RecomputeLeadScores", p.lead_scores.RecomputeLeadScoresRequest(all=True, request_id=key()))
    eventually("leads scored", 90, lambda: system.sql(
        "scoring", "SELECT (SELECT count(*) FROM lead_mark) + (SELECT count(*) FROM sweep_request)"
        " + (SELECT count(*) FROM lead_sweep WHERE since IS NOT NULL)") == [(0,)])
    system.stack.wait_quiet()


class Asked:
    """What scoring answers: explanations of leads and KPIs, cards, leaderboards."""

    def __init__(self, system, line):
        self.system = system
        self.leads = [name for name, in system.sql("scoring", "SELECT lead FROM lead_record WHERE open ORDER BY lead")]
        self.subjects = [name for name, _rows in subjects(line)]
        self.periods = quarters(line.until)
        self.at = Timestamp()
        self.at.GetCurrentTime()

    def call(self, method, request):
        return self.system.call("scoring", method, request, timeout=60)

    def lead(self, name):
        trace = self.call("ExplainLeadScore", p.lead_scores.ExplainLeadScoreRequest(lead=name, as_of_time=self.at))
        for score in (trace.score, trace.stored):
            score.ClearField("score_time")  # when it was reckoned
        return trace

    def card(self, card, subject, period):
        return self.call("GetScorecard", p.scorecards.GetScorecardRequest(scorecard=card, subject=subject, period=period))

    def kpi(self, kpi, subject, period):
        """All pages; without the times at which scoring took the facts in and the definition was shipped."""
        request = p.scorecards.ExplainKpiRequest(kpi=kpi, subject=subject, period=period, page_size=500)
        whole = self.call("ExplainKpi", request)
        while whole.next_page_token:
            request.page_token = whole.next_page_token
            page = self.call("ExplainKpi", request)
            whole.facts.extend(page.facts)
            whole.next_page_token = page.next_page_token
        for fact in whole.facts:
            fact.ClearField("record_time")
        whole.kpi.ClearField("create_time")
        return whole

    def board(self, measure, unit, kind, first, last):
        answer = self.call("GetLeaderboard", p.leaderboards.GetLeaderboardRequest(
            measure=measure, subject_kind=kind, first_day=first, last_day=last, currency="USD" if unit == "money" else "", top=100))
        answer.ClearField("served_by")  # Redis or PostgreSQL
        return answer

    def everything(self, every=1):
        """{(what, of whom ...): bytes of the answer}; of cards and sales targets those of every n-th subject."""
        whole, *_between, last = self.periods
        sample = [next(s for s in self.subjects if s.startswith(kind)) for kind in ("members/", "teams/", "regions/")]
        asked = [("lead", name) for name in self.leads]
        asked += [("card", card, subject, whole[0]) for card in CARDS for subject in self.subjects[::every]]
        asked += [("card", CARDS[0], subject, name) for subject in sample for name, _first, _last in self.periods]
        asked += [("kpi", "kpis/k-002-sa-1", subject, whole[0]) for subject in self.subjects[::every]]
        asked += [("kpi", line.kpi, subject, whole[0]) for subject in sample for card in CARDS for line in self.card(card, subject, whole[0]).lines]
        days = [Date(year=d.year, month=d.month, day=d.day) for d in (self.periods[0][1], last[2])]
        boards = [("board", measure.id, measure.unit, kind) for measure in self.call("ListMeasures", p.measures.ListMeasuresRequest()).measures
                  for kind in measure.subject_kinds if kind in ("member", "team", "region")]

        def ask(what):
            method, *arguments = what
            return what, getattr(self, method)(*arguments, *(days if method == "board" else ())).SerializeToString(deterministic=True)

        with ThreadPoolExecutor(4) as pool:
            return dict(pool.map(ask, [*asked, *boards]))


def derived(system):
    """Rows of all tables of scoring that follow from topics."""
    stack = system.stack
    names = rebuild.tables(stack, "scoring") - set(rebuild.SCORING_OWN) - {name for name, out in TIMES.items() if out is None}
    # A lead that was closed keeps the score of its last open day, which is what no event says any more.
    where = {"lead_score": "lead IN (SELECT lead FROM lead_record WHERE open)"}
    return {name: rebuild.rows(stack, "scoring", name, TIMES.get(name, ()), where.get(name, "true")) for name in sorted(names)}


def differences(before, after):
    found = [f"{what}: only {'before' if what in before else 'after'}" for what in before.keys() ^ after.keys()]
    for what in before.keys() & after.keys():
        if before[what] != after[what]:
            both = (before[what], after[what])
            extra = [sorted(set(a) - set(b))[:3] for a, b in (both, both[::-1])] if isinstance(both[0], list) else both
            found.append(f"{what}: {str(extra)[:1500]}")
    return found


@pytest.fixture(scope="module")
def ran(system, tmp_path_factory):
    """The line has run and is quiet: (what was asked, rows, answers, measured subject and day)."""
    today = datetime.now(ZONE).date()
    put_model(system)
    load_sales(system, tmp_path_factory.mktemp("sales"), today, rows=ROWS)
    some_touches(system)
    for n in range(4):
        ticket = system.register(customer=system.sql("leads", "SELECT 'customers/' || id FROM customer ORDER BY id LIMIT 1")[0][0] if n else "")
        system.command("RecordFirstResponse", ticket.name)
        if n > 1:
            system.command("ResolveTicket", ticket.name)
    line = Line(FOLDER, today, ROWS)
    (_, first, _), (closed, *_), *_ = quarters(line.until)  # the first has most of these rows
    subject, day = line.won()[0].agent, Date(year=first.year, month=first.month, day=first.day)
    put_measurement(system, subject, day)
    producer = KafkaProducer(bootstrap_servers=system.stack.kafka.bootstrap, acks="all")
    write_measurement(producer, "replay", 1, "91", "members/agent-east-1")
    producer.close()
    system.stack.wait_quiet()
    eventually("the period frozen", 60, lambda: frozen(system, closed))
    system.call("scoring", "ClosePeriod", p.periods.ClosePeriodRequest(name=closed, allow_missing=True, request_id=key(), cards=[
        p.periods.ScorecardSubjects(scorecard=CARDS[0], subjects=[subject])]), timeout=60)
    wait_scored(system)
    asked = Asked(system, line)
    assert len(asked.leads) > 3
    return asked, derived(system), asked.everything(), (subject, day), closed


def frozen(system, period):
    try:
        return system.call("scoring", "FreezePeriod", p.periods.FreezePeriodRequest(name=period, request_id=key()))
    except Refused as refused:
        if refused.reason != "PERIOD_INCOMPLETE":
            raise
        return None


def test_the_line_leaves_something_to_compare(ran):
    _asked, rows, answers, _given, _closed = ran
    for table in ("fact", "measure_day", "fact_source", "lead_record", "lead_event", "lead_opportunity", "customer_tiers", "outcome",
                  "outcome_count", "lead_score", "org_entry", "consumer_version", "consumer_offset"):
        assert rows[table], table
    assert {what for what, *_ in answers} == {"lead", "card", "kpi", "board"}
    explained = [p.lead_scores.LeadScoreExplanation.FromString(body) for what, body in answers.items() if what[0] == "lead"]
    assert any(e.win.won for e in explained) and any(c.event_id for e in explained for c in e.contributions)
    assert all(e.stored_is_current for e in explained)
    figures = [line.value for what, body in answers.items() if what[0] == "card" for line in p.scorecards_types.ScorecardResult.FromString(body).lines]
    assert sum(value not in ("", "0") for value in figures) > 100
    boards = [p.leaderboards.Leaderboard.FromString(body) for what, body in answers.items() if what[0] == "board"]
    assert sum(len(b.places) > 3 for b in boards) > 10


def test_the_auditor_agrees_with_the_line(system, ran):
    """Every table of orders and scoring against the auditor's own models of the events; without a load there is no operation log."""
    said = []
    found = snapshot.read(system.stack.dsn, system.stack.kafka.bootstrap)
    assert report.run(found, say=said.append, only={"I05", "I06", "I07", "I16", "I21", "I40"}), "\n".join(said)


def period(system, name):
    return system.call("scoring", "GetPeriod", p.periods.GetPeriodRequest(name=name))


def parked(system):
    return {service: system.sql(service, "SELECT reason, aggregate FROM parked_record WHERE state = 'parked' LIMIT 5") for service in
            ("complaints", "sla", "leads", "orders", "scoring")}


def test_an_empty_database_with_its_own_tables_put_back_is_the_same(system, ran, tmp_path):
    asked, rows, answers, _given, closed = ran
    stack, scoring = system.stack, system.stack.services["scoring"]
    before = period(system, closed)
    told = system.sql("leads", LEADS_SCORES)
    scoring.stop()
    own = rebuild.scoring_own(stack)
    rebuild.dump(stack, "scoring", own, tmp_path / "own.sql")
    taken_in = system.sql("scoring", "SELECT event_id, measure, part, recorded_at FROM fact")
    rebuild.make_anew(stack, "scoring")
    rebuild.load(stack, "scoring", own, tmp_path / "own.sql")
    assert rebuild.rows(stack, "scoring", "fact") == [] and rebuild.rows(stack, "scoring", "consumer_offset") == []
    scoring.start()
    stack.wait_quiet()
    wait_scored(system)

    assert not any(parked(system).values()), parked(system)
    assert not differences(rows, derived(system)), "\n".join(differences(rows, derived(system)))
    again = asked.everything()
    assert not differences(answers, again), "\n".join(differences(answers, again)[:5])
    # Leads was told each score once more, under the next version: it keeps what it kept.
    eventually("leads has what it had", 30, lambda: system.sql("leads", LEADS_SCORES) == told)
    # What came late to a closed period goes by when scoring took it in: those times are carried over.
    stack.postgres.psql("CREATE TEMP TABLE old (event_id uuid, measure text, part integer, recorded_at timestamptz);\n"
                        "COPY old FROM stdin;\n" + "".join("\t".join(map(str, row)) + "\n" for row in taken_in) + "\\.\n"
                        "UPDATE fact f SET recorded_at = o.recorded_at FROM old o WHERE (f.event_id, f.measure, f.part)"
                        " = (o.event_id, o.measure, o.part);", "scoring")
    assert period(system, closed) == before and before.state == "CLOSED"


ORGANISATION = ("steward.directory.v1", "aggregate IN (SELECT name FROM org_entry)", "DELETE FROM org_entry", [("org_entry", (), "true")])
PROJECTIONS = {
    "complaints": [ORGANISATION, ("steward.leads.v1", "aggregate IN (SELECT name FROM customer)", "DELETE FROM customer",
                                  [("customer", ["xid"], "true")])],  # xid: the transaction that wrote the row
    "orders": [ORGANISATION, ("steward.leads.v1", "aggregate LIKE 'opportunities/%'", "DELETE FROM opportunity_won",
                              [("opportunity_won", ["attempts", "next_attempt"], "true"), ("contract", (), "true")])],  # when it was tried
    "sla": [ORGANISATION],
    "leads": [ORGANISATION, ("steward.scoring.v1", "aggregate LIKE 'leadScores/%'",
                             "UPDATE lead_score SET (version, score, band, win_percent, model, model_version, as_of)"
                             " = (0, '-Infinity', '', '', '', 0, 'epoch')", [("lead_score", (), "true")])],
}


def test_projections_that_read_again_are_the_same(system, ran):
    stack = system.stack

    def kept():
        found = {(service, table): rebuild.rows(stack, service, table, out, where)
                 for service, projections in PROJECTIONS.items() for *_, tables in projections for table, out, where in tables}
        for service in PROJECTIONS:
            found[service, "journal"] = system.sql(service, "SELECT count(*) FROM journal")
            found[service, "versions"] = rebuild.rows(stack, service, "consumer_version")
            found[service, "offsets"] = rebuild.rows(stack, service, "consumer_offset", TIMES["consumer_offset"])
        return found

    stack.wait_quiet()
    before = kept()
    assert all(before.values())
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda service: stack.services[service].stop(), PROJECTIONS))
        for service, projections in PROJECTIONS.items():
            for topic, aggregates, empty, _ in projections:
                rebuild.read_again(stack, service, topic, aggregates, empty)
        list(pool.map(lambda service: stack.services[service].start(), PROJECTIONS))
    stack.wait_quiet()
    eventually("the same as before", 60, lambda: not differences(before, kept()))
    assert not any(parked(system).values())


def reconcile(system, *options):
    return subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "outbox", "reconcile", "--service", "scoring",
                           "--timeout", "30s", *options], capture_output=True, text=True, timeout=60)


def targets(system):
    request, found = p.scorecards.ListTargetsRequest(page_size=200), []
    while True:
        answer = system.call("scoring", "ListTargets", request)
        found += answer.targets
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


def test_with_nothing_put_back_an_operator_decides_and_the_rest_is_the_same(system, ran):
    """The database is lost, its own tables with it: the relay refuses, because its topic knows records that the database does not."""
    asked, rows, answers, (subject, day), closed = ran
    stack, scoring = system.stack, system.stack.services["scoring"]
    given = targets(system)
    scoring.stop()
    rebuild.make_anew(stack, "scoring")
    scoring.spawn()
    eventually("the relay refuses", 30, lambda: "not_in_journal" in reconcile(system).stdout)
    told = system.sql("leads", LEADS_SCORES)
    stack.services["leads"].stop()
    stack.postgres.psql("DELETE FROM consumer_version WHERE consumer_group = 'steward.leads' AND aggregate ~"
                        " '^(leadScores|kpis|scorecards|scoringModels|targets|eligibilities|measurements|periods)/'; UPDATE lead_score SET version = 0", "leads")
    stack.services["leads"].start()
    done = reconcile(system, "--accept-unknown", "--reason", "the database was lost", "--yes")
    assert done.returncode == 0, done.stderr
    scoring.wait_ready()
    stack.wait_quiet()
    for target in given:
        system.call("scoring", "SetTarget", p.scorecards.SetTargetRequest(target=target, request_id=key()))
    put_measurement(system, subject, day)
    put_model(system)
    wait_scored(system)

    assert not any(parked(system).values()), parked(system)
    eventually("leads has what it had", 30, lambda: system.sql("leads", LEADS_SCORES) == told)
    assert not differences(rows, derived(system)), "\n".join(differences(rows, derived(system)))
    # A period that was closed is open again: what it showed is gone with the table, and its line is reckoned anew.
    again = {what: body for what, body in asked.everything(every=4).items() if what[0] != "card" or what[3] != closed}
    assert len(again) > 100
    expected = {what: answers.get(what) for what in again}
    assert not differences(expected, again), "\n".join(differences(expected, again)[:5])


def test_wrong_sums_are_set_right_while_the_service_runs(system, ran):
    stack, scoring = system.stack, system.stack.services["scoring"]
    stack.wait_quiet()
    right = rebuild.rows(stack, "scoring", "measure_day")
    stack.postgres.psql("""WITH numbered AS (SELECT ctid AS at, row_number() OVER (ORDER BY subject, measure, day, qualifier, currency) AS n FROM measure_day),
            gone AS (DELETE FROM measure_day WHERE ctid = (SELECT at FROM numbered WHERE n = 1)),
            wrong AS (UPDATE measure_day SET total = total + 1 WHERE ctid IN (SELECT at FROM numbered WHERE n IN (2, 3)))
        INSERT INTO measure_day (subject, measure, day, qualifier, currency, facts, total)
            SELECT 'members/nobody', measure, day, qualifier, currency, 1, 1 FROM measure_day LIMIT 1""", "scoring")
    assert rebuild.rows(stack, "scoring", "measure_day") != right

    def command():
        return subprocess.run([scoring.binary, "rebuild-sums", *scoring.flags()], env=scoring.environment(), capture_output=True, text=True, timeout=60)

    done = command()
    assert (done.returncode, done.stdout) == (0, "sums of days made anew: 1 removed, 2 corrected, 1 added\n"), done.stderr
    assert rebuild.rows(stack, "scoring", "measure_day") == right
    assert command().stdout == "sums of days made anew: 0 removed, 0 corrected, 0 added\n"
