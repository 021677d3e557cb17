"""Facts, their sums and the scores of leads as the topics tell them, and their comparison with the tables of scoring."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

from .copies import first_occurrences
from .orders import CASH, minor

SCORING = "steward.scoring.v1"
# What scoring reads facts from.
INPUTS = ("steward.leads.v1", "steward.orders.v1", "steward.complaints.v1", "steward.sla.v1", "steward.directory.v1")
# Events that add to a measure whatever else happened: what, and how much.
ALWAYS = {
    "lead.captured": lambda e: {"leads_captured": 1},
    "lead.converted": lambda e: {"leads_converted": 1},
    "touch.recorded": lambda e: {"touches": 1},
    "opportunity.opened": lambda e: {"opened_count": 1},
    "opportunity.won": lambda e: {"won_count": 1},
    "opportunity.lost": lambda e: {"lost_count": 1},
    "contract.signed": lambda e: {"contracts_signed": 1, "sales_amount": minor(e.terms.amount)},
    "order.entered": lambda e: {"orders_entered": 1, "orders_amount": minor(e.terms.total)},
    "instalment.due_date_passed": lambda e: {"instalments_overdue": 1, "overdue_amount": minor(e.open)},
    "payment.recorded": lambda e: {"collected_amount": CASH.get(e.kind, 0) * minor(e.amount)},
    "ticket.registered": lambda e: {"tickets_registered": 1},
    "ticket.resolved": lambda e: {"tickets_resolved": 1},
}
COUNTED = {"leads_captured", "leads_converted", "touches", "opened_count", "won_count", "lost_count", "contracts_signed", "sales_amount",
           "collected_amount", "tickets_resolved"}


def facts_once(s):
    """Each event is counted once, by its id; no fact is of an event that no topic told."""
    parked = s.parked.get("scoring", {})
    events, expected = {}, {}
    for topic in INPUTS:
        for record in first_occurrences(s.records[topic]):
            events[record.event_id] = (record.key, record.version)
            if record.type in ALWAYS and record.key not in parked:
                for measure, value in ALWAYS[record.type](record.event).items():
                    if value:
                        expected[record.event_id, measure] = value
    rows = defaultdict(list)
    bad = []
    for fact in s.scoring_facts:
        if events.get(fact.event_id) != (fact.aggregate, fact.version):
            bad.append(f"fact {fact.measure} of {fact.event_id}: it is no event of {fact.aggregate} at version {fact.version}")
        if fact.part >= 0:
            rows[fact.event_id, fact.measure].append(fact.value)
    bad += [f"{key}: facts {rows.get(key, [])}, the event says {value}" for key, value in expected.items() if rows.get(key, []) != [value]]
    bad += [f"{key}: facts {rows[key]} of an event that says none" for key in rows.keys() - expected.keys() if key[1] in COUNTED]
    return len(expected) + len(s.scoring_facts), bad


def sums(s):
    """A day's sum is that of its facts, for each whom a fact names and for the company. What takes back counts one less."""
    expected = defaultdict(lambda: [0, 0])
    for fact in s.scoring_facts:
        for subject in (fact.member, fact.team, fact.region, fact.customer, "company"):
            if subject:
                row = expected[subject, fact.measure, fact.day, fact.qualifier, fact.currency]
                row[0] += -1 if fact.part < 0 else 1
                row[1] += fact.value
    told = {key: tuple(row) for key, row in expected.items()}
    return len(told), [f"sum of {key}: {s.days.get(key)}, its facts give {told.get(key)}" for key in told.keys() | s.days.keys()
                       if told.get(key) != s.days.get(key)]


def lead_scores(s):
    """The score that is kept is the one that was said last, to the two places and the whole per cent that make it said anew."""
    last, count = {}, Counter()
    for record in first_occurrences(s.records[SCORING]):
        if record.type == "lead.scored":
            count[record.event.lead] += 1
            e = record.event
            last[e.lead] = (record.version, _round(e.score, "0.01"), e.band, _round(e.win_percent, "1") if e.win_percent else None)
    bad = [f"{lead}: said {count[lead]} times, the last is version {last[lead][0]}" for lead in last if count[lead] != last[lead][0]]
    kept = {lead: (version, _round(score, "0.01"), band, None if win is None else _round(_round(win, "0.01"), "1"))
            for lead, (version, score, band, win) in s.kept_scores.items()}
    bad += [f"{lead}: kept {kept.get(lead)}, said {last.get(lead)}" for lead in last.keys() | kept.keys() if not _near(kept.get(lead), last.get(lead))]
    return len(last), bad


def _near(kept, said):
    """Half a per cent is rounded once here and twice in what was said."""
    if kept is None or said is None or kept[:3] != said[:3] or (kept[3] is None) != (said[3] is None):
        return False
    return kept[3] is None or abs(kept[3] - said[3]) <= 1


def _round(number, places):
    return Decimal(number).quantize(Decimal(places), ROUND_HALF_UP)


def score_is_a_function(s):
    checked, bad = 0, []
    for part in (facts_once, sums, lead_scores):
        part_checked, part_bad = part(s)
        checked += part_checked
        bad += part_bad
    return checked, bad


def read(db, snapshot):
    from .snapshot import Fact

    snapshot.scoring_facts = [Fact(*row) for row in db.execute(
        "SELECT event_id::text, measure, part, aggregate, version, day, qualifier, currency, member, team, region, customer, value FROM fact")]
    snapshot.days = {tuple(row): (facts, int(total)) for *row, facts, total in db.execute(
        "SELECT subject, measure, day, qualifier, currency, facts, total FROM measure_day")}
    snapshot.kept_scores = {lead: (version, Decimal(score) / 10**6, band, None if win is None else Decimal(win) / 10**6)
                            for lead, version, score, band, win in db.execute("SELECT lead, version, score, band, win FROM lead_score")}
