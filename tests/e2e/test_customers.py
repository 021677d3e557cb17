"""Customers by the clients of another language: kept, graded, found again, within reach, and said on the topic without a name."""

import json
import subprocess
import uuid

import grpc
import pytest
from clients import protos as p
from clients import topics
from clients.system import Refused, System, eventually

Code = grpc.StatusCode
CREDIT_CODE = "91110108551385082Q"


def fresh(word):
    return f"{word}-{uuid.uuid4().hex[:12]}"


def refusal(call, *arguments, **fields):
    with pytest.raises(Refused) as caught:
        call(*arguments, **fields)
    return caught.value


def get(caller, name):
    return caller.call("leads", "GetCustomer", p.leads.GetCustomerRequest(name=name))


def listed(caller, filter):
    return [c.name for c in caller.call("leads", "ListCustomers", p.leads.ListCustomersRequest(filter=filter)).customers]


def records_of(system, name, count):
    """The customer's records on the topic, once there are that many."""
    def read():
        found = [r for r in topics.read(system.stack.kafka.bootstrap, "steward.leads.v1") if r.key == name]
        return found if len(found) >= count else None
    return eventually(f"{count} records of {name}", 20, read)


@pytest.fixture(scope="module")
def known(system):
    """Members of the sample organisation, once the leads service knows them."""
    callers = {name: System(system.stack, f"members/{name}") for name in ("agent-east-1", "agent-south-1")}
    for caller in callers.values():
        def known_to_leads():
            try:
                return caller.call("leads", "ListTierSchemes", p.leads.ListTierSchemesRequest())
            except Refused as refused:
                assert refused.reason == "MEMBER_UNKNOWN", refused
                return None
        eventually(f"{caller.member} known to leads", 20, known_to_leads)
    return callers


def test_a_tier_change_is_said_with_every_tier_and_without_a_name(system):
    contact = p.leads_types.Contact(name="王小姐", phone="138 0013 8000", email="wang@acme.example", decision_role="decision_maker")
    created = system.create_customer(fresh("acme"), display_name_zh="极致", company_name="极致科技有限公司", credit_code=CREDIT_CODE.lower(),
                                     industry="retail", region="east", tiers=["abc:b"], contacts=[contact])
    assert created.credit_code == CREDIT_CODE and created.contacts[0].phone_e164 == "+8613800138000" and created.etag == '"1"'
    system.set_tier(created.name, "key_account", "yes")
    changed = system.set_tier(created.name, "abc", "a", rule="annual-spend", etag='"2"')
    assert list(changed.tiers) == ["abc:a", "key_account:yes"] == list(get(system, created.name).tiers)

    registered, _, raised = records_of(system, created.name, 3)
    assert (registered.type, registered.version) == ("customer.registered", 1)
    assert registered.event.industry == "retail" and list(registered.event.tiers) == ["abc:b"]
    assert (raised.type, raised.version) == ("customer.tier_changed", 3)
    event = raised.event
    assert (event.customer, event.scheme, event.from_tier, event.tier, event.rule) == (created.name, "abc", "b", "a", "annual-spend")
    assert list(event.tiers) == ["abc:a", "key_account:yes"] and event.HasField("effective_from")
    for record in (registered, raised):
        bytes_of = record.value + "".join(record.headers.values()).encode()
        assert not any(secret.encode() in bytes_of for secret in ("极致", "王小姐", "wang@", "13800138000", CREDIT_CODE))

    history = system.call("leads", "ListCustomerTierHistory", p.leads.ListCustomerTierHistoryRequest(parent=created.name, scheme="abc")).changes
    assert [(c.tier, c.rule, c.HasField("effective_to")) for c in history] == [("a", "annual-spend", False), ("b", "", True)]


def test_a_repeat_is_the_same_answer_and_another_body_is_refused(system):
    customer, request = fresh("twice"), str(uuid.uuid4())
    first = system.create_customer(customer, request_id=request)
    assert system.create_customer(customer, request_id=request) == first
    assert refusal(system.create_customer, customer, request_id=request, needs="other").reason == "REQUEST_ID_REUSED"
    taken = refusal(system.create_customer, customer)
    assert (taken.code, taken.metadata["name"]) == (Code.ALREADY_EXISTS, first.name)


