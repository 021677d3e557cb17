"""Timers: drain rate (G9), lateness (G8), recovery after kill -9 (G11), memory (G12), against queues that people use.

A clock is opened by a real ticket; its rows are then copied by SQL with new names, and its due instant is exchanged in
the copies, ladder included. The policy has a breach and nothing else: one timer, one firing, one event a clock."""

import json
import subprocess
import time
import uuid
from datetime import datetime, timedelta, timezone

import redis
from clients import protos as p
from clients.system import eventually
from fixture import OWNER, TEAM
from google.protobuf.duration_pb2 import Duration
from stats import Goal, percentile

CHANNEL = "bench-timers"
FAR = timedelta(days=30)
BATCH = 1000
SHARDS = 32


def micros(when):
    return round((when - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1_000_000)


def now():
    return datetime.now(timezone.utc)


class Clocks:
    """Fills the sla database with open clocks that are copies of a real one; `alone` = without those of an earlier group."""

    def __init__(self, fixture, alone=False):
        self.fixture = fixture
        fixture.stack.wait_quiet(600)
        if alone:
            fixture.sql("sla", "TRUNCATE timer, firing, clock")
        fixture.system.put_policy(p.sla_types.Policy(
            name=f"policies/{CHANNEL}", display_names={"en": CHANNEL}, metric=CHANNEL, start_event="ticket.registered",
            stop_event="ticket.first_responded", match=p.sla_types.PolicyMatch(channels=[CHANNEL]),
            target=p.sla_types.Target(wall_clock=Duration(seconds=40 * 24 * 3600))))
        ticket = fixture.system.register(channel=CHANNEL, owner=OWNER, team=TEAM)
        self.template = eventually("a clock", 60, lambda: fixture.system.clocks(ticket.name))[0].name
        ladder, due = fixture.sql("sla", "SELECT ladder, due_time FROM clock WHERE name = %s", self.template)[0]
        self.due_bytes = micros(due).to_bytes(8, "little")
        if bytes(ladder).count(self.due_bytes) != 1:
            raise RuntimeError("the ladder does not hold its due instant once: its form has changed")

    def open(self, count, dues):
        """`count` clocks and their timers, spread evenly over the instants `dues`. The tag that their names begin with."""
        tag = uuid.uuid4().hex[:8]
        with self.fixture.connect("sla") as db, db.transaction():
            db.execute("CREATE TEMP TABLE instant (place integer PRIMARY KEY, at timestamptz, bytes bytea) ON COMMIT DROP")
            with db.cursor().copy("COPY instant FROM STDIN") as copy:
                for place, due in enumerate(dues):
                    copy.write_row((place, due, micros(due).to_bytes(8, "little")))
            columns = [row[0] for row in db.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'clock'"
                                                    " ORDER BY ordinal_position").fetchall()]
            changed = {"name": f"'clocks/{tag}-' || n", "subject": f"'complaints/{tag}-' || n", "due_time": "i.at",
                       "ladder": "overlay(c.ladder PLACING i.bytes FROM position(%(old)s::bytea IN c.ladder))"}
            values = ", ".join(changed.get(column, f"c.{column}") for column in columns)
            source = " FROM generate_series(0, %(count)s - 1) n JOIN instant i ON i.place = n %% %(instants)s"
            given = {"old": self.due_bytes, "count": count, "instants": len(dues), "template": self.template}
            db.execute(f"INSERT INTO clock ({', '.join(columns)}) SELECT {values}{source}, clock c WHERE c.name = %(template)s", given)
            db.execute("INSERT INTO timer (shard, clock, subject, cycle, threshold, arming, due, fire_at, accuses)"
                       f" SELECT n %% {SHARDS}, 'clocks/{tag}-' || n, 'complaints/{tag}-' || n, t.cycle, t.threshold, t.arming, i.at, i.at,"
                       f" t.accuses{source}, timer t WHERE t.clock = %(template)s", given)
        return tag

    def fired(self, tag):
        return self.fixture.sql("sla", "SELECT count(*) FROM firing WHERE clock LIKE %s", f"clocks/{tag}-%")[0][0]

    def detected(self, tag):
        """(occurred, detected) in seconds since 1970 of each firing, in order of detection."""
        return self.fixture.sql("sla", "SELECT extract(epoch FROM occurred_at)::float8, extract(epoch FROM detected_at)::float8"
                                " FROM firing WHERE clock LIKE %s ORDER BY detected_at", f"clocks/{tag}-%")

    def wait(self, tag, count, limit_s):
        """Until no timer of `tag` is left. The firings are counted once: scans of many rows would slow down what they watch."""
        left = "SELECT EXISTS (SELECT 1 FROM timer WHERE clock >= %s AND clock < %s)"
        with self.fixture.connect("sla") as db:
            eventually(f"{count} firings", limit_s,
                       lambda: not db.execute(left, (f"clocks/{tag}-", f"clocks/{tag}.")).fetchone()[0])
        if self.fired(tag) != count:
            raise RuntimeError(f"{self.fired(tag)} firings of {count} timers")

    def fill_up(self, open_timers):
        """Until so many are open, far away."""
        there = self.fixture.sql("sla", "SELECT count(*) FROM timer")[0][0]
        if there < open_timers:
            start = now() + timedelta(days=2)
            self.open(open_timers - there, [start + FAR * n / 5000 for n in range(5000)])
            self.fixture.settle("sla")


