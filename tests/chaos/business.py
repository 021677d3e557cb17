"""One contract, its order, its ledger and what scoring made of them, for test_audit.py: healthy, and broken once in every way."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from audit.snapshot import Fact, topic_of
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

CONTRACT, ORDER, DEAL = "contracts/c", "orders/o", "opportunities/o"
LEDGER, RECEIPT, REFUND = CONTRACT + "/receivable", CONTRACT + "/payments/1", CONTRACT + "/payments/2"
DAY = date(2026, 3, 2)
SELLER, FINANCE, TEAM = "members/a", "members/b", "teams/t"


def usd(cents):
    return Money(currency_code="USD", units=cents // 100, nanos=cents % 100 * 10_000_000)


def contract(made):
    plan = [{"number": 1, "amount": usd(60_000), "due": "2026-03-01"}, {"number": 2, "amount": usd(40_000), "due": "30 days after DELIVERED"}]
    draft = {"customer": "customers/acme", "kind": "sale", "region": "east", "amount": usd(90_000)}
    terms = {**draft, "amount": usd(100_000), "plan": plan}
    made.append("orders", CONTRACT, "contract.drafted", terms=draft, owner=SELLER, team=TEAM)
    made.append("orders", CONTRACT, "contract.changed", from_terms=draft, terms=terms)
    made.append("orders", CONTRACT, "contract.submitted", flow="default", flow_version=1, submitter=SELLER)
    made.append("orders", CONTRACT, "contract.sent_back", node="department", member=FINANCE, reason="terms")
    made.append("orders", CONTRACT, "contract.submitted", flow="default", flow_version=1, submitter=SELLER)
    made.append("orders", CONTRACT, "contract.approval_given", node="department", member=FINANCE)
    made.append("orders", CONTRACT, "contract.approved", flow="default", flow_version=1, member="members/head", submitter=SELLER)
    made.append("orders", CONTRACT, "contract.signed", signed_on=Date(year=2026, month=3, day=2), terms=terms, owner=SELLER, team=TEAM)
    made.append("orders", CONTRACT, "contract.assigned", from_owner=SELLER, owner=FINANCE, from_team=TEAM, team=TEAM)
    made.snapshot.contracts[CONTRACT] = (
        9, "SIGNED", FINANCE, TEAM, "customers/acme", "", "sale", "east", "USD", 100_000, (60_000, 40_000), DAY,
        ((SELLER, "SENT_BACK", ()), (SELLER, "APPROVED", (FINANCE, "members/head"))))


def withdrawn(made):
    """Approved without being asked, taken back, submitted again and cancelled: the first run stays approved."""
    terms = {"customer": "customers/acme", "opportunity": DEAL, "amount": usd(5)}
    for kind, fields in (("drafted", {"terms": terms, "owner": SELLER}), ("submitted", {"submitter": SELLER}), ("approved", {}),
                         ("withdrawn", {"from_state": "APPROVED"}), ("submitted", {"submitter": SELLER}),
                         ("cancelled", {"from_state": "UNDER_APPROVAL", "reason": "lost", "opportunity": DEAL})):
        made.append("orders", "contracts/d", "contract." + kind, **fields)
    made.snapshot.contracts["contracts/d"] = (6, "CANCELLED", SELLER, "", "customers/acme", DEAL, "", "", "USD", 5, (), None,
                                              ((SELLER, "APPROVED", ()), (SELLER, "CANCELLED", ())))
    made.append("leads", DEAL, "opportunity.contract_cancelled", contract="contracts/d", reason="lost", from_state="UNDER_APPROVAL")
    made.snapshot.won_contracts = {DEAL: ("contracts/d", "CANCELLED", "lost")}


def ledger(made):
    """1,100.00 come in for 1,000.00; 50.00 of the credit go back. An allocation moves nothing in sum."""
    plan = [{"number": 1, "amount": usd(60_000)}, {"number": 2, "amount": usd(40_000)}]
    day = Date(year=2026, month=3, day=2)
    made.append("orders", LEDGER, "receivable.opened", contract=CONTRACT, amount=usd(100_000), plan=plan)
    made.append("orders", LEDGER, "payment.recorded", payment=RECEIPT, kind="RECEIPT", amount=usd(110_000), occurred_on=day, open_minor_units=0,
                cash_minor_units=110_000, credit_minor_units=10_000,
                postings=[{"instalment": 1, "account": "PAID", "minor_units": 60_000}, {"instalment": 2, "account": "PAID", "minor_units": 40_000},
                          {"account": "CREDIT", "minor_units": 10_000}])
    made.append("orders", LEDGER, "payment.recorded", payment=REFUND, kind="REFUND", amount=usd(15_000), occurred_on=day, open_minor_units=5_000,
                cash_minor_units=95_000, credit_minor_units=0,
                postings=[{"instalment": 2, "account": "PAID", "minor_units": -5_000}, {"account": "CREDIT", "minor_units": -10_000}])
    made.append("orders", LEDGER, "receivable.reallocated", postings=[{"instalment": 1, "account": "PAID", "minor_units": -5_000},
                                                                      {"instalment": 2, "account": "PAID", "minor_units": 5_000}])
    s = made.snapshot
    s.receivables = {CONTRACT: 4}
    s.instalments = {(CONTRACT, 1): (3, 1, 3, None, 60_000, 55_000, 0, 0), (CONTRACT, 2): (1, 0, 3, None, 40_000, 40_000, 0, 0)}
    s.cash = {RECEIPT: ("RECEIPT", 110_000, DAY, ""), REFUND: ("REFUND", 15_000, DAY, "")}


def order(made):
    terms = {"customer": "customers/acme", "contract": CONTRACT, "region": "east", "first_order": True, "total": usd(30_000),
             "lines": [{"line": 1, "product": "p", "quantity": 3, "unit_price": usd(10_000)}]}
    made.append("orders", ORDER, "order.entered", terms=terms, owner=SELLER, team=TEAM)
    made.append("orders", ORDER, "order.reviewed", from_state="ENTERED", to_state="REVIEWED", member=FINANCE)
    made.append("orders", ORDER, "order.production_sheet_made", from_state="REVIEWED", to_state="PRODUCTION_SHEET_MADE", member=SELLER)
    made.append("orders", ORDER, "order.signed_for_sales", member=SELLER, to_state="SIGNED_BY_SALES")
    made.append("orders", ORDER, "order.signed_for_finance", member=FINANCE, complete=True, to_state="SIGNED")
    made.append("orders", ORDER, "order.released", from_state="SIGNED", to_state="RELEASED", member=FINANCE)
    made.append("orders", ORDER, "order.delivered", lines=[{"line": 1, "quantity": 2}], to_state="PARTLY_DELIVERED")
    made.append("orders", ORDER, "order.returned", reason="broken", lines=[{"line": 1, "quantity": 1}], to_state="PARTLY_DELIVERED")
    made.snapshot.orders[ORDER] = (8, "PARTLY_DELIVERED", SELLER, TEAM, "customers/acme", CONTRACT, "east", True, FINANCE, SELLER, SELLER, FINANCE,
                                   (3,), (10_000,), (2,), (1,))


def facts(made):
    """Each of the events above that counts, and of those that the other parts of the sample tell."""
    told = [("leads", "leads/l", 1, {"leads_captured": 1}), ("orders", CONTRACT, 8, {"contracts_signed": 1, "sales_amount": 100_000}),
            ("orders", LEDGER, 2, {"collected_amount": 110_000}), ("orders", LEDGER, 3, {"collected_amount": -15_000}),
            ("orders", ORDER, 1, {"orders_entered": 1, "orders_amount": 30_000}),
            ("orders", CONTRACT + "/instalments/1", 2, {"instalments_overdue": 1})]
    s = made.snapshot
    for record in s.records[topic_of("complaints")]:
        if record.type in ("ticket.registered", "ticket.resolved"):
            told.append(("complaints", record.key, record.version, {"tickets_" + record.type.split(".")[1]: 1}))
    for service, key, version, counted in told:
        event_id = next(r.event_id for r in s.records[topic_of(service)] if (r.key, r.version) == (key, version))
        for measure, value in counted.items():
            s.scoring_facts.append(Fact(event_id, measure, 0, key, version, DAY, "", "USD" if "amount" in measure else "", SELLER, "", "", "", value))
    sums = defaultdict(lambda: (0, 0))
    for fact in s.scoring_facts:
        for subject in (SELLER, "company"):
            key = (subject, fact.measure, fact.day, fact.qualifier, fact.currency)
            sums[key] = (sums[key][0] + 1, sums[key][1] + fact.value)
    s.days = dict(sums)
    s.kept_scores = {"leads/l": (2, Decimal("86.2475"), "A", Decimal("41.5"))}


PARTS = (contract, withdrawn, ledger, order, facts)


def event_of(s, key, version):
    return next(r for r in s.records[topic_of("orders")] if (r.key, r.version) == (key, version)).event


def changed(rows, key, at, value):
    rows[key] = (*rows[key][:at], value, *rows[key][at + 1:])


def fact_of(s, measure, **changes):
    at = next(n for n, fact in enumerate(s.scoring_facts) if fact.measure == measure)
    if changes:
        s.scoring_facts[at] = s.scoring_facts[at]._replace(**changes)
    return s.scoring_facts[at]


def without(s, key, version):
    topic = topic_of("orders")
    s.records[topic] = [r for r in s.records[topic] if (r.key, r.version) != (key, version)]


SALES_SUM = ("company", "sales_amount", DAY, "", "USD")
BREAKS = {
    "I03 two payments of one request": lambda s: s.externals.extend(["external-1"]),
    "I06 a contract in another state": lambda s: changed(s.contracts, CONTRACT, 1, "APPROVED"),
    "I06 a contract with another owner": lambda s: changed(s.contracts, CONTRACT, 2, SELLER),
    "I06 a contract of another amount": lambda s: changed(s.contracts, CONTRACT, 9, 100_001),
    "I06 another plan": lambda s: changed(s.contracts, CONTRACT, 10, (40_000, 60_000)),
    "I06 an approval that nobody gave": lambda s: changed(s.contracts, CONTRACT, 12, (
        (SELLER, "SENT_BACK", ()), (SELLER, "APPROVED", (FINANCE, "members/head", "members/c")))),
    "I06 a run that ended otherwise": lambda s: changed(s.contracts, "contracts/d", 12, ((SELLER, "WITHDRAWN", ()), (SELLER, "CANCELLED", ()))),
    "I06 a contract without events": lambda s: s.contracts.update({"contracts/x": s.contracts[CONTRACT]}),
    "I06 a contract without a row": lambda s: s.contracts.clear(),
    "I06 an order that another signed": lambda s: changed(s.orders, ORDER, 11, "members/c"),
    "I06 an order with more delivered": lambda s: changed(s.orders, ORDER, 14, (3,)),
    "I06 an order without a row": lambda s: s.orders.clear(),
    "I06 a ledger at another version": lambda s: s.receivables.update({CONTRACT: 3}),
    "I06 an instalment with another paid": lambda s: changed(s.instalments, (CONTRACT, 1), 5, 60_000),
    "I06 an instalment of another cycle": lambda s: changed(s.instalments, (CONTRACT, 1), 1, 2),
    "I06 an instalment with another due date": lambda s: changed(s.instalments, (CONTRACT, 2), 3, DAY),
    "I06 an entry that no event told": lambda s: s.cash.update({CONTRACT + "/payments/3": ("RECEIPT", 1, DAY, "")}),
    "I06 an entry of another amount": lambda s: s.cash.update({RECEIPT: ("RECEIPT", 110_001, DAY, "")}),
    "I06 a payment's event is missing": lambda s: without(s, LEDGER, 3),
    "I07 signed without approval": lambda s: without(s, CONTRACT, 7),
    "I07 other terms signed": lambda s: setattr(event_of(s, CONTRACT, 8).terms, "region", "west"),
    "I07 both signatures by one": lambda s: setattr(event_of(s, ORDER, 5), "member", SELLER),
    "I07 released with one signature": lambda s: without(s, ORDER, 5),
    "I07 more delivered than ordered": lambda s: setattr(event_of(s, ORDER, 7).lines[0], "quantity", 4),
    "I07 an instalment paid in another cycle": lambda s: setattr(event_of(s, CONTRACT + "/instalments/1", 3), "cycle", 2),
    "I16 a contract that leads knows otherwise": lambda s: s.won_contracts.update({DEAL: ("contracts/d", "DRAFT", "")}),
    "I16 a contract of another opportunity": lambda s: s.won_contracts.update({DEAL: (CONTRACT, "SIGNED", "")}),
    "I16 a contract that leads does not know": lambda s: s.won_contracts.clear(),
    "I16 a cancellation that leads did not say": lambda s: s.records[topic_of("leads")].remove(
        next(r for r in s.records[topic_of("leads")] if r.key == DEAL)),
    "I21 a fact is missing": lambda s: s.scoring_facts.remove(fact_of(s, "sales_amount")),
    "I21 a fact twice": lambda s: s.scoring_facts.append(fact_of(s, "leads_captured")._replace(part=1)),
    "I21 a fact of another value": lambda s: fact_of(s, "collected_amount", value=1),
    "I21 a fact nobody told": lambda s: fact_of(s, "orders_entered", event_id="orders-x-1"),
    "I21 a fact of another event": lambda s: fact_of(s, "tickets_resolved", version=1),
    "I21 a fact that an event does not say": lambda s: s.scoring_facts.append(fact_of(s, "orders_entered")._replace(measure="won_count")),
    "I21 a sum that is not its facts'": lambda s: s.days.update({SALES_SUM: (1, 99_999)}),
    "I21 a sum of one fact more": lambda s: s.days.update({SALES_SUM: (2, 100_000)}),
    "I21 a sum without facts": lambda s: s.days.update({("teams/x", *SALES_SUM[1:]): (1, 1)}),
    "I21 a sum is missing": lambda s: s.days.pop(SALES_SUM),
    "I21 a score that was not said": lambda s: s.kept_scores.update({"leads/l": (2, Decimal("87"), "A", Decimal("41.5"))}),
    "I21 a score said in a gap": lambda s: s.records[topic_of("scoring")].pop(1),
    "I21 a score that is missing": lambda s: s.kept_scores.clear(),
    "I40 an event says another balance": lambda s: setattr(event_of(s, LEDGER, 2), "open_minor_units", 1),
    "I40 cash that is no entry": lambda s: setattr(event_of(s, LEDGER, 3).postings[0], "minor_units", -4_000),
    "I40 an allocation that pays": lambda s: setattr(event_of(s, LEDGER, 4).postings[1], "minor_units", 6_000),
    "I40 instalments that do not sum": lambda s: event_of(s, LEDGER, 1).plan.pop(),
    "I40 an entry twice": lambda s: setattr(event_of(s, LEDGER, 3), "payment", RECEIPT),
    "I40 an instalment with more than it is": lambda s: [setattr(event_of(s, LEDGER, 4).postings[n], "minor_units", v)
                                                         for n, v in ((0, 6_000), (1, -6_000))],
}
