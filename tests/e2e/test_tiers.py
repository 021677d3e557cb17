"""A customer's tier changes while a ticket's clock runs: from leads by event to the clocks of the sla service, and back."""

import uuid
from datetime import timedelta

import pytest
from clients import protos as p
from clients.system import eventually
from google.protobuf.duration_pb2 import Duration

Clock = p.sla_types.Clock


def fresh(word):
    return f"{word}-{uuid.uuid4().hex[:12]}"


def set_tier(system, customer, tier):
    if tier:
        system.call("leads", "SetCustomerTier", p.leads.SetCustomerTierRequest(
            name=customer, scheme="key_account", tier=tier, reason="e2e", request_id=str(uuid.uuid4())))
    else:
        system.call("leads", "RemoveCustomerTier", p.leads.RemoveCustomerTierRequest(
            name=customer, scheme="key_account", reason="e2e", request_id=str(uuid.uuid4())))


@pytest.fixture(scope="module")
def tiered(system):
    """On one channel everyone has 48 h, key accounts 4 h: one metric, the most specific wins."""
    channel = "tiered"
    for name, hours, tiers in (("tiered-any", 48, []), ("tiered-key", 4, ["key_account:yes"])):
        system.put_policy(p.sla_types.Policy(
            name=f"policies/{name}", display_names={"en": name}, metric="tiered", start_event="ticket.registered",
            stop_event="ticket.first_responded", match=p.sla_types.PolicyMatch(channels=[channel], customer_tiers=tiers),
            target=p.sla_types.Target(wall_clock=Duration(seconds=hours * 3600)), same_metric=p.sla_types.Policy.MOST_SPECIFIC))
    return channel


def running(system, ticket):
    """Policy and due of the one clock of this channel's policies that runs."""
    found = [c for c in system.clocks(ticket.name) if c.run_state == Clock.RUNNING and "tiered" in c.policy]
    return (found[0].policy.split("/")[1], found[0].due_time.ToDatetime()) if len(found) == 1 else None


def runs(system, ticket, policy):
    return eventually(f"{ticket.name} runs by {policy}", 30,
                      lambda: (now := running(system, ticket)) and now[0] == policy and now[1])


def test_a_tier_change_matches_open_clocks_again_and_back(system, tiered):
    customer = system.create_customer(fresh("tiers"), display_name="Tiers").name
    ticket = system.register(channel=tiered, customer=customer)
    began = ticket.occurred_at.ToDatetime()
    assert runs(system, ticket, "tiered-any") == began + timedelta(hours=48)
    set_tier(system, customer, "yes")
    assert runs(system, ticket, "tiered-key") == began + timedelta(hours=4), "the time used is kept"

    later = eventually("a ticket of a known customer", 20, lambda: (t := system.register(channel=tiered, customer=customer))
                       and list(t.customer_tiers) == ["key_account:yes"] and t)
    runs(system, later, "tiered-key")

    clock = next(c for c in system.clocks(ticket.name) if c.policy == "policies/tiered-key")
    explained = system.call("sla", "ExplainClock", p.sla.ExplainClockRequest(name=clock.name))
    [told] = [f for f in explained.facts if f.type == "customer.tier_changed"]
    assert list(told.customer_tiers) == ["key_account:yes"]

    set_tier(system, customer, "")
    assert runs(system, ticket, "tiered-any") == began + timedelta(hours=48)
    runs(system, later, "tiered-any")


def test_a_stranger_refuses_no_ticket_and_is_matched_once_known(system, tiered):
    name = f"customers/{fresh('stranger')}"
    ticket = system.register(channel=tiered, customer=name)
    assert not ticket.customer_tiers
    runs(system, ticket, "tiered-any")
    system.create_customer(name.split("/")[1], display_name="Known now", tiers=["key_account:yes"])
    runs(system, ticket, "tiered-key")
