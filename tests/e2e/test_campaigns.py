"""Campaigns by stewardctl and on the topic: the whole way of one, and no title in an event."""

import json
import subprocess

from clients import topics
from clients.system import eventually


def run(system, *words, code=0, output="json"):
    done = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "--output", output, "campaigns", *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if code == 0 and output == "json" else done.stdout + done.stderr


def test_a_campaign_goes_its_whole_way(system):
    created = run(system, "create", "--kind", "trade_fair", "--title", "Canary fair", "--title-zh", "春季展会", "--budget", "50000CNY",
                  "--start", "+240h", "--end", "+288h", "--region", "east")
    name, uuid = created["name"], created["name"].split("/")[1]
    assert (created["state"], created["budget"]["units"], created["etag"]) == ("PLANNED", "50000", '"1"')
    assert "ILLEGAL_TRANSITION" in run(system, "start", uuid, code=4)
    updated = run(system, "update", uuid, "--budget", "60000.50 CNY", "--goal", "Partners")
    assert updated["budget"]["nanos"] == 500000000 and updated["goal"] == "Partners"
    assert run(system, "approve", uuid, "--reason", "within the year's plan")["approved_by"] == system.member
    assert run(system, "rehearse", uuid)["rehearse_time"]
    for verb, state in (("start", "RUNNING"), ("end", "ENDED")):
        assert run(system, verb, uuid)["state"] == state
    assert run(system, "recap", uuid, "files/recap-1.pdf")["recap"] == "files/recap-1.pdf"
    known = run(system, "results", uuid, "--cost", "40000CNY", "--revenue", "130000CNY")
    assert known["figures"]["return_ratio"] == "1:3.25" and not known["figures"]["conversion"], "no lead names it"
    assert run(system, "archive", uuid)["state"] == "ARCHIVED"
    table = run(system, "list", "--filter", 'kind = "offline_event" AND state = "ARCHIVED"', output="table")
    assert name in table and "60,000.50 CNY" in table and "1:3.25" in table and "春季展会" in table
    history = run(system, "history", uuid, output="table")
    assert "within the year's plan" in history and "50,000.00 CNY" in history and "Canary" not in history
    assert "行业展会" in run(system, "kinds", output="table")
    assert "budget" in run(system, "create", "--kind", "salon", "--title", "x", "--budget", "12", "--start", "+1h", "--end", "+2h", code=2)

    def records():
        found = [r for r in topics.read(system.stack.kafka.bootstrap, "steward.leads.v1") if r.key == name]
        return found if len(found) >= 10 else None
    published = eventually(f"records of {name}", 20, records)
    assert [r.type for r in published] == [f"campaign.{event}" for event in (
        "planned", "updated", "budget_changed", "approved", "rehearsed", "started", "ended", "recap_submitted", "results_recorded", "archived")]
    assert [r.version for r in published] == list(range(1, 11))
    assert list(published[0].event.kind_path) == ["trade_fair", "offline_event"]
    assert not any(b"Canary" in r.value or b"Partners" in r.value for r in published)


def test_a_called_off_campaign_stays_so(system):
    uuid = run(system, "create", "--kind", "salon", "--title", "Salon", "--budget", "0CNY", "--start", "+1h", "--end", "+2h")["name"].split("/")[1]
    assert run(system, "cancel", uuid)["state"] == "CANCELLED"
    assert "ILLEGAL_TRANSITION" in run(system, "approve", uuid, code=4)
