"""The line of business of deploy/demo/sales, sent through the public APIs by `stewardctl demo sales` and computed again from the files."""

import json
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from clients import protos as p
from clients.system import ROOT, System, eventually
from clients.topics import read
from reference.check import Check, cents
from reference.line import Line

FOLDER = ROOT / "deploy/demo/sales"
ZONE = ZoneInfo("Asia/Shanghai")
ROWS = 160


def load(system, folder, today, *options, rows=ROWS):
    token = folder / "finance-desk.token"
    token.write_text(system.stack.token("members/finance-desk"))
    done = subprocess.run([system.stack.stewardctl, "--context", system.stack.context_file, "demo", "sales", FOLDER, "--finance-token-file", token,
                           "--today", today.isoformat(), "--limit", str(rows), "--timeout", "30s", *options],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def loaded(system, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sales")
    today = datetime.now(ZONE).date()
    system.load_pack("services/sla/packs/receivables.yaml")
    summary = load(system, folder, today)
    system.stack.wait_quiet()
    return folder, today, summary


def test_every_figure_is_that_of_the_files(system, loaded):
    _folder, today, summary = loaded
    line = Line(FOLDER, today, ROWS)
    assert summary["won"] == len(line.won()) > 50
    assert summary["payments"] == sum(len(row.payments) for row in line.won())
    check = Check(system, line, ZONE).all()
    assert not check.differences, "\n".join(check.differences[:20])
    assert {"funnel", "ageing", "receivable", "instalment", "sc-002-sales"} <= set(check.compared)


def test_what_is_overdue_for_thirty_days_is_escalated_at_its_true_instant(system, loaded):
    def differences():
        check = Check(system, Line(FOLDER, loaded[1], ROWS), ZONE)
        check.escalations()
        assert check.compared["rec-001 escalated"] > 3
        return check.differences

    eventually("every escalation of REC-001 is that of the files", 60, lambda: not differences())


def test_done_again_it_changes_nothing(system, loaded):
    folder, today, summary = loaded

    def rows():
        return {service: system.sql(service, "SELECT count(*) FROM journal")[0][0] for service in ("leads", "orders", "directory")}

    before = rows()
    again = load(system, folder, today)
    assert (again["won"], again["payments"]) == (summary["won"], summary["payments"])
    assert rows() == before


def test_open_instalments_are_contract_less_cash_at_every_event(system, loaded):
    """On the topic's own figures: amount of the contract, cash, credit notes, write-offs, credit, overdrawn."""
    ledgers = {}
    checked = 0
    for record in read(system.stack.kafka.bootstrap, "steward.orders.v1"):
        m = record.event
        if record.type == "receivable.opened":
            ledgers[record.key] = {"amount": cents(m.amount)}
        elif record.type in ("payment.recorded", "receivable.reallocated"):
            ledger = ledgers[record.key]
            for posting in m.postings:
                ledger[posting.account] = ledger.get(posting.account, 0) + posting.minor_units
            if record.type != "payment.recorded":
                continue
            lessened = ledger.get("PAID", 0) + ledger.get("CREDITED", 0) + ledger.get("WRITTEN_OFF", 0)
            assert m.open_minor_units == ledger["amount"] - lessened, record.key
            assert m.cash_minor_units == ledger.get("PAID", 0) + ledger.get("CREDIT", 0) - ledger.get("OVERDRAWN", 0), record.key
            checked += 1
    assert checked > 50


def test_thirty_two_clients_pay_one_instalment_and_its_ledger_balances(system, loaded):
    """The last test of the module: it pays what the files do not know."""
    first, = system.call("orders", "ListInstalments", p.receivables.ListInstalmentsRequest(
        filter='standing = "OVERDUE"', page_size=1)).instalments
    name = first.name.split("/instalments/")[0] + "/receivable"
    before = system.call("orders", "GetReceivable", p.receivables.GetReceivableRequest(name=name))
    share = cents(before.outstanding) // 20  # 32 of them are more than is owed: the rest is a credit

    def pay(_client):
        payment = p.receivables.RecordPaymentRequest(parent=name, request_id=str(uuid.uuid4()))
        payment.payment.kind = "RECEIPT"
        payment.payment.amount.currency_code = before.outstanding.currency_code
        payment.payment.amount.units, payment.payment.amount.nanos = share // 100, share % 100 * 10_000_000
        return System(system.stack).call("orders", "RecordPayment", payment, timeout=30)

    with ThreadPoolExecutor(32) as clients:
        assert len(list(clients.map(pay, range(32)))) == 32
    after = system.call("orders", "GetReceivable", p.receivables.GetReceivableRequest(name=name))
    assert cents(after.cash) == cents(before.cash) + 32 * share
    assert cents(after.outstanding) == 0
    assert cents(after.credit) == 32 * share - cents(before.outstanding)
    assert {each.standing for each in after.instalments} == {"PAID"}
