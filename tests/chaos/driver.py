"""Load with an operation log: one line before a call leaves, one after it was answered. Outcomes are `ok`, `fail` (a definite refusal)
and `unknown`; every unknown is repeated later with the same request_id until it is known."""

import hashlib
import json
import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from clients import protos as p
from clients.system import System
from google.protobuf.duration_pb2 import Duration

DEFINITE = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ALREADY_EXISTS, grpc.StatusCode.PERMISSION_DENIED,
            grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.ABORTED,
            grpc.StatusCode.RESOURCE_EXHAUSTED}
CHANNEL = "chaos"


@dataclass
class Call:
    """One command. `external` is the caller's own id of what it makes; `told` takes the answer of one that was done."""
    service: str
    method: str  # /package.Service/Method
    request: object
    caller: System
    external: str = ""
    told: object = None
    promised: object = None  # the part of an answer that is stored


def some_uuid(dice):
    return str(uuid.UUID(int=dice.getrandbits(128)))


def promise_of_seconds(system):
    """Clocks that fall due during the load: 3 s to a first response, level 2 a second after level 1."""
    system.put_policy(p.sla_types.Policy(
        name="policies/chaos", display_names={"en": "chaos"}, metric="chaos", start_event="ticket.registered",
        stop_event="ticket.first_responded", match=p.sla_types.PolicyMatch(channels=[CHANNEL]),
        target=p.sla_types.Target(wall_clock=Duration(seconds=3)), warnings=[p.sla_types.Threshold(share_percent=50)],
        levels=[p.sla_types.EscalationLevel(role="roles/marketing-department-manager", at=p.sla_types.Threshold(share_percent=100)),
                p.sla_types.EscalationLevel(role="roles/marketing-director", interval=Duration(seconds=1))]))


class Tickets:
    """Registers tickets and moves them along."""

    def __init__(self, system):
        self.system = system
        self._known, self._lock = [], threading.Lock()

    def next(self, dice):
        with self._lock:
            known = dice.choice(self._known) if self._known and dice.random() < 0.6 else None
        if known is None:
            external = some_uuid(dice)
            ticket = p.complaints_types.Ticket(kind="complaint", channel=CHANNEL, external_id=external, owner="members/agent-east-1",
                                               team="teams/customer-service-east")
            return self._call("RegisterTicket", p.complaints.RegisterTicketRequest(ticket=ticket, request_id=some_uuid(dice)), external=external,
                              told=self._registered)
        method, fields = dice.choice([("RecordFirstResponse", {}), ("ResolveTicket", {}), ("HoldTicket", {"cause": "waiting_customer"}),
                                      ("ResumeTicket", {"cause": "waiting_customer"}), ("CloseTicket", {}), ("ReopenTicket", {}),
                                      ("ChangeTicketSeverity", {"severity": dice.choice(["ordinary", "major"])}),
                                      ("AssignTicket", {"owner": dice.choice(["members/agent-east-1", "members/agent-east-2"])})])
        request = getattr(p.complaints, method + "Request")(name=known, request_id=some_uuid(dice), **fields)
        return self._call(method, request, promised=self._held if method == "HoldTicket" else None)

    def _call(self, method, request, **more):
        return Call("complaints", "/steward.complaints.v1.ComplaintsService/" + method, request, self.system, **more)

    def _registered(self, answer):
        with self._lock:
            self._known.append(p.complaints.RegisterTicketResponse.FromString(answer).ticket.name)
            del self._known[:-200]

    @staticmethod
    def _held(answer):
        """What a hold does to clocks is asked of the sla service at each answer."""
        held = p.complaints.HoldTicketResponse.FromString(answer)
        held.ClearField("effect")
        return held.SerializeToString()


class Driver:
    """Threads that send what `works` say, one after the other by chance, until stop(); about `rate` commands a second in all."""

    def __init__(self, system, log_file, works=None, rate=40, threads=4, seed=None):
        self.seed = seed if seed is not None else random.randrange(1 << 30)
        self.works = works or [Tickets(system)]
        self.rate, self.outcomes, self.done = rate, Counter(), Counter()
        self._log = open(log_file, "w", buffering=1)
        self._log_lock = threading.Lock()
        self._number = 0
        self._stopping = threading.Event()
        self._unknown = []
        self._write({"seed": self.seed, "principal": system.member})
        self._threads = [threading.Thread(target=self._run, args=(n, threads), daemon=True) for n in range(threads)]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    def close(self):
        self._log.close()

    def settle(self, limit_s=60):
        """Repeats every unknown until its outcome is known."""
        deadline = time.monotonic() + limit_s
        while self._unknown:
            again, self._unknown = self._unknown, []
            with ThreadPoolExecutor(len(self._threads)) as pool:
                list(pool.map(lambda call: self._attempt(call, timeout=10), again))
            if self._unknown and time.monotonic() > deadline:
                raise AssertionError(f"{len(self._unknown)} calls stay unknown after {limit_s} s (seed {self.seed})")
            if self._unknown:
                threading.Event().wait(0.2)

    def _write(self, line):
        with self._log_lock:
            self._log.write(json.dumps(line) + "\n")

    def _run(self, number, threads):
        dice = random.Random(self.seed * 1000 + number)
        pause = threads / self.rate
        next_at = time.monotonic()
        while not self._stopping.is_set():
            next_at = max(next_at + pause, time.monotonic() - 1)
            if self._attempt(dice.choice(self.works).next(dice)) == "unknown":
                self._stopping.wait(0.2)  # nobody is there: as a client would, it does not ask at full rate
            self._stopping.wait(max(0, next_at - time.monotonic()))

    def _attempt(self, call, timeout=3):
        with self._log_lock:
            self._number += 1
            number = self._number
        request = call.request
        line = {"operation": number, "method": call.method, "principal": call.caller.member, "request_id": request.request_id,
                "external_id": call.external, "request_hash": hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()}
        self._write(line)
        send = call.caller.channel(call.service).unary_unary(call.method, request_serializer=lambda m: m.SerializeToString())
        try:
            answer = send(request, timeout=timeout, metadata=[("authorization", f"Bearer {call.caller.token}")])
            stored = call.promised(answer) if call.promised else answer
            line |= {"outcome": "ok", "code": "OK", "response_hash": hashlib.sha256(stored).hexdigest()}
            self.done[call.method.rsplit("/", 1)[1]] += 1
            if call.told:
                call.told(answer)
        except grpc.RpcError as error:
            line |= {"outcome": "fail" if error.code() in DEFINITE else "unknown", "code": error.code().name, "response_hash": ""}
            if line["outcome"] == "unknown":
                self._unknown.append(call)
        self.outcomes[line["outcome"]] += 1
        self._write(line)
        return line["outcome"]