def test_bad_input_is_refused_by_field_and_nothing_is_stored(system):
    count = "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM journal)"
    before = system.sql("leads", count)
    for fields, wrong in (({"credit_code": "91110108551385082R"}, "customer.credit_code"), ({"tiers": ["abc:z"]}, "customer.tiers"),
                          ({"contacts": [p.leads_types.Contact(name="x", phone="12")]}, "customer.contacts[0].phone"),
                          ({"display_name": ""}, "customer.display_name"), ({"owner": "li"}, "customer.owner")):
        refused = refusal(system.create_customer, fresh("bad"), **fields)
        assert (refused.code, refused.reason) == (Code.INVALID_ARGUMENT, "FIELD_INVALID") and wrong in refused.fields, refused
    good, bad = (p.leads.CreateCustomerRequest(customer=p.leads_types.Customer(display_name=name)) for name in ("good", ""))
    refused = refusal(system.call, "leads", "BatchCreateCustomers", p.leads.BatchCreateCustomersRequest(requests=[good, bad]))
    assert "requests[1].customer.display_name" in refused.fields
    assert system.sql("leads", count) == before
    customer = system.create_customer(fresh("stale"))
    system.set_tier(customer.name, "abc", "a")
    assert refusal(system.set_tier, customer.name, "abc", "b", etag=customer.etag).reason == "ETAG_MISMATCH"
    assert refusal(system.set_tier, customer.name, "abc", "a").reason == "NOTHING_TO_CHANGE"
    assert refusal(system.set_tier, customer.name, "stars", "five").fields


def test_a_customer_out_of_reach_is_not_there(system, known):
    mine, foreign = known["agent-east-1"], known["agent-south-1"]
    region, phone = fresh("r"), "13912345678"
    contact = [p.leads_types.Contact(name="x", phone=phone)]
    customer = mine.create_customer(fresh("mine"), display_name=fresh("name"), owner=mine.member, region=region, contacts=contact)
    other = foreign.create_customer(fresh("theirs"), display_name=fresh("name"), owner=foreign.member, region=region, contacts=contact)
    assert get(mine, customer.name) == customer
    hidden = refusal(get, foreign, customer.name)
    missing = refusal(get, foreign, "customers/nobody-at-all")
    assert hidden.code == missing.code == Code.NOT_FOUND
    assert hidden.message.replace(customer.name, "X") == missing.message.replace("customers/nobody-at-all", "X")
    assert refusal(foreign.set_tier, customer.name, "abc", "a").code == Code.NOT_FOUND
    assert listed(foreign, f'region = "{region}"') == [other.name]
    assert sorted(listed(system, f'region = "{region}"')) == sorted([customer.name, other.name])

    def candidates(caller):
        request = p.leads.FindDuplicateCustomersRequest(customer=customer.name)
        return [(c.customer.name, c.score, [r.kind for r in c.reasons])
                for c in caller.call("leads", "FindDuplicateCustomers", request).candidates if c.customer.region == region]
    assert candidates(mine) == []
    assert candidates(system) == [(other.name, 70, ["phone"])]


def test_stewardctl_keeps_customers(system):
    def run(*words, code=0):
        done = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "--output", "json", "customers", *words],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if code == 0 else done.stdout + done.stderr

    customer = fresh("cli")
    created = run("create", "--id", customer, "--name", "Cli", "--company", f"{customer} Ltd.", "--tier", "abc:b",
                  "--contact", "name=李;phone=13700137000;role=buyer", "--contact", "name=赵")
    assert created["name"] == f"customers/{customer}" and [c["name"] for c in created["contacts"]] == ["李", "赵"]
    updated = run("update", customer, "--region", "south", "--contact", "name=钱;email=q@x.cn")
    assert updated["region"] == "south" and [(c["name"], c["email"]) for c in updated["contacts"]] == [("钱", "q@x.cn")]
    assert run("tier", "set", customer, "key_account", "yes")["tiers"] == ["abc:b", "key_account:yes"]
    assert run("tier", "remove", customer, "abc")["tiers"] == ["key_account:yes"]
    text = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "customers", "tier", "history", customer],
                          capture_output=True, text=True, timeout=60)
    assert text.returncode == 0 and "SCHEME" in text.stdout and "key_account" in text.stdout
    assert customer in json.dumps(run("list", "--filter", 'tier = "key_account:yes"'))
    assert customer in json.dumps(run("duplicates", "--company", customer.upper()))
    assert "customer.registered" in json.dumps(run("history", customer))
    assert "abc" in json.dumps(run("schemes"))
    assert "check digit" in run("update", customer, "--credit-code", "1", code=2)
    assert "name=" in run("update", customer, "--contact", "colour=red", code=2)
