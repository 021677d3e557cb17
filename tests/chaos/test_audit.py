"""The auditor is audited: a healthy system passes every check, and each invariant broken once on purpose is reported by its check."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from kafka.partitioner.default import murmur2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import business  # noqa: E402
from audit import checks, hours, models, report  # noqa: E402
from audit.snapshot import Clock, Escalation, Firing, JournalRow, Offset, Snapshot, Ticket, topic_of  # noqa: E402
from clients import protos as p  # noqa: E402

EVENTS = {"directory": p.directory_events.DirectoryEvent, "complaints": p.complaints_events.ComplaintsEvent,
          "sla": p.sla_events.SlaEvent, "leads": p.leads_events.LeadsEvent, "orders": p.orders_events.OrdersEvent,
          "scoring": p.scoring_events.ScoringEvent}
PARTITIONS = 6
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=timezone.utc)  # a Monday, 09:00 in Shanghai
DONE, OPEN = "complaints/00000000-0000-4000-8000-000000000001", "complaints/00000000-0000-4000-8000-000000000002"
LATE, RUNS = "clocks/00000000-0000-4000-8000-000000000001-first", "clocks/00000000-0000-4000-8000-000000000002-first"
RAISED = "escalations/00000000-0000-4000-8000-000000000001-first-1"
METHOD = "/steward.complaints.v1.ComplaintsService/RegisterTicket"
ACME = "customers/acme"
LEAD = "leads/l"
POLICY, CALENDAR = "policies/first", "calendars/office"
DAY = timedelta(days=1)


def minutes(n):
    return T0 + timedelta(minutes=n)


def stamp(moment):
    out = Timestamp()
    out.FromDatetime(moment.replace(tzinfo=None))
    return out


def partition_of(key):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


class Made:
    """A snapshot that grows event by event, as journal and topic would."""

    def __init__(self):
        self.snapshot = Snapshot(now=T0 + DAY)
        for service in EVENTS:
            self.snapshot.journals[service] = []
            self.snapshot.unsent[service] = 0
            self.snapshot.partitions[topic_of(service)] = PARTITIONS
        self.version = {}

    def append(self, service, key, kind, /, **fields):
        s = self.snapshot
        message = EVENTS[service](**{kind.replace(".", "_"): fields})
        value = message.SerializeToString()
        version = self.version[key] = self.version.get(key, 0) + 1
        event_id = f"{service}-{key}-{version}"
        records = s.records[topic_of(service)]
        partition = partition_of(key)
        s.journals[service].append(JournalRow(10, len(s.journals[service]) + 1, event_id, key, version, kind, T0, value))
        records.append(SimpleNamespace(
            topic=topic_of(service), partition=partition, offset=sum(r.partition == partition for r in records), key=key, value=value,
            version=version, event_id=event_id, type=kind, message=message, event=getattr(message, message.WhichOneof("event"))))


def organisation(made):
    made.append("directory", "members/a", "member.added", active=True)
    made.append("directory", "members/b", "member.added", active=True)
    made.append("directory", "members/a", "member.deactivated", active=False)


def line_of_business(made):
    """A customer whose tier changed while a ticket was open; a campaign; an instalment that fell due and was paid. Other events of the
    topics say nothing to clocks."""
    s = made.snapshot
    made.append("leads", ACME, "customer.registered", region="east", tiers=["abc:b"])
    made.append("leads", ACME, "customer.updated", region="west")
    made.append("leads", ACME, "customer.tier_changed", scheme="abc", tier="a", tiers=["abc:a"])
    made.append("leads", "campaigns/c", "campaign.planned", kind="pr_event")
    made.append("leads", "campaigns/c", "campaign.budget_changed")
    made.append("leads", "campaigns/c", "campaign.rehearsed")
    made.append("orders", "contracts/c/instalments/1", "instalment.scheduled", number=1)
    made.append("orders", "contracts/c/instalments/1", "instalment.due_date_passed", cycle=1)
    made.append("orders", "contracts/c/instalments/1", "instalment.paid", cycle=1)
    made.append("orders", "contracts/c/instalments/2", "instalment.paid", cycle=0)
    leads, orders = s.records[topic_of("leads")], s.records[topic_of("orders")]
    s.tiers = {ACME: (3, ("abc:a",))}
    s.told = {(ACME, 1): leads[0].value, (ACME, 3): leads[2].value}
    s.learnt = [(OPEN, leads[2].event_id, leads[2].value)]
    for record in (leads[3], leads[5], orders[1], orders[2]):
        s.facts[record.key, record.version] = (record.type, record.value)


def scores(made):
    """A lead that was scored twice; a model's event says nothing to leads."""
    said = dict(lead=LEAD, band="A", win_percent="41.50", model="scoringModels/fit", model_version=1)
    made.append("leads", LEAD, "lead.captured")
    made.append("scoring", "scoringModels/fit", "model.activated", version=1)
    made.append("scoring", "leadScores/l", "lead.scored", score="80", **said)
    made.append("scoring", "leadScores/l", "lead.scored", score="86.25", **said)
    made.snapshot.scores = {LEAD: (2, "86.25", "A", "41.50", "scoringModels/fit", 1)}


