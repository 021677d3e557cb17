"""The policy files as a caller meets them: what they say, calls in bytes, and one member for each grant."""

import uuid

import grpc
import yaml

from . import protos as p
from .system import ROOT, Refused, System, eventually

GRANTS = ["agent", "supervisor", "operator", "auditor", "importer", "admin"]
SERVICES = ["complaints", "directory", "leads", "orders", "scoring", "sla"]


def policy_of(service):
    return yaml.safe_load((ROOT / f"services/{service}/policy.yaml").read_text())


def grants_allow(policy, grants):
    return "*" in policy["grants"] or bool(grants & set(policy["grants"]))


def raw(system, service, method, body=b"", token=None):
    """(code, reason) of a call in bytes; an empty request is refused before it is read where the caller may not call at all."""
    token = system.token if token is None else token
    headers = [("authorization", f"Bearer {token}")] if token else []
    try:
        system.channel(service).unary_unary(method)(body, timeout=30, metadata=headers)
        return grpc.StatusCode.OK, ""
    except grpc.RpcError as error:
        refused = Refused(error)
        return refused.code, refused.reason


def make_member_of_each_grant(system):
    """{member: its grants}: one for each grant, with that grant alone."""
    made = {}
    for grant in GRANTS:
        role, name = f"roles/only-{grant}", f"members/only-{grant}"
        system.call("directory", "CreateRole", p.directory.CreateRoleRequest(request_id=str(uuid.uuid4()), role=p.directory_types.Role(
            name=role, display_names={"en": grant}, grants=[grant])))
        system.call("directory", "CreateMember", p.directory.CreateMemberRequest(request_id=str(uuid.uuid4()), member=p.directory_types.Member(
            name=name, display_name=grant, kind="PERSON", roles=[p.directory_types.RoleAssignment(role=role)])))
        made[name] = {grant}
    return made


def known_callers(stack, grants_of):
    """(caller, grants) of each member, once every service knows it."""
    callers = [(System(stack, name), grants) for name, grants in grants_of.items()]
    for service in SERVICES:
        version = next(method for method in policy_of(service) if method.endswith("/GetVersion"))
        for caller, _ in callers:
            eventually(f"{caller.member} known to {service}", 20, lambda: raw(caller, service, version)[0] == grpc.StatusCode.OK)
    return callers
