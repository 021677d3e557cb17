"""Touches applied by the scoring service after it was away (G7-scoring): two facts each, with the sums of up to four subjects. The rival is
the projection's own statements in one loop, a batch of 1,000 a transaction."""

import json
import subprocess
import time
from datetime import datetime, timedelta, timezone

from clients import protos as p
from confluent_kafka import Producer
from scoring import MEMBERS
from stats import Goal

TOPIC = "steward.leads.v1"
events = p._load("steward.leads.events.v1.leads_events_pb2")


def numbered(prefix, n):
    return f"{prefix}00000000-0000-0000-0000-{n:012x}"


def record(n):
    """The n-th touch, as the relay of leads would publish it; bench_touches makes the same facts of n."""
    member = n % MEMBERS
    touch = events.LeadsEvent(touch_recorded=events.TouchRecorded(
        kind="phone", outcome="reached", effective=True, member=numbered("members/", member + 1), team=f"teams/bench-{member % 200}",
        customer=f"customers/bench-{n % 50_000}"))
    at = (datetime(2026, 1, 1, 4, tzinfo=timezone.utc) + timedelta(days=n // MEMBERS % 90)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    key = numbered("touches/", n)
    headers = {
        "content-type": "application/protobuf", "ce_specversion": "1.0", "ce_id": numbered("", n), "ce_source": "/steward/leads",
        "ce_dataschema": "urn:steward:proto:steward.leads.events.v1.LeadsEvent", "ce_type": f"{TOPIC}.touch.recorded", "ce_subject": key,
        "ce_time": at, "ce_recordedtime": at, "ce_sequence": f"{1:020}"}
    return key, touch.SerializeToString(), list(headers.items())


def send(fixture, first, count):
    failed = []
    producer = Producer({"bootstrap.servers": fixture.stack.kafka.bootstrap, "linger.ms": 20, "enable.idempotence": True,
                         "partitioner": "murmur2_random"})

    def told(error, _):
        if error:
            failed.append(error)

    for n in range(first, first + count):
        key, value, headers = record(n)
        while True:
            try:
                producer.produce(TOPIC, key=key, value=value, headers=headers, on_delivery=told)
                break
            except BufferError:
                producer.poll(0.1)
        if n % 1000 == 0:
            producer.poll(0)
    producer.flush(60)
    if failed:
        raise RuntimeError(f"{len(failed)} records were not sent: {failed[0]}")


def touches(fixture, rounds):
    """G7-scoring: applied records a second, between the first and the last twentieth of them."""
    count = 20_000 if fixture.quick else 200_000
    goal = Goal("G7-scoring", f"touches applied/s, {count:,} at a time", "the same statements, batch 1,000", 0.5, 0.7)
    if not fixture.program("bench_touches"):
        goal.skip("bench_touches is not built")
        return [goal]
    rival, service = fixture.rival("scoring"), fixture.stack.services["scoring"]
    applied = "SELECT coalesce(sum(applied), 0)::bigint, clock_timestamp() FROM consumer_count"
    for number in range(rounds + 1):
        first = number * count
        service.stop()
        send(fixture, first, count)
        base = fixture.sql("scoring", applied)[0][0]
        fixture.settle("scoring", rival)
        service.spawn()
        marks = []
        with fixture.connect("scoring") as connection:
            while not marks or marks[-1][0] < count:
                done, at = connection.execute(applied).fetchone()
                marks.append((done - base, at.timestamp()))
                time.sleep(0.02)
        service.wait_ready()
        middle = [mark for mark in marks if count * 0.05 <= mark[0] <= count * 0.95] or marks
        ours = (middle[-1][0] - middle[0][0]) / max(1e-9, middle[-1][1] - middle[0][1])
        fixture.settle("scoring", rival)
        other = bare(fixture, rival, first, count)
        sums = ("SELECT count(*), coalesce(md5(string_agg(format('%s %s %s %s %s %s', subject, measure, day, qualifier, facts, total), ','"
                " ORDER BY subject, measure, day, qualifier)), '') FROM measure_day WHERE measure IN ('touches', 'effective_touches')")
        if fixture.sql("scoring", sums) != fixture.sql(rival, sums):
            raise RuntimeError("the sums differ from those of the loop: void")
        fixture.say(f"{goal.name} round {number}: ours {ours:.0f}/s, loop {other:.0f}/s")
        if number:
            goal.add(ours, other)
    goal.notes.append("two facts and the sums of four subjects a touch; ours also reads, parses, checks the order and keeps offsets")
    return [goal]


def bare(fixture, database, first, count):
    done = subprocess.run([fixture.program("bench_touches"), f"--host={fixture.stack.postgres.socket_dir}",
                           f"--port={fixture.stack.ports['postgres']}", f"--database={database}", f"--first={first}", f"--count={count}",
                           f"--members={MEMBERS}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench_touches: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)["per_second"]
