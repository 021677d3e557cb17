"""Leads under pressure: one conversion and one contract draft whatever is retried, redelivered or killed, and nobody with more leads than
their cap."""

import os
import sys
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.type.money_pb2 import Money

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clients import protos as p  # noqa: E402
from clients import rebuild, topics  # noqa: E402
from clients.stacks import running  # noqa: E402
from clients.system import Refused, System, eventually, key  # noqa: E402

LEADS = int(os.environ.get("STEWARD_LEADS", "2000"))
WORKERS = 64
CLIENTS = 8
BATCH = 50
OWNER = "members/sales-rep-east-1"
AGAIN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN,
         grpc.StatusCode.RESOURCE_EXHAUSTED}
pool, pool_types = p._load("steward.leads.v1.lead_pool_service_pb2"), p._load("steward.leads.v1.lead_pool_pb2")
deals, deals_types = p._load("steward.leads.v1.opportunities_service_pb2"), p._load("steward.leads.v1.opportunities_pb2")
STEPS = [("needs_analysis", "needs_record"), ("proposal", "proposal"), ("negotiation", "quotation")]
rules, rules_types = p._load("steward.leads.v1.assignment_rules_service_pb2"), p._load("steward.leads.v1.assignment_rules_pb2")


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with running(tmp_path_factory.mktemp("leads"), ["directory", "leads", "orders"]) as operator:
        yield operator


def until_answered(client, method, request, limit_s=60):
    """The answer, or the refusal, of a call that is repeated with its request_id while nobody knows what became of it."""
    def probe():
        try:
            return client.call("leads", method, request)
        except Refused as refused:
            return None if refused.code in AGAIN else refused
    return eventually(f"an answer of {method}", limit_s, probe)


def journal(system, message_of, *types):
    """(aggregate, version, event) in the order of the journal."""
    rows = system.sql("leads", "SELECT aggregate, aggregate_version, payload FROM journal WHERE type = ANY(%s) ORDER BY xid, seq", list(types))
    return [(aggregate, version, message_of(p.leads_events.LeadsEvent.FromString(payload))) for aggregate, version, payload in rows]


