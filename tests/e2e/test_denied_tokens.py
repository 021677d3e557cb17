"""A token that was taken is denied at every service, by its id or by its subject, and allowed again; the next token works all along."""

import json
import subprocess

import grpc
import jwt
import pytest
from clients import protos as p
from clients.system import Refused, eventually

PERIOD_S = 5  # of the services' reading
SUBJECT = "members/ceo"  # no other test calls as this member while it is denied
SERVICES = ["directory", "complaints", "sla", "leads", "orders", "scoring"]
PROCESSES = [*SERVICES, "sla-2"]


def auth(system, *words):
    return subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "--output", "json", "auth", *words],
                          capture_output=True, text=True, timeout=60)


@pytest.fixture
def answers(system):
    """What each process answers to a token: OK, or the reason of the refusal."""
    channels = {name: grpc.insecure_channel(system.stack.address(name)) for name in PROCESSES}

    def ask(token):
        found = {}
        for name, channel in channels.items():
            try:
                p.operations_grpc.OperationsServiceStub(channel).GetVersion(
                    p.operations.GetVersionRequest(), timeout=10, metadata=[("authorization", f"Bearer {token}")])
                found[name] = "OK"
            except grpc.RpcError as error:
                refused = Refused(error)
                unknown_yet = (grpc.StatusCode.PERMISSION_DENIED, "MEMBER_UNKNOWN")  # the directory's events have not come
                assert refused.code == grpc.StatusCode.UNAUTHENTICATED or (refused.code, refused.reason) == unknown_yet, refused
                found[name] = refused.reason
        return found
    yield ask
    for channel in channels.values():
        channel.close()


def everywhere(answer):
    return dict.fromkeys(PROCESSES, answer)


def becomes(answers, token, answer):
    eventually(f"{answer} everywhere", PERIOD_S + 10, lambda: answers(token) == everywhere(answer))


def rows(system, *words):
    shown = auth(system, "denied", *words)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


def listed(system):
    return {(entry["kind"], entry["value"]): entry for entry in rows(system)}


def test_one_token_is_denied_and_allowed_again(system, answers, tmp_path):
    stolen, other = system.stack.token(SUBJECT), system.stack.token(SUBJECT)
    eventually("the member is known", 20, lambda: answers(stolen) == everywhere("OK"))
    file = tmp_path / "stolen.token"
    file.write_text(stolen)
    done = auth(system, "deny", "--token", file, "--reason", "posted in a chat")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["service"] for row in json.loads(done.stdout)] == SERVICES
    becomes(answers, stolen, "TOKEN_DENIED")
    assert answers(other) == everywhere("OK")

    jti = jwt.decode(stolen, options={"verify_signature": False})["jti"]
    entry = listed(system)["jti", jti]
    assert entry["services"] == " ".join(SERVICES) and entry["by"] == "members/operator" and entry["reason"] == "posted in a chat"
    assert entry["until"], "no token lives for ever"
    assert auth(system, "allow", "--jti", jti).returncode == 0
    becomes(answers, stolen, "OK")
    assert ("jti", jti) not in listed(system)
    kept = {row["services"]: row for row in rows(system, "--all") if row["value"] == jti}
    assert kept.keys() == set(SERVICES)
    assert all(row["allowed_by"] == "members/operator" and row["allowed"] for row in kept.values())


def test_a_member_is_denied_with_every_token_and_allowed_again(system, answers):
    token = system.stack.token(SUBJECT)
    eventually("the member is known", 20, lambda: answers(token) == everywhere("OK"))
    agent = system.stack.token("members/agent-east-1")
    eventually("the other member is known", 20, lambda: answers(agent) == everywhere("OK"))
    assert auth(system, "deny", "--member", "ceo", "--reason", "laptop stolen").returncode == 0
    try:
        becomes(answers, token, "TOKEN_DENIED")
        assert answers(system.stack.token(SUBJECT)) == everywhere("TOKEN_DENIED")
        assert answers(agent) == everywhere("OK")
        assert listed(system)["sub", SUBJECT]["until"] == ""
    finally:
        assert auth(system, "allow", "--member", "ceo").returncode == 0
    becomes(answers, token, "OK")


def test_who_may_not_and_what_makes_no_sense(system, answers):
    token = system.stack.token("members/agent-east-1")
    eventually("the member is known", 20, lambda: answers(token) == everywhere("OK"))
    agent = [("authorization", f"Bearer {token}")]
    for service in SERVICES:
        stub = p.operations_grpc.OperationsServiceStub(system.channel(service))
        with pytest.raises(grpc.RpcError) as caught:
            stub.DenyToken(p.operations.DenyTokenRequest(kind="sub", value=SUBJECT, reason="because"), timeout=10, metadata=agent)
        assert Refused(caught.value).reason == "GRANT_MISSING"
    assert auth(system, "deny", "--member", "ceo").returncode == 2  # without a reason
    assert auth(system, "deny", "--member", "ceo", "--jti", "1", "--reason", "x").returncode == 2
    mine = auth(system, "deny", "--member", "operator", "--reason", "x")
    assert mine.returncode == 2 and "could not take it back" in mine.stdout + mine.stderr
    again = auth(system, "allow", "--jti", "never-denied")
    assert again.returncode == 0 and "was not denied" in again.stdout
