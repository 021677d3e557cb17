"""The services outside the development profile: method by member by peer as the policy files say, and who fails at the handshake.

One stack for the module, its own: profile `production`, mutual TLS, tokens of another issuer than `dev-only`.
"""

import collections
import datetime
import json
import os
import socket
import ssl
import subprocess

import grpc
import pytest
from clients import protos as p
from clients.policies import SERVICES, grants_allow, known_callers, make_member_of_each_grant, policy_of, raw
from clients.system import System, eventually
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from steward_stack import Stack
from steward_stack.keys import Keys

# `stranger` and `dev` have certificates of the right CA. No file names either, and `dev` is who calls without TLS in development.
PEERS = ["gateway", "stewardctl", "complaints", "directory", "sla", "leads", "orders", "scoring", "stranger", "dev"]
# Who may call anything at all, said here once more than in the files.
PEERS_OF = {"complaints": {"gateway", "stewardctl", "sla", "scoring"},
            "directory": {"gateway", "stewardctl", "complaints", "sla", "scoring"},
            "sla": {"gateway", "stewardctl", "complaints", "scoring"},
            "leads": {"gateway", "stewardctl", "complaints", "sla", "orders", "scoring"},
            "orders": {"gateway", "stewardctl", "scoring"}, "scoring": {"gateway", "stewardctl"}}
# Answers that say that a call did not get through to its handler, or not well.
NO_ANSWERS = {grpc.StatusCode[name] for name in (
    "PERMISSION_DENIED", "UNAUTHENTICATED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNKNOWN", "CANCELLED")}
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("secure") / "run", build=os.environ["STEWARD_BUILD"], profile="production",
               ephemeral=True) as stack:
        stack.start()
        stack.keys.create(["stranger", "dev"])
        operator = System(stack)
        operator.load_basics()
        stack.wait_quiet()
        yield operator


@pytest.fixture(scope="module")
def members(secure):
    return known_callers(secure.stack, make_member_of_each_grant(secure))


def test_the_services_are_outside_the_development_profile(secure):
    for name, service in secure.stack.services.items():
        assert "steward_insecure_profile 0" in service.get("/metrics")[1].splitlines(), name


# Peers.


def reason_by_the_file(policy, peer, grants):
    if peer not in policy["peers"]:
        return "PEER_NOT_ALLOWED"
    return "" if grants_allow(policy, grants) else "GRANT_MISSING"


@pytest.mark.parametrize("service", SERVICES)
def test_a_call_is_denied_exactly_where_the_file_says(secure, members, service):
    counts, allowed_peers, wrong = collections.Counter(), set(), []
    for peer in PEERS:
        of_peer = System(secure.stack, peer=peer)
        for method, policy in policy_of(service).items():
            for caller, grants in members:
                expected = reason_by_the_file(policy, peer, grants)
                code, reason = raw(of_peer, service, method, token=caller.token)
                counts[expected] += 1
                if not expected:
                    allowed_peers.add(peer)
                good = (code, reason) == (grpc.StatusCode.PERMISSION_DENIED, expected) if expected else code not in NO_ANSWERS
                if not good:
                    wrong.append(f"{method} by {caller.member} through {peer}: {code.name} {reason}, the file says {expected or 'allowed'}")
    assert not wrong, "\n".join(wrong)
    assert counts.total() == len(PEERS) * len(policy_of(service)) * len(members) > 1000
    assert counts["PEER_NOT_ALLOWED"] > 700 and counts["GRANT_MISSING"] > 80 and counts[""] > 100, counts
    assert allowed_peers == PEERS_OF[service]


@pytest.mark.parametrize("service", SERVICES)
def test_a_peer_that_is_allowed_needs_a_token_all_the_same(secure, service):
    gateway, stranger = System(secure.stack, peer="gateway"), System(secure.stack, peer="stranger")
    development = Keys(secure.stack.keys.folder).mint("members/operator")  # the right key, issuer `dev-only`
    methods = [method for method, policy in policy_of(service).items() if "gateway" in policy["peers"]]
    assert len(methods) > 10
    for method in methods:
        assert raw(gateway, service, method, token="") == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING"), method
        assert raw(gateway, service, method, token=development) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID"), method
        assert raw(stranger, service, method, token="") == (grpc.StatusCode.PERMISSION_DENIED, "PEER_NOT_ALLOWED"), method


# The handshake.


def tls(ca, certificate=None):
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(*certificate)
    return context


def gets_in(address, context):
    """Whether the server goes on to HTTP/2, of which it sends its settings at once; it closes, or says an alert, where it refuses."""
    host, port = address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            connection = context.wrap_socket(plain, server_hostname=host) if context else plain
            connection.sendall(PREFACE)
            return connection.recv(9)[3:4] == b"\x04"
    except TimeoutError:
        raise
    except OSError:
        return False