def tickets(made):
    known = dict(kind="complaint", severity="ordinary", owner="members/a", team="teams/t")
    made.append("complaints", DONE, "ticket.registered", **known)
    made.append("complaints", DONE, "ticket.first_responded", from_state="RECORDED", to_state="FIRST_RESPONDED")
    made.append("complaints", OPEN, "ticket.registered", **known)
    made.append("complaints", DONE, "ticket.resolved", from_state="FIRST_RESPONDED", to_state="RESOLVED")
    made.append("complaints", OPEN, "ticket.severity_changed", from_severity="ordinary", severity="major")
    made.append("complaints", DONE, "ticket.closed", from_state="RESOLVED", to_state="CLOSED")
    made.snapshot.tickets = [Ticket(DONE, 4, "complaint", "ordinary", "CLOSED", "members/a", "teams/t", "external-1"),
                             Ticket(OPEN, 2, "complaint", "major", "RECORDED", "members/a", "teams/t", None)]
    for record in made.snapshot.records[topic_of("complaints")]:
        made.snapshot.facts[record.key, record.version] = (record.type, record.value)


def clocks(made):
    s = made.snapshot
    s.policies[POLICY, 1] = p.sla_types.Policy(name=POLICY, target=p.sla_types.Target(wall_clock=Duration(seconds=48 * 3600)))
    started = dict(policy=POLICY, policy_version=1, cycle=1, owner="members/a", team="teams/t")
    made.append("sla", LATE, "clock.started", start_time=stamp(T0 - 2 * DAY), due_time=stamp(T0), **started)
    fired = dict(cycle=1, arming=1)
    for n, (kind, threshold, moment) in enumerate([("clock.warned", "warning-1", T0 - DAY), ("clock.breached", "breach", T0)]):
        made.append("sla", LATE, kind, threshold=threshold, occurred_at=stamp(moment), **fired)
        s.firings.append(Firing(LATE, 1, threshold, 1, moment, moment + timedelta(milliseconds=20), False))
    made.append("sla", RAISED, "escalation.raised", clock=LATE, level=1, recipient="members/b", **fired)
    s.firings.append(Firing(LATE, 1, "level-1", 1, T0, T0 + timedelta(milliseconds=25), False))
    s.escalations.append(Escalation(RAISED, 1, LATE, 1, 1, "members/b"))
    made.append("sla", LATE, "clock.stopped", met=False, stop_time=stamp(minutes(5)), due_time=stamp(T0), cycle=1)
    made.append("sla", RUNS, "clock.started", start_time=stamp(T0), due_time=stamp(T0 + 2 * DAY), **started)
    made.append("sla", RUNS, "clock.assigned", from_owner="members/a", owner="members/b", from_team="teams/t", team="teams/t")
    s.clocks = [Clock(LATE, 4, DONE, POLICY, 1, models.MISSED, T0 - 2 * DAY, T0, minutes(5), "members/a", True, 1, "", 0, "teams/t"),
                Clock(RUNS, 2, OPEN, POLICY, 1, models.RUNNING, T0, T0 + 2 * DAY, None, "members/b", False, 1, "", 0, "teams/t")]
    s.timers = {RUNS: "breach"}


