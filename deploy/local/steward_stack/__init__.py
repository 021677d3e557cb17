"""Steward on one machine: private PostgreSQL, Redis, Kafka and every service under one folder.

    from steward_stack import Stack
    with Stack(folder) as stack:
        stack.start()
        stack.address("complaints"); stack.token("members/operator"); stack.kill9("sla"); stack.restart("sla")

Standard library only. `make run` and the end-to-end, chaos and benchmark runs all start the system through this.
"""

from .stack import Stack, SERVICES  # noqa: F401
