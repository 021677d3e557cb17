"""Input that is wrong in every way a client can be wrong: refused with a code, a reason and the field; nothing of it is stored."""

import base64
import contextlib
import json
import re
import subprocess
import time
import uuid

import grpc
import jwt
import pytest
import yaml
from clients import protos as p
from clients.system import Refused, System, eventually
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf.timestamp_pb2 import Timestamp

Code = grpc.StatusCode
COMPLAINTS = "/steward.complaints.v1.ComplaintsService/"
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SLA = "/steward.sla.v1.SlaService/"
# What a refused command must leave as it was; clocks and firings go on by themselves.
TABLES = {"complaints": ["ticket", "journal", "idempotency_key"], "directory": ["org_entry", "journal", "idempotency_key"],
          "sla": ["policy_version", "calendar_version", "ruleset", "idempotency_key"]}


def counts(system):
    found = {}
    for database, tables in TABLES.items():
        columns = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        found[database] = dict(zip(tables, system.sql(database, f"SELECT {columns}")[0]))
    return found


@contextlib.contextmanager
def refused(system, code, reason, *fields):
    """The block must end in this refusal, with every named field, and store nothing."""
    before = counts(system)
    with pytest.raises(Refused) as caught:
        yield caught
    assert (caught.value.code, caught.value.reason) == (code, reason), caught.value
    for field in fields:
        assert field in caught.value.fields, caught.value
    assert counts(system) == before


def send(system, service, method, body, token=None, metadata=()):
    """A call in bytes; answers bytes."""
    token = system.token if token is None else token
    headers = [*metadata] + ([("authorization", f"Bearer {token}")] if token else [])
    try:
        return system.channel(service).unary_unary(method)(body, timeout=10, metadata=headers)
    except grpc.RpcError as error:
        raise Refused(error) from None


def ticket(**fields):
    return p.complaints_types.Ticket(**{"kind": "complaint", "channel": "hotline", **fields})


def registration(**fields):
    return p.complaints.RegisterTicketRequest(ticket=ticket(**fields), request_id=str(uuid.uuid4()))


def delimited(number, body):
    """A length-delimited protobuf field, written by hand."""
    size, length = len(body), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + body


# Bytes.

@pytest.mark.parametrize("body", [b"\xff\xff\xff\xff", delimited(1, b"\x0a\x05abc"), b"\x0a\x7f", b"\x0b", b"\x07\x07"],
                         ids=["varint without end", "inner length too long", "cut off", "group without end", "unknown wire type"])
def test_malformed_bytes(system, body):
    for service, method in (("complaints", COMPLAINTS + "RegisterTicket"), ("sla", SLA + "CreatePolicy"),
                            ("directory", "/steward.directory.v1.DirectoryService/CreateMember")):
        with refused(system, Code.INVALID_ARGUMENT, "REQUEST_UNPARSABLE"):
            send(system, service, method, body)


def test_text_that_is_not_utf8(system):
    body = delimited(1, delimited(2, b"complaint") + delimited(4, b"hotline") + delimited(12, b"caf\xe9"))
    with refused(system, Code.INVALID_ARGUMENT, "REQUEST_UNPARSABLE"):
        send(system, "complaints", COMPLAINTS + "RegisterTicket", body)


@pytest.mark.parametrize("field", ["topic", "external_id", "description"])
def test_nul_in_text(system, field):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", f"ticket.{field}"):
        system.call("complaints", "RegisterTicket", registration(**{field: "a\0b"}))


def test_ten_mebibytes(system):
    with refused(system, Code.RESOURCE_EXHAUSTED, ""):
        system.call("complaints", "RegisterTicket", registration(description="x" * (10 << 20)))
    assert system.register().name