def consumers(made):
    s = made.snapshot
    for service, inputs in {"complaints": ["directory", "leads"], "sla": ["directory", "complaints", "leads", "orders"],
                            "leads": ["directory", "scoring", "orders"], "orders": ["directory", "leads"],
                            "scoring": ["directory", "leads", "orders", "complaints", "sla"]}.items():
        s.offsets[service], s.versions[service] = [], {}
        for topic in map(topic_of, inputs):
            records = s.records[topic]
            for partition in range(PARTITIONS):
                end = sum(r.partition == partition for r in records)
                s.offsets[service].append(Offset(topic, partition, end, end, 0, 0))
            s.versions[service] |= {r.key: r.version for r in records}
    for service in EVENTS:
        s.org[service] = {r.key: (r.version, r.event.SerializeToString()) for r in s.records[topic_of("directory")]}


def operation(number, outcome, request_id, response="", external=""):
    return {"operation": number, "method": METHOD, "principal": "members/a", "request_id": request_id, "external_id": external,
            "outcome": outcome, "response_hash": response}


def healthy():
    made = Made()
    for part in (organisation, tickets, line_of_business, scores, clocks, *business.PARTS, consumers):
        part(made)
    s = made.snapshot
    s.operations = [operation(1, "unknown", "one", external="external-1"), operation(2, "ok", "one", "aa", "external-1"),
                    operation(3, "ok", "one", "aa", "external-1"), operation(4, "fail", "two")]
    s.responses = {(METHOD, "members/a", "one"): ("request", "aa")}
    return s


def found(snapshot):
    """Numbers of the invariants that report a violation."""
    return {name.split()[0] for name, check in checks.ALL.items() if check(snapshot)[1]}


def replace(rows, at, **changes):
    rows[at] = rows[at]._replace(**changes)


def record_of(s, service, key, version):
    return next(r for r in s.records[topic_of(service)] if (r.key, r.version) == (key, version))


def swap_versions(s):
    records = s.records[topic_of("complaints")]
    a, b = (records.index(record_of(s, "complaints", DONE, version)) for version in (2, 4))
    records[a], records[b] = records[b], records[a]


def move_skipped(s):
    """The ticket is verified although it was never resolved."""
    record = record_of(s, "complaints", DONE, 2)
    record.type, record.event = "ticket.verified", p.complaints_events.TicketMilestone(to_state="VERIFIED")


def repeat_with_other_bytes(s):
    record = record_of(s, "complaints", OPEN, 1)
    s.records[topic_of("complaints")].append(SimpleNamespace(**{**vars(record), "offset": record.offset + 1, "value": b"other"}))


def plain_working_days(s):
    """Both clocks promise the 2nd working day; their dues stay those of 48 hours."""
    s.policies[POLICY, 1].target.working_days = 2
    s.calendars[CALENDAR, 1] = office()
    for n in (0, 1):
        replace(s.clocks, n, calendar=CALENDAR, calendar_version=1)


