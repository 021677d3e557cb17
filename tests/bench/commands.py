"""Commands: RegisterTicket against pgbench that runs the same rows into the same tables of an untouched database.

The hot path of RegisterTicket, for a ticket without text, is one transaction of a lock and three inserts (idempotency
claim, ticket, journal). Its rivals insert copies of a row that the service has really written, with new ids:
  pipelined   the same statements and the lock in one round trip
  one CTE     everything in one statement
  five trips  BEGIN, three inserts, COMMIT, each a round trip and no lock: what a usual service does
Contenders take turns within a round; the order is turned round after round."""

import json
import re
import subprocess
import tempfile
from contextlib import nullcontext
from pathlib import Path

from fixture import CHANNEL, OWNER, TEAM
from stats import Goal, percentile

CLIENTS = 32
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(gen_random_uuid()::text, 0))"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return "'" + str(value).replace("'", "''") + "'"


def copy_of(fixture, table, condition, fresh, database="complaints"):
    """(columns, values) of one stored row; `fresh` = {column: SQL expression} for what must differ."""
    with fixture.connect(database) as connection:
        kinds = dict(connection.execute(
            "SELECT column_name, CASE WHEN data_type = 'ARRAY' THEN udt_name ELSE data_type END FROM information_schema.columns"
            " WHERE table_name = %s AND is_identity = 'NO' AND is_generated = 'NEVER' AND column_name <> 'xid' ORDER BY ordinal_position",
            (table,)).fetchall())
        row = connection.execute(f"SELECT {', '.join(c if k == 'bytea' else c + '::text' for c, k in kinds.items())} FROM {table}"
                                 f" WHERE {condition} LIMIT 1").fetchone()
    values = []
    for (column, kind), value in zip(kinds.items(), row):
        if column in fresh:
            values.append(fresh[column])
        elif kind.startswith("timestamp"):
            values.append("clock_timestamp()")  # and no `12:30` that pgbench could take for a variable
        else:
            values.append(literal(value) + ("" if value is None or kind == "bytea" else f"::{kind}"))
    return ", ".join(kinds), values


class Scripts:
    """pgbench files made from one ticket that was just registered."""

    def __init__(self, fixture, folder):
        ticket = fixture.system.register(channel=CHANNEL, customer="customers/bench", owner=OWNER, team=TEAM)
        name = ticket.name
        # The same SQL text everywhere, so that each side writes the same number of bytes.
        fresh_name = "'complaints/' || gen_random_uuid()"
        rows = [("idempotency_key", f"aggregate = '{name}'", {"request_id": "gen_random_uuid()::text"}),
                ("ticket", f"id = '{name.split('/')[1]}'", {"id": "gen_random_uuid()"}),
                ("journal", f"aggregate = '{name}'", {"event_id": "gen_random_uuid()", "aggregate": fresh_name})]
        inserts = []
        for table, condition, fresh in rows:
            columns, values = copy_of(fixture, table, condition, fresh)
            inserts.append((table, columns, ", ".join(values)))
        plain = [f"INSERT INTO {table} ({columns}) VALUES ({values})" for table, columns, values in inserts]
        ctes = [f"i{n} AS ({statement})" for n, statement in enumerate(plain[:-1])]
        # The lock is a CTE that the last insert reads, so that it is really taken.
        table, columns, values = inserts[-1]
        one = f"WITH l AS MATERIALIZED ({LOCK}), {', '.join(ctes)} INSERT INTO {table} ({columns}) SELECT {values} FROM l"
        self.folder = Path(folder)
        self.pipelined = self._file("pipelined", ["\\startpipeline", "BEGIN;", LOCK + ";", *[s + ";" for s in plain], "COMMIT;", "\\endpipeline"])
        self.one_cte = self._file("one_cte", [one + ";"])
        self.five_trips = self._file("five_trips", ["BEGIN;", *[s + ";" for s in plain], "COMMIT;"])

    def _file(self, name, lines):
        path = self.folder / f"{name}.sql"
        path.write_text("\n".join(lines) + "\n")
        return path


def pgbench(fixture, database, script, seconds, rate=0, log=None):
    """Transactions a second; with a rate, latencies in microseconds from the intended start are in `log`'s files."""
    return run_pgbench(fixture, database, script, seconds, rate, log)[0]


