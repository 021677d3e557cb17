"""The statements of one call, as PostgreSQL logged them, made into a pgbench script that runs them again with other ids.

What differs from call to call is found by its kind: a UUID among the parameters that is not the call's target is one that the call has
made, and becomes a new one, the same wherever it stood; an instant becomes the transaction's; the lock is one of the target or of a new
UUID. All else (codes, amounts, versions, payloads) is what the service has really sent."""

import re
import time

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ .*? ?(\d+) (LOG|DETAIL|[A-Z0-9]+):  (.*)", re.S)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
TARGET = "lpad(to_hex(:n::bigint), 32, '0')::uuid"


def target(number):
    """The UUID that TARGET gives for :n, as text."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def fresh(number):
    """A UUID of the transaction alone, in order of time as the service's own are."""
    return (f"(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7{number:03x}' ||"
            " lpad(to_hex(:a::bigint), 16, '0'))::uuid")


def capture(fixture, call, mark):
    """[(SQL, [parameter or None])] of the session that logged `mark` while `call` ran."""
    log = fixture.stack.postgres.process.log
    fixture.sql("postgres", "ALTER SYSTEM SET log_statement = 'all'")
    fixture.sql("postgres", "SELECT pg_reload_conf()")
    time.sleep(1)  # every session reads the new setting before its next statement
    start = log.stat().st_size
    try:
        call()
    finally:
        fixture.sql("postgres", "ALTER SYSTEM RESET log_statement")
        fixture.sql("postgres", "SELECT pg_reload_conf()")
    time.sleep(1)
    with open(log, "rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")
    records = []
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            records.append(list(found.groups()))
        elif records:
            records[-1][2] += "\n" + line
    sessions = [pid for pid, _, said in records if mark in said]
    if not sessions:
        raise RuntimeError(f"PostgreSQL logged no statement with {mark}")
    return statements(records, sessions[0])


def statements(records, session):
    """Those of the session's last transaction; all, where it made no block."""
    found = []
    for pid, level, said in records:
        if pid != session:
            continue
        if level == "DETAIL" and found:
            found[-1] = (found[-1][0], [None if value == "NULL" else value[1:-1].replace("''", "'")
                                        for _, value in PARAMETER.findall(said.partition(": ")[2])])
        elif level == "LOG" and said.startswith(("execute ", "statement: ")):
            sql = said.partition(": ")[2].strip().rstrip(";")
            if sql.upper().startswith("BEGIN"):
                found = []
            found.append((sql, []))
    whole = not found or not found[0][0].upper().startswith("BEGIN") or found[-1][0].upper().startswith("COMMIT")
    if not found or not whole:
        raise RuntimeError(f"no whole transaction was logged: {[sql[:40] for sql, _ in found]}")
    return found


def literal(text):
    """pgbench takes `:name` for a variable wherever it stands."""
    plain = text.replace("'", "''")
    return "U&'" + plain.replace("\\", "\\\\").replace(":", "\\003A") + "'" if ":" in plain else f"'{plain}'"


def expression(value, kind, known, writes):
    if value is None:
        return f"NULL::{kind}"
    if kind.startswith("timestamp") and writes:
        return "now()" if not kind.endswith("[]") else "ARRAY[" + ", ".join(["now()"] * (value.count(",") + 1)) + "]"
    if kind == "bytea" or not UUID.search(value):
        return f"{literal(value)}::{kind}"
    parts, at = [], 0
    for match in UUID.finditer(value):
        parts += [literal(value[at:match.start()])] if match.start() > at else []
        parts.append(f"{known[match[0]]}::text")
        at = match.end()
    parts += [literal(value[at:])] if at < len(value) else []
    return f"({' || '.join(parts)})::{kind}"


def text_of(logged):
    return " ".join(value for _, parameters in logged for value in filter(None, parameters))


def script(fixture, database, logged, of=None, writes=True):
    """Lines of a pgbench script: one round trip. `of` is the call's target, which becomes :n; the caller defines `i`, `first` and `clients`.
    Without `writes` instants stay as they are, and nothing is planned each time."""
    known = {of: TARGET}
    for _, parameters in logged:
        for value in filter(None, parameters):
            for found in UUID.findall(value) if not value.startswith("\\x") else []:
                known.setdefault(found, fresh(len(known)))
    lock = f"hashtextextended(({TARGET if of in text_of(logged) else fresh(0)})::text, {{}})"
    lines = ["\\set a random(1, 9223372036854775807)", "\\set i :i + 1", "\\set n :first + :i * :clients + :client_id", "\\startpipeline"]
    with fixture.connect(database) as connection:
        for number, (sql, parameters) in enumerate(logged):
            if not writes and "plan_cache_mode" in sql:
                continue
            if parameters:
                connection.execute(f"PREPARE bench_{number} AS {sql}")
                kinds = connection.execute("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s",
                                           (f"bench_{number}",)).fetchone()[0]
                values = [expression(value, kind, known, writes) for value, kind in zip(parameters, kinds)]
                if "pg_advisory_xact_lock" in sql:  # one, or an array of them
                    hashes = [lock.format(seed) for seed in range(parameters[0].count(",") + 1)]
                    values[0] = hashes[0] if kinds[0] == "bigint" else f"ARRAY[{', '.join(hashes)}]"
                sql = re.sub(r"\$(\d+)", lambda found: f"({values[int(found[1]) - 1]})", sql)
            lines.append(" ".join(sql.split()) + ";")
    return [*lines, "\\endpipeline"]