BREAKS = {
    "I01 nothing stored": lambda s: s.responses.clear(),
    "I01 another answer stored": lambda s: s.responses.update({(METHOD, "members/a", "one"): ("request", "bb")}),
    "I02 a refusal left an answer": lambda s: s.responses.update({(METHOD, "members/a", "two"): ("request", "aa")}),
    "I03 two tickets of one request": lambda s: s.tickets.append(s.tickets[0]._replace(name=OPEN + "0")),
    "I03 acknowledged without a ticket": lambda s: replace(s.tickets, 0, external_id=None),
    "I04 two answers": lambda s: s.operations.append(operation(5, "ok", "one", "bb", "external-1")),
    "I05 a version is missing": lambda s: s.journals["complaints"].pop(1),
    "I05 a version twice": lambda s: s.journals["sla"].append(s.journals["sla"][-1]),
    "I06 another state": lambda s: replace(s.tickets, 0, state="RESOLVED"),
    "I06 another owner": lambda s: replace(s.tickets, 1, owner="members/b"),
    "I06 a row without events": lambda s: s.tickets.append(s.tickets[1]._replace(name=OPEN + "0")),
    "I06 events without a row": lambda s: s.tickets.pop(),
    "I07 a move that is not allowed": move_skipped,
    "I09 never sent": lambda s: s.records[topic_of("sla")].pop(),
    "I10 other bytes than the journal": lambda s: replace(s.journals["complaints"], 0, payload=b"other"),
    "I10 invented": lambda s: s.journals["directory"].pop(),
    "I11 out of order": swap_versions,
    "I11 a repeat with other bytes": repeat_with_other_bytes,
    "I11 journal out of order": lambda s: s.journals["complaints"].reverse(),
    "I12 another partition": lambda s: setattr(record_of(s, "sla", RUNS, 1), "partition", (partition_of(RUNS) + 1) % PARTITIONS),
    "I13 rows left behind": lambda s: s.unsent.update(complaints=1),
    "I16 a fact is missing": lambda s: s.facts.pop((DONE, 2)),
    "I16 a fact nobody told": lambda s: s.facts.update({(OPEN, 3): ("ticket.closed", b"")}),
    "I16 a campaign's fact is missing": lambda s: s.facts.pop(("campaigns/c", 3)),
    "I16 an instalment's fact is missing": lambda s: s.facts.pop(("contracts/c/instalments/1", 2)),
    "I16 tiers of before": lambda s: s.tiers.update({ACME: (1, ("abc:b",))}),
    "I16 a customer nobody told of": lambda s: s.tiers.update({"customers/x": (1, ())}),
    "I16 tiers that sla missed": lambda s: s.told.pop((ACME, 1)),
    "I16 tiers nobody told": lambda s: s.learnt.append((DONE, "no-event", b"")),
    "I16 a score of before": lambda s: s.scores.update({LEAD: (1, "80", "A", "41.50", "scoringModels/fit", 1)}),
    "I16 a score that is missing": lambda s: s.scores.clear(),
    "I16 a score nobody told": lambda s: s.scores.update({"leads/x": (1, "1", "", "", "scoringModels/fit", 1)}),
    "I16 an organisation of before": lambda s: s.org["sla"].update({"members/a": (1, b"")}),
    "I16 another state of the organisation": lambda s: s.org["complaints"].update({"members/b": (1, b"")}),
    "I16 a clock unlike its events": lambda s: replace(s.clocks, 1, due=T0 + 3 * DAY),
    "I16 a clock with another owner": lambda s: replace(s.clocks, 1, owner="members/a"),
    "I16 a clock without events": lambda s: s.clocks.append(s.clocks[1]._replace(name=RUNS + "-2")),
    "I17 an offset behind": lambda s: replace(s.offsets["sla"], 6 + partition_of(DONE), next_offset=0),
    "I17 no offset": lambda s: s.offsets["sla"].pop(6 + partition_of(DONE)),
    "I18 not applied to the end": lambda s: s.versions["sla"].update({DONE: 3}),
    "I18 never applied": lambda s: s.versions["sla"].pop(OPEN),
    "I19 one was neither": lambda s: replace(s.offsets["sla"], 6 + partition_of(DONE), applied=0),
    "I22 a row without an event": lambda s: s.firings.append(s.firings[0]._replace(threshold="warning-2")),
    "I22 an event without a row": lambda s: s.firings.pop(0),
    "I22 two stand": lambda s: s.firings.append(s.firings[1]._replace(arming=2)),
    "I23 early": lambda s: replace(s.firings, 1, detected_at=T0 - timedelta(microseconds=1)),
    "I24 no breach": lambda s: s.firings.pop(1),
    "I24 a breach in time": lambda s: replace(s.clocks, 0, stop=T0 - timedelta(minutes=1)),
    "I24 no timer": lambda s: s.timers.clear(),
    "I24 a timer is overdue": lambda s: setattr(s, "timers_overdue", 1),
    "I24 a due that its policy does not say": lambda s: s.policies[POLICY, 1].target.wall_clock.FromSeconds(3600),
    "I24 a due that its calendar does not say": plain_working_days,
    **business.BREAKS,
}


def test_a_healthy_system_passes():
    said = []
    assert report.run(healthy(), say=said.append), "\n".join(said)
    assert len(said) == len(checks.ALL) and not any("skipped" in line or "checked=0" in line for line in said)


