"""The line of business as a load: leads that are touched and converted, contracts up to cash, orders up to delivery, values from outside."""

import threading

from clients import protos as p
from clients.system import System, key
from driver import CHANNEL, Call, some_uuid
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

pool, pool_types = p._load("steward.leads.v1.lead_pool_service_pb2"), p._load("steward.leads.v1.lead_pool_pb2")
touches, touch_types = p._load("steward.leads.v1.touches_service_pb2"), p._load("steward.leads.v1.touches_pb2")
sales, sales_types = p._load("steward.orders.v1.orders_service_pb2"), p._load("steward.orders.v1.orders_pb2")
payments = p._load("steward.orders.v1.receivables_pb2")
SELLER, FINANCE, CUSTOMER, FLOW = "members/sales-rep-east-1", "members/chaos-finance", "customers/chaos", "approvalFlows/chaos"
KPI = "kpis/k-002-cs-3"


def usd(units):
    return Money(currency_code="USD", units=units)


def prepare(system):
    """Whom the load sells to, who approves and signs second, and a model that scores leads by what happens to them."""
    request = p.directory.ImportOrganisationRequest(request_id=key())
    member = request.members.add(name=FINANCE, display_name="Finance")
    member.roles.add(role="roles/operations-operator")
    system.call("directory", "ImportOrganisation", request)
    system.create_customer(CUSTOMER.removeprefix("customers/"))
    flow = p.contracts_types.ApprovalFlow(name=FLOW, display_names={"en": "chaos", "zh-Hans": "混沌"}, submitter="ALLOW", repeat="FIRST_ONLY",
                                          missing="REFUSE", source="test")
    flow.nodes.add(id="finance", display_names={"en": "finance", "zh-Hans": "财务"}, mode="ALL_OF").approvers.add(member=FINANCE)
    system.call("orders", "CreateApprovalFlowVersion", p.flows.CreateApprovalFlowVersionRequest(flow=flow, activate=True, request_id=key()))
    model = p.lead_scores_types.ScoringModel(name="scoringModels/chaos", display_names={"en": "chaos", "zh-Hans": "混沌"})
    model.groups.add(id="all", display_names={"en": "all", "zh-Hans": "全部"})
    model.features.add(id="campaign", group="all", feature="source", values=["campaign"], points="10")
    model.events.add(id="reached", group="all", event_kind="touch/effective", points="5")
    model.bands.add(id="warm", display_names={"en": "warm", "zh-Hans": "温"}, least="20")
    model.win.least_won = model.win.least_lost = 1
    system.call("scoring", "CreateScoringModelVersion", p.lead_scores.CreateScoringModelVersionRequest(model=model, request_id=key()))
    system.call("scoring", "ActivateScoringModel", p.lead_scores.ActivateScoringModelRequest(name=model.name, version=1, request_id=key()))


class Known:
    """Names that were made, each with how many of its steps were done."""

    def __init__(self):
        self._steps, self._lock = {}, threading.Lock()

    def add(self, name):
        with self._lock:
            self._steps.setdefault(name, 0)
            if len(self._steps) > 100:
                del self._steps[next(iter(self._steps))]

    def went(self, name):
        with self._lock:
            if name in self._steps:
                self._steps[name] += 1

    def pick(self, dice, least=0):
        """(name, steps done) or None."""
        with self._lock:
            found = [(name, steps) for name, steps in self._steps.items() if steps >= least]
        return dice.choice(found) if found else None


class Leads:
    def __init__(self, system):
        self.system, self.known = system, Known()

    def next(self, dice):
        known = self.known.pick(dice)
        if known is None or dice.random() < 0.4:
            external = some_uuid(dice)
            return self._call("LeadPoolService", "CreateLead", pool.CreateLeadRequest(
                lead=pool_types.Lead(channel=CHANNEL, external_id=external, source=dice.choice(["campaign", "referral"])), owner=SELLER,
                request_id=some_uuid(dice)), external=external,
                told=lambda answer: self.known.add(pool.CreateLeadResponse.FromString(answer).lead.name))
        if dice.random() < 0.2:
            customer = "c-" + some_uuid(dice)[:12]
            return self._call("LeadPoolService", "ConvertLead", pool.ConvertLeadRequest(
                name=known[0], customer_id=customer, new_customer=p.leads_types.Customer(display_name="Acme"), request_id=some_uuid(dice)))
        reached = dice.random() < 0.7
        return self._call("TouchesService", "RecordTouch", touches.RecordTouchRequest(request_id=some_uuid(dice), touch=touch_types.Touch(
            kind="phone", outcome="reached" if reached else "no_answer", effective=reached, lead=known[0], member=SELLER)))

    def _call(self, service, method, request, **more):
        return Call("leads", f"/steward.leads.v1.{service}/{method}", request, self.system, **more)


