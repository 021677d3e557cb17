"""The line of business of deploy/demo/sales, computed from the CSV files and the seed alone: opportunities, contracts, orders,
instalments, payments. It shares nothing with Steward but the rules that deploy/demo/sales/README.md and the domain's pages state."""

import csv
import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

SEED = "steward"
FILE_END = date(2017, 12, 31)


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def shift_of(today):
    """Days by which the files are moved: whole weeks that take FILE_END to the last Sunday before `today`."""
    return (today - timedelta(days=1) - FILE_END).days // 7 * 7


def number(*parts):
    return int.from_bytes(hashlib.sha256("/".join(map(str, (SEED, *parts))).encode()).digest()[:8], "big")


@dataclass
class Payment:
    day: date
    instalment: int
    kind: str  # RECEIPT, REFUND
    cents: int


@dataclass
class Instalment:
    number: int
    cents: int
    due: date | None = None  # None = waits for an event


@dataclass
class Row:
    """One line of sales_pipeline.csv; days are moved, amounts in cents."""
    place: int  # rows before it in the file
    id: str
    agent: str
    team: str
    region: str
    customer: str  # empty = a lead
    product: str
    stage: str  # prospecting, engaging, won, lost
    opened: date
    closed: date | None
    cents: int
    instalments: list = field(default_factory=list)  # of won ones
    payments: list = field(default_factory=list)
    delivered: date | None = None
    accepted: date | None = None


def shares(cents):
    first, second = cents * 3000 // 10000, cents * 4000 // 10000
    return [first, second, cents - first - second]


def payments_of(row_id, instalment):
    h = number(row_id, instalment.number)
    r, k = h % 100, h // 100 % 1000
    cents, due, early = instalment.cents, instalment.due, instalment.due - timedelta(days=k % 8)
    def pay(day, amount, kind="RECEIPT"):
        return Payment(day, instalment.number, kind, amount)
    if r < 55:
        return [pay(early, cents)]
    if r < 70:
        return [pay(due + timedelta(days=1 + k % 60), cents)]
    if r < 80:
        return [pay(early, cents // 2), pay(due + timedelta(days=20 + k % 40), cents - cents // 2)]
    if r < 86:
        return [pay(early, cents + cents // 20)]
    if r < 92:
        return [pay(early, cents), pay(early + timedelta(days=15), cents // 10, "REFUND")]
    return []


class Line:
    """Everything up to and including `until`."""

    def __init__(self, folder, today, limit=None):
        folder = Path(folder)
        self.until = today - timedelta(days=1)
        self.shift = timedelta(days=shift_of(today))
        prices = {r["product"]: int(r["sales_price"]) * 100 for r in read(folder / "products.csv")}
        self.agents = {slug(r["sales_agent"]): (slug(r["manager"]), r["regional_office"].lower())
                       for r in read(folder / "sales_teams.csv")}
        self.accounts = read(folder / "accounts.csv")
        self.rows = [self.row(i, r, prices) for i, r in enumerate(read(folder / "sales_pipeline.csv")[:limit])]

    def row(self, place, r, prices):
        agent = slug(r["sales_agent"])
        manager, region = self.agents[agent]
        product = "GTX Pro" if r["product"] == "GTXPro" else r["product"]
        stage = r["deal_stage"].lower()
        row = Row(place, r["opportunity_id"], "members/" + agent, "teams/sales-" + manager, region,
                  "customers/" + slug(r["account"]) if r["account"] else "", product, stage,
                  self.day(r["engage_date"] or FILE_END.isoformat()), self.day(r["close_date"]) if r["close_date"] else None,
                  int(r["close_value"]) * 100 if stage == "won" else prices[product])
        if stage == "won":
            self.follow(row)
        return row

    def day(self, text):
        return date.fromisoformat(text) + self.shift

    def follow(self, row):
        def known(day):
            return day if day <= self.until else None
        row.delivered = known(row.closed + timedelta(days=7))
        row.accepted = known(row.closed + timedelta(days=14))
        begins = [(row.closed, 10), (row.delivered, 30), (row.accepted, 60)]
        row.instalments = [Instalment(i + 1, cents, begin and begin + timedelta(days=after))
                           for i, (cents, (begin, after)) in enumerate(zip(shares(row.cents), begins))]
        payments = [p for i in row.instalments if i.due for p in payments_of(row.id, i)]
        row.payments = sorted((p for p in payments if p.day <= self.until and p.cents > 0), key=lambda p: (p.day, p.instalment))

    def won(self):
        return [row for row in self.rows if row.stage == "won"]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