def test_a_message_above_its_methods_limit(system):
    with refused(system, Code.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE") as caught:
        system.command("AssignTicket", "complaints/" + str(uuid.uuid4()), owner="members/operator", reason="x" * (2 << 20))
    assert int(caught.value.metadata["limit"]) > 0


def test_text_that_is_too_long(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "ticket.description"):
        system.call("complaints", "RegisterTicket", registration(description="长" * 4001))


# Values.

@pytest.mark.parametrize("instant", [Timestamp(seconds=-1), Timestamp(seconds=253_402_300_800), Timestamp(seconds=1, nanos=10**9),
                                     Timestamp(seconds=1, nanos=-1)], ids=["before 1970", "year 10000", "nanos 1e9", "nanos -1"])
def test_times_outside_their_range(system, instant):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "ticket.occurred_at"):
        system.call("complaints", "RegisterTicket", registration(occurred_at=instant))


def test_a_time_in_the_future(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "ticket.occurred_at"):
        system.call("complaints", "RegisterTicket", registration(occurred_at=Timestamp(seconds=int(time.time()) + 86_400)))


def test_unknown_enum_values(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "mode") as caught:
        system.call("sla", "ActivatePolicy", p.sla.ActivatePolicyRequest(name="policies/cmc-001", version=1, mode=77))
    assert "NEW_ONLY" in caught.value.fields["mode"]
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "view"):
        system.call("complaints", "GetTicket", p.complaints.GetTicketRequest(name="complaints/" + str(uuid.uuid4()), view=9))


def test_required_fields_that_are_missing(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "ticket.kind", "ticket.channel"):
        system.call("complaints", "RegisterTicket", p.complaints.RegisterTicketRequest(ticket=p.complaints_types.Ticket(topic="noise")))


def test_a_kind_that_does_not_exist(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "ticket.kind"):
        system.call("complaints", "RegisterTicket", registration(kind="no-such-kind"))


def test_a_request_id_that_is_no_uuid(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "request_id"):
        system.call("complaints", "RegisterTicket", p.complaints.RegisterTicketRequest(ticket=ticket(), request_id="again"))


