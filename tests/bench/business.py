"""The line of business: three commands against pgbench that runs the statements of the same call (G1), a list and a report against the
same SQL by a prepared statement (L1, L2).

Both sides find the same rows there: the rival's database is filled by the same INSERT ... SELECT. Opportunities and receivables are
taken one after another, so that no row is written twice within a block and each block has its own."""

import tempfile
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from clients import protos as p
from commands import CLIENTS, copy_of, logged_latencies, run_load, run_pgbench
from fixture import CHANNEL
from statements import capture, script, target
from stats import Goal, percentile

opportunities, opportunity = p._load("steward.leads.v1.opportunities_service_pb2"), p._load("steward.leads.v1.opportunities_pb2")
pool, lead = p._load("steward.leads.v1.lead_pool_service_pb2"), p._load("steward.leads.v1.lead_pool_pb2")
receivables, receivable = p._load("steward.orders.v1.receivables_service_pb2"), p._load("steward.orders.v1.receivables_pb2")

# In bench_load's requests: see requests.h.
NEW, OTHER, NEXT = (f"f0000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
# The n-th row that is filled in.
OF_ROW = "lpad(to_hex(n), 32, '0')::uuid"
MEMBERS = 10_000


def chosen(request, names):
    """The request with real ids in place of the marks."""
    text = request.SerializeToString()
    for mark, name in ((NEW, str(uuid.uuid4())), (OTHER, str(uuid.uuid4())), (NEXT, names)):
        text = text.replace(mark.encode(), name.encode())
    return type(request).FromString(text)


class Call:
    """One RPC of one service, its request with marks, and its statements as a pgbench script."""

    def __init__(self, fixture, folder, service, family, method, request):
        self.fixture, self.folder, self.service, self.method, self.request = fixture, Path(folder), service, method, request
        self.path = f"/steward.{service}.v1.{family}/{method}"
        (self.folder / "request").write_bytes(request.SerializeToString())

    def once(self, row):
        return self.fixture.system.call(self.service, self.method, chosen(self.request, target(row)), timeout=60)

    def script(self, database, row, mark=None, writes=True):
        """Of the call on this row, which is made twice: the first fills caches."""
        self.once(row + 1)
        logged = capture(self.fixture, lambda: self.once(row), mark or target(row))
        path = self.folder / "script.sql"
        path.write_text("\n".join(script(self.fixture, database, logged, target(row), writes)) + "\n")
        return path

    def load(self, seconds, in_flight, rows=None, rate=0):
        options = [f"--method={self.path}", f"--request={self.folder / 'request'}"]
        if rows:
            names = self.folder / "names"
            names.write_text("".join(f"{target(n)}\n" for n in rows))
            options.append(f"--names={names}")
        return run_load(self.fixture, self.service, seconds, rate, in_flight, *options)


def variables(clients, first=0):
    return {"i": -1, "first": first, "clients": clients}


# Commands.

def throughput(goal, call, rounds, fill, table):
    """`fill(database, first, count)` makes rows from that number on, or is None; `table` gets one row a command."""
    fixture = call.fixture
    rival = fixture.rival(call.service)
    seconds = 3 if fixture.quick else 8
    block = seconds * 8_000  # more than are used
    first = 1
    if fill:
        for database in (call.service, rival):
            fill(database, first, 10)
    file = call.script(rival, first, mark="INSERT INTO journal")
    first += 10

    def written(database, run):
        before = fixture.sql(database, f"SELECT count(*) FROM {table}")[0][0]
        per_second, count = run()
        after = fixture.sql(database, f"SELECT count(*) FROM {table}")[0][0]
        if after - before != count:
            raise RuntimeError(f"{count} calls were acknowledged, {after - before} rows of {table} were written: void")
        return per_second

    def ours(at):
        answer = call.load(seconds, CLIENTS, range(at, at + block) if fill else None)
        return answer["per_second"], answer["calls"]

    for number in range(rounds + 1):
        if fill:
            for database in (call.service, rival):
                fill(database, first, block)
            fixture.settle(call.service, rival)
        got = {}
        for name in ("ours", "pgbench") if number % 2 == 0 else ("pgbench", "ours"):
            got[name] = written(call.service, lambda: ours(first)) if name == "ours" else \
                written(rival, lambda: run_pgbench(fixture, rival, file, seconds, variables=variables(CLIENTS, first)))
            fixture.settle(call.service, rival)
        first += block
        fixture.say(f"{goal.name} round {number}: ours {got['ours']:.0f}/s, pgbench {got['pgbench']:.0f}/s")
        if number:
            goal.add(got["ours"], got["pgbench"])
    return [goal]


def g1(name, method):
    return Goal(name, f"{method}/s, 32 in flight", "pgbench, statements of the same call in one round trip", 0.55, 0.70, lowered=0.28)


def create_lead(fixture, rounds):
    """G1-lead: among the leads that are there already, for the pool."""
    goal = g1("G1-lead", "CreateLead")
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    fill_leads(fixture)
    request = pool.CreateLeadRequest(request_id=NEW, lead=lead.Lead(
        channel=CHANNEL, external_id=OTHER, source="trade_fair", territory="east", industry="retail",
        person=lead.LeadPerson(display_name="Lead of the benchmark")))
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        throughput(goal, Call(fixture, folder, "leads", "LeadPoolService", "CreateLead", request), rounds, None, "lead")
    goal.notes.append(f"{leads_of(fixture):,} leads there before")
    return [goal]


def advance_opportunity(fixture, rounds):
    """G1-opportunity: one step with evidence, an opportunity each."""
    goal = g1("G1-opportunity", "AdvanceOpportunity")
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    made = fixture.system.call("leads", "CreateOpportunity", opportunities.CreateOpportunityRequest(
        request_id=str(uuid.uuid4()), opportunity=opportunity.Opportunity(
            region="east", evidence=[opportunity.Evidence(code="source", reference="bench/1")])))
    columns, values = copy_of(fixture, "opportunity", f"id = '{made.name.split('/')[1]}'", {"id": OF_ROW}, database="leads")

    def fill(database, first, count):
        fixture.sql(database, f"INSERT INTO opportunity ({columns}) SELECT {', '.join(values)} FROM"
                    f" generate_series({first}, {first + count - 1}) n")
    request = opportunities.AdvanceOpportunityRequest(
        name=f"opportunities/{NEXT}", stage="needs_analysis", request_id=NEW,
        evidence=[opportunity.Evidence(code="needs_record", reference="bench/2")])
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        throughput(goal, Call(fixture, folder, "leads", "OpportunitiesService", "AdvanceOpportunity", request), rounds, fill, "opportunity_entry")
    return [goal]


def record_payment(fixture, rounds):
    """G1-payment: a receipt that goes to the oldest of four instalments, a contract each."""
    goal = g1("G1-payment", "RecordPayment")
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    request = receivables.RecordPaymentRequest(parent=f"contracts/{NEXT}/receivable", request_id=NEW, payment=receivable.Payment(
        source="bank", external_id=OTHER))
    request.payment.amount.currency_code, request.payment.amount.units = "CNY", 100
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        call = Call(fixture, folder, "orders", "ReceivablesService", "RecordPayment", request)
        throughput(goal, call, rounds, lambda database, first, count: fill_receivables(fixture, database, first, count), "cash_entry")
    return [goal]


# Reads.

def latency(goal, call, rounds, row, mark, in_flight, rate, rows=None):
    """p99 of our calls and of pgbench's transactions on the very same tables, a block of each in turn."""
    fixture = call.fixture
    seconds = 5 if fixture.quick else 20
    file = call.script(call.service, row, mark, writes=False)
    if rows and ":n" not in file.read_text():
        raise RuntimeError("the statement does not name what the call asks for")

    def theirs(number):
        log = call.folder / f"round{number}"
        run_pgbench(fixture, call.service, file, seconds, rate, log, in_flight, variables(in_flight, 1))
        return logged_latencies(log)

    for number in range(rounds + 1):
        got = {}
        for name in ("ours", "pgbench") if number % 2 == 0 else ("pgbench", "ours"):
            if name == "ours":
                answer = call.load(seconds, in_flight, rows, rate)
                got[name] = answer["p99_us"], answer["p50_us"], answer["calls"]
            else:
                times = theirs(number)
                got[name] = percentile(times, 0.99), percentile(times, 0.5), len(times)
        fixture.say(f"{goal.name} round {number}: " + ", ".join(
            f"{name} p99 {high} us, p50 {half} us of {count}" for name, (high, half, count) in got.items()))
        if number:
            goal.add(got["ours"][0], got["pgbench"][0])
    return [goal]


def leads_of(fixture):
    return 50_000 if fixture.quick else 1_000_000


def fill_leads(fixture):
    """Copies of one real lead, of members in turn, a second apart, in the states that a member's leads have; in both databases."""
    done = "SELECT count(*) FROM lead"
    if fixture.sql("leads", done)[0][0] >= leads_of(fixture):
        return
    made = fixture.system.call("leads", "CreateLead", pool.CreateLeadRequest(
        request_id=str(uuid.uuid4()), lead=lead.Lead(channel=CHANNEL, external_id=str(uuid.uuid4()), source="trade_fair", territory="east",
                                                     industry="retail", person=lead.LeadPerson(display_name="Lead of the benchmark")))).lead
    key = made.name.split("/")[1]
    start = (datetime.now(timezone.utc) - timedelta(days=60)).isoformat()
    at = f"'{start}'::timestamptz + n * interval '1 second'"
    fresh = {"id": OF_ROW, "external_id": f"({OF_ROW})::text", "owner": f"'members/' || lpad(to_hex(n % {MEMBERS} + 1), 32, '0')::uuid",
             "state": f"2 + (n / {MEMBERS}) % 3", "state_time": at, "assigned_time": at, "occurred_at": at, "recorded_at": at, "update_time": at}
    for table, condition, own in (("lead", f"id = '{key}'", fresh), ("lead_person", f"lead = '{key}'", {"lead": OF_ROW}),
                                  ("lead_score", f"lead = '{key}'", {"lead": OF_ROW})):
        columns, values = copy_of(fixture, table, condition, own, database="leads")
        for database in ("leads", fixture.rival("leads")):
            fixture.sql(database, f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)} FROM generate_series(1, {leads_of(fixture)}) n")
    fixture.settle("leads", fixture.rival("leads"))


