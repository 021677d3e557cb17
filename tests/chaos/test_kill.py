"""kill -9 of every service and every store, several times inside one load; then one audit, and a fresh command that goes end to end."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from steward_stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from audit import report, snapshot  # noqa: E402
from clients.system import System, eventually  # noqa: E402
from driver import CHANNEL, Driver, promise_of_seconds  # noqa: E402

KILLS = int(os.environ.get("STEWARD_KILLS", "5"))
TARGETS = ["complaints", "directory", "sla", "kafka", "redis", "postgres"]


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("chaos") / "run", build=os.environ["STEWARD_BUILD"], replicas={"sla": 2}, ephemeral=True) as stack:
        stack.start()
        operator = System(stack)
        operator.load_basics()
        promise_of_seconds(operator)
        stack.wait_quiet()
        yield operator


def wait_until_nothing_is_due(system, limit_s=60):
    """Every timer of the load's clocks has fired: quiet means that nothing more will happen by itself soon."""
    eventually("timers", limit_s, lambda: system.sql(
        "sla", "SELECT count(*) FROM timer WHERE fire_at < clock_timestamp() + interval '30 s'")[0][0] == 0)


def prove_it_works_again(system):
    ticket = system.register(channel=CHANNEL)
    [first] = eventually("an escalation of a fresh ticket", 60, lambda: system.escalations(ticket.name)[:1])
    assert first.subject == ticket.name
    system.command("RecordFirstResponse", ticket.name)
    eventually("the stop", 60, lambda: any(c.policy == "policies/chaos" and c.HasField("stop_time") for c in system.clocks(ticket.name)))


@pytest.mark.parametrize("target", TARGETS)
def test_killed_under_load(system, target, tmp_path):
    log = tmp_path / "operations.jsonl"
    driver = Driver(system, log).start()
    calm = threading.Event()
    for n in range(KILLS):
        calm.wait(1.0 + 0.3 * (n % 4))
        killed_at = time.monotonic()
        system.stack.kill9(target)
        assert not system.stack.component(target).process.alive()
        system.stack.restart(target)
        assert time.monotonic() - killed_at < 60
    calm.wait(2)
    driver.stop()
    driver.settle()
    driver.close()
    assert driver.outcomes["ok"] > 20, driver.outcomes
    system.stack.wait_quiet(90)  # a late event may still arm timers
    wait_until_nothing_is_due(system)
    system.stack.wait_quiet(60)
    said = []
    clean = report.run(snapshot.read(system.stack.dsn, system.stack.kafka.bootstrap, log), say=said.append)
    assert clean, f"seed {driver.seed}, {dict(driver.outcomes)}\n" + "\n".join(said)
    prove_it_works_again(system)
