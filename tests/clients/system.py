"""A running Steward as a client sees it."""

import json
import time
import uuid
from pathlib import Path

import grpc
import psycopg
import yaml
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from . import protos as p

ROOT = Path(__file__).resolve().parents[2]
STUBS = {service: p.stubs_of(service) for service in ("complaints", "directory", "sla", "leads", "orders", "scoring")}


class Refused(Exception):
    """A status other than OK, with its google.rpc details taken apart."""

    def __init__(self, error):
        self.code = error.code()
        self.message = error.details()
        self.reason, self.metadata, self.fields = "", {}, {}
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                status = status_pb2.Status.FromString(value)
                for detail in status.details:
                    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
                    if detail.Unpack(info):
                        self.reason, self.metadata = info.reason, dict(info.metadata)
                    elif detail.Unpack(bad):
                        self.fields = {v.field: v.description for v in bad.field_violations}
        super().__init__(f"{self.code.name} {self.reason}: {self.message} {self.fields or ''}")


def eventually(what, limit_s, probe):
    """Asks until the probe answers something true; its last answer, or an error that says what was waited for."""
    deadline = time.monotonic() + limit_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {limit_s} s; last answer {answer!r}")
        time.sleep(0.05)


def key():
    """A request_id."""
    return str(uuid.uuid4())


class System:
    """Calls as one member. `stack` is a steward_stack.Stack that runs; `peer` is whose certificate calls where it runs under TLS."""

    def __init__(self, stack, member="members/operator", peer="stewardctl"):
        self.stack = stack
        self.member = member
        self.peer = peer
        self.token = stack.token(member)
        self._channels = {}

    def channel(self, service):
        if service not in self._channels:
            options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 500)]
            address = self.stack.address(service)
            self._channels[service] = grpc.insecure_channel(address, options=options) if self.stack.tls == "off" else \
                grpc.secure_channel(address, self._credentials(), options=options)
        return self._channels[service]

    def _credentials(self):
        certificate, key = self.stack.keys.certificate(self.peer)
        return grpc.ssl_channel_credentials(self.stack.keys.ca.read_bytes(), key.read_bytes(), certificate.read_bytes())

    def call(self, service, method, request, timeout=10, token=None, metadata=()):
        token = self.token if token is None else token
        headers = [*metadata] + ([("authorization", f"Bearer {token}")] if token else [])
        stub = STUBS[service][method](self.channel(service)) if not isinstance(request, self._operations()) else \
            p.operations_grpc.OperationsServiceStub(self.channel(service))
        try:
            return getattr(stub, method)(request, timeout=timeout, metadata=headers)
        except grpc.RpcError as error:
            raise Refused(error) from None

    @staticmethod
    def _operations():
        return tuple(getattr(p.operations, name) for name in p.operations.DESCRIPTOR.message_types_by_name if name.endswith("Request"))

    def sql(self, database, query, *parameters):
        with psycopg.connect(self.stack.dsn(database), autocommit=True) as connection:
            return connection.execute(query, parameters or None).fetchall()

    # Shipped data, brought in through the API.

    def load_organisation(self):
        request = p.directory.ImportOrganisationRequest(request_id=str(uuid.uuid4()))
        json_format.ParseDict(yaml.safe_load((ROOT / "deploy/demo/organisation.yaml").read_text()), request)
        return self.call("directory", "ImportOrganisation", request)

    def load_calendar(self, file="services/sla/calendars/cn-mainland.json"):
        calendar = json_format.ParseDict(json.loads((ROOT / file).read_text()), p.sla_types.Calendar())
        try:
            return self.call("sla", "CreateCalendar", p.sla.CreateCalendarRequest(calendar=calendar))
        except Refused as refused:
            if refused.code != grpc.StatusCode.ALREADY_EXISTS:
                raise

    def load_pack(self, file):
        for policy in yaml.safe_load((ROOT / file).read_text())["policies"]:
            self.put_policy(json_format.ParseDict(policy, p.sla_types.Policy()))

    def load_basics(self):
        """What most tests stand on: the sample organisation, the mainland calendar, the pack that is on by default."""
        self.load_organisation()
        self.load_calendar()
        self.load_pack("services/sla/packs/core-complaints.yaml")

    def put_policy(self, policy):
        try:
            return self.call("sla", "CreatePolicy", p.sla.CreatePolicyRequest(policy=policy, activate=True))
        except Refused as refused:
            if refused.code != grpc.StatusCode.ALREADY_EXISTS:
                raise

    # Tickets.

    def register(self, request_id=None, past_facts=(), **ticket):
        fields = {"kind": "complaint", "channel": "hotline", "owner": "members/agent-east-1", "team": "teams/customer-service-east", **ticket}
        return self.call("complaints", "RegisterTicket", p.complaints.RegisterTicketRequest(
            ticket=p.complaints_types.Ticket(**fields), past_facts=past_facts, request_id=request_id or str(uuid.uuid4()))).ticket

    def command(self, method, name, **fields):
        request = getattr(p.complaints, method + "Request")
        return self.call("complaints", method, request(name=name, request_id=str(uuid.uuid4()), **fields))

    # Customers.

    def create_customer(self, customer_id="", request_id=None, **customer):
        return self.call("leads", "CreateCustomer", p.leads.CreateCustomerRequest(
            customer=p.leads_types.Customer(**{"display_name": "Acme", **customer}), customer_id=customer_id,
            request_id=request_id or str(uuid.uuid4())))

    def set_tier(self, customer, scheme, tier, **fields):
        return self.call("leads", "SetCustomerTier", p.leads.SetCustomerTierRequest(
            name=customer, scheme=scheme, tier=tier, request_id=str(uuid.uuid4()), **fields))

    def clocks(self, ticket):
        return list(self.call("sla", "BatchGetClocks", p.sla.BatchGetClocksRequest(subjects=[ticket])).clocks)

    def escalations(self, ticket):
        return list(self.call("sla", "ListEscalations", p.sla.ListEscalationsRequest(filter=f'subject = "{ticket}"')).escalations)
