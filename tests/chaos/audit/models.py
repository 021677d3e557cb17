"""The auditor's own models: what a ticket and a clock are after their events. Written from the rules, not from the services' code."""

from dataclasses import dataclass, field

# (state, event) -> states it may lead to. An event that does not change the state stays in it.
OPEN = ("RECORDED", "FIRST_RESPONDED", "SOLUTION_PROPOSED", "RESOLVED", "VERIFIED")
MOVES = {
    # Recorded after later steps they leave the ticket where it is.
    "ticket.first_responded": ({"RECORDED", "SOLUTION_PROPOSED", "RESOLVED", "VERIFIED", "CLOSED"}, None),
    "ticket.solution_proposed": ({"RECORDED", "FIRST_RESPONDED", "RESOLVED", "VERIFIED", "CLOSED"}, None),
    "ticket.resolved": ({"RECORDED", "FIRST_RESPONDED", "SOLUTION_PROPOSED"}, "RESOLVED"),
    "ticket.verified": ({"RESOLVED"}, "VERIFIED"),
    "ticket.closed": ({"RESOLVED", "VERIFIED"}, "CLOSED"),
    "ticket.reopened": ({"RESOLVED", "VERIFIED", "CLOSED"}, "RECORDED"),
    "ticket.cancelled": (set(OPEN), "CANCELLED"),
}


class Illegal(Exception):
    pass


@dataclass
class TicketModel:
    version: int = 0
    kind: str = ""
    severity: str = ""
    state: str = ""
    owner: str = ""
    team: str = ""
    holds: set = field(default_factory=set)

    def apply(self, kind, event):
        self.version += 1
        if kind == "ticket.registered":
            if self.version != 1:
                raise Illegal("registered twice")
            self.kind, self.severity, self.owner, self.team, self.state = event.kind, event.severity, event.owner, event.team, "RECORDED"
            return
        if self.version == 1:
            raise Illegal(f"begins with {kind}")
        if kind in MOVES:
            self._move(kind, event)
        elif kind == "ticket.assigned":
            self.owner = event.owner
        elif kind == "ticket.transferred":
            self.team, self.owner = event.team, event.owner
        elif kind == "ticket.severity_changed":
            self.severity = event.severity
        elif kind == "ticket.kind_changed":
            self.kind, self.severity = event.kind, event.severity
        elif kind == "ticket.held":
            if event.cause in self.holds:
                raise Illegal(f"held twice for {event.cause}")
            self.holds.add(event.cause)
        elif kind == "ticket.resumed":
            if event.cause not in self.holds:
                raise Illegal(f"resumed without a hold for {event.cause}")
            self.holds.remove(event.cause)
        elif kind == "ticket.customer_tiers_changed" and self.state in ("CLOSED", "CANCELLED"):
            raise Illegal(f"{kind} after it was over")
        if self.state == "CANCELLED" and kind not in ("ticket.cancelled", "ticket.note_added", "ticket.resumed"):
            raise Illegal(f"{kind} after it was cancelled")

    def _move(self, kind, event):
        allowed, to = MOVES[kind]
        if self.state not in allowed:
            raise Illegal(f"{kind} from {self.state}")
        if kind == "ticket.first_responded":
            to = "FIRST_RESPONDED" if self.state == "RECORDED" else self.state
        if kind == "ticket.solution_proposed":
            to = "SOLUTION_PROPOSED" if self.state in ("RECORDED", "FIRST_RESPONDED") else self.state
        if kind == "ticket.reopened":
            to = event.to_state or to
        self.state = to


RUNNING, PAUSED, MET, MISSED, CANCELLED = 1, 2, 3, 4, 5


@dataclass
class ClockModel:
    version: int = 0
    state: int = RUNNING
    cycle: int = 1
    due: object = None
    stop: object = None
    owner: str = ""
    team: str = ""
    standing: dict = field(default_factory=dict)  # (cycle, threshold) -> arming

    def apply(self, kind, event):
        from datetime import timezone

        def moment(message, name):
            return getattr(message, name).ToDatetime(tzinfo=timezone.utc) if message.HasField(name) else None

        self.version += 1
        if kind == "clock.started":
            self.cycle, self.due, self.state = event.cycle, moment(event, "due_time"), RUNNING
            self.owner, self.team = event.owner, event.team
        elif kind == "clock.due_changed":
            self.due = moment(event, "due_time")
        elif kind == "clock.paused":
            self.state = PAUSED
        elif kind == "clock.resumed":
            self.state = RUNNING
        elif kind == "clock.stopped":
            self.state, self.stop = MET if event.met else MISSED, moment(event, "stop_time")
        elif kind == "clock.restarted":
            self.state, self.stop, self.cycle, self.due = RUNNING, None, event.cycle, moment(event, "due_time")
        elif kind == "clock.cancelled":
            self.state = CANCELLED
        elif kind == "clock.assigned":
            if (self.owner, self.team) != (event.from_owner, event.from_team):
                raise Illegal(f"assigned from {event.from_owner} of {event.from_team}, it was with {self.owner} of {self.team}")
            if (self.owner, self.team) == (event.owner, event.team):
                raise Illegal(f"assigned to {event.owner} of {event.team}, who had it")
            self.owner, self.team = event.owner, event.team
        elif kind in ("clock.warned", "clock.breached", "clock.breach_reinstated"):
            key = (event.cycle, event.threshold)
            if key in self.standing:
                raise Illegal(f"{key} fired twice")
            self.standing[key] = event.arming
        elif kind == "clock.breach_retracted":
            if self.standing.pop((event.cycle, event.threshold), None) != event.arming:
                raise Illegal(f"retracts what does not stand: {event.threshold}")
