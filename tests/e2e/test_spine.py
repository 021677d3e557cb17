"""The line from a complaint to an acknowledged escalation, driven and read by independent clients."""

import uuid
from datetime import datetime, timedelta, timezone

import grpc
import pytest
from clients import protos as p
from clients import topics
from clients.system import Refused, System, eventually
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

Clock = p.sla_types.Clock
Escalation = p.sla_types.Escalation


def stamp(when):
    out = Timestamp()
    out.FromDatetime(when.astimezone(timezone.utc).replace(tzinfo=None))
    return out


def policy_of_seconds(system, channel, seconds=2, interval=1, pause=(), stop="ticket.first_responded"):
    policy = p.sla_types.Policy(
        name=f"policies/{channel}", display_names={"en": channel}, metric=channel, start_event="ticket.registered", stop_event=stop,
        match=p.sla_types.PolicyMatch(channels=[channel]), target=p.sla_types.Target(wall_clock=Duration(seconds=seconds)),
        warnings=[p.sla_types.Threshold(share_percent=50)], pause_causes=list(pause),
        levels=[p.sla_types.EscalationLevel(role="roles/marketing-department-manager", at=p.sla_types.Threshold(share_percent=100)),
                p.sla_types.EscalationLevel(role="roles/marketing-director", interval=Duration(seconds=interval))])
    system.put_policy(policy)


def clock_of(system, ticket, policy):
    return next((c for c in system.clocks(ticket) if c.policy == f"policies/{policy}"), None)


def test_a_complaint_runs_the_shipped_promises(system):
    ticket = system.register(summary="screen flickers")
    clocks = eventually("two clocks", 20, lambda: len(system.clocks(ticket.name)) == 2 and system.clocks(ticket.name))
    first = next(c for c in clocks if c.policy == "policies/cmc-001")
    assert first.due_time.ToDatetime() - ticket.occurred_at.ToDatetime() == timedelta(hours=48)
    assert first.seed == "000" and first.run_state == Clock.RUNNING
    # 24:00 local of the 7th working day after the day of the event
    closure = next(c for c in clocks if c.policy == "policies/cmc-002")
    assert (closure.due_time.ToDatetime() + timedelta(hours=8)).strftime("%H:%M:%S") == "00:00:00"


def test_from_registration_to_an_acknowledged_escalation(system):
    policy_of_seconds(system, "seconds", seconds=2, interval=30)
    ticket = system.register(channel="seconds", kind="inquiry")
    due = ticket.occurred_at.ToDatetime() + timedelta(seconds=2)
    [escalation] = eventually("level 1", 30, lambda: system.escalations(ticket.name))
    assert escalation.occurred_at.ToDatetime() == due
    assert escalation.recipient == "members/marketing-manager" and escalation.state == Escalation.OPEN
    clock = clock_of(system, ticket.name, "seconds")
    assert clock.status == Clock.STATUS_BREACHED and list(clock.fired) == ["warning-1", "breach", "level-1"]

    taken = system.call("sla", "AcknowledgeEscalation", p.sla.AcknowledgeEscalationRequest(
        name=escalation.name, note="calling the customer", on_behalf_of=escalation.recipient, request_id=str(uuid.uuid4())))
    assert taken.state == Escalation.ACKNOWLEDGED and taken.acknowledged_by == system.member

    explained = system.call("sla", "ExplainClock", p.sla.ExplainClockRequest(name=clock.name))
    assert explained.segments[0].from_time == clock.start_time and explained.segments[-1].to_time == clock.due_time
    for one, next_one in zip(explained.segments, explained.segments[1:]):
        assert one.to_time == next_one.from_time
    assert explained.charged == Duration(seconds=2)
    assert {f.threshold for f in explained.firings} == {"warning-1", "breach", "level-1"}
    assert all(f.detected_at.ToDatetime() >= f.occurred_at.ToDatetime() for f in explained.firings)

    system.stack.wait_quiet()
    records = [r for r in topics.read(system.stack.kafka.bootstrap, "steward.sla.v1") if ticket.name.split("/")[1] in r.key]
    assert [r.type for r in records if r.key == clock.name] == ["clock.started", "clock.warned", "clock.breached"]
    assert [r.type for r in records if r.key == escalation.name] == ["escalation.raised", "escalation.acknowledged"]
    assert b"calling the customer" not in b"".join(r.value for r in records)


def test_every_record_carries_the_cloudevents_headers(system):
    ticket = system.register(external_id=str(uuid.uuid4()))
    system.stack.wait_quiet()
    [record] = [r for r in topics.read(system.stack.kafka.bootstrap, "steward.complaints.v1") if r.key == ticket.name]
    h = record.headers
    assert h["content-type"] == "application/protobuf" and h["ce_specversion"] == "1.0"
    assert h["ce_type"] == "steward.complaints.v1.ticket.registered" and h["ce_source"] == "/steward/complaints"
    assert h["ce_subject"] == h["ce_partitionkey"] == ticket.name
    assert h["ce_dataschema"] == "urn:steward:proto:steward.complaints.events.v1.ComplaintsEvent"
    assert h["ce_sequence"] == "0" * 19 + "1" and h["ce_actor"] == system.member
    assert datetime.fromisoformat(h["ce_time"].replace("Z", "+00:00"))
    uuid.UUID(h["ce_id"])