def test_a_request_id_used_for_another_request(system):
    request_id = str(uuid.uuid4())
    system.register(request_id=request_id, topic="noise")
    with refused(system, Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED"):
        system.register(request_id=request_id, topic="smell")


# Rules.

def calendar(**fields):
    days = [p.sla_types.WeekdayHours(weekday=day, intervals=[p.sla_types.Interval(open="09:00", close="17:00")]) for day in ("mon", "tue")]
    return p.sla_types.Calendar(**{"name": f"calendars/bad-{uuid.uuid4().hex[:8]}", "display_names": {"en": "bad"},
                                   "time_zone": "Asia/Shanghai", "weekly_hours": days, **fields})


def create_calendar(system, wrong):
    system.call("sla", "CreateCalendar", p.sla.CreateCalendarRequest(calendar=wrong, request_id=str(uuid.uuid4())))


def test_a_calendar_with_a_date_listed_twice(system):
    twice = [p.sla_types.Holiday(date="2026-10-01"), p.sla_types.Holiday(date="2026-10-01")]
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID") as caught:
        create_calendar(system, calendar(holidays=twice))
    assert any("holidays[1]" in field for field in caught.value.fields), caught.value


def test_a_calendar_without_any_hours(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID") as caught:
        create_calendar(system, calendar(weekly_hours=[]))
    assert any("weekly_hours" in field for field in caught.value.fields), caught.value


def test_a_calendar_in_no_known_zone(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID") as caught:
        create_calendar(system, calendar(time_zone="Mars/Olympus"))
    assert any("time_zone" in field for field in caught.value.fields), caught.value


def test_a_cyclic_reporting_line(system):
    # agent-east-1 reports to service-lead-east, who would now report to agent-east-1.
    member = p.directory_types.Member(name="members/service-lead-east", superiors=[p.directory_types.Superior(member="members/agent-east-1")])
    request = p.directory.UpdateMemberRequest(member=member, request_id=str(uuid.uuid4()))
    request.update_mask.paths.append("superiors")
    with refused(system, Code.INVALID_ARGUMENT, "REPORTING_CYCLE"):
        system.call("directory", "UpdateMember", request)


def test_a_page_token_of_another_query(system):
    for topic in ("page-a", "page-a"):
        system.register(topic=topic)
    first = system.call("complaints", "ListTickets", p.complaints.ListTicketsRequest(page_size=1, filter='channel = "hotline"'))
    assert first.next_page_token
    for token in (first.next_page_token, "%%%", base64.urlsafe_b64encode(b"x" * 40).decode()):
        with refused(system, Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID", "page_token"):
            system.call("complaints", "ListTickets", p.complaints.ListTicketsRequest(page_size=1, page_token=token, filter='channel = "web"'))


def test_a_filter_with_an_unknown_field(system):
    with refused(system, Code.INVALID_ARGUMENT, "FIELD_INVALID", "filter"):
        system.call("complaints", "ListTickets", p.complaints.ListTicketsRequest(filter='no_such_field = "x"'))


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_an_unknown_field_in_a_pack(system, tmp_path, verb):
    assert system.stack.stewardctl, "stewardctl is not built"
    policy = {"name": f"policies/bad-{verb}", "display_names": {"en": "bad"}, "metric": "bad", "start_event": "ticket.registered",
              "stop_event": "ticket.closed", "target": {"wall_clock": "60s"}, "grace_periode": "5s"}
    (tmp_path / "pack.yaml").write_text(yaml.safe_dump({"pack": "bad", "display_names": {"en": "bad"}, "policies": [policy]}))
    before = counts(system)
    done = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "sla", "packs", verb, tmp_path / "pack.yaml"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2), done.stdout + done.stderr
    assert "grace_periode" in done.stdout + done.stderr
    assert counts(system) == before


def test_what_only_the_service_sets_is_ignored(system):
    mine = str(uuid.uuid4())
    made = system.register(name=f"complaints/{mine}", state=p.complaints_types.Ticket.CLOSED, cycle=9, etag="mine", cancel_reason="mine",
                           recorded_at=Timestamp(seconds=1), update_time=Timestamp(seconds=1), repeat_of="complaints/mine")
    assert mine not in made.name and made.state == p.complaints_types.Ticket.RECORDED and made.cycle == 1
    assert made.etag != "mine" and not made.cancel_reason and not made.repeat_of
    assert made.recorded_at.seconds > 1 and made.update_time.seconds > 1


# Who calls.

def minted(system, key=None, algorithm="ES256", headers=None, **changes):
    """A token like the development key's, with one thing changed."""
    now = int(time.time())
    claims = {"iss": "dev-only", "aud": "steward", "sub": system.member, "iat": now, "nbf": now, "exp": now + 600, "jti": uuid.uuid4().hex}
    good = jwt.decode(system.token, options={"verify_signature": False})
    claims |= {name: good[name] for name in ("iss", "aud")} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    key = key or system.stack.keys.signing_key.read_bytes()
    return jwt.encode(claims, key, algorithm, {"kid": jwt.get_unverified_header(system.token)["kid"], **(headers or {})})


def forged(system):
    return minted(system, ec.generate_private_key(ec.SECP256R1()))


def changed_subject(system):
    head, body, signature = System(system.stack, "members/agent-east-1").token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = system.member
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("="), signature])


TOKENS = {
    "no token": (lambda s: "", "TOKEN_MISSING"),
    "no token at all": (lambda s: "hello", "TOKEN_INVALID"),
    "another key": (forged, "TOKEN_INVALID"),
    "changed subject": (changed_subject, "TOKEN_INVALID"),
    "expired": (lambda s: minted(s, iat=int(time.time()) - 7200, nbf=int(time.time()) - 7200, exp=int(time.time()) - 3600), "TOKEN_EXPIRED"),
    "not yet valid": (lambda s: minted(s, nbf=int(time.time()) + 3600), "TOKEN_INVALID"),
    "without exp": (lambda s: minted(s, exp=None), "TOKEN_INVALID"),
    "another audience": (lambda s: minted(s, aud="somebody-else"), "TOKEN_INVALID"),
    "another issuer": (lambda s: minted(s, iss="somebody-else"), "TOKEN_INVALID"),
    "unknown kid": (lambda s: minted(s, headers={"kid": "unknown"}), "TOKEN_INVALID"),
    "alg none": (lambda s: jwt.encode(jwt.decode(s.token, options={"verify_signature": False}), None, "none"), "TOKEN_INVALID"),
    "a symmetric key": (lambda s: minted(s, b"0" * 32, "HS256"), "TOKEN_INVALID"),
    "64 kB": (lambda s: s.token + "A" * 65536, None),
}


@pytest.mark.parametrize("name", TOKENS)
def test_tokens(system, name):
    make, reason = TOKENS[name]
    before = counts(system)
    with pytest.raises(Refused) as caught:
        send(system, "complaints", COMPLAINTS + "RegisterTicket", registration().SerializeToString(), token=make(system))
    # Headers of 64 kB are refused by the transport, before anybody reads a token.
    assert caught.value.code == Code.UNAUTHENTICATED or (reason is None and caught.value.code == Code.RESOURCE_EXHAUSTED), caught.value
    assert reason is None or caught.value.reason == reason
    assert counts(system) == before


def test_a_good_token_of_our_own_making_is_taken(system):
    assert send(system, "complaints", COMPLAINTS + "ListTickets", b"", token=minted(system)) is not None


@pytest.mark.parametrize("method", [COMPLAINTS + "DeleteEverything", "/steward.nothing.v1.Nothing/Get", "/x"])
def test_a_method_that_does_not_exist(system, method):
    with refused(system, Code.UNIMPLEMENTED, "METHOD_UNKNOWN"):
        send(system, "complaints", method, b"")


def test_a_member_without_the_grant(system):
    policy = p.sla_types.Policy(name="policies/mine", display_names={"en": "mine"}, metric="m", start_event="ticket.registered",
                                stop_event="ticket.closed", target=p.sla_types.Target(calendar_days=1))
    with refused(system, Code.PERMISSION_DENIED, "GRANT_MISSING"):
        System(system.stack, "members/agent-east-1").call("sla", "CreatePolicy", p.sla.CreatePolicyRequest(policy=policy, activate=True))


# The wrong object: what is out of reach answers as what does not exist.

MOVES = {"AssignTicket": {"owner": "members/agent-south-1"}, "TransferTicket": {"team": "teams/customer-service-south"},
         "RecordFirstResponse": {}, "ProposeSolution": {}, "ResolveTicket": {}, "VerifyTicket": {}, "CloseTicket": {}, "ReopenTicket": {},
         "HoldTicket": {"cause": "waiting_customer"}, "ResumeTicket": {"cause": "waiting_customer"}, "CancelTicket": {"cancel_reason": "mistake"},
         "ChangeTicketSeverity": {"severity": "major"}, "ChangeTicketKind": {"kind": "inquiry"}, "RecordMilestone": {"type": "opinion.responded"}}


def answer_of(caller, service, method, request, name):
    """All of an answer that can be seen, with the asked name taken out."""
    full = f"/steward.{service}.v1.{service.capitalize()}Service/{method}"
    try:
        body = caller.channel(service).unary_unary(full)(request.SerializeToString(), timeout=10,
                                                         metadata=[("authorization", f"Bearer {caller.token}")])
        return "OK", body.replace(name.encode(), b"")
    except grpc.RpcError as error:
        trailers = {k: v for k, v in error.trailing_metadata() or () if k == "grpc-status-details-bin"}
        details = {k: v.replace(name.encode(), b"") for k, v in trailers.items()}
        return error.code().name, error.details().replace(name, ""), details


def compare(caller, service, method, make, theirs):
    missing = UUID.sub(lambda found: str(uuid.UUID(int=uuid.UUID(found[0]).int ^ 0xFFFF)), theirs)
    assert missing != theirs
    out_of_reach, absent = (answer_of(caller, service, method, make(name), name) for name in (theirs, missing))
    assert out_of_reach == absent, method
    return out_of_reach[0]


@pytest.fixture(scope="module")
def theirs(system):
    """A ticket of the east with clocks and an open escalation; the caller is an agent of the south."""
    from test_spine import policy_of_seconds

    policy_of_seconds(system, "wrong-object", seconds=1, interval=600)
    made = system.register(channel="wrong-object", owner="members/agent-east-1", team="teams/customer-service-east")
    [escalation] = eventually("an escalation", 30, lambda: system.escalations(made.name))
    return made, system.clocks(made.name)[0], escalation, System(system.stack, "members/agent-south-1")


def test_tickets_out_of_reach(system, theirs):
    made, _, _, caller = theirs
    before = counts(system)
    makers = {"GetTicket": lambda n: p.complaints.GetTicketRequest(name=n),
              "BatchGetTickets": lambda n: p.complaints.BatchGetTicketsRequest(names=[n]),
              "ListTicketNotes": lambda n: p.complaints.ListTicketNotesRequest(parent=n),
              "ListTicketHistory": lambda n: p.complaints.ListTicketHistoryRequest(parent=n),
              "CreateTicketNote": lambda n: p.complaints.CreateTicketNoteRequest(parent=n, note=p.complaints_types.TicketNote(text="x"))}
    for method, fields in MOVES.items():
        makers[method] = lambda n, method=method, fields=fields: getattr(p.complaints, method + "Request")(name=n, **fields)
    answers = {method: compare(caller, "complaints", method, make, made.name) for method, make in makers.items()}
    assert set(answers.values()) <= {"NOT_FOUND", "OK"} and answers["GetTicket"] == "NOT_FOUND", answers
    assert {m for m, a in answers.items() if a == "OK"} <= {"BatchGetTickets"}
    assert counts(system) == before
    listed = caller.call("complaints", "ListTickets", p.complaints.ListTicketsRequest(filter='channel = "wrong-object"'))
    assert not listed.tickets


def test_clocks_and_escalations_out_of_reach(system, theirs):
    made, clock, escalation, caller = theirs
    before = counts(system)
    makers = {"GetClock": (clock.name, lambda n: p.sla.GetClockRequest(name=n)),
              "ExplainClock": (clock.name, lambda n: p.sla.ExplainClockRequest(name=n)),
              "GetEscalation": (escalation.name, lambda n: p.sla.GetEscalationRequest(name=n)),
              "AcknowledgeEscalation": (escalation.name, lambda n: p.sla.AcknowledgeEscalationRequest(name=n, note="mine")),
              "BatchAcknowledgeEscalations": (escalation.name, lambda n: p.sla.BatchAcknowledgeEscalationsRequest(names=[n]))}
    answers = {method: compare(caller, "sla", method, make, name) for method, (name, make) in makers.items()}
    # Reassigning takes a supervisor: the one of the south has no line to the east.
    makers["ReassignEscalation"] = (escalation.name, lambda n: p.sla.ReassignEscalationRequest(name=n, recipient="members/ceo", reason="x"))
    lead = System(system.stack, "members/service-lead-south")
    answers |= {f"{method} by a lead": compare(lead, "sla", method, make, name) for method, (name, make) in makers.items()}
    assert set(answers.values()) == {"NOT_FOUND"}, answers
    for request in (p.sla.BatchGetClocksRequest(names=[clock.name]), p.sla.BatchGetClocksRequest(subjects=[made.name])):
        with contextlib.suppress(Refused):
            assert not caller.call("sla", "BatchGetClocks", request).clocks
    listed = caller.call("sla", "ListClocks", p.sla.ListClocksRequest(filter=f'subject = "{made.name}"'))
    assert not listed.clocks and not caller.escalations(made.name)
    assert counts(system) == before
    assert system.call("sla", "GetEscalation", p.sla.GetEscalationRequest(name=escalation.name)).state == p.sla_types.Escalation.OPEN
