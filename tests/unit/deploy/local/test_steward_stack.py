"""The parts of the local stack that need no server."""

import json
import os
import signal
import socket
import stat
import subprocess
import time

import jwt
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from steward_stack import Stack
from steward_stack.keys import AUDIENCE, ISSUER, Keys, _raw_signature
from steward_stack.ports import Ports, base_of
from steward_stack.postgres import traversable_by_others
from steward_stack.process import Process, StartError, descendants, start_time, wait_until
from steward_stack.service import Supervisor
from steward_stack.stack import unread


def test_ports_stay_the_same_over_runs(tmp_path):
    first = Ports(tmp_path / "ports.json", 17200)
    first.choose(["a", "b"])
    again = Ports(tmp_path / "ports.json", 17200)
    again.choose(["a", "b"])
    assert again.numbers == first.numbers
    assert first["a"] != first["b"]


def test_a_taken_port_is_left_alone(tmp_path):
    ports = Ports(tmp_path / "ports.json", 17300)
    ports.choose(["a"])
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports["a"]))
        taken = ports["a"]
        ports.choose(["a"])
        assert ports["a"] != taken


def test_checkouts_have_blocks_of_their_own():
    bases = {base_of(f"/srv/checkout-{n}") for n in range(20)}
    assert len(bases) > 10
    assert all(base >= 7200 and (base - 7200) % 40 == 0 for base in bases)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    made = Keys(tmp_path_factory.mktemp("keys") / "secrets")
    assert made.create(["sla"])
    return made


def test_tokens_verify_with_an_independent_library(keys):
    key = jwt.PyJWK(json.loads(keys.jwks.read_text())["keys"][0])
    for _ in range(20):  # r and s are sometimes shorter than 32 bytes
        token = keys.mint("members/a", 60)
        claims = jwt.decode(token, key.key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER)
        assert claims["sub"] == "members/a"
        assert claims["exp"] - claims["iat"] == 60


def test_short_numbers_of_a_signature_are_padded():
    der = bytes([0x30, 8, 2, 2, 0, 0x81, 2, 2, 0x12, 0x34])
    assert _raw_signature(der) == b"\0" * 31 + b"\x81" + b"\0" * 30 + b"\x12\x34"


def test_keys_are_made_once_and_only_for_the_owner(keys):
    before = keys.signing_key.read_bytes()
    assert not keys.create(["sla"])
    assert keys.signing_key.read_bytes() == before
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(keys.signing_key.stat().st_mode) == 0o600


def test_certificates_carry_the_peers_spiffe_id(keys):
    certificate = x509.load_pem_x509_certificate(keys.certificate("sla")[0].read_bytes())
    names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://steward.local/ns/dev/sa/sla"]
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(keys.ca.read_bytes()))


def test_outside_development_tls_is_on_and_the_issuer_another_one(tmp_path):
    inside, outside = Stack(tmp_path / "run", services=[]), Stack(tmp_path / "run", services=[], profile="production")
    outside.keys.create([])
    assert (inside.profile, inside.tls, outside.profile, outside.tls) == ("dev", "off", "production", "mutual")
    issuers = [jwt.decode(stack.token(), options={"verify_signature": False})["iss"] for stack in (inside, outside)]
    assert issuers == [ISSUER, outside.keys.issuer] and ISSUER == "dev-only" != outside.keys.issuer


def test_no_token_before_the_first_start(tmp_path):
    with pytest.raises(StartError, match="start the stack first"):
        Keys(tmp_path / "none").mint("members/a")


def test_a_stop_ends_the_process_and_its_record(tmp_path):
    process = Process("sleeper", tmp_path)
    process.spawn(["sleep", "60"])
    assert process.alive() and process.record.exists()
    assert process.stop() == -signal.SIGTERM
    assert not process.alive() and not process.record.exists()


def test_kill9_ends_everything_below(tmp_path):
    process = Process("tree", tmp_path)
    process.spawn(["sh", "-c", "sleep 60 & sleep 60 & wait"])
    wait_until("children", 5, lambda: len(descendants(process.pid)) == 2)
    below = descendants(process.pid)
    process.kill9()
    assert all(start_time(pid) is None for pid in below)


def test_a_leftover_of_a_killed_supervisor_is_ended(tmp_path):
    leftover = Process("sleeper", tmp_path)
    leftover.spawn(["sleep", "60"])
    fresh = Process("sleeper", tmp_path)  # a later supervisor, which has no child of that name
    fresh.end_leftover()
    assert start_time(leftover.pid) is None


def test_a_pid_that_somebody_else_has_now_is_left_alone(tmp_path):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        process = Process("sleeper", tmp_path)
        process.record.parent.mkdir(parents=True)
        process.record.write_text(f"{stranger.pid} {start_time(stranger.pid) - 1}\n")
        process.end_leftover()
        assert stranger.poll() is None
        stranger.kill()


def test_waiting_says_what_it_waited_for():
    with pytest.raises(StartError, match="the thing: not ready within 0.05 s"):
        wait_until("the thing", 0.05, lambda: False)
    with pytest.raises(StartError, match="the process ended"):
        wait_until("the thing", 5, lambda: False, alive=lambda: False)


def test_restarts_wait_longer_each_time_and_forget_after_health(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    supervisor = Supervisor()
    assert [supervisor.due() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    now[0] += 61
    assert supervisor.due() == 0.5


def test_postgres_needs_every_folder_above_to_be_traversable(tmp_path):
    inner = tmp_path / "closed" / "run"
    inner.mkdir(parents=True)
    for folder in [inner, *inner.parents]:
        if os.access(folder, os.W_OK) and folder.is_relative_to(tmp_path):
            folder.chmod(0o755)
    inner.parent.chmod(0o700)
    assert not traversable_by_others(inner)


def test_a_partition_that_was_never_given_counts_from_its_start():
    ends = {("steward.a.v1", 0): 3, ("steward.a.v1", 1): 0, ("steward.b.v1", 0): 9}
    assert unread({"steward.a.v1"}, {}, ends) == {("steward.a.v1", 0): 3}
    assert unread({"steward.a.v1"}, {("steward.a.v1", 0): 2}, ends) == {("steward.a.v1", 0): 1}
    assert unread({"steward.a.v1"}, {("steward.a.v1", 0): 3, ("steward.a.v1", 1): 0}, ends) == {}
    assert unread(set(), {("steward.b.v1", 0): 8, ("steward.gone.v1", 0): 5}, ends) == {("steward.b.v1", 0): 1}
