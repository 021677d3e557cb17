#!/usr/bin/env python3
"""Metric names are a contract: metrics_golden.txt holds `name type labels`, and the sources name exactly these.

  check_metrics.py               the sources against the golden file
  check_metrics.py --write URL.. writes the golden file from the /metrics pages of running services
`contract(pages)` gives the lines of live pages; the end-to-end test compares them with the golden file.
"""

import re
import sys
import urllib.request

from tree import ROOT, files, text

GOLDEN = ROOT / "tests" / "arch" / "metrics_golden.txt"
NAME = re.compile(r'"((?:steward|grpc_server|process)_[a-z0-9_]+)"')
# Literals of the same shape that are no metrics.
NOT_METRICS = re.compile(r"^steward_(auditor|fingerprint)$")


def contract(pages):
    """`name type label,label` of Prometheus text pages, sorted; without the histograms' own `le`."""
    kinds, labels = {}, {}
    for page in pages:
        for line in page.splitlines():
            found = re.match(r"# TYPE (\S+) (\S+)", line)
            if found:
                kinds[found[1]] = found[2]
            elif line and not line.startswith("#"):
                name, body = re.match(r"([a-zA-Z_:0-9]+)(?:\{(.*)\})? ", line).groups()
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                name = base if kinds.get(base) == "histogram" else name
                labels.setdefault(name, set()).update(set(re.findall(r'(\w+)="', body or "")) - {"le"})
    return sorted(" ".join([name, kind, ",".join(sorted(labels.get(name, ())))]).rstrip() for name, kind in kinds.items())


def golden():
    return [line for line in GOLDEN.read_text().splitlines() if line and not line.startswith("#")]


def main(arguments):
    if arguments[:1] == ["--write"]:
        pages = [urllib.request.urlopen(url, timeout=5).read().decode() for url in arguments[1:]]
        GOLDEN.write_text("# name type labels; written by check_metrics.py --write, checked against sources and running services\n"
                          + "\n".join(contract(pages)) + "\n")
        return 0
    named = {}
    for path in files(".cpp", ".h"):
        if path.relative_to(ROOT).parts[0] in ("libs", "services"):
            for name in NAME.findall(text(path)):
                named.setdefault(name, path.relative_to(ROOT))
    known = {line.split()[0] for line in golden()}
    faults = [f"{named[name]}: {name} is not in metrics_golden.txt" for name in sorted(set(named) - known)
              if not NOT_METRICS.match(name)]
    faults += [f"metrics_golden.txt: no source names {name}" for name in sorted(known - set(named))]
    print("\n".join([*faults, f"{len(known)} metrics, {len(faults)} faults"]))
    return 1 if faults or not known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