class Conversions:
    """Calls of CALLS threads that convert one lead, all let go at once."""

    CALLS = 200

    def __init__(self, clients, lead, customer):
        self.clients = clients
        self.request = {"name": lead, "customer_id": customer.removeprefix("customers/"),
                        "new_customer": p.leads_types.Customer(display_name="Acme"), "amount": Money(currency_code="CNY", units=12_000),
                        "region": "elsewhere"}  # in no card of the demonstration
        # Half of the calls are repeats of five requests, the others are requests of their own.
        shared = [key() for _ in range(5)]
        self.keys = [shared[n // 2 % len(shared)] if n % 2 == 0 else key() for n in range(self.CALLS)]
        self.gate = threading.Barrier(self.CALLS + 1)
        self.some_answered = threading.Event()

    def one(self, n):
        self.gate.wait(30)
        request = pool.ConvertLeadRequest(request_id=self.keys[n], **self.request)
        answer = until_answered(self.clients[n % len(self.clients)], "ConvertLead", request)
        self.some_answered.set()
        return self.keys[n], answer


def test_a_quiet_stack_has_read_all_that_its_services_read(system):
    assert system.stack.inputs("leads") == {"steward.directory.v1", "steward.orders.v1", "steward.scoring.v1"}
    assert system.stack.inputs("directory") == set()
    assert system.sql("leads", "SELECT count(*) FROM consumer_offset WHERE topic = 'steward.directory.v1' AND next_offset > 0") != [(0,)]


@pytest.mark.parametrize("kill", ["as the calls leave", "after the first answer"])
def test_a_lead_converts_once_through_a_kill(system, kill):
    made = system.call("leads", "CreateLead", pool.CreateLeadRequest(
        lead=pool_types.Lead(channel="web", external_id=key(), source="campaign"),
        owner=OWNER, request_id=key()))
    lead, customer = made.lead.name, f"customers/c-{uuid.uuid4().hex[:12]}"
    clients = [System(system.stack) for _ in range(CLIENTS)]
    load = Conversions(clients, lead, customer)
    with ThreadPoolExecutor(load.CALLS) as threads:
        calls = [threads.submit(load.one, n) for n in range(load.CALLS)]
        load.gate.wait(30)
        if kill == "after the first answer":
            assert load.some_answered.wait(30)
        system.stack.kill9("leads")
        system.stack.restart("leads")
        answers = [call.result() for call in calls]

    done = [(request_id, answer) for request_id, answer in answers if not isinstance(answer, Refused)]
    refused = [(request_id, answer) for request_id, answer in answers if isinstance(answer, Refused)]
    opportunity, = {answer.opportunity for _, answer in done}
    winner, = {request_id for request_id, _ in done}  # no other request is told that it converted anything
    assert len({answer.SerializeToString(deterministic=True) for _, answer in done}) == 1
    assert all(answer.customer == customer and answer.lead.opportunity == opportunity for _, answer in done)
    assert {(answer.reason, answer.metadata.get("opportunity")) for _, answer in refused} <= {("ALREADY_CONVERTED", opportunity)}
    assert winner not in {request_id for request_id, _ in refused}
    assert len(done) + len(refused) == load.CALLS

    assert system.sql("leads", "SELECT count(*) FROM opportunity WHERE lead = %s", lead) == [(1,)]
    system.stack.wait_quiet()
    # A kill between a record and the relay's note of it puts the same event, by its id, on the topic again: one event all the same.
    events = {r.event_id: r for r in topics.read(system.stack.kafka.bootstrap, "steward.leads.v1")}.values()
    said = Counter((r.key, r.type) for r in events)
    assert said[(lead, "lead.converted")] == 1 and said[(customer, "customer.registered")] == 1
    assert [r.key for r in events if r.type == "opportunity.opened" and r.event.lead == lead] == [opportunity]
    one_draft(system, opportunity)


def one_draft(system, opportunity):
    """It is won, leads dies between that commit and its publication, orders while it drafts; then orders is told everything once more."""
    def evidence(code):
        return [deals_types.Evidence(code=code, reference=f"files/{code}")]

    for stage, code in STEPS:
        system.call("leads", "AdvanceOpportunity", deals.AdvanceOpportunityRequest(
            name=opportunity, stage=stage, evidence=evidence("source") + evidence(code), request_id=key()))
    system.call("leads", "WinOpportunity", deals.WinOpportunityRequest(name=opportunity, evidence=evidence("signed_contract"), request_id=key()))
    system.stack.kill9("leads")
    system.stack.restart("leads")
    system.stack.kill9("orders")
    system.stack.restart("orders")

    def drafts():
        return system.sql("orders", "SELECT id::text FROM contract WHERE opportunity = %s", opportunity)

    def settled():
        return system.sql("orders", "SELECT state, contract::text FROM opportunity_won WHERE opportunity = %s AND state = 2", opportunity)

    eventually("a contract draft", 60, settled)
    (draft,), = drafts()
    system.stack.services["orders"].stop()
    rebuild.read_again(system.stack, "orders", "steward.leads.v1", "aggregate LIKE 'opportunities/%'", "DELETE FROM opportunity_won")
    system.stack.services["orders"].start()
    system.stack.wait_quiet()
    assert eventually("the draft found again", 60, settled) == [(2, draft)]
    assert drafts() == [(draft,)]
    told = {r.event_id for r in topics.read(system.stack.kafka.bootstrap, "steward.orders.v1")
            if r.type == "contract.drafted" and r.event.terms.opportunity == opportunity}
    assert len(told) == 1


SMALL = {f"members/seller-{n:02}": max(1, LEADS // 200) for n in range(1, 5)}  # full soon
EQUAL = {f"members/seller-{n:02}": LEADS * 6 // 100 for n in range(5, 20)}      # together 9 in 10: the last leads find nobody
AWAY = {"members/seller-20": LEADS}
CAPS = {**SMALL, **EQUAL, **AWAY}


def take_on_sellers(system):
    """Twenty people, one of them on leave."""
    request = p.directory.ImportOrganisationRequest(request_id=key())
    for name in CAPS:
        member = request.members.add(name=name, display_name=name)
        member.roles.add(role="roles/sales-rep")
        member.teams.add(team="teams/sales-east")
        if name in AWAY:
            member.leaves.add().start_time.FromJsonString("2026-01-01T00:00:00Z")
    system.call("directory", "ImportOrganisation", request)
    system.stack.wait_quiet()


def loads_at_every_position(system, rule):
    """{member: open leads} after each event that gives a lead to somebody or takes it from them."""
    loads, owners = Counter(), {}
    types = ["lead.assigned", "lead.recycled", "lead.disqualified", "lead.converted"]
    for aggregate, _, event in journal(system, lambda m: m, *types):
        kind = event.WhichOneof("event")
        before = owners.pop(aggregate, None)
        if before is not None:
            loads[before] -= 1
        if kind == "lead_assigned":
            owners[aggregate] = event.lead_assigned.owner
            loads[event.lead_assigned.owner] += 1
        yield kind, loads


def test_nobody_is_over_their_cap_at_any_position(system):
    take_on_sellers(system)
    name = "assignmentRules/hard"
    system.call("leads", "CreateAssignmentRuleVersion", rules.CreateAssignmentRuleVersionRequest(
        rule=rules_types.AssignmentRule(
            name=name, display_names={"en": "hard", "zh-Hans": "硬"}, method="ROUND_ROBIN",
            seats=[rules_types.AssignmentRule.Seat(member=member, capacity=cap) for member, cap in CAPS.items()]),
        activate=True, request_id=key()))
    clients = [System(system.stack) for _ in range(CLIENTS)]

    def lead(n):
        return pool.CreateLeadRequest(lead=pool_types.Lead(channel="load", external_id=f"{n:06}", source="campaign",
                                                           person=pool_types.LeadPerson(display_name="Ada", phone=f"139{n:08}")), rule=name)

    def take_in(work):
        client = clients[work[0] % CLIENTS]
        if len(work) > 1:
            answer = until_answered(client, "BatchCreateLeads", pool.BatchCreateLeadsRequest(requests=[lead(n) for n in work], request_id=key()))
            assert not isinstance(answer, Refused) and answer.created_count == len(work), answer
            return [outcome.owner for outcome in answer.outcomes]
        request = lead(work[0])
        request.request_id = key()
        answer = until_answered(client, "CreateLead", request)
        assert not isinstance(answer, Refused) and not answer.already_existed, answer
        return [answer.lead.owner]

    # Half of them one by one, half in batches, all by the same workers at the same time.
    numbers = list(range(LEADS))
    work = []
    while numbers:
        work += [[n] for n in numbers[:BATCH]] + [numbers[BATCH:2 * BATCH]] * bool(numbers[BATCH:])
        numbers = numbers[2 * BATCH:]
    with ThreadPoolExecutor(WORKERS) as threads:
        owners = Counter(owner for given in threads.map(take_in, work) for owner in given)

    for member in AWAY:
        assert owners.pop(member, 0) == 0, "somebody on leave got a lead"
    assert owners.pop("") == LEADS - sum(SMALL.values()) - sum(EQUAL.values()), "every cap is filled, and no more"
    assert owners == {**SMALL, **EQUAL}
    given = 0
    for _, loads in loads_at_every_position(system, name):
        given += 1
        assert all(loads[member] <= cap for member, cap in CAPS.items()), f"over the cap at position {given}: {loads}"
        assert max(loads[m] for m in EQUAL) - min(loads[m] for m in EQUAL) <= 1, f"uneven among equals at position {given}: {loads}"
        assert not any(loads[member] for member in AWAY)
    assert given >= sum(owners.values())
