"""Stacks that a test has for itself."""

import os
from contextlib import contextmanager

from steward_stack import Stack

from .system import System


@contextmanager
def running(folder, services=None):
    """The operator's view of a new stack with the sample organisation; `services` None = all of them."""
    with Stack(folder / "run", build=os.environ["STEWARD_BUILD"], services=services, ephemeral=True) as stack:
        stack.start()
        operator = System(stack)
        operator.load_organisation()
        stack.wait_quiet()
        yield operator
