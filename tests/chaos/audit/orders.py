"""Contracts, orders and ledgers as their events tell them: models of the auditor's own, and their comparison with the tables of orders."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from .copies import first_occurrences
from .models import Illegal

ORDERS = "steward.orders.v1"
# Event -> the states that it may come in, and the state after it (None = the same, "" = the event says).
CONTRACT_MOVES = {
    "contract.changed": (("DRAFT",), None),
    "contract.assigned": (("DRAFT", "UNDER_APPROVAL", "APPROVED", "SIGNED", "IN_EXECUTION", "COMPLETED"), None),
    "contract.submitted": (("DRAFT",), "UNDER_APPROVAL"),
    "contract.approval_given": (("UNDER_APPROVAL",), None),
    "contract.approved": (("UNDER_APPROVAL",), "APPROVED"),
    "contract.sent_back": (("UNDER_APPROVAL",), "DRAFT"),
    "contract.withdrawn": (("UNDER_APPROVAL", "APPROVED"), "DRAFT"),
    "contract.signed": (("APPROVED",), "SIGNED"),
    "contract.started": (("SIGNED",), "IN_EXECUTION"),
    "contract.completed": (("IN_EXECUTION",), "COMPLETED"),
    "contract.archived": (("COMPLETED",), "ARCHIVED"),
    "contract.cancelled": (("DRAFT", "UNDER_APPROVAL", "APPROVED"), "CANCELLED"),
}
BEFORE_RELEASE = ("ENTERED", "REVIEWED", "PRODUCTION_SHEET_MADE", "SIGNED_BY_SALES", "SIGNED_BY_FINANCE", "SIGNED")
ORDER_MOVES = {
    "order.revised": (BEFORE_RELEASE, "ENTERED"),
    "order.reviewed": (("ENTERED",), "REVIEWED"),
    "order.production_sheet_made": (("REVIEWED",), "PRODUCTION_SHEET_MADE"),
    "order.signed_for_sales": (("PRODUCTION_SHEET_MADE", "SIGNED_BY_FINANCE"), ""),
    "order.signed_for_finance": (("PRODUCTION_SHEET_MADE", "SIGNED_BY_SALES"), ""),
    "order.released": (("SIGNED",), "RELEASED"),
    "order.delivered": (("RELEASED", "PARTLY_DELIVERED"), ""),
    "order.accepted": (("DELIVERED",), "ACCEPTED"),
    "order.cancelled": ((*BEFORE_RELEASE, "RELEASED"), "CANCELLED"),
    "order.returned": (("PARTLY_DELIVERED", "DELIVERED", "ACCEPTED"), ""),
}
CASH = {"RECEIPT": 1, "REFUND": -1, "REVERSAL": -1}
OPEN, PASSED, SETTLED = 1, 2, 3


def minor(money):
    """Cents: the demonstration and the tests have no currency with other places."""
    return money.units * 100 + money.nanos // 10_000_000


def day(message):
    return date(message.year, message.month, message.day)


@dataclass
class ContractModel:
    version: int = 0
    state: str = ""
    owner: str = ""
    team: str = ""
    terms: object = None
    signed_on: object = None
    runs: list = field(default_factory=list)  # [submitter, state, members who approved]

    def apply(self, kind, e):
        self.version += 1
        if kind == "contract.drafted":
            if self.version != 1:
                raise Illegal("drafted twice")
            self.state, self.owner, self.team, self.terms = "DRAFT", e.owner, e.team, e.terms
            return
        allowed, to = CONTRACT_MOVES[kind]
        if self.state not in allowed:
            raise Illegal(f"{kind} from {self.state or 'nothing'}")
        if kind in ("contract.started", "contract.completed", "contract.archived", "contract.withdrawn", "contract.cancelled") \
                and e.from_state != self.state:
            raise Illegal(f"{kind} says from {e.from_state}, it was {self.state}")
        if kind == "contract.changed":
            if e.from_terms != self.terms:
                raise Illegal("changed from other terms")
            self.terms = e.terms
        elif kind == "contract.assigned":
            if (e.from_owner, e.from_team) != (self.owner, self.team):
                raise Illegal(f"assigned from {e.from_owner}, it was {self.owner}'s")
            self.owner, self.team = e.owner, e.team
        elif kind == "contract.signed":
            if e.terms != self.terms:
                raise Illegal("other terms were signed than approved")
            self.signed_on = day(e.signed_on)
        else:
            self._approve(kind, e)
        self.state = to or self.state

    def _approve(self, kind, e):
        if kind == "contract.submitted":
            self.runs.append([e.submitter, "PENDING", []])
        elif kind in ("contract.approval_given", "contract.approved"):
            if e.member:
                self.runs[-1][2].append(e.member)
            if kind == "contract.approved":
                self.runs[-1][1] = "APPROVED"
        elif kind in ("contract.sent_back", "contract.withdrawn", "contract.cancelled") and self.state == "UNDER_APPROVAL":
            self.runs[-1][1] = kind.removeprefix("contract.").upper()  # a run that has ended stays as it ended

    def row(self):
        t = self.terms
        return (self.version, self.state, self.owner, self.team, t.customer, t.opportunity, t.kind, t.region, t.amount.currency_code,
                minor(t.amount), tuple(minor(i.amount) for i in t.plan), self.signed_on, tuple((s, st, tuple(m)) for s, st, m in self.runs))


@dataclass
class OrderModel:
    version: int = 0
    state: str = ""
    owner: str = ""
    team: str = ""
    terms: object = None
    by: dict = field(default_factory=dict)  # event -> member
    delivered: list = field(default_factory=list)
    returned: list = field(default_factory=list)

    def apply(self, kind, e):
        self.version += 1
        if kind == "order.entered":
            if self.version != 1:
                raise Illegal("entered twice")
            self.state, self.owner, self.team = "ENTERED", e.owner, e.team
            self._take(e.terms)
            return
        allowed, to = ORDER_MOVES[kind]
        if self.state not in allowed:
            raise Illegal(f"{kind} from {self.state or 'nothing'}")
        if kind == "order.revised":
            self._take(e.terms)
        elif kind in ("order.signed_for_sales", "order.signed_for_finance"):
            self.by[kind] = e.member
            other = self.by.get("order.signed_for_finance" if kind == "order.signed_for_sales" else "order.signed_for_sales")
            if other == e.member:
                raise Illegal(f"{e.member} signed for both")
            to = "SIGNED" if other else "SIGNED_BY_SALES" if kind == "order.signed_for_sales" else "SIGNED_BY_FINANCE"
        elif kind in ("order.reviewed", "order.production_sheet_made"):
            self.by[kind] = e.member
        elif kind in ("order.delivered", "order.returned"):
            to = self._move_goods(kind, e)
        if getattr(e, "to_state", to) != to:
            raise Illegal(f"{kind} says {e.to_state}, by its rules it is {to}")
        self.state = to

    def _take(self, terms):
        self.terms, self.by = terms, {}
        self.delivered, self.returned = [0] * len(terms.lines), [0] * len(terms.lines)

    def _move_goods(self, kind, e):
        moved, most = (self.delivered, [line.quantity for line in self.terms.lines]) if kind == "order.delivered" else (self.returned, self.delivered)
        for line in e.lines:
            moved[line.line - 1] += line.quantity
            if moved[line.line - 1] > most[line.line - 1]:
                raise Illegal(f"{kind}: {moved[line.line - 1]} of line {line.line}, there are {most[line.line - 1]}")
        if kind == "order.delivered":
            return "DELIVERED" if self.delivered == most else "PARTLY_DELIVERED"
        return "RETURNED" if self.returned == self.delivered else self.state

    def row(self):
        t = self.terms
        return (self.version, self.state, self.owner, self.team, t.customer, t.contract, t.region, t.first_order,
                *(self.by.get(f"order.{name}", "") for name in ("reviewed", "production_sheet_made", "signed_for_sales", "signed_for_finance")),
                tuple(line.quantity for line in t.lines), tuple(minor(line.unit_price) for line in t.lines),
                tuple(self.delivered), tuple(self.returned))


@dataclass
class LedgerModel:
    """Of one contract: what was written into it, and what each instalment has of it."""
    version: int = 0
    amount: int = 0
    plan: dict = field(default_factory=dict)      # number -> amount
    accounts: dict = field(default_factory=lambda: defaultdict(int))  # (instalment, account) -> minor units
    entries: dict = field(default_factory=dict)   # payment -> (kind, amount, day, reverses)
    positions: int = 0

    def total(self, account):
        return sum(minor_units for (_, name), minor_units in self.accounts.items() if name == account)

    def of(self, number):
        return tuple(self.accounts[number, account] for account in ("PAID", "CREDITED", "WRITTEN_OFF"))

    def apply(self, kind, e):
        self.version += 1
        if kind == "receivable.opened":
            self.amount, self.plan = minor(e.amount), {i.number: minor(i.amount) for i in e.plan}
            if sum(self.plan.values()) != self.amount:
                raise Illegal(f"instalments of {sum(self.plan.values())} for a contract of {self.amount}")
            return
        for posting in e.postings:
            self.accounts[posting.instalment, posting.account] += posting.minor_units
        if kind == "payment.recorded":
            if e.payment in self.entries:
                raise Illegal(f"{e.payment} was written before")
            self.entries[e.payment] = (e.kind, minor(e.amount), day(e.occurred_on), e.reverses)
        elif sum(p.minor_units for p in e.postings if p.instalment):
            raise Illegal("an allocation anew changes what is paid")
        self._balance(kind, e)

    def _balance(self, kind, e):
        """Open instalments = contract - cash, at this position."""
        cash = sum(CASH.get(entry, 0) * amount for entry, amount, _, _ in self.entries.values())
        reliefs = self.total("CREDITED") + self.total("WRITTEN_OFF")
        still_open = sum(amount - sum(self.of(number)) for number, amount in self.plan.items())
        credit, overdrawn = self.total("CREDIT"), self.total("OVERDRAWN")
        if still_open != self.amount - cash - reliefs + credit - overdrawn:
            raise Illegal(f"open {still_open}, contract {self.amount} - cash {cash} - {reliefs} + credit {credit} - overdrawn {overdrawn}")
        if kind == "payment.recorded" and (e.open_minor_units, e.cash_minor_units, e.credit_minor_units) != (still_open, cash, credit):
            raise Illegal(f"says open {e.open_minor_units}, cash {e.cash_minor_units}, credit {e.credit_minor_units}; it is {still_open}, {cash}, {credit}")
        wrong = [n for n, amount in self.plan.items() if min(self.of(n)) < 0 or sum(self.of(n)) > amount]
        if wrong or credit < 0 or overdrawn < 0:
            raise Illegal(f"instalments {wrong} have more than they are, or less than nothing; credit {credit}, overdrawn {overdrawn}")
        self.positions += 1


@dataclass
class InstalmentModel:
    version: int = 0
    cycle: int = 0
    said: int = OPEN
    due: object = None

    def apply(self, kind, e):
        self.version += 1
        if kind == "instalment.scheduled":
            self.due = day(e.due_date) if e.HasField("due_date") else None
        elif kind == "instalment.due_date_passed":
            if self.said != OPEN or e.cycle != self.cycle + 1:
                raise Illegal(f"{kind} of cycle {e.cycle} after {self.cycle}")
            self.said, self.cycle = PASSED, e.cycle
        elif kind == "instalment.paid":
            if self.said == SETTLED or e.cycle != self.cycle:
                raise Illegal(f"{kind} of cycle {e.cycle} in {self.cycle}")
            self.said = SETTLED
        elif kind == "instalment.reopened":
            if self.said != SETTLED:
                raise Illegal("reopened, but it was not settled")
            self.said = OPEN


MODELS = {"contract": ContractModel, "order": OrderModel, "receivable": LedgerModel, "payment": LedgerModel, "instalment": InstalmentModel}


def fold(s):
    """{family: {key: model}}, what is illegal; a ledger's key is its contract's."""
    found = {model: {} for model in set(MODELS.values())}
    records, bad = defaultdict(list), []
    for record in first_occurrences(s.records[ORDERS]):
        if record.type.split(".")[0] in MODELS:
            records[record.key].append(record)
    for key, group in records.items():
        kind = MODELS[group[0].type.split(".")[0]]
        model = found[kind][key.removesuffix("/receivable")] = kind()
        for record in sorted(group, key=lambda r: r.version):
            try:
                model.apply(record.type, record.event)
            except (Illegal, KeyError, AttributeError, IndexError) as illegal:
                bad.append(f"{key} version {record.version}: {illegal!r}")
                break
    return found, bad


def _unlike(what, expected, rows):
    return [f"{what} {key}: row {rows.get(key)}, its events say {expected.get(key)}" for key in expected.keys() | rows.keys()
            if expected.get(key) != rows.get(key)]


def rows_are_folds(s):
    found, _ = fold(s)
    ledgers = found[LedgerModel]
    instalments = {}
    for name, ledger in ledgers.items():
        for number, amount in ledger.plan.items():
            model = found[InstalmentModel].get(f"{name}/instalments/{number}", InstalmentModel())
            instalments[name, number] = (model.version, model.cycle, model.said, model.due, amount, *ledger.of(number))
    pairs = [("", {n: m.row() for n, m in found[ContractModel].items() if m.terms is not None}, s.contracts),
             ("", {n: m.row() for n, m in found[OrderModel].items() if m.terms is not None}, s.orders),
             ("ledger of", {n: m.version for n, m in ledgers.items()}, s.receivables),
             ("instalment", instalments, s.instalments),
             ("", {p: entry for m in ledgers.values() for p, entry in m.entries.items()}, s.cash)]
    return sum(len(expected) for _, expected, _ in pairs), [line for pair in pairs for line in _unlike(*pair)]


def legal(s):
    found, bad = fold(s)
    return sum(model.version for models in found.values() for model in models.values()), bad


def balances(s):
    """The positions of every ledger at which open instalments were compared with contract less cash."""
    found, bad = fold(s)
    return sum(m.positions for m in found[LedgerModel].values()), [line for line in bad if "/receivable " in line]


def read(db, snapshot):
    from clients import protos as p

    def named(table):
        return {"contract": "'contracts/' || id", "order": "'orders/' || id"}[table]

    def run(approval):
        gave = p.contracts_types.Approval.GAVE
        return (approval.submitter, p.contracts_types.Approval.State.Name(approval.state),
                tuple(d.member for d in approval.decisions if d.verdict == gave))

    epoch = date(1970, 1, 1).toordinal()
    for name, version, state, owner, team, customer, opportunity, kind, region, currency, amount, plan, signed, approvals in db.execute(
            f"SELECT {named('contract')}, version, (ARRAY['DRAFT', 'UNDER_APPROVAL', 'APPROVED', 'SIGNED', 'IN_EXECUTION', 'COMPLETED',"
            " 'ARCHIVED', 'CANCELLED'])[state], owner, team, customer, opportunity, kind, region, currency, amount_minor, plan_minor, signed_day,"
            " approvals FROM contract"):
        runs = tuple(map(run, p.contracts_types.Contract.FromString(bytes(approvals)).approvals))
        snapshot.contracts[name] = (version, state, owner, team, customer, opportunity, kind, region, currency, amount, tuple(plan),
                                    date.fromordinal(epoch + signed) if signed is not None else None, runs)
    for name, *row, quantities, prices, delivered, returned in db.execute(
            f"SELECT {named('order')}, version, (ARRAY['ENTERED', 'REVIEWED', 'PRODUCTION_SHEET_MADE', 'SIGNED_BY_SALES', 'SIGNED_BY_FINANCE',"
            " 'SIGNED', 'RELEASED', 'PARTLY_DELIVERED', 'DELIVERED', 'ACCEPTED', 'CANCELLED', 'RETURNED'])[state], owner, team, customer, contract,"
            " region, first_order, reviewed_by, sheet_made_by, signed_for_sales_by, signed_for_finance_by, quantities, unit_prices, delivered,"
            " returned FROM sales_order"):
        snapshot.orders[name] = (*row, tuple(quantities), tuple(prices), tuple(delivered), tuple(returned))
    snapshot.receivables = dict(db.execute("SELECT 'contracts/' || contract, version FROM receivable"))
    snapshot.instalments = {(name, number): tuple(row) for name, number, *row in db.execute(
        "SELECT 'contracts/' || contract, number, version, cycle, said, due_on, amount, paid, credited, written_off FROM instalment")}
    snapshot.cash = {name: tuple(row) for name, *row in db.execute(
        "SELECT 'contracts/' || contract || '/payments/' || id, (ARRAY['RECEIPT', 'REFUND', 'CREDIT_NOTE', 'WRITE_OFF', 'REVERSAL'])[kind], amount,"
        " occurred_on, CASE WHEN reverses IS NULL THEN '' ELSE 'contracts/' || contract || '/payments/' || reverses END FROM cash_entry")}