def middle_rate(moments):
    """Events a second between the 5th and the 95th percentile."""
    ordered = sorted(moments)
    low, high = int(len(ordered) * 0.05), int(len(ordered) * 0.95)
    return (high - low) / max(1e-9, ordered[high] - ordered[low])


# Rivals of the drain, on one connection, each batch a transaction.

def bare_drain(fixture, clocks, tag):
    """Delete + append as a program does it: the rows come to the client, which writes the events."""
    with fixture.connect(fixture.rival("sla")) as db:
        count = copy_due(fixture, db, tag, False)
        size = db.execute("SELECT octet_length(payload) FROM model").fetchone()[0]
    socket, port = fixture.stack.postgres.socket_dir, fixture.stack.ports["postgres"]
    done = subprocess.run([fixture.program("bench_drain"), f"--host={socket}", f"--port={port}", f"--database={fixture.rival('sla')}",
                           f"--payload-bytes={size}", f"--batch={BATCH}"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench_drain: {done.stderr.strip()[-500:]}")
    answer = json.loads(done.stdout)
    if answer["drained"] != count:
        raise RuntimeError(f"{answer['drained']} of {count} drained: void")
    return answer["per_second"]


class Loop:
    """The same inside the server: one statement a batch, and no row reaches a client. `full` also writes what Steward's firing
    writes: the clock's new version and ladder, and the firing's own row."""

    APPEND = ("INSERT INTO journal (event_id, aggregate, aggregate_version, type, occurred_at, payload, actor, correlation, causation,"
              " traceparent) SELECT gen_random_uuid(), clock, 2, j.type, due, j.payload, j.actor, j.correlation, j.causation, j.traceparent"
              " FROM gone, model j")
    GONE = ("gone AS (DELETE FROM timer WHERE ctid = ANY (ARRAY(SELECT ctid FROM timer WHERE fire_at <= clock_timestamp()"
            f" ORDER BY fire_at LIMIT {BATCH})) RETURNING clock, cycle, threshold, arming, due)")
    FULL = (", moved AS (UPDATE clock c SET version = version + 1, breached = true, ladder = c.ladder || '\\x00'::bytea FROM gone"
            " WHERE c.name = gone.clock), kept AS (INSERT INTO firing (clock, cycle, threshold, arming, occurred_at, detected_at)"
            " SELECT clock, cycle, threshold, arming, due, clock_timestamp() FROM gone)")

    def __init__(self, fixture, clocks, tag, full):
        """Takes copies of the timers (and clocks) of `tag`, all due, into the rival database."""
        self.db = fixture.connect(fixture.rival("sla"))
        self.count = copy_due(fixture, self.db, tag, full)
        self.statement = f"WITH {self.GONE}{self.FULL if full else ''} {self.APPEND}"

    def drain(self):
        """Timers a second."""
        moments = []
        while True:
            done = self.db.execute(self.statement, prepare=True).rowcount
            if done == 0:
                break
            moments += [time.monotonic()] * done
        self.db.close()
        if len(moments) != self.count:
            raise RuntimeError(f"{len(moments)} of {self.count} drained: void")
        return middle_rate(moments)


def copy_due(fixture, rival, tag, full):
    """Rows of a drained tag as they were before: timers from the firings, clocks as they are; all overdue. Also a model event."""
    rival.execute("TRUNCATE timer, clock, firing, journal")
    rival.execute("CREATE TABLE IF NOT EXISTS model (LIKE journal)")
    rival.execute("TRUNCATE model")
    like = f"clocks/{tag}-%"
    with fixture.connect("sla") as sla:
        pairs = [("SELECT xid, seq, event_id, aggregate, aggregate_version, type, occurred_at, recorded_at, actor, correlation, causation,"
                  " traceparent, payload FROM journal WHERE aggregate LIKE %s LIMIT 1", "model (xid, seq, event_id, aggregate, aggregate_version,"
                  " type, occurred_at, recorded_at, actor, correlation, causation, traceparent, payload)"),
                 (f"SELECT abs(hashtext(clock)) %% {SHARDS}, clock, 'complaints/' || substr(clock, 8), cycle, threshold, arming, occurred_at,"
                  " occurred_at, true FROM firing WHERE clock LIKE %s",
                  "timer (shard, clock, subject, cycle, threshold, arming, due, fire_at, accuses)")]
        if full:
            pairs.append(("SELECT * FROM clock WHERE name LIKE %s", "clock"))
        for query, table in pairs:
            with sla.cursor().copy(f"COPY ({query.replace('%s', literal(like)).replace('%%', '%')}) TO STDOUT") as out, \
                    rival.cursor().copy(f"COPY {table} FROM STDIN") as into:
                for block in out:
                    into.write(block)
    rival.execute("VACUUM ANALYZE")
    rival.execute("CHECKPOINT")
    return rival.execute("SELECT count(*) FROM timer").fetchone()[0]


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def drain(fixture, rounds):
    """G9: so many due in one second; the rate by `detected_at`. The rival's rows are copies of the very same timers."""
    goal = Goal("G9", "drain, timers/s", "delete + append loop, one connection", 0.6, 0.8, lowered=0.14)
    same = Goal("G9", "drain, timers/s", "the same rows written inside the server (decision 0008)", 0.6, 0.8, lowered=0.4)
    if not fixture.program("bench_drain"):
        goal.skip("bench_drain is not built")
        return [goal]
    clocks = Clocks(fixture)
    count = 20_000 if fixture.quick else 100_000
    late = []
    for number in range(rounds + 1):
        due = now() + timedelta(seconds=6 + count / 10_000)
        tag = clocks.open(count, [due + timedelta(milliseconds=n) for n in range(1000)])
        fixture.settle("sla")
        clocks.wait(tag, count, 600)
        rows = clocks.detected(tag)
        ours = middle_rate([detected for _, detected in rows])
        lateness = [detected - occurred for occurred, detected in rows]
        if min(lateness) < 0:
            raise RuntimeError(f"a timer fired {-min(lateness):.6f} s early")
        full = Loop(fixture, clocks, tag, True).drain()
        bare = bare_drain(fixture, clocks, tag)
        fixture.say(f"G9 round {number}: ours {ours:.0f}/s, delete + append {bare:.0f}/s, same rows {full:.0f}/s;"
                    f" lateness p50 {percentile(lateness, .5):.2f} s, max {max(lateness):.2f} s")
        if number:
            goal.add(ours, bare)
            same.add(ours, full)
            late += lateness
        fixture.stack.wait_quiet(300)
    goal.notes.append(f"{count} due within one second; lateness p50 {percentile(late, .5):.2f} s, p99 {percentile(late, .99):.2f} s,"
                      f" max {max(late):.2f} s")
    return [goal, same]


# Lateness at a steady rate with many timers open.

def spread(rate, seconds, lead_s):
    start = now() + timedelta(seconds=lead_s)
    return [start + timedelta(seconds=n / rate) for n in range(int(rate * seconds))]


def ours_lateness(fixture, clocks, rate, seconds):
    dues = spread(rate, seconds, 4)
    tag = clocks.open(len(dues), dues)
    clocks.wait(tag, len(dues), seconds + 120)
    return [detected - occurred for occurred, detected in clocks.detected(tag)]


def poll_lateness(fixture, rate, seconds, open_timers):
    """A table of its own, indexed by due, polled each second with SKIP LOCKED; a firing is a delete and a journal row."""
    with fixture.connect(fixture.rival("sla")) as db:
        db.execute("DROP TABLE IF EXISTS queue, done")
        db.execute("CREATE TABLE queue (id bigint PRIMARY KEY, due timestamptz NOT NULL, subject text NOT NULL)")
        db.execute("CREATE TABLE done (id bigint, due timestamptz, at timestamptz)")
        db.execute("INSERT INTO queue SELECT n, now() + interval '2 days' + n * interval '1 s', 'complaints/' || n FROM generate_series(1, %s) n",
                   (open_timers,))
        db.execute("CREATE INDEX ON queue (due)")
        db.execute("VACUUM ANALYZE queue")
        dues = spread(rate, seconds, 2)
        with db.cursor().copy("COPY queue FROM STDIN") as copy:
            for n, due in enumerate(dues):
                copy.write_row((open_timers + 1 + n, due, f"complaints/{n}"))
        take = (f"WITH gone AS (DELETE FROM queue WHERE id IN (SELECT id FROM queue WHERE due <= clock_timestamp() ORDER BY due LIMIT {BATCH}"
                " FOR UPDATE SKIP LOCKED) RETURNING id, due) INSERT INTO done SELECT id, due, clock_timestamp() FROM gone")
        left, next_poll = len(dues), time.monotonic()
        while left > 0:
            time.sleep(max(0, next_poll - time.monotonic()))
            next_poll += 1
            taken = BATCH
            while taken == BATCH:  # what falls due meanwhile is for the next poll
                taken = db.execute(take, prepare=True).rowcount
                left -= taken
        return [row[0] for row in db.execute("SELECT extract(epoch FROM at - due)::float8 FROM done").fetchall()]


POP = """local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, 1000)
for i = 1, #due, 2 do redis.call('ZREM', KEYS[1], due[i]) end
return due"""
FILL = """for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('ZADD', KEYS[1], ARGV[3] + n, string.format('t%07d', n)) end"""


def redis_client(fixture):
    return redis.Redis(port=fixture.stack.ports["redis"], password=fixture.stack.redis.password_file.read_text())


def zset_fill(client, open_timers):
    """Fills the set; bytes of memory that each member took."""
    client.delete("bench-timers")
    before = client.info("memory")["used_memory"]
    far = time.time() * 1000 + 2 * 24 * 3600 * 1000
    for first in range(0, open_timers, 10_000):
        client.eval(FILL, 1, "bench-timers", first, min(first + 10_000, open_timers) - 1, far)
    return (client.info("memory")["used_memory"] - before) / open_timers


def zset_lateness(fixture, rate, seconds, open_timers):
    """A sorted set polled each 10 ms with an atomic pop; nothing is written anywhere else, and a crash loses what was popped."""
    client = redis_client(fixture)
    zset_fill(client, open_timers)
    dues = spread(rate, seconds, 2)
    client.zadd("bench-timers", {f"d{n}": due.timestamp() * 1000 for n, due in enumerate(dues)})
    pop = client.register_script(POP)
    late = []
    while len(late) < len(dues):
        popped = pop(keys=["bench-timers"], args=[time.time() * 1000])
        at = time.time()
        late += [at - float(score) / 1000 for score in popped[1::2]]
        if not popped:
            time.sleep(0.01)
    client.delete("bench-timers")
    return late


def lateness(fixture, rounds):
    """G8 and G8b: p99 of detected_at - occurred_at, the fire's moment inside its transaction; rivals likewise."""
    rate, seconds = (200, 8) if fixture.quick else (500, 20)
    sizes = [10_000, 100_000] if fixture.quick else [10_000, 100_000, 1_000_000]
    clocks = Clocks(fixture, alone=True)
    goals, p99 = [], {}
    for size in sizes:
        polled = Goal("G8", f"p99 lateness, {size:,} open", "SKIP LOCKED poll each 1 s", 0.3, 0.1, at_least=False)
        zset = Goal("G8", f"p99 lateness, {size:,} open", "Redis sorted set, poll each 10 ms", 1.5, 1.0, at_least=False)
        goals += [polled, zset]
        clocks.fill_up(size)
        for number in range(rounds + 1):
            ours = percentile(ours_lateness(fixture, clocks, rate, seconds), 0.99)
            pg = percentile(poll_lateness(fixture, rate, seconds, size), 0.99)
            rds = percentile(zset_lateness(fixture, rate, seconds, size), 0.99)
            fixture.say(f"G8 {size} round {number}: p99 ours {ours * 1e3:.1f} ms, SKIP LOCKED {pg * 1e3:.1f} ms, sorted set {rds * 1e3:.1f} ms")
            if number:
                polled.add(ours, pg)
                zset.add(ours, rds)
                p99.setdefault(size, []).append(ours)
            fixture.stack.wait_quiet(300)
    scaling = Goal("G8b", f"p99 with {sizes[-1]:,} open", f"ours with {sizes[0]:,} open", 2.0, 1.3, at_least=False)
    for large, small in zip(p99[sizes[-1]], p99[sizes[0]]):
        scaling.add(large, small)
    goals[0].notes.append(f"{rate} due a second for {seconds} s; raw values in seconds")
    return [*goals, scaling]


def recovery(fixture, rounds):
    """G11: kill -9 while timers become overdue; from its start to the last firing, against reading every open timer once by binary COPY
    (what a watcher with its timers in memory would do first) and draining the overdue ones bare."""
    goal = Goal("G11", "restart to all overdue fired, s", "binary COPY of all open timers + delete and append loop", 4, 2, at_least=False)
    clocks = Clocks(fixture)
    count, open_timers = (10_000, 20_000) if fixture.quick else (100_000, 1_000_000)
    clocks.fill_up(open_timers)
    for number in range(rounds + 1):
        fixture.stack.kill9("sla")
        start_of_due = now() - timedelta(seconds=5)
        tag = clocks.open(count, [start_of_due + timedelta(milliseconds=n) for n in range(1000)])
        fixture.settle("sla")
        started = time.monotonic()
        fixture.stack.restart("sla")
        clocks.wait(tag, count, 600)
        ours = time.monotonic() - started
        twice = fixture.sql("sla", "SELECT count(*) FROM (SELECT clock FROM firing WHERE clock LIKE %s GROUP BY clock HAVING count(*) <> 1) d",
                            f"clocks/{tag}-%")[0][0]
        if twice:
            raise RuntimeError(f"{twice} clocks did not fire exactly once")
        loop = Loop(fixture, clocks, tag, False)
        started = time.monotonic()
        read_all(fixture.rival("sla"), fixture)
        read_all("sla", fixture)
        loop.drain()
        other = time.monotonic() - started
        fixture.say(f"G11 round {number}: ours {ours:.2f} s, bare {other:.2f} s")
        if number:
            goal.add(ours, other)
        fixture.stack.wait_quiet(300)
    goal.notes.append(f"{count} overdue, {open_timers} open; every overdue clock fired exactly once")
    return [goal]


def read_all(database, fixture):
    with fixture.connect(database) as db, db.cursor().copy("COPY timer TO STDOUT (FORMAT binary)") as rows:
        for _ in rows:
            pass


def pss_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def descendants(pid):
    found = [pid]
    for one in found:
        with open(f"/proc/{one}/task/{one}/children") as file:
            found += [int(child) for child in file.read().split()]
    return found


def memory_of(fixture):
    """MiB by component: proportional set size of each process and its children."""
    stack = fixture.stack
    return {name: sum(pss_mib(pid) for pid in descendants(stack.component(name).process.pid))
            for name in [*stack.services, "postgres", "redis", "kafka"]}


def memory(fixture, rounds):
    """G12: what open timers cost, and the whole of the system with them."""
    goal = Goal("G12", "sla service, bytes per open timer", "Redis sorted set member", 0.35, 0.25, at_least=False)
    clocks = Clocks(fixture, alone=True)
    few, many = (1_000, 100_000) if fixture.quick else (1_000, 1_000_000)
    clocks.fill_up(few)
    time.sleep(2)
    before = memory_of(fixture)
    clocks.fill_up(many)
    time.sleep(5)
    after = memory_of(fixture)
    member = zset_fill(redis_client(fixture), many)
    redis_client(fixture).delete("bench-timers")
    growth = max(0.0, after["sla"] - before["sla"]) * 1024 * 1024 / (many - few)
    goal.add(growth, member)
    goal.notes.append(f"{many:,} clocks open: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in after.items())
                      + f"; together {sum(after.values()) / 1024:.2f} GiB (limit 4)")
    fixture.say(f"G12 {goal.notes[-1]}")
    return [goal]
