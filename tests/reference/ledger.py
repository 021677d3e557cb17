"""The ledger of one contract, from its instalments and payments: receipts and refunds alone, none of them naming an instalment."""

from dataclasses import dataclass
from datetime import date


@dataclass
class Standing:
    number: int
    cents: int
    due: date | None
    paid: int = 0
    settled: date | None = None

    @property
    def open(self):
        return self.cents - self.paid


def ledger(instalments, payments, day):
    """Standings, the customer's credit and what was refunded too much, at the end of `day`."""
    rows = [Standing(i.number, i.cents, i.due) for i in instalments]
    order = sorted(rows, key=lambda r: (r.due is None, r.due or date.max, r.number))
    credit = overdrawn = 0
    for payment in payments:  # in the order of their days
        if payment.day > day:
            continue
        left = payment.cents
        if payment.kind == "RECEIPT":
            take = min(left, overdrawn)
            overdrawn, left = overdrawn - take, left - take
            for row in order:
                take = min(left, row.open)
                row.paid, left = row.paid + take, left - take
            credit += left
        else:
            take = min(left, credit)
            credit, left = credit - take, left - take
            for row in reversed(order):
                take = min(left, row.paid)
                row.paid, left = row.paid - take, left - take
            overdrawn += left
        for row in rows:
            row.settled = (row.settled or payment.day) if row.open == 0 else None
    return rows, credit, overdrawn


def overdue_days(row, day):
    return max(0, (day - row.due).days) if row.due and row.open else 0


BUCKETS = [("not_due", 0), ("1-30", 30), ("31-60", 60), ("61-90", 90), ("over_90", None)]


def bucket_of(row, day):
    days = overdue_days(row, day)
    return next(name for name, end in BUCKETS if end is None or days <= end)