def test_every_invariant_is_broken_once():
    assert {name.split()[0] for name in BREAKS} == {name.split()[0] for name in checks.ALL}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_invariant_is_found(name):
    snapshot = healthy()
    BREAKS[name](snapshot)
    number = name.split()[0]
    assert number in found(snapshot)
    said = []
    assert not report.run(snapshot, say=said.append, only={number})
    assert said[0].startswith(number) and "violations=0" not in said[0] and len(said) > 1


@pytest.mark.parametrize("name", checks.ALL)
def test_a_check_without_data_proves_nothing(name):
    assert checks.ALL[name](Snapshot(now=T0)) == (0, [])
    if not name.startswith(checks.NEED_OPERATIONS):
        assert not report.run(Snapshot(now=T0), say=lambda _: None, only={name.split()[0]})


def test_a_run_without_any_check_proves_nothing():
    assert not report.run(healthy(), say=lambda _: None, only={"I99"})


def test_kafkas_partitioner_by_its_published_values():
    """From the tests of Kafka's own Java client."""
    for text, expected in (("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536), ("abc", 479470107)):
        assert murmur2(text.encode()) & 0xFFFFFFFF == expected & 0xFFFFFFFF


# The auditor's own calendar arithmetic.

def office(**fields):
    day = [p.sla_types.Interval(open="09:00", close="12:00"), p.sla_types.Interval(open="13:30", close="18:00")]
    weekly = [p.sla_types.WeekdayHours(weekday=name, intervals=day) for name in ("mon", "tue", "wed", "thu", "fri")]
    return p.sla_types.Calendar(**{"name": CALENDAR, "time_zone": "Asia/Shanghai", "weekly_hours": weekly, **fields})


def intervals_of(pairs):
    return [p.sla_types.Interval(open=opens, close=closes) for opens, closes in pairs]


def calendar_of(vector):
    made = p.sla_types.Calendar(time_zone=vector["timezone"], holidays=[p.sla_types.Holiday(date=d) for d in vector.get("holidays", [])])
    made.weekly_hours.extend(p.sla_types.WeekdayHours(weekday=day, intervals=intervals_of(pairs)) for day, pairs in vector["hours"].items())
    made.overrides.extend(p.sla_types.DateOverride(date=extra["date"], intervals=intervals_of(extra["hours"]), make_up=True)
                          for extra in vector.get("extra_workdays", []))
    return made


def vectors():
    """The shared deadline vectors that lie in the calculator's field: forward, no pauses, one answer under every convention."""
    folder = Path(__file__).resolve().parents[1] / "vectors"
    for file in ("sla_vectors.json", "sla_vectors_cn.json"):
        for vector in json.loads((folder / file).read_text()):
            if vector["op"] != "add" or vector["pauses"] or vector["unit"] != "instant":
                continue
            if vector.get("amount_seconds", 0) > 0 and vector["boundary"] in ("either", "end_of_interval"):
                yield vector, p.sla_types.Target(working_time=Duration(seconds=vector["amount_seconds"])), vector["expect"]
            elif vector.get("amount_working_days", 0) > 0:
                expect = vector.get("by_rule", {}).get("glpi_end_of_working_day", vector["expect"])
                yield vector, p.sla_types.Target(working_days=vector["amount_working_days"]), expect


VECTORS = list(vectors())


def test_there_are_enough_vectors():
    assert len(VECTORS) > 40 and sum(target.working_days > 0 for _, target, _ in VECTORS) > 5


@pytest.mark.parametrize(("vector", "target", "expect"), VECTORS, ids=[vector["id"] for vector, _, _ in VECTORS])
def test_the_calculator_gives_the_answers_of_the_vectors(vector, target, expect):
    assert hours.due(target, calendar_of(vector["calendar"]), datetime.fromisoformat(vector["start"])) == datetime.fromisoformat(expect)


def test_what_the_calculator_does_not_know_is_not_judged():
    for target in (p.sla_types.Target(immediate=True), p.sla_types.Target(working_days=2, count_event_day=True),
                   p.sla_types.Target(working_days=2, close_at="SAME_TIME"), p.sla_types.Target(calendar_days=1),
                   p.sla_types.Target(working_days=2, before=True)):
        assert hours.due(target, office(), T0) is None
    assert hours.due(p.sla_types.Target(working_days=2), None, T0) is None
