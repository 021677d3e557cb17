"""One running Steward for the tests that only use it; tests that break things start their own."""

import os
import sys
from pathlib import Path

import pytest
from steward_stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from clients.system import System  # noqa: E402


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    with Stack(tmp_path_factory.mktemp("system") / "run", build=os.environ["STEWARD_BUILD"], replicas={"sla": 2}, ephemeral=True) as stack:
        stack.start()
        operator = System(stack)
        operator.load_basics()
        stack.wait_quiet()
        yield operator