def test_a_stop_in_time_that_is_told_late_takes_the_breach_back(system):
    policy_of_seconds(system, "retract", seconds=2, interval=60)
    ticket = system.register(channel="retract", kind="inquiry")
    eventually("level 1", 30, lambda: system.escalations(ticket.name))
    in_time = ticket.occurred_at.ToDatetime(tzinfo=timezone.utc) + timedelta(seconds=1.5)
    system.command("RecordFirstResponse", ticket.name, occurred_at=stamp(in_time))
    clock = eventually("met", 20, lambda: (c := clock_of(system, ticket.name, "retract")).run_state == Clock.MET and c)
    assert "breach" not in clock.fired
    [escalation] = system.escalations(ticket.name)
    assert escalation.state == Escalation.WITHDRAWN
    explained = system.call("sla", "ExplainClock", p.sla.ExplainClockRequest(name=clock.name))
    [breach] = [f for f in explained.firings if f.threshold == "breach"]
    assert breach.retracted and breach.retraction_cause


def test_a_hold_pauses_only_what_lists_it(system):
    policy_of_seconds(system, "held", seconds=3600, pause=["waiting_customer"], stop="ticket.closed")
    ticket = system.register(channel="held")
    before = eventually("clock", 20, lambda: clock_of(system, ticket.name, "held"))
    system.command("HoldTicket", ticket.name, cause="waiting_customer")
    eventually("paused", 20, lambda: clock_of(system, ticket.name, "held").run_state == Clock.PAUSED)
    assert clock_of(system, ticket.name, "cmc-001").run_state == Clock.RUNNING
    system.command("ResumeTicket", ticket.name, cause="waiting_customer")
    after = eventually("running", 20, lambda: (c := clock_of(system, ticket.name, "held")).run_state == Clock.RUNNING and c)
    assert after.due_time.ToDatetime() > before.due_time.ToDatetime()


def test_repeats_answer_the_same(system):
    request_id, external = str(uuid.uuid4()), str(uuid.uuid4())
    one = system.register(request_id=request_id, topic="noise")
    two = system.register(request_id=request_id, topic="noise")
    assert one == two
    with pytest.raises(Refused) as refused:
        system.register(request_id=request_id, topic="smell")
    assert refused.value.reason == "REQUEST_ID_REUSED"
    a = system.register(external_id=external)
    b = system.call("complaints", "RegisterTicket", p.complaints.RegisterTicketRequest(
        ticket=p.complaints_types.Ticket(kind="complaint", channel="hotline", external_id=external), request_id=str(uuid.uuid4())))
    assert b.already_existed and b.ticket.name == a.name


def test_the_full_view_and_the_history(system):
    ticket = system.register()
    eventually("clocks", 20, lambda: len(system.clocks(ticket.name)) == 2)
    system.command("RecordFirstResponse", ticket.name)
    system.command("ChangeTicketSeverity", ticket.name, severity="major")
    full = system.call("complaints", "GetTicket", p.complaints.GetTicketRequest(name=ticket.name, view=p.complaints.TICKET_VIEW_FULL))
    assert len(full.clocks) == 2 and not full.clocks_unavailable and full.next_due_time.seconds
    changes = system.call("complaints", "ListTicketHistory", p.complaints.ListTicketHistoryRequest(parent=ticket.name)).changes
    assert [c.type for c in changes] == ["ticket.registered", "ticket.first_responded", "ticket.severity_changed"]
    assert (changes[2].to or "") == "major" and changes[2].actor == system.member


def test_an_illegal_move_names_what_is_allowed(system):
    ticket = system.register()
    with pytest.raises(Refused) as refused:
        system.command("CloseTicket", ticket.name)
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION
    assert refused.value.reason == "ILLEGAL_TRANSITION" and refused.value.metadata["from"] == "RECORDED"
    assert refused.value.metadata["allowed"]


def test_an_agent_sees_its_team_and_a_stranger_nothing(system):
    ticket = system.register(owner="members/agent-east-1", team="teams/customer-service-east")
    agent = System(system.stack, "members/agent-east-1")
    assert agent.call("complaints", "GetTicket", p.complaints.GetTicketRequest(name=ticket.name)).ticket.name == ticket.name
    other = System(system.stack, "members/agent-south-1")
    missing = ticket.name[:-4] + "0000"
    answers = []
    for name in (ticket.name, missing):
        with pytest.raises(Refused) as refused:
            other.call("complaints", "GetTicket", p.complaints.GetTicketRequest(name=name))
        answers.append((refused.value.code, refused.value.reason, refused.value.message.replace(name, "")))
    assert answers[0] == answers[1]
    with pytest.raises(Refused) as refused:
        System(system.stack, "members/nobody").call("complaints", "GetTicket", p.complaints.GetTicketRequest(name=ticket.name))
    assert refused.value.code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
