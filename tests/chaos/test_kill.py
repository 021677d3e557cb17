"""kill -9 of every service and every store, several times inside one load; then one audit, and fresh commands that go end to end."""

import os
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest
from steward_stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import line  # noqa: E402
from audit import report, snapshot  # noqa: E402
from clients import protos as p  # noqa: E402
from clients.system import System, eventually  # noqa: E402
from driver import CHANNEL, Driver, Tickets, promise_of_seconds  # noqa: E402

KILLS = int(os.environ.get("STEWARD_KILLS", "5"))
# Each is killed KILLS times. The three of the line take turns in one load, two thirds as often each.
TARGETS = {**{name: [name] for name in ("complaints", "directory", "sla", "kafka", "redis", "postgres")}, "line": ["leads", "orders", "scoring"]}


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("chaos") / "run", build=os.environ["STEWARD_BUILD"], replicas={"sla": 2}, ephemeral=True) as stack:
        stack.start()
        operator = System(stack)
        operator.load_basics()
        promise_of_seconds(operator)
        line.prepare(operator)
        stack.wait_quiet()
        prove_the_line_works_again(operator)  # so every check has something to look at, whichever target comes first
        yield operator


def wait_until_nothing_is_due(system, limit_s=60):
    """Every timer of the load's clocks has fired, every lead is scored: quiet means that nothing more will happen by itself soon."""
    eventually("timers", limit_s, lambda: system.sql(
        "sla", "SELECT count(*) FROM timer WHERE fire_at < clock_timestamp() + interval '30 s'")[0][0] == 0)
    eventually("scores", limit_s, lambda: system.sql("scoring", "SELECT count(*) FROM lead_mark")[0][0] == 0)


def prove_it_works_again(system):
    ticket = system.register(channel=CHANNEL)
    [first] = eventually("an escalation of a fresh ticket", 60, lambda: system.escalations(ticket.name)[:1])
    assert first.subject == ticket.name
    system.command("RecordFirstResponse", ticket.name)
    eventually("the stop", 60, lambda: any(c.policy == "policies/chaos" and c.HasField("stop_time") for c in system.clocks(ticket.name)))


def prove_the_line_works_again(system):
    """A fresh lead is scored and leads knows the score; cash of a fresh contract is counted."""
    def call(member, service, method, request):
        return member.call(service, method, request)

    lead = call(system, "leads", "CreateLead", line.pool.CreateLeadRequest(lead=line.pool_types.Lead(
        channel=CHANNEL, external_id=str(uuid.uuid4()), source="campaign"), owner=line.SELLER, request_id=line.key())).lead
    contract = call(system, "orders", "CreateContract", p.contracts.CreateContractRequest(contract=line.contract(), request_id=line.key())).name
    for member, method, more in ((system, "SubmitContract", {"flow": line.FLOW}), (System(system.stack, line.FINANCE), "ApproveContract", {}),
                                 (system, "SignContract", {})):
        call(member, "orders", method, getattr(p.contracts, method + "Request")(name=contract, request_id=line.key(), **more))
    call(system, "orders", "RecordPayment", p.receivables.RecordPaymentRequest(
        parent=contract + "/receivable", payment=line.payments.Payment(kind="RECEIPT", amount=line.usd(700)), request_id=line.key()))
    eventually("the score in leads", 60, lambda: system.sql(
        "leads", "SELECT band FROM lead_score WHERE 'leads/' || lead = %s AND version > 0", lead.name))
    eventually("the cash in scoring", 60, lambda: system.sql(
        "scoring", "SELECT value FROM fact WHERE aggregate = %s AND measure = 'collected_amount'", contract + "/receivable") == [(70_000,)])


@pytest.mark.parametrize("target", TARGETS)
def test_killed_under_load(system, target, tmp_path):
    """Stores are killed under the load of both: tickets and the line of business."""
    log = tmp_path / "operations.jsonl"
    names, of_line = TARGETS[target], target not in ("complaints", "directory", "sla")
    works = ([Tickets(system)] if target != "line" else []) + (line.works(system) if of_line else [])
    driver = Driver(system, log, works).start()
    calm = threading.Event()
    for n in range(KILLS if len(names) == 1 else KILLS * len(names) * 2 // 3):
        calm.wait(1.0 + 0.3 * (n % 4) if len(names) == 1 else 0.7)
        name = names[n % len(names)]
        killed_at = time.monotonic()
        system.stack.kill9(name)
        assert not system.stack.component(name).process.alive()
        system.stack.restart(name)
        assert time.monotonic() - killed_at < 60
    calm.wait(2)
    driver.stop()
    driver.settle()
    driver.close()
    assert driver.outcomes["ok"] > 20, driver.outcomes
    if of_line:  # every step of the line went through
        assert not {"ConvertLead", "RecordTouch", "SignContract", "RecordPayment", "DeliverOrder", "RecordMeasurement"} - set(driver.done), driver.done
    system.stack.wait_quiet(90)  # a late event may still arm timers
    wait_until_nothing_is_due(system)
    system.stack.wait_quiet(60)
    said = []
    clean = report.run(snapshot.read(system.stack.dsn, system.stack.kafka.bootstrap, log), say=said.append)
    assert clean, f"seed {driver.seed}, {dict(driver.outcomes)}\n" + "\n".join(said)
    if target != "line":
        prove_it_works_again(system)
    if of_line:
        prove_the_line_works_again(system)
