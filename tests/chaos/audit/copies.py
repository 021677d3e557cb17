"""What a service keeps of another one's facts is what the topic says, record by record."""

LEADS, SCORING = "steward.leads.v1", "steward.scoring.v1"


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
