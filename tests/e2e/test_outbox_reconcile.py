"""Kafka holds records of a service that its database has lost: the relay refuses, an operator looks, chooses, and it runs again."""

import os
import subprocess
import uuid

import pytest
from clients import topics
from clients.system import System, eventually
from confluent_kafka import Producer
from steward_stack import Stack

TOPIC = "steward.complaints.v1"


@pytest.fixture
def private(tmp_path):
    with Stack(tmp_path / "run", build=os.environ["STEWARD_BUILD"], ephemeral=True) as stack:
        stack.start()
        system = System(stack)
        system.load_organisation()
        stack.wait_quiet()
        yield system


def reconcile(system, *options):
    return subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "outbox", "reconcile", "--service", "complaints",
                           *options], capture_output=True, text=True, timeout=60)


def send_as_complaints(system, record, **headers):
    """The record again with other headers: what a database published before it was restored to an earlier state."""
    producer = Producer({"bootstrap.servers": system.stack.kafka.bootstrap})
    producer.produce(TOPIC, key=record.key, value=record.value, partition=record.partition,
                     headers=list({**record.headers, **headers}.items()))
    assert producer.flush(10) == 0


def test_unknown_records_are_listed_and_accepted(private):
    private.register()
    private.stack.wait_quiet()
    assert "nothing keeps the relay from running" in reconcile(private).stdout
    known = topics.read(private.stack.kafka.bootstrap, TOPIC)[-1]
    lost = str(uuid.uuid4())
    send_as_complaints(private, known, ce_id=lost, ce_sequence=str(known.version + 1))
    private.stack.restart("complaints")

    shown = reconcile(private)
    assert lost in shown.stdout and f"{known.key}  {known.version + 1}" in shown.stdout and "not_in_journal" in shown.stdout, shown.stdout
    assert "--accept-unknown" in shown.stdout and "--rewind" not in shown.stdout
    unasked = reconcile(private, "--accept-unknown", "--reason", "test")
    assert unasked.returncode == 4 and "Give --yes" in unasked.stderr
    assert reconcile(private, "--accept-unknown", "--yes").returncode == 2  # without a reason
    wrong = reconcile(private, "--rewind", "--reason", "test", "--yes")
    assert wrong.returncode == 4 and "CHOICE_NOT_OFFERED" in wrong.stderr
    ticket = private.register()

    done = reconcile(private, "--accept-unknown", "--reason", "restored the backup of Monday", "--yes")
    assert done.returncode == 0, done.stderr
    assert "chosen before: accept_unknown by members/operator, 1 records: restored the backup of Monday" in done.stdout
    eventually("the ticket's event in Kafka", 30,
               lambda: any(record.key == ticket.name for record in topics.read(private.stack.kafka.bootstrap, TOPIC)))
    rows = private.sql("complaints", "SELECT choice, decided_by, reason, records FROM journal_decision")
    assert rows == [("accept_unknown", "members/operator", "restored the backup of Monday", 1)]
