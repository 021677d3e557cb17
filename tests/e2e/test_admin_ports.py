"""The metrics of running services are those of the golden file."""

import os
import sys
from pathlib import Path

import pytest
from steward_stack import SERVICES, Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "arch"))
import check_metrics  # noqa: E402


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("stack") / "run", build=os.environ["STEWARD_BUILD"], replicas={"sla": 2},
               ephemeral=True) as made:
        made.start()
        yield made


def test_every_service_is_there(stack):
    assert {"directory", "complaints", "sla", "leads", "orders", "scoring"} <= set(stack.kinds) <= set(SERVICES)


def test_metric_names_types_and_labels(stack):
    pages = [service.get("/metrics")[1] for service in stack.services.values()]
    assert all(pages)
    assert check_metrics.unknown(pages) == []


def test_admin_ports_answer(stack):
    for service in stack.services.values():
        assert service.get("/livez")[0] == 200
        assert service.get("/readyz")[0] == 200
        assert service.get("/version")[0] == 200
        assert service.get("/nothing")[0] == 404


def test_a_ready_service_says_so_again_after_its_database_was_killed(stack):
    stack.kill9("postgres")
    stack.restart("postgres")
    for service in stack.services.values():
        service.wait_ready(30)
    stack.wait_quiet()