def run_pgbench(fixture, database, script, seconds, rate=0, log=None, clients=CLIENTS, variables=None):
    """(transactions a second, transactions)."""
    command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", str(script),
               "-h", str(fixture.stack.postgres.socket_dir), "-p", str(fixture.stack.ports["postgres"]), "-U", "postgres",
               *[f"--define={name}={value}" for name, value in (variables or {}).items()]]
    if rate:
        command += ["-R", f"{rate:g}"]
    if log:
        command += ["-l", f"--log-prefix={log}"]
    done = subprocess.run([*command, database], capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
    if done.returncode != 0 or not found or not re.search(r"failed transactions: 0 ", done.stdout):
        raise RuntimeError(f"pgbench: {done.stderr.strip()[-500:]} {done.stdout[-500:]}")
    return float(found[1]), int(re.search(r"transactions actually processed: (\d+)", done.stdout)[1])


def logged_latencies(log):
    """Microseconds, of the files that pgbench wrote with this prefix."""
    return [int(line.split()[2]) for file in log.parent.glob(f"{log.name}.*") for line in file.read_text().splitlines()]


def load(fixture, seconds, rate=0, in_flight=CLIENTS, channel=CHANNEL):
    """One block of the load generator; its counts are checked against the journal, else the block is void."""
    before = fixture.sql("complaints", "SELECT count(*) FROM ticket")[0][0]
    answer = run_load(fixture, "complaints", seconds, rate, in_flight, f"--owner={OWNER}", f"--team={TEAM}", f"--channel={channel}")
    written = fixture.sql("complaints", "SELECT count(*) FROM ticket")[0][0] - before
    if written != answer["calls"]:
        raise RuntimeError(f"{answer['calls']} calls were acknowledged, {written} tickets were written: void")
    return answer


def run_load(fixture, service, seconds, rate, in_flight, *options):
    """What bench_load says; a call that failed makes the block void."""
    done = subprocess.run([fixture.program("bench_load"), f"--target={fixture.stack.address(service)}", f"--token-file={fixture.stack.token_file}",
                           f"--in-flight={in_flight}", f"--seconds={seconds}", f"--rate={rate}", *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench_load: {done.stderr.strip()[-500:]} {done.stdout}")
    return json.loads(done.stdout)


def throughput(fixture, rounds):
    """G1, G1b and G6: the sla service is down, the relay publishes except where it is said to be off."""
    g1 = Goal("G1", "RegisterTicket/s, 32 in flight", "pgbench, same SQL, the better of pipelined and one CTE", 0.55, 0.70, lowered=0.28)
    g1b = Goal("G1b", "RegisterTicket/s, 32 in flight", "pgbench, five prepared round trips", 1.0, 1.2, lowered=0.45)
    g6 = Goal("G6", "RegisterTicket/s with relay", "ours without relay", 0.80, 0.90)
    goals = [g1, g1b, g6]
    if not fixture.program("bench_load"):
        for goal in goals:
            goal.skip("bench_load is not built")
        return goals
    seconds = 4 if fixture.quick else 8
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        scripts = Scripts(fixture, folder)
        rival = fixture.rival("complaints")
        fixture.stack.services["sla"].stop()
        try:
            for number in range(rounds + 1):
                got = one_round(fixture, scripts, rival, seconds, backwards=number % 2 == 1)
                fixture.say(f"G1 round {number}: " + ", ".join(f"{name} {rate:.0f}/s" for name, rate in got.items()))
                if number == 0:
                    continue  # warm-up
                g1.add(got["relay"], max(got["pipelined"], got["one CTE"]))
                g1b.add(got["relay"], got["five trips"])
                g6.add(got["relay"], got["no relay"])
        finally:
            fixture.stack.services["sla"].start()
    return goals


def one_round(fixture, scripts, rival, seconds, backwards):
    def ours(relay):
        with nullcontext() if relay else fixture.relay_off("complaints"):
            return load(fixture, seconds)["per_second"]
    blocks = {"relay": lambda: ours(True), "pipelined": lambda: pgbench(fixture, rival, scripts.pipelined, seconds),
              "five trips": lambda: pgbench(fixture, rival, scripts.five_trips, seconds), "no relay": lambda: ours(False),
              "one CTE": lambda: pgbench(fixture, rival, scripts.one_cte, seconds)}
    order = list(blocks)
    got = {}
    for name in reversed(order) if backwards else order:
        got[name] = blocks[name]()
        fixture.settle("complaints", rival)
    return {name: got[name] for name in order}


def latency(fixture, rounds):
    """G3: p99 from the intended start, both at half of the slower one's capacity."""
    goal = Goal("G3", "RegisterTicket p99 at half load", "pgbench -R, same rate and SQL", 2.5, 1.7, at_least=False)
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    seconds = 5 if fixture.quick else 30
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        scripts = Scripts(fixture, folder)
        rival = fixture.rival("complaints")
        fixture.stack.services["sla"].stop()
        try:
            rate = min(load(fixture, 4)["per_second"], pgbench(fixture, rival, scripts.pipelined, 4)) / 2
            for number in range(rounds + 1):
                ours = load(fixture, seconds, rate)["p99_us"]
                log = Path(folder) / f"round{number}"
                pgbench(fixture, rival, scripts.pipelined, seconds, rate, log)
                other = percentile(logged_latencies(log), 0.99)
                fixture.say(f"G3 round {number}: {rate:.0f}/s, p99 ours {ours} us, pgbench {other} us")
                if number:
                    goal.add(ours, other)
                fixture.settle("complaints", rival)
        finally:
            fixture.stack.services["sla"].start()
    goal.notes.append(f"{rate:.0f} calls/s, {seconds} s a block")
    return [goal]
