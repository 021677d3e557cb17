"""Opportunities by the clients of another language: a way to won with evidence, and a funnel of the past that stays what it was."""

import json
import subprocess
import uuid

import grpc
import pytest
from clients import protos as p
from clients import topics
from clients.system import Refused, eventually, key
from google.protobuf import timestamp_pb2

o, t = p._load("steward.leads.v1.opportunities_service_pb2"), p._load("steward.leads.v1.opportunities_pb2")
STEPS = [("needs_analysis", "needs_record"), ("proposal", "proposal"), ("negotiation", "quotation")]


def evidence(*codes):
    return [t.Evidence(code=code, reference=f"files/{code}") for code in codes]


def now_of(funnel):
    return {stage.stage: stage.now for group in funnel.groups for stage in group.stages}


def test_won_with_evidence_and_the_funnel_of_the_past_stays(system):
    customer = system.create_customer(f"acme-{uuid.uuid4().hex[:12]}").name
    region = f"r-{uuid.uuid4().hex[:8]}"

    def call(method, request):
        return system.call("leads", method, request)

    def create():
        opportunity = t.Opportunity(customer=customer, region=region, evidence=evidence("source"))
        opportunity.amount.currency_code, opportunity.amount.units = "CNY", 12000
        return call("CreateOpportunity", o.CreateOpportunityRequest(opportunity=opportunity, request_id=key()))

    def funnel(as_of):
        answer = call("GetFunnel", o.GetFunnelRequest(as_of=as_of, group_by="FUNNEL_GROUPING_REGION"))
        return next(group for group in answer.groups if group.key == region)

    with pytest.raises(Refused) as unknown:
        call("CreateOpportunity", o.CreateOpportunityRequest(opportunity=t.Opportunity(customer="customers/nobody"), request_id=key()))
    assert unknown.value.code == grpc.StatusCode.INVALID_ARGUMENT
    first, second = create(), create()
    name = first.name
    with pytest.raises(Refused) as bare:
        call("AdvanceOpportunity", o.AdvanceOpportunityRequest(name=name, stage="needs_analysis", request_id=key()))
    assert bare.value.reason == "EVIDENCE_MISSING"
    moved = call("AdvanceOpportunity", o.AdvanceOpportunityRequest(
        name=name, stage="needs_analysis", evidence=evidence("needs_record"), request_id=key()))
    then = timestamp_pb2.Timestamp()
    then.CopyFrom(moved.update_time)
    before = funnel(then)
    assert {stage.stage: stage.now for stage in before.stages if stage.now} == {"lead_acquired": 1, "needs_analysis": 1}

    for stage, code in STEPS[1:]:
        call("AdvanceOpportunity", o.AdvanceOpportunityRequest(name=name, stage=stage, evidence=evidence(code), request_id=key()))
    won = call("WinOpportunity", o.WinOpportunityRequest(name=name, evidence=evidence("signed_contract"), request_id=key()))
    call("LoseOpportunity", o.LoseOpportunityRequest(name=second.name, lost_reason="other", lost_note="Frau Wu said no", request_id=key()))
    assert won.stage == "contract_signed" and won.amount.units == 12000
    assert funnel(then) == before
    assert {stage.stage: stage.now for stage in funnel(None).stages if stage.now} == {"contract_signed": 1, "lost": 1}

    def lost():
        return [r for r in topics.read(system.stack.kafka.bootstrap, "steward.leads.v1") if r.key == second.name and b"other" in r.value]
    record, = eventually("the loss on the topic", 20, lambda: lost() or None)
    assert b"Wu" not in record.value


def test_a_cancelled_contract_is_told_to_its_opportunity_which_stays_won(system):
    """opportunity.won makes the draft, contract.cancelled comes back; nothing is reopened and nothing drafted anew."""
    customer = system.create_customer(f"acme-{uuid.uuid4().hex[:12]}").name

    def call(method, request):
        return system.call("leads", method, request)

    opportunity = t.Opportunity(customer=customer, owner="members/agent-east-1", region="elsewhere",  # in no card of the demonstration
                                evidence=evidence("source", "needs_record", "proposal", "quotation", "signed_contract"))
    opportunity.amount.currency_code, opportunity.amount.units = "CNY", 9000
    name = call("CreateOpportunity", o.CreateOpportunityRequest(opportunity=opportunity, request_id=key())).name
    for stage, _code in STEPS:
        call("AdvanceOpportunity", o.AdvanceOpportunityRequest(name=name, stage=stage, request_id=key()))
    call("WinOpportunity", o.WinOpportunityRequest(name=name, request_id=key()))

    def contract(state):
        now = call("GetOpportunity", o.GetOpportunityRequest(name=name))
        return now if now.contract_state == state else None
    drafted = eventually("the draft is shown on its opportunity", 30, lambda: contract("DRAFT"))
    system.call("orders", "CancelContract", p.contracts.CancelContractRequest(
        name=drafted.contract, reason="customer_withdrew", request_id=key()))
    told = eventually("the cancellation is shown on its opportunity", 30, lambda: contract("CANCELLED"))
    assert (told.contract, told.contract_cancel_reason, told.stage) == (drafted.contract, "customer_withdrew", "contract_signed")
    change = call("ListOpportunityHistory", o.ListOpportunityHistoryRequest(parent=name)).changes[-1]
    assert (change.type, change.actor, change.to, change.contract) == (
        "opportunity.contract_cancelled", "system:leads", "CANCELLED", drafted.contract)

    def records():
        return [r for r in topics.read(system.stack.kafka.bootstrap, "steward.leads.v1") if r.key == name and r.type == change.type] or None
    record, = eventually("the event on the topic", 20, records)
    assert (record.event.contract, record.event.owner) == (drafted.contract, "members/agent-east-1")
    assert [c.state for c in system.call("orders", "ListContracts", p.contracts.ListContractsRequest(
        filter=f'opportunity = "{name}"')).contracts] == [p.contracts_types.Contract.CANCELLED]
