"""A period is frozen once every owner of a topic has published what it recorded before the period's end; until then it is named."""


import psycopg
import pytest
from clients import protos as p
from clients.stacks import running
from clients.system import Refused, System, eventually, key

PERIOD = "periods/2025"


@pytest.fixture
def private(tmp_path):
    with running(tmp_path) as system:
        yield system


def freeze(system):
    return system.call("scoring", "FreezePeriod", p.periods.FreezePeriodRequest(name=PERIOD, request_id=key()), timeout=30)


def refused(system):
    with pytest.raises(Refused) as error:
        freeze(system)
    assert error.value.reason == "PERIOD_INCOMPLETE", error.value
    return error.value.metadata["missing"]


def missing(system):
    return list(system.call("scoring", "GetPeriod", p.periods.GetPeriodRequest(name=PERIOD), timeout=30).missing)


def test_a_freeze_names_the_owner_whose_relay_stands_still(private):
    leads = private.stack.dsn("leads", "steward_leads")
    with psycopg.connect(leads) as writer, psycopg.connect(leads, autocommit=True) as past:
        writer.execute("SELECT pg_current_xact_id()")  # a transaction that writes holds the relay
        customer = private.create_customer()
        past.execute("UPDATE journal SET recorded_at = '2025-06-01T00:00:00Z' WHERE aggregate = %s", [customer.name])
        held = "leads (steward.leads.v1): its relay holds 1 events back, the oldest of 2025-"
        assert [line[:len(held)] for line in missing(private)] == [held]
        assert refused(private).startswith(held)
        writer.rollback()
    private.stack.kill9("sla")
    assert refused(private).startswith("sla (steward.sla.v1): its relay could not be asked: ")
    private.stack.restart("sla")
    eventually("nothing missing", 30, lambda: not missing(private))
    frozen = freeze(private)
    assert frozen.state == "FROZEN"
    agent = System(private.stack, "members/agent-east-1")
    assert agent.call("scoring", "GetPeriod", p.periods.GetPeriodRequest(name=PERIOD)).state == "FROZEN"
