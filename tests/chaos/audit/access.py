"""How to reach a running system from its folder, without taking it over."""

import json
from pathlib import Path


def running(folder):
    """(dsn of a service's database for the read-only role, Kafka's address)."""
    run = Path(folder)
    context = json.loads((run / "context.json").read_text())
    password = (run / "secrets" / "steward_auditor.password").read_text().strip()

    def dsn(service):
        return f"host=127.0.0.1 port={context['postgres']['port']} dbname={service} user=steward_auditor password={password}"

    return dsn, context["kafka"]
