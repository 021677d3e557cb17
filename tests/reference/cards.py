"""Three cards from the rows alone: sales, customer service, head of the marketing centre. A value is the text that a card shows;
'' = nothing was measured."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from .line import number

CARDS = ["sc-002-sales", "sc-002-head", "sc-002-cs"]
# What nothing of this demonstration measures: no touches beyond leads', no clocks of these policies, values from outside.
EXTERNAL = {"sc-002-sales": ["kpis/k-002-sa-5"],
            "sc-002-head": [f"kpis/k-002-head-{n}" for n in range(2, 9)],
            "sc-002-cs": [f"kpis/k-002-cs-{n}" for n in (1, 2, 3, 4)]}


def quarters(until):
    """The four quarters up to the one of `until`: name, first day, last day."""
    year, quarter = until.year, (until.month - 1) // 3
    found = []
    for _ in range(4):
        first = date(year, quarter * 3 + 1, 1)
        after = date(year + (quarter == 3), (quarter + 1) % 4 * 3 + 1, 1)
        found.append((f"periods/{year}-q{quarter + 1}", first, after - timedelta(days=1)))
        year, quarter = (year - 1, 3) if quarter == 0 else (year, quarter - 1)
    return found[::-1]


def subjects(line):
    """Every agent, manager (by the team) and region, each with its rows."""
    groups = defaultdict(list)
    for row in line.rows:
        for name in (row.agent, row.team, "regions/" + row.region):
            groups[name].append(row)
    for agent, (manager, region) in line.agents.items():
        for name in ("members/" + agent, "teams/sales-" + manager, "regions/" + region):
            groups.setdefault(name, [])
    return sorted(groups.items())


def target(line, subject, period):
    """Of K-002-SA-1, USD: a member's own; a team and a region have the sum of their members'."""
    quarter = period.removeprefix("periods/").replace("-q", "Q")
    members = [agent for agent, (manager, region) in line.agents.items()
               if subject in ("members/" + agent, "teams/sales-" + manager, "regions/" + region)]
    return sum(60_000 + 1_000 * (number("target", "members/" + agent, quarter) % 41) for agent in members)


def text(value):
    """Six places, half up, in the shortest form."""
    scaled = int(value * 10**6 * 2 + 1) // 2
    whole, places = divmod(scaled, 10**6)
    return f"{whole}.{places:06d}".rstrip("0").rstrip(".")


def share(part, whole):
    return text(Fraction(100 * part, whole)) if whole else ""


def on_time(row):
    """(due date, cents) that came in up to each due date. What a refund takes back on or before it is taken back."""
    paid = defaultdict(int)
    changes = []
    credit = overdrawn = 0
    order = sorted((i for i in row.instalments), key=lambda i: (i.due is None, i.due or date.max, i.number))
    for payment in row.payments:
        left = payment.cents
        def move(instalment, cents, day=payment.day):
            paid[instalment.number] += cents
            if instalment.due and day <= instalment.due:
                changes.append((instalment.due, cents))
        if payment.kind == "RECEIPT":
            take = min(left, overdrawn)
            overdrawn, left = overdrawn - take, left - take
            for i in order:
                take = min(left, i.cents - paid[i.number])
                if take:
                    move(i, take)
                left -= take
            credit += left
        else:
            take = min(left, credit)
            credit, left = credit - take, left - take
            for i in reversed(order):
                take = min(left, paid[i.number])
                if take:
                    move(i, -take)
                left -= take
            overdrawn += left
    return changes


def expected(line, card, rows, subject, period, first, last):
    """{kpi: (value, target, met)} of one card."""
    nothing = {kpi: ("", None, "") for kpi in EXTERNAL[card]}
    def inside(day):
        return day is not None and first <= day <= last
    won = [row for row in rows if row.customer and row.stage == "won" and inside(row.closed)]
    sales = Fraction(sum(row.cents for row in won), 100)
    if card == "sc-002-head":
        return {"kpis/k-002-head-1": (text(sales), None, ""), **nothing}
    if card == "sc-002-cs":
        return nothing
    firsts = {}
    for row in sorted(line.won(), key=lambda r: (r.closed, r.place)):
        firsts.setdefault(row.customer, row)
    mine = {id(row) for row in won}
    new = sum(id(row) in mine for row in firsts.values())
    customers = {row.customer for row in won}
    due = sum(i.cents for row in rows for i in row.instalments if inside(i.due))
    in_time = sum(cents for row in rows for day, cents in on_time(row) if inside(day))
    opened = sum(bool(row.customer) and inside(row.opened) for row in rows)
    goal = target(line, subject, period)
    return {
        "kpis/k-002-sa-1": (text(sales), text(Fraction(goal)), "yes" if sales >= goal else "no"),
        "kpis/k-002-sa-2": (text(Fraction(new)), "", ""),
        "kpis/k-002-sa-3": judged(share(in_time, due), 98),
        "kpis/k-002-sa-4": judged(share(len(customers) - new, len(customers)), 30),
        "kpis/k-002-sa-6": ("" if subject.startswith("regions/") else "0", "", ""),  # a touch names no region, its target is a month's
        "kpis/k-002-sa-7": judged(share(len(won), opened), 20),
        **nothing,
    }


def judged(value, goal):
    return (value, str(goal), "" if not value else "yes" if Fraction(value) >= goal else "no")
