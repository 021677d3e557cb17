"""Compares a running Steward, loaded by `make demo`, with what the files of deploy/demo/sales say: `make demo-check`."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from clients.system import ROOT, System

from .check import Check
from .line import Line


class Running:
    """What the context file of `make run` says, as far as a client needs it."""

    tls = "off"

    def __init__(self, context):
        self.context = json.loads(context.read_text())

    def address(self, service):
        return self.context["services"][service]["address"]

    def token(self, _member):
        return Path(self.context["token_file"]).read_text().strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".run", help="folder of `make run` (default: %(default)s)")
    parser.add_argument("--limit", type=int, help="rows that were loaded, where not all")
    options = parser.parse_args()
    day_file = options.folder / "demo-sales.day"
    if not day_file.exists():
        sys.exit(f"{day_file} is not there: load the data with `make demo` first")
    line = Line(ROOT / "deploy/demo/sales", date.fromisoformat(day_file.read_text().strip()), options.limit or None)
    check = Check(System(Running(options.folder / "context.json")), line, ZoneInfo("Asia/Shanghai")).all()
    check.escalations()
    for what, count in sorted(check.compared.items()):
        print(f"{what:<20} {count:>7} compared")
    for difference in check.differences[:50]:
        print(difference)
    print(f"{sum(check.compared.values())} figures, {len(check.differences)} differences")
    return 1 if check.differences else 0


sys.exit(main())
