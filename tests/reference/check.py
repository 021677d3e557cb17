"""Asks a running Steward for every figure of the line and compares it with what the files say. The answer is a list of differences."""

from collections import Counter
from datetime import datetime, time, timedelta

from clients import protos as p
from google.protobuf.timestamp_pb2 import Timestamp
from google.type import date_pb2

from . import cards, figures
from .ledger import ledger, overdue_days

GROUPS = {"owner": lambda row: row.agent, "team": lambda row: row.team, "region": lambda row: row.region}


def cents(money):
    return money.units * 100 + money.nanos // 10_000_000


def date_of(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def stamp(instant):
    out = Timestamp()
    out.FromDatetime(instant)
    return out


class Check:
    def __init__(self, system, line, zone):
        self.system, self.line, self.zone = system, line, zone
        self.compared, self.differences = Counter(), []

    def same(self, what, key, expected, found):
        self.compared[what] += 1
        if expected != found:
            self.differences.append(f"{what} {key}: expected {expected!r}, Steward says {found!r}")

    def call(self, service, method, request):
        return self.system.call(service, method, request, timeout=30)

    def pages(self, service, method, request, field):
        while True:
            answer = self.call(service, method, request)
            yield from getattr(answer, field)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def all(self):
        self.funnels()
        self.ageing()
        self.receivables()
        self.cards()
        return self

    def funnels(self):
        """At the end of each quarter, of the last day and in the middle of a day; by everybody, owner, team, region."""
        days = [day for _name, _first, day in cards.quarters(self.line.until) if day < self.line.until] + [self.line.until]
        instants = [datetime.combine(day, time(23, 59), self.zone) for day in days]
        instants.append(datetime.combine(self.line.until - timedelta(days=200), time(17, 30), self.zone))
        for at in instants:
            for name, key in {"none": lambda row: "", **GROUPS}.items():
                answer = self.call("leads", "GetFunnel", p.opportunities.GetFunnelRequest(
                    pipeline="pipelines/crm-sales", as_of=stamp(at), clock="FUNNEL_CLOCK_OCCURRED", group_by="FUNNEL_GROUPING_" + name.upper()))
                expected = figures.funnel(self.line.rows, at, self.zone, key)
                found = {g.key: {s.stage: (s.now, s.entered, s.converted) for s in g.stages} for g in answer.groups}
                self.same("funnel groups", (str(at), name), sorted(expected), sorted(found))
                for group, stages in expected.items():
                    for stage, tally in stages.items():
                        self.same("funnel", (str(at), group, stage), (tally["now"], tally["entered"], tally["converted"]),
                                  found.get(group, {}).get(stage))

    def ageing(self):
        for name, key in {"": lambda row: "", **GROUPS}.items():
            answer = self.call("orders", "GetAgeingReport", p.receivables.GetAgeingReportRequest(as_of=date_of(self.line.until), group_by=name))
            found = {row.group: {b.bucket: (b.instalments, cents(b.outstanding)) for b in row.buckets} for row in answer.rows}
            expected = figures.ageing(self.line.won(), self.line.until, key)
            self.same("ageing groups", name, sorted(expected), sorted(found))
            for group, buckets in expected.items():
                for bucket, cell in buckets.items():
                    self.same("ageing", (group, bucket), (cell["instalments"], cell["cents"]), found.get(group, {}).get(bucket))

    def receivables(self):
        """Every instalment of every contract."""
        won = {}
        for opportunity in self.pages("leads", "ListOpportunities", p.opportunities.ListOpportunitiesRequest(
                filter='pipeline = "pipelines/crm-sales" AND stage = "won"', page_size=200), "opportunities"):
            won[opportunity.name] = (opportunity.close_time.ToDatetime(tzinfo=self.zone), opportunity.owner)
        by_close = {(figures.closed_at(row, self.zone), row.agent): row for row in self.line.won()}
        contracts = [c for c in self.pages("orders", "ListContracts", p.contracts.ListContractsRequest(page_size=200), "contracts")
                     if c.opportunity in won]
        self.same("contracts", "count", len(by_close), len(contracts))
        for contract in contracts:
            row = by_close[won[contract.opportunity]]
            self.same("contract amount", row.id, row.cents, cents(contract.amount))
            answer = self.call("orders", "GetReceivable", p.receivables.GetReceivableRequest(
                name=contract.name + "/receivable", as_of=date_of(self.line.until)))
            rows, credit, overdrawn = ledger(row.instalments, row.payments, self.line.until)
            self.same("receivable", row.id, (sum(r.open for r in rows), credit, overdrawn),
                      (cents(answer.outstanding), cents(answer.credit), cents(answer.overdrawn)))
            for expected, found in zip(rows, answer.instalments, strict=True):
                due = found.due_date
                self.same("instalment", (row.id, expected.number),
                          (expected.cents, expected.paid, expected.open, overdue_days(expected, self.line.until), expected.due),
                          (cents(found.amount), cents(found.paid), cents(found.outstanding), found.overdue_days,
                           datetime(due.year, due.month, due.day).date() if due.year else None))

    def escalations(self):
        """REC-001, where its pack is active: each instalment that has been overdue for 30 days is escalated, each younger one is watched."""
        today = self.line.until + timedelta(days=1)
        young, due = 0, {}
        for row in self.line.won():
            for standing in ledger(row.instalments, row.payments, self.line.until)[0]:
                if standing.open and standing.due and standing.due < today:
                    days = (today - standing.due).days
                    if days >= 30:
                        escalates = datetime.combine(standing.due + timedelta(days=30), time(0), self.zone)
                        due[escalates] = due.get(escalates, 0) + 1
                    else:
                        young += 1
        clocks = list(self.pages("sla", "ListClocks", p.sla.ListClocksRequest(filter='policy = "policies/rec-001"', page_size=200), "clocks"))
        running = [c for c in clocks if c.run_state == p.sla_types.Clock.RUNNING]
        self.same("rec-001 watched", "count", young, sum(c.status != p.sla_types.Clock.STATUS_BREACHED for c in running))
        raised = list(self.pages("sla", "ListEscalations", p.sla.ListEscalationsRequest(
            filter='policy = "policies/rec-001" AND state = "OPEN"', page_size=200), "escalations"))
        found = Counter(e.occurred_at.ToDatetime(tzinfo=self.zone) for e in raised)
        for instant in sorted({*due, *found}):
            self.same("rec-001 escalated", str(instant), due.get(instant, 0), found[instant])

    def cards(self):
        for card in cards.CARDS:
            for period, first, last in cards.quarters(self.line.until):
                for subject, rows in cards.subjects(self.line):
                    answer = self.call("scoring", "GetScorecard", p.scorecards.GetScorecardRequest(
                        scorecard=f"scorecards/{card}", subject=subject, period=period))
                    found = {l.kpi: (l.value, l.target.value, l.met) for l in answer.lines}
                    for kpi, expected in cards.expected(self.line, card, rows, subject, period, first, last).items():
                        value, goal, met = found.get(kpi, ("no such line", "", ""))
                        self.same(card, (subject, period, kpi), expected, (value, goal if expected[1] is not None else None, met))
