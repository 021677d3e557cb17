"""What a service keeps of another one's facts is what the topic says, record by record."""

from collections import Counter, defaultdict

LEADS, SCORING, ORDERS = "steward.leads.v1", "steward.scoring.v1", "steward.orders.v1"


def first_occurrences(records):
    seen = set()
    for record in records:
        if record.event_id not in seen:
            seen.add(record.event_id)
            yield record


def _tells_tiers(record):
    return record.type in ("customer.registered", "customer.tier_changed")


def tiers(s):
    """Customers' tiers: complaints keeps the last, sla each that was told; a ticket learns none but those."""
    folded, told, values = {}, {}, {}
    for record in first_occurrences(s.records[LEADS]):
        if _tells_tiers(record):
            values[record.event_id] = record.value
            if record.key not in s.parked.get("complaints", {}):
                folded[record.key] = (record.version, tuple(record.event.tiers))
            if record.key not in s.parked.get("sla", {}) and (record.type == "customer.tier_changed" or record.event.tiers):
                told[record.key, record.version] = record.value
    bad = [f"complaints {name}: tiers {s.tiers.get(name)}, the topic says {folded.get(name)}"
           for name in folded.keys() | s.tiers.keys() if folded.get(name) != s.tiers.get(name)]
    bad += [f"sla {key}: tiers differ from the topic" for key in told.keys() | s.told.keys() if told.get(key) != s.told.get(key)]
    bad += [f"{subject}: learnt {event_id}, which told no tiers" for subject, event_id, payload in s.learnt
            if values.get(event_id) != payload]
    return len(folded) + len(told) + len(s.learnt), bad


def scores(s):
    """What leads has of each lead is what scoring last said."""
    folded, parked = {}, s.parked.get("leads", {})
    stored = {name: row for name, row in s.scores.items() if "leadScores/" + name.removeprefix("leads/") not in parked}
    for record in first_occurrences(s.records[SCORING]):
        if record.type == "lead.scored" and record.key not in parked:
            e = record.event
            folded[e.lead] = (record.version, e.score, e.band, e.win_percent, e.model, e.model_version)
    return len(folded), [f"leads {name}: score {stored.get(name)}, the topic says {folded.get(name)}"
                         for name in folded.keys() | stored.keys() if folded.get(name) != stored.get(name)]


# Event -> the state that it leaves a contract in.
CONTRACT_STATES = {"contract.drafted": "DRAFT", "contract.sent_back": "DRAFT", "contract.withdrawn": "DRAFT", "contract.submitted": "UNDER_APPROVAL",
                   "contract.approved": "APPROVED", "contract.signed": "SIGNED", "contract.started": "IN_EXECUTION", "contract.completed": "COMPLETED",
                   "contract.archived": "ARCHIVED", "contract.cancelled": "CANCELLED"}


def contracts(s):
    """Leads knows of each opportunity one of its contracts as it stands, and says each cancellation once."""
    parked = s.parked.get("leads", {})
    of, standing, cancelled = defaultdict(set), {}, Counter()
    for record in first_occurrences(s.records[ORDERS]):
        if record.type not in CONTRACT_STATES or record.key in parked:
            continue
        e = record.event
        standing[record.key] = (CONTRACT_STATES[record.type], e.reason if record.type == "contract.cancelled" else "")
        if record.type == "contract.drafted" and e.terms.opportunity:
            of[e.terms.opportunity].add(record.key)
        if record.type == "contract.cancelled" and e.opportunity:
            cancelled[e.opportunity, record.key] += 1
    told = Counter((r.key, r.event.contract) for r in first_occurrences(s.records[LEADS]) if r.type == "opportunity.contract_cancelled")
    bad = [f"leads {key}: {told[key]} times told that it was cancelled, the topic says {cancelled[key]}" for key in told.keys() | cancelled.keys()
           if told[key] != cancelled[key]]
    for name in of.keys() | s.won_contracts.keys():
        contract, *row = s.won_contracts.get(name, ("", "", ""))
        if contract not in of[name] or tuple(row) != standing[contract]:
            bad.append(f"leads {name}: contract {contract} {row}, the topic says {[(c, standing[c]) for c in of[name]]}")
    return len(of) + len(cancelled), bad
