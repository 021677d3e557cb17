"""Method by member, generated from the policy files: a call is refused for its grant exactly where the file says so."""

import grpc
import pytest
from clients import protos as p
from clients.policies import GRANTS, SERVICES, grants_allow, known_callers, make_member_of_each_grant, policy_of, raw


@pytest.fixture(scope="module")
def members(system):
    """One member for each grant, with that grant alone, and those of the sample organisation."""
    return known_callers(system.stack, make_member_of_each_grant(system) | {
        "members/operator": set(GRANTS), "members/ceo": {"supervisor", "auditor"}, "members/agent-east-1": {"agent"},
        "members/marketing-manager": {"agent", "supervisor"}})


@pytest.mark.parametrize("service", SERVICES)
def test_a_call_is_denied_exactly_where_the_file_says(system, members, service):
    wrong, allowed, denied = [], 0, 0
    for method, policy in policy_of(service).items():
        for caller, grants in members:
            may = grants_allow(policy, grants)
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
    served = [f"/{s.full_name}/{m.name}" for s in p.services_of(service) for m in s.methods]
    served += [f"/{s.full_name}/{m.name}" for s in p.operations.DESCRIPTOR.services_by_name.values() for m in s.methods]
    assert sorted(policy_of(service)) == sorted(served)
