"""Figures of the line: the funnel, win rates, receivables. Every one is a plain count or sum over the rows of `line.Line`."""

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

from .ledger import BUCKETS, bucket_of, ledger

OPEN = ["prospecting", "engaging"]
STAGES = [*OPEN, "won", "lost"]


def opened_at(row, zone):
    return datetime.combine(row.opened, time(9), zone)


def closed_at(row, zone):
    return datetime.combine(row.closed, time(17), zone) + timedelta(seconds=row.place) if row.closed else None


def funnel(rows, at, zone, key=lambda row: ""):
    """By group and stage: now, entered, converted, as it was true at the instant. Leads (rows without customer) are no part of it."""
    groups = defaultdict(lambda: {stage: Counter() for stage in STAGES})
    for row in rows:
        if not row.customer or opened_at(row, zone) > at:
            continue
        steps = ["prospecting" if row.stage == "prospecting" else "engaging"]
        if row.closed and closed_at(row, zone) <= at:
            steps.append(row.stage)
        group = groups[key(row)]
        for stage in steps:
            group[stage]["entered"] += 1
        group[steps[-1]]["now"] += 1
        if steps[-1] == "won":
            group[steps[0]]["converted"] += 1
    return groups


def win_rates(rows, key):
    """By group: won, lost."""
    groups = defaultdict(Counter)
    for row in rows:
        if row.customer and row.stage in ("won", "lost"):
            groups[key(row)][row.stage] += 1
    return groups


def ageing(rows, day, key=lambda row: ""):
    """By group and bucket: instalments and cents that are open at the end of `day`."""
    groups = defaultdict(lambda: {name: Counter() for name, _ in BUCKETS})
    for row in rows:
        for standing in ledger(row.instalments, row.payments, day)[0]:
            if standing.open:
                cell = groups[key(row)][bucket_of(standing, day)]
                cell["instalments"] += 1
                cell["cents"] += standing.open
    return groups
