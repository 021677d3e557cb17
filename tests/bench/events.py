"""Events: a command's way to a Kafka consumer (G4), the relay's drain (G5), records applied by a consumer (G7)."""

import json
import subprocess
import threading
import time
import uuid
from datetime import datetime

from commands import copy_of, load
from confluent_kafka import Consumer, Producer, TopicPartition
from fixture import CHANNEL, OWNER, TEAM
from stats import Goal, percentile
from steward_stack.kafka_wire import Wire

TOPIC = "steward.complaints.v1"
PARTITIONS = 12
BATCH = 1000


class Tail:
    """Reads a topic from its end on in a thread; each record's delay by `sent_at(message)`."""

    def __init__(self, bootstrap, topic, sent_at):
        self.delays = []
        self._consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": f"bench-{uuid.uuid4()}", "enable.auto.commit": False,
                                   "fetch.wait.max.ms": 5})
        partitions = []
        for n in range(PARTITIONS):
            _, high = self._consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=20)
            partitions.append(TopicPartition(topic, n, high))
        self._consumer.assign(partitions)
        self._sent_at, self._done = sent_at, threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        while not self._done.is_set():
            message = self._consumer.poll(0.1)
            at = time.time()
            if message is not None and not message.error():
                self.delays.append(at - self._sent_at(message))
        self._consumer.close()

    def finish(self, count, limit_s=60):
        """The delays, once so many records came."""
        deadline = time.monotonic() + limit_s
        while len(self.delays) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        self._done.set()
        self._thread.join()
        if len(self.delays) < count:
            raise RuntimeError(f"{len(self.delays)} of {count} records came: void")
        return self.delays


def event_time(message):
    """A ticket's own time is the load generator's intended start."""
    return datetime.fromisoformat(dict(message.headers())["ce_time"].decode().replace("Z", "+00:00")).timestamp()


def fresh_topic(fixture):
    name = f"bench-{uuid.uuid4().hex[:8]}"
    with Wire(fixture.stack.ports["kafka"], 20) as wire:
        wire.create_topics({name: {"partitions": PARTITIONS}})
    return name