class Contracts:
    """Draft, submission, approval, signature; then receipts and refunds."""

    STEPS = [("SubmitContract", {"flow": FLOW}), ("ApproveContract", {}), ("SignContract", {})]

    def __init__(self, system, finance):
        self.system, self.finance, self.known = system, finance, Known()

    def next(self, dice):
        known = self.known.pick(dice)
        if known is None or dice.random() < 0.15:
            return self._contracts("CreateContract", p.contracts.CreateContractRequest(contract=contract(), request_id=some_uuid(dice)),
                                   told=lambda answer: self.known.add(p.contracts_types.Contract.FromString(answer).name))
        name, steps = known
        if dice.random() < 0.05:
            method, more = dice.choice([("WithdrawContract", {}), ("SendBackContract", {"reason": "terms"}), ("StartContract", {})])
            return self._contracts(method, self._request(method, name, dice, more))
        if steps < len(self.STEPS):
            method, more = self.STEPS[steps]
            return self._contracts(method, self._request(method, name, dice, more), told=lambda _: self.known.went(name))
        external = some_uuid(dice)
        kind = "RECEIPT" if dice.random() < 0.8 else "REFUND"
        payment = payments.Payment(kind=kind, amount=usd(dice.randint(1, 900)), source="chaos", external_id=external)
        return Call("orders", "/steward.orders.v1.ReceivablesService/RecordPayment", p.receivables.RecordPaymentRequest(
            parent=name + "/receivable", payment=payment, request_id=some_uuid(dice)), self.system, external=external)

    @staticmethod
    def _request(method, name, dice, more):
        return getattr(p.contracts, method + "Request")(name=name, request_id=some_uuid(dice), **more)

    def _contracts(self, method, request, **more):
        caller = self.finance if method in ("ApproveContract", "SendBackContract") else self.system
        return Call("orders", "/steward.orders.v1.ContractsService/" + method, request, caller, **more)


def contract():
    """Nothing of it falls due while the load runs."""
    made = p.contracts_types.Contract(customer=CUSTOMER, region="east", amount=usd(1000), owner=SELLER)
    for share, after in ((3000, "SIGNED"), (7000, "DELIVERED")):
        made.plan.add(basis_points=share).after.CopyFrom(p.contracts_types.PlanItem.DueAfter(event=after, days=30))
    return made


class Orders:
    STEPS = ["ReviewOrder", "MakeProductionSheet", "SignOrderForSales", "SignOrderForFinance", "ReleaseOrder", "DeliverOrder", "AcceptOrder"]

    def __init__(self, system, finance):
        self.system, self.finance, self.known = system, finance, Known()

    def next(self, dice):
        known = self.known.pick(dice)
        if known is None or dice.random() < 0.15:
            order = sales_types.Order(customer=CUSTOMER, region="east", owner=SELLER)
            order.lines.add(product="p", product_line="pl", quantity=3, unit_price=usd(100), new_product=dice.random() < 0.5)
            return self._call("CreateOrder", dice, order=order, told=lambda answer: self.known.add(sales_types.Order.FromString(answer).name))
        name, steps = known
        if dice.random() < 0.08 or steps >= len(self.STEPS):
            method, more = dice.choice([("CancelOrder", {"reason": "customer_request"}),
                                        ("ReturnOrder", {"reason": "damaged", "lines": [sales_types.LineQuantity(line=1, quantity=1)]})])
            return self._call(method, dice, name=name, **more)
        return self._call(self.STEPS[steps], dice, name=name, told=lambda _: self.known.went(name))

    def _call(self, method, dice, told=None, **fields):
        request = getattr(sales, method + "Request")(request_id=some_uuid(dice), **fields)
        caller = self.finance if method == "SignOrderForFinance" else self.system
        return Call("orders", "/steward.orders.v1.OrdersService/" + method, request, caller, told=told)


class Values:
    """Measurements and targets."""

    def __init__(self, system):
        self.system = system

    def next(self, dice):
        if dice.random() < 0.3:
            return self._call("ScorecardsService/SetTarget", p.scorecards.SetTargetRequest(request_id=some_uuid(dice), target={
                "kpi": KPI, "subject": f"members/m-{dice.randint(1, 9)}", "period": "periods/2026-q1", "target": {"value": str(dice.randint(1, 99))}}))
        external = some_uuid(dice)
        return self._call("MeasurementsService/RecordMeasurement", p.measurements.RecordMeasurementRequest(
            request_id=some_uuid(dice), measurement=p.measurements.Measurement(
                source="chaos", external_id=external, kpi=KPI, subject=f"members/m-{dice.randint(1, 9)}",
                day=Date(year=2026, month=2, day=dice.randint(1, 28)), value=str(dice.randint(1, 100)))), external=external)

    def _call(self, method, request, **more):
        return Call("scoring", "/steward.scoring.v1." + method, request, self.system, **more)


def works(system):
    finance = System(system.stack, FINANCE)
    return [Leads(system), Contracts(system, finance), Orders(system, finance), Values(system)]

