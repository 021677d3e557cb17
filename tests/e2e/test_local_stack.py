"""The private stores of the local stack: what a kill leaves, what a second run finds. Ends each time with working stores."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from steward_stack import Stack
from steward_stack.process import start_time, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path):
    with Stack(tmp_path / "run", services=[], ephemeral=True) as made:
        made.start_stores()
        made.postgres.provision(["sample"])
        yield made


def test_stores_survive_kill9_with_their_data(stack):
    topics = stack.kafka.end_offsets()
    assert len(topics) == 69
    stack.postgres.psql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)", "sample")
    for store in ("postgres", "redis", "kafka"):
        stack.kill9(store)
        assert not stack.component(store).process.alive()
        stack.restart(store)
    with psycopg.connect(stack.dsn("sample")) as auditor:
        assert auditor.execute("SELECT n FROM kept").fetchone() == (42,)
    wait_until("leaders", 20, lambda: stack.kafka.end_offsets() == topics)
    assert stack.redis.command("PING").startswith(b"+PONG")


def test_the_auditor_reads_everything_and_writes_nothing(stack):
    stack.postgres.psql("CREATE TABLE seen (n int)", "sample")
    with psycopg.connect(stack.dsn("sample"), autocommit=True) as auditor:
        assert auditor.execute("SELECT count(*) FROM seen").fetchone() == (0,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            auditor.execute("INSERT INTO seen VALUES (1)")
        auditor.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute("INSERT INTO seen VALUES (1)")


def test_a_service_role_enters_its_own_database_only(stack):
    stack.postgres.provision(["other"])
    with psycopg.connect(stack.dsn("sample", "steward_sample")):
        pass
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(stack.dsn("other", "steward_sample"))


def test_a_second_run_ends_leftovers_and_goes_on(tmp_path):
    """The supervisor itself is killed; the next one finds its processes and its data."""
    folder = tmp_path / "run"
    command = [sys.executable, ROOT / "deploy" / "local" / "steward_local.py", "--folder", str(folder), "up", "--stores-only"]
    with open(tmp_path / "out", "w+") as out:
        first = subprocess.Popen(command, stdout=out, stderr=out)
        wait_until("first run", 60, lambda: "Steward is running" in (tmp_path / "out").read_text(), lambda: first.poll() is None)
    left = [int((folder / "pids" / name).read_text().split()[0]) for name in ("postgres", "redis", "kafka")]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1 and "another run holds" in refused.stdout
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert all(start_time(pid) for pid in left)
    with open(tmp_path / "again", "w+") as out:
        second = subprocess.Popen(command, stdout=out, stderr=out)
        wait_until("second run", 60, lambda: "Steward is running" in (tmp_path / "again").read_text(), lambda: second.poll() is None)
        assert not any(start_time(pid) for pid in left)
        # What crashes comes back.
        redis = int((folder / "pids" / "redis").read_text().split()[0])
        os.kill(redis, signal.SIGKILL)
        wait_until("redis again", 20, lambda: "redis is back" in (tmp_path / "again").read_text())
        second.send_signal(signal.SIGINT)
        assert second.wait(60) == 0
    said = (tmp_path / "again").read_text()
    assert said.index("kafka stopped") < said.index("redis stopped") < said.index("postgres stopped")
    assert not list((folder / "pids").iterdir())
    gone = subprocess.run([*command[:4], "clean-data"], capture_output=True, text=True, timeout=60)
    assert gone.returncode == 0 and not folder.exists()


def test_start_is_quick_the_second_time(tmp_path):
    with Stack(tmp_path / "run", services=[]) as first:
        first.start_stores()
    again = Stack(tmp_path / "run", services=[], ephemeral=True)
    with again:
        started = time.monotonic()
        again.start_stores()
        assert time.monotonic() - started < 20
        assert again.ports.numbers == first.ports.numbers