def bare(bootstrap, topic, rate, seconds):
    """Produce at a rate with linger 0; delays from the intended start to the same kind of consumer."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "acks": "all", "enable.idempotence": True})
    tail = Tail(bootstrap, topic, lambda message: float(message.value().split(b"|")[0]))
    start, count = time.time() + 0.2, int(rate * seconds)
    for n in range(count):
        intended = start + n / rate
        time.sleep(max(0, intended - time.time()))
        producer.produce(topic, key=str(n), value=f"{intended:.6f}|".ljust(300, "x"))
        producer.poll(0)
    producer.flush(30)
    return tail.finish(count)


def to_consumer(fixture, rounds):
    """G4: from before the call to the consumer that has the event in hand."""
    rate, seconds = (200, 5) if fixture.quick else (500, 20)
    half = Goal("G4", f"RPC to Kafka consumer p50, {rate}/s", "bare librdkafka, linger 0", 4, 2.5, at_least=False)
    high = Goal("G4", f"RPC to Kafka consumer p99, {rate}/s", "bare librdkafka, linger 0", 4, 2.5, at_least=False)
    if not fixture.program("bench_load"):
        half.skip("bench_load is not built")
        high.skip("bench_load is not built")
        return [half, high]
    bootstrap, topic = fixture.stack.kafka.bootstrap, fresh_topic(fixture)
    fixture.stack.services["sla"].stop()
    try:
        for number in range(rounds + 1):
            tail = Tail(bootstrap, TOPIC, event_time)
            ours = tail.finish(load(fixture, seconds, rate)["calls"])
            other = bare(bootstrap, topic, rate, seconds)
            shares = [(percentile(ours, share), percentile(other, share)) for share in (0.5, 0.99)]
            fixture.say(f"G4 round {number}: ours p50 {shares[0][0] * 1e3:.1f} ms p99 {shares[1][0] * 1e3:.1f} ms,"
                        f" bare p50 {shares[0][1] * 1e3:.1f} ms p99 {shares[1][1] * 1e3:.1f} ms")
            if number:
                half.add(*shares[0])
                high.add(*shares[1])
    finally:
        fixture.stack.services["sla"].start()
    return [half, high]


def fill_journal(fixture, count):
    """Copies of one real row under `count` new aggregates."""
    ticket = fixture.system.register(channel=CHANNEL, customer="customers/bench", owner=OWNER, team=TEAM)
    columns, values = copy_of(fixture, "journal", f"aggregate = '{ticket.name}'",
                              {"event_id": "gen_random_uuid()", "aggregate": "'complaints/' || gen_random_uuid()"})
    fixture.sql("complaints", f"INSERT INTO journal ({columns}) SELECT {', '.join(values)} FROM generate_series(1, {count})")
    return fixture.sql("complaints", "SELECT octet_length(payload) FROM journal WHERE aggregate = %s", ticket.name)[0][0]


# By subqueries: a join would compare the cursor with every row of the journal.
PENDING = ("SELECT count(*) FROM (SELECT 1 FROM journal j WHERE (j.xid, j.seq) > ((SELECT xid FROM journal_cursor),"
           " (SELECT seq FROM journal_cursor)) ORDER BY j.xid, j.seq LIMIT 1) more")


def relay(fixture, rounds):
    """G5: rows a second in Kafka, between the first and the last twentieth of them; the rival sends as many records of the same
    keys, headers and payload size from memory."""
    count = 100_000 if fixture.quick else 1_000_000
    goal = Goal("G5", f"relay drain, {count:,} rows", "bare librdkafka producer, same settings and bytes", 0.5, 0.75)
    if not fixture.program("bench_produce"):
        goal.skip("bench_produce is not built")
        return [goal]
    fixture.stack.services["sla"].stop()
    try:
        for number in range(rounds + 1):
            with fixture.relay_off("complaints"):
                size = fill_journal(fixture, count)
                fixture.settle("complaints")
                before = sum(fixture.stack.kafka.end_offsets().values())
            marks = []
            while not marks or marks[-1][0] < count:
                marks.append((sum(fixture.stack.kafka.end_offsets().values()) - before, time.monotonic()))
                time.sleep(0.02)
            wait_published(fixture)  # and the cursor says so
            middle = [mark for mark in marks if count * 0.05 <= mark[0] <= count * 0.95] or marks
            ours = (middle[-1][0] - middle[0][0]) / max(1e-9, middle[-1][1] - middle[0][1])
            other = bare_producer(fixture, count, size)
            fixture.say(f"G5 round {number}: relay {ours:.0f}/s, bare producer {other:.0f}/s")
            if number:
                goal.add(ours, other)
    finally:
        fixture.stack.services["sla"].start()
    goal.notes.append(f"payload {size} bytes")
    return [goal]


def bare_producer(fixture, count, size):
    done = subprocess.run([fixture.program("bench_produce"), f"--bootstrap={fixture.stack.kafka.bootstrap}", f"--topic={fresh_topic(fixture)}",
                           f"--count={count}", f"--payload-bytes={size}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench_produce: {done.stderr.strip()[-500:]} {done.stdout}")
    return json.loads(done.stdout)["per_second"]


APPLY = ("WITH facts AS (INSERT INTO subject_fact (subject, version, event_id, type, occurred_at, payload) SELECT * FROM"
         " unnest(%s::text[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::bytea[]) RETURNING subject),"
         " versions AS (INSERT INTO consumer_version (consumer_group, aggregate, version, event_id) SELECT 'bench', s, v, e FROM"
         " unnest(%s::text[], %s::bigint[], %s::uuid[]) AS u(s, v, e)),"
         " ends AS (UPDATE consumer_offset SET next_offset = next_offset + 1)"
         " INSERT INTO subject (name, version, owner, team, unmatched) SELECT subject, 1, '', '', true FROM facts")


def apply(fixture, rounds):
    """G7: tickets that no policy matches, applied by the sla service after it was away; the rival writes the same rows in batches of 1,000."""
    count = 20_000 if fixture.quick else 200_000
    goal = Goal("G7", f"events/s applied, {count:,} tickets", "same rows by UNNEST, batch 1,000", 0.5, 0.7)
    rival = fixture.rival("sla")
    for number in range(rounds + 1):
        fixture.stack.services["sla"].stop()
        fill_journal(fixture, count)
        wait_published(fixture)
        applied = "SELECT coalesce(sum(applied), 0)::bigint, clock_timestamp() FROM consumer_count"
        base = fixture.sql("sla", applied)[0][0]
        fixture.settle("sla", rival)
        fixture.stack.services["sla"].spawn()
        marks = []
        with fixture.connect("sla") as connection:
            while not marks or marks[-1][0] < count:
                done, at = connection.execute(applied).fetchone()
                marks.append((done - base, at.timestamp()))
                time.sleep(0.02)
        fixture.stack.services["sla"].wait_ready()
        middle = [mark for mark in marks if count * 0.05 <= mark[0] <= count * 0.95] or marks
        ours = (middle[-1][0] - middle[0][0]) / max(1e-9, middle[-1][1] - middle[0][1])
        other = unnest_loop(fixture, rival, count)
        fixture.say(f"G7 round {number}: ours {ours:.0f}/s, UNNEST {other:.0f}/s")
        if number:
            goal.add(ours, other)
    return [goal]


def wait_published(fixture):
    with fixture.connect("complaints") as connection:
        while connection.execute(PENDING).fetchone()[0]:
            time.sleep(0.05)


def unnest_loop(fixture, rival, count):
    payload = b"x" * 300
    with fixture.connect(rival) as connection:
        connection.execute("TRUNCATE subject, subject_fact, consumer_version")
        now, busy = datetime.now().astimezone(), 0.0
        for first in range(0, count, BATCH):
            names = [f"complaints/{uuid.UUID(int=first + n)}" for n in range(BATCH)]
            ids, ones = [uuid.UUID(int=first + n) for n in range(BATCH)], [1] * BATCH
            started = time.monotonic()
            connection.execute(APPLY, (names, ones, ids, ["ticket.registered"] * BATCH, [now] * BATCH, [payload] * BATCH, names, ones, ids),
                               prepare=True)
            busy += time.monotonic() - started
    return count / busy