def list_leads(fixture, rounds):
    """L1: the first page of one member's assigned leads, of another member each time."""
    goal = Goal("L1", "ListLeads by owner and state, p99", "the same SQL, prepared", None, None, at_least=False)
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    fill_leads(fixture)
    request = pool.ListLeadsRequest(filter=f'owner = "members/{NEXT}" AND state = "ASSIGNED"', page_size=50)
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        call = Call(fixture, folder, "leads", "LeadPoolService", "ListLeads", request)
        latency(goal, call, rounds, 7, None, 4, 100, range(1, MEMBERS + 1))
    goal.notes.append(f"{leads_of(fixture):,} leads, pages of at most 50, 100 calls/s; the service plans each time, the prepared statement once")
    return [goal]


def fill_receivables(fixture, database, first, count):
    """Signed contracts with four instalments of 25,000 each, half of them past their due date."""
    series = f"generate_series({first}, {first + count - 1}) n"
    owner = f"'members/' || lpad(to_hex(n % {MEMBERS} + 1), 32, '0')::uuid"
    fixture.sql(database, "INSERT INTO receivable (contract, version, customer, owner, team, region, kind_path, currency, signed_on, last_day)"
                f" SELECT {OF_ROW}, 1, 'customers/bench', {owner}, '', 'east', '{{sale}}', 'CNY', current_date - 100, current_date - 100"
                f" FROM {series}")
    due = "current_date + (CASE WHEN i < 3 THEN -i ELSE i - 2 END * 30 + n % 20)::integer"  # never near today, whatever the zone
    fixture.sql(database, "INSERT INTO instalment (contract, number, version, cycle, said, due_date, currency, amount, paid, credited, written_off,"
                f" due_on, customer, owner, team, region) SELECT {OF_ROW}, i, 1, CASE WHEN {due} < current_date THEN 1 ELSE 0 END,"
                f" CASE WHEN {due} < current_date THEN 2 ELSE 1 END, {due}, 'CNY', 2500000, 0, 0, 0, {due}, 'customers/bench', {owner}, '', 'east'"
                f" FROM {series}, generate_series(1, 4) i")


def ageing(fixture, rounds):
    """L2: the report of today, over all that is open."""
    goal = Goal("L2", "GetAgeingReport p99", "the same SQL, prepared", None, None, at_least=False)
    if not fixture.program("bench_load"):
        goal.skip("bench_load is not built")
        return [goal]
    count = 12_500 if fixture.quick else 250_000
    fill_receivables(fixture, "orders", 100_000_000, count)
    fixture.settle("orders")
    request = receivables.GetAgeingReportRequest(group_by="region")
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        latency(goal, Call(fixture, folder, "orders", "ReceivablesService", "GetAgeingReport", request), rounds, 7, "width_bucket", 1, 0)
    goal.notes.append(f"{4 * count:,} open instalments by region, one call at a time")
    return [goal]
