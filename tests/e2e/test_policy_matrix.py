"""Method by member, generated from the policy files: a call is refused for its grant exactly where the file says so."""

import uuid

import grpc
import pytest
import yaml
from clients import protos as p
from clients.system import ROOT, Refused, System, eventually

GRANTS = ["agent", "supervisor", "operator", "auditor", "importer", "admin"]
SERVICES = ["complaints", "directory", "sla"]


def policy_of(service):
    return yaml.safe_load((ROOT / f"services/{service}/policy.yaml").read_text())


def raw(system, service, method, body=b"", token=None):
    """(code, reason) of a call in bytes; an empty request is refused before it is read where the caller may not call at all."""
    token = system.token if token is None else token
    headers = [("authorization", f"Bearer {token}")] if token else []
    try:
        system.channel(service).unary_unary(method)(body, timeout=10, metadata=headers)
        return grpc.StatusCode.OK, ""
    except grpc.RpcError as error:
        refused = Refused(error)
        return refused.code, refused.reason


@pytest.fixture(scope="module")
def members(system):
    """One member for each grant, with that grant alone, and those of the sample organisation."""
    made = {}
    for grant in GRANTS:
        role, name = f"roles/only-{grant}", f"members/only-{grant}"
        system.call("directory", "CreateRole", p.directory.CreateRoleRequest(request_id=str(uuid.uuid4()), role=p.directory_types.Role(
            name=role, display_names={"en": grant}, grants=[grant])))
        system.call("directory", "CreateMember", p.directory.CreateMemberRequest(request_id=str(uuid.uuid4()), member=p.directory_types.Member(
            name=name, display_name=grant, kind="PERSON", roles=[p.directory_types.RoleAssignment(role=role)])))
        made[name] = {grant}
    made |= {"members/operator": set(GRANTS), "members/ceo": {"supervisor", "auditor"}, "members/agent-east-1": {"agent"},
             "members/marketing-manager": {"agent", "supervisor"}}
    callers = [(System(system.stack, name), grants) for name, grants in made.items()]
    for service in SERVICES:
        version = next(method for method in policy_of(service) if method.endswith("/GetVersion"))
        for caller, _ in callers:
            eventually(f"{caller.member} known to {service}", 20, lambda: raw(caller, service, version)[0] == grpc.StatusCode.OK)
    return callers


@pytest.mark.parametrize("service", SERVICES)
def test_a_call_is_denied_exactly_where_the_file_says(system, members, service):
    wrong, allowed, denied = [], 0, 0
    for method, policy in policy_of(service).items():
        for caller, grants in members:
            may = "*" in policy["grants"] or bool(grants & set(policy["grants"]))
            code, reason = raw(caller, service, method)
            allowed, denied = allowed + may, denied + (not may)
            if may == (code == grpc.StatusCode.PERMISSION_DENIED) or (not may and reason != "GRANT_MISSING"):
                wrong.append(f"{method} by {caller.member}: {code.name} {reason}, the file says {'allowed' if may else 'denied'}")
    assert allowed > 20 and denied > 20
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_without_a_token_no_method_answers(system, service):
    methods = list(policy_of(service))
    answers = {method: raw(system, service, method, token="") for method in methods}
    assert len(methods) > 10
    assert {m: a for m, a in answers.items() if a != (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_the_file_names_every_method_of_the_service(service):
    pool = {"complaints": p.complaints, "directory": p.directory, "sla": p.sla}[service].DESCRIPTOR.services_by_name
    served = [f"/{s.full_name}/{m.name}" for s in pool.values() for m in s.methods]
    served += [f"/{s.full_name}/{m.name}" for s in p.operations.DESCRIPTOR.services_by_name.values() for m in s.methods]
    assert sorted(policy_of(service)) == sorted(served)
