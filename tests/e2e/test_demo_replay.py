"""Real ticket history brought in by `stewardctl demo replay`, checked against the file with other arithmetic."""

import csv
import json
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
import yaml
from clients import protos as p
from clients.system import ROOT

LOG = ROOT / "deploy/demo/incident_log/incident_event_log.csv"
MAPPING = ROOT / "deploy/demo/incident_log/mapping.yaml"


def replay(system, file, shift_file, *options, mapping=MAPPING):
    return subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "demo", "replay", file, "--mapping", mapping,
                           "--shift-file", shift_file, "--timeout", "30s", *options], capture_output=True, text=True, timeout=180)


def when(text):
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=timezone.utc)


def tickets_of(file):
    tickets = {}
    with open(file, newline="") as stream:
        for row in csv.DictReader(stream):
            tickets.setdefault(row["number"], []).append(row)
    for rows in tickets.values():
        rows.sort(key=lambda row: (int(row["sys_mod_count"]), when(row["sys_updated_at"])))
    return tickets


def pages(system, service, method, request, field):
    found = []
    while True:
        answer = system.call(service, method, request)
        found += getattr(answer, field)
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


def registered(system):
    """The tickets of the file by its number."""
    numbers = set(tickets_of(LOG))
    listed = pages(system, "complaints", "ListTickets", p.complaints.ListTicketsRequest(page_size=200, filter='channel = "hotline"'), "tickets")
    return {ticket.external_id: ticket for ticket in listed if ticket.external_id in numbers}


@pytest.fixture(scope="module")
def first_run(system, tmp_path_factory):
    shift_file = tmp_path_factory.mktemp("replay") / "shift.json"
    before = datetime.now(timezone.utc).replace(second=0, microsecond=0)
    done = replay(system, LOG, shift_file, "--output", "json", "--progress", "json")
    assert done.returncode == 0, done.stderr
    return shift_file, before, json.loads(done.stdout), done.stderr


def test_every_ticket_of_the_file_comes_in_with_its_clocks(first_run):
    _, before, summary, stderr = first_run
    assert summary["rows"] == 2989 and summary["problems"] == []
    assert summary["tickets"] == {"new": 445, "unchanged": 0, "failed": 0, "left_open": 23, "without_clock": 0}
    assert summary["clocks"] == 2 * 445 == summary["met"] + summary["breached"]  # the open ones are breached
    assert summary["open"] == 23 and len(summary["worst"]) == 3
    over = [each["over_by_seconds"] for each in summary["worst"]]
    assert over == sorted(over, reverse=True) and over[-1] > 0
    assert before <= datetime.fromisoformat(summary["last_time"].replace("Z", "+00:00")) <= datetime.now(timezone.utc)
    steps = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    assert {"tickets", "clocks"} == {step["step"] for step in steps}
    assert [step for step in steps if step["step"] == "tickets"][-1]["done"] == 445


def test_the_first_responses_are_those_of_the_file(system, first_run):
    late = set()
    for number, rows in tickets_of(LOG).items():
        answered = next(when(row["sys_updated_at"]) for row in rows if row["incident_state"] != "New")
        if answered - when(rows[0]["opened_at"]) > timedelta(hours=48):
            late.add(number)
    numbers = {ticket.name: number for number, ticket in registered(system).items()}
    assert len(numbers) == 445
    missed = pages(system, "sla", "ListClocks",
                   p.sla.ListClocksRequest(page_size=200, filter='policy = "policies/cmc-001" AND run_state = "MISSED"'), "clocks")
    assert {numbers[clock.subject] for clock in missed if clock.subject in numbers} == late
    summary = first_run[2]
    assert len(late) == 101 < summary["breached"] == summary["escalations"]  # one level is shipped


def test_a_reopened_ticket_has_its_cycles_and_waits(system, first_run):
    shift = timedelta(seconds=first_run[2]["shift_seconds"])
    tickets = registered(system)
    ticket = tickets["INC0000715"]
    assert ticket.cycle == 3 and ticket.state == p.complaints_types.Ticket.CLOSED
    assert ticket.team.startswith("teams/customer-service-") and ticket.owner.startswith("members/")
    rows = tickets_of(LOG)["INC0000715"]
    assert ticket.occurred_at.ToDatetime(tzinfo=timezone.utc) == when(rows[0]["opened_at"]) + shift
    reopened = [m.occurred_at.ToDatetime(tzinfo=timezone.utc) for m in ticket.milestones if m.type == "ticket.reopened"]
    assert reopened == [when("04-03-2016 12:42") + shift, when("10-03-2016 12:47") + shift]
    waiting = tickets["INC0000343"]
    assert waiting.state == p.complaints_types.Ticket.FIRST_RESPONDED and [hold.cause for hold in waiting.holds] == ["waiting_customer"]


def test_again_changes_nothing(system, first_run):
    shift_file, _, first, _ = first_run
    before = registered(system)
    done = replay(system, LOG, shift_file, "--output", "json", "--quiet")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    again = json.loads(done.stdout)
    assert again["tickets"] == {**first["tickets"], "new": 0, "unchanged": 445}
    for same in ("shift_seconds", "clocks", "met", "breached", "escalations"):
        assert again[same] == first[same], same
    assert registered(system) == before


def test_a_bad_row_is_named_and_the_rest_goes_on(system, tmp_path):
    mapping = yaml.safe_load(MAPPING.read_text())
    mapping["channels"] = {"Phone": "forum"}  # other tickets than those of the whole file
    (tmp_path / "mapping.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True))
    lines = LOG.read_text().splitlines()[:5]  # header and the four rows of one ticket
    bad = lines[1].replace("INC0000045", "INC1").replace("29-02-2016 01:23", "31-02-2016 01:23")
    (tmp_path / "log.csv").write_text("\n".join([lines[0], bad, *lines[1:]]) + "\n")
    done = replay(system, tmp_path / "log.csv", tmp_path / "shift.json", "--output", "json", mapping=tmp_path / "mapping.yaml")
    assert done.returncode == 1, done.stderr
    summary = json.loads(done.stdout)
    assert summary["tickets"]["new"] == 1 and summary["tickets"]["failed"] == 1
    [problem] = summary["problems"]
    assert problem["line"] == 2 and problem["field"] == "sys_updated_at" and "31-02-2016" in problem["reason"]
    assert "line 2: sys_updated_at:" in done.stderr


def test_a_member_without_the_grant_brings_nothing_in(system, tmp_path):
    token = tmp_path / "token"
    token.write_text(system.stack.token("members/agent-east-1"))
    done = replay(system, LOG, tmp_path / "shift.json", "--token-file", token, "--quiet")
    assert done.returncode == 1 and "GRANT_MISSING" in done.stderr and done.stdout == ""