def expired(keys, folder, peer):
    """A certificate of the CA like the peer's own, whose days have passed."""
    own = x509.load_pem_x509_certificate(keys.certificate(peer)[0].read_bytes())
    key = serialization.load_pem_private_key(keys.certificate(peer)[1].read_bytes(), None)
    ca_key = serialization.load_pem_private_key(keys.certificate("ca")[1].read_bytes(), None)
    end = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    builder = x509.CertificateBuilder(own.issuer, own.subject, key.public_key(), x509.random_serial_number(),
                                      end - datetime.timedelta(days=1), end)
    for extension in own.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    file = folder / "expired.pem"
    file.write_bytes(builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file, keys.certificate(peer)[1]


@pytest.mark.parametrize("service", SERVICES)
def test_strangers_fail_at_the_handshake(secure, service, tmp_path):
    keys, other, address = secure.stack.keys, Keys(tmp_path / "other"), secure.stack.address(service)
    other.create(["gateway"])
    refused = {"plaintext": None, "no certificate": tls(keys.ca), "another CA": tls(keys.ca, other.certificate("gateway")),
               "expired": tls(keys.ca, expired(keys, tmp_path, "gateway"))}
    assert {what: gets_in(address, context) for what, context in refused.items()} == dict.fromkeys(refused, False)
    assert gets_in(address, tls(keys.ca, keys.certificate("gateway")))
    with pytest.raises(ssl.SSLCertVerificationError):  # and the server shows a certificate of this CA alone
        with socket.create_connection(address.split(":"), timeout=30) as plain:
            tls(other.ca, keys.certificate("gateway")).wrap_socket(plain, server_hostname="127.0.0.1")


def test_a_client_in_plaintext_is_told_that_nobody_is_there(secure):
    with grpc.insecure_channel(secure.stack.address("complaints")) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/steward.complaints.v1.ComplaintsService/GetTicket")(b"", timeout=10)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


# The services among themselves.


def access_lines(stack, service, method):
    lines = stack.services[service].process.log.read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [e for e in entries if e.get("msg") == "rpc" and str(e.get("method", "")).endswith("/" + method)]


def test_complaints_asks_sla_with_its_own_certificate(secure):
    gateway = System(secure.stack, peer="gateway")
    ticket = gateway.register()
    eventually("clocks", 20, lambda: len(gateway.clocks(ticket.name)) == 2)
    full = gateway.call("complaints", "GetTicket", p.complaints.GetTicketRequest(name=ticket.name, view=p.complaints.TICKET_VIEW_FULL))
    assert len(full.clocks) == 2 and not full.clocks_unavailable and full.next_due_time.seconds
    asked = access_lines(secure.stack, "sla", "BatchGetClocks")
    assert any((e["peer"], e["caller"], e["code"]) == ("complaints", gateway.member, "OK") for e in asked)


# stewardctl.


def stewardctl(secure, *words, context=None):
    return subprocess.run([secure.stack.stewardctl, "--context", context or secure.stack.context_file, "--timeout", "3s", "--output", "json",
                           *words], capture_output=True, text=True, timeout=60)


def tls_flags(certificate, ca):
    return ["--tls-certificate-file", certificate[0], "--tls-key-file", certificate[1], "--tls-ca-file", ca]


def test_stewardctl_calls_with_the_certificate_of_the_context(secure):
    ticket = secure.register()
    shown = stewardctl(secure, "tickets", "get", ticket.name)
    assert shown.returncode == 0, shown.stderr
    assert ticket.name in shown.stdout
    healthy = stewardctl(secure, "health")
    assert healthy.returncode == 0, healthy.stderr
    assert all(service in healthy.stdout for service in SERVICES)


def test_stewardctl_makes_tokens_of_the_contexts_issuer(secure):
    made = stewardctl(secure, "auth", "token", "--as", "operator", "--life", "15m")
    assert made.returncode == 0, made.stderr
    version = secure.call("sla", "GetVersion", p.operations.GetVersionRequest(), token=made.stdout.strip())
    assert version.version


def test_stewardctl_takes_certificates_by_its_options_too(secure, tmp_path):
    keys, other = secure.stack.keys, Keys(tmp_path / "other")
    other.create(["stewardctl"])
    context = json.loads(secure.stack.context_file.read_text())
    context["tls"] = "off"
    plain = tmp_path / "context.json"
    plain.write_text(json.dumps(context))

    def list_teams(*flags):
        done = stewardctl(secure, *flags, "directory", "teams", "list", context=plain)
        return done.returncode, done.stderr
    assert list_teams(*tls_flags(keys.certificate("stewardctl"), keys.ca))[0] == 0
    code, why = list_teams(*tls_flags(keys.certificate("stranger"), keys.ca))
    assert code == 1 and "PEER_NOT_ALLOWED" in why
    assert list_teams()[0] == 5  # plaintext
    assert list_teams(*tls_flags(other.certificate("stewardctl"), keys.ca))[0] == 5
    assert list_teams(*tls_flags(keys.certificate("stewardctl"), other.ca))[0] == 5
    code, why = list_teams("--tls-certificate-file", keys.certificate("stewardctl")[0])
    assert code == 2 and "--tls-key-file" in why
    code, why = list_teams(*tls_flags((keys.certificate("stewardctl")[0], tmp_path / "no.key"), keys.ca))
    assert code == 2 and "no.key" in why
