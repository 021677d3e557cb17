"""Python messages and stubs, generated from proto/ into a folder of their own and imported from there."""

import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _googleapis():
    """The build's unpacked wheel, or the installed package of the same name (its protos lie beside its modules)."""
    import google.api.field_behavior_pb2 as installed

    return Path(installed.__file__).resolve().parents[2]


def _generate(folder):
    protos = sorted((ROOT / "proto").rglob("*.proto"))
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"-I{_googleapis()}", f"--python_out={folder}",
         f"--grpc_python_out={folder}", *[str(p.relative_to(ROOT / "proto")) for p in protos]],
        check=True, cwd=ROOT / "proto")


_folder = Path(os.environ.get("STEWARD_PYTHON_PROTOS") or tempfile.mkdtemp(prefix="steward-protos-"))
if not (_folder / "steward").exists():
    _generate(_folder)
sys.path.insert(0, str(_folder))


def _load(name):
    return importlib.import_module(name)


complaints = _load("steward.complaints.v1.complaints_service_pb2")
complaints_types = _load("steward.complaints.v1.complaints_pb2")
complaints_grpc = _load("steward.complaints.v1.complaints_service_pb2_grpc")
complaints_events = _load("steward.complaints.events.v1.complaints_events_pb2")
directory = _load("steward.directory.v1.directory_service_pb2")
directory_types = _load("steward.directory.v1.directory_pb2")
directory_grpc = _load("steward.directory.v1.directory_service_pb2_grpc")
directory_events = _load("steward.directory.events.v1.directory_events_pb2")
sla = _load("steward.sla.v1.sla_service_pb2")
sla_types = _load("steward.sla.v1.sla_pb2")
sla_grpc = _load("steward.sla.v1.sla_service_pb2_grpc")
sla_events = _load("steward.sla.events.v1.sla_events_pb2")
leads = _load("steward.leads.v1.leads_service_pb2")
leads_types = _load("steward.leads.v1.leads_pb2")
leads_grpc = _load("steward.leads.v1.leads_service_pb2_grpc")
opportunities = _load("steward.leads.v1.opportunities_service_pb2")
campaigns = _load("steward.leads.v1.campaigns_service_pb2")
campaigns_types = _load("steward.leads.v1.campaigns_pb2")
leads_events = _load("steward.leads.events.v1.leads_events_pb2")
contracts = _load("steward.orders.v1.contracts_service_pb2")
flows = _load("steward.orders.v1.approval_flows_service_pb2")
contracts_types = _load("steward.orders.v1.contracts_pb2")
contract_drafts = _load("steward.orders.v1.contract_drafts_service_pb2")
receivables = _load("steward.orders.v1.receivables_service_pb2")
orders_events = _load("steward.orders.events.v1.orders_events_pb2")
scorecards = _load("steward.scoring.v1.scorecards_service_pb2")
scorecards_types = _load("steward.scoring.v1.scorecards_pb2")
measures = _load("steward.scoring.v1.measures_service_pb2")
leaderboards = _load("steward.scoring.v1.leaderboards_service_pb2")
lead_scores = _load("steward.scoring.v1.lead_scores_service_pb2")
lead_scores_types = _load("steward.scoring.v1.lead_scores_pb2")
scorecards = _load("steward.scoring.v1.scorecards_service_pb2")
eligibility = _load("steward.scoring.v1.eligibility_service_pb2")
measurements = _load("steward.scoring.v1.measurements_service_pb2")
periods = _load("steward.scoring.v1.periods_service_pb2")
scoring_events = _load("steward.scoring.events.v1.scoring_events_pb2")
measurement_intake = _load("steward.scoring.intake.v1.measurement_pb2")
operations = _load("steward.operations.v1.operations_service_pb2")


def _of_package(package, suffix):
    files = sorted((ROOT / "proto/steward" / package / "v1").glob("*_service.proto"))
    return [_load(f"steward.{package}.v1.{file.stem}_{suffix}") for file in files]


def services_of(package):
    """Descriptors of the gRPC services of a service: one for each family of resources."""
    return [service for module in _of_package(package, "pb2") for service in module.DESCRIPTOR.services_by_name.values()]


def stubs_of(package):
    """{method: the stub that has it}; a method's name is of one gRPC service alone."""
    modules = _of_package(package, "pb2_grpc")
    return {method.name: getattr(module, f"{service.name}Stub") for service in services_of(package) for module in modules
            if hasattr(module, f"{service.name}Stub") for method in service.methods}


operations_grpc = _load("steward.operations.v1.operations_service_pb2_grpc")
