#!/usr/bin/env python3
"""Metric names are a contract: metrics_golden.txt holds `name type labels`, and the sources name exactly these.

  check_metrics.py               the sources against the golden file
  check_metrics.py --write URL.. adds to the golden file what the /metrics pages of running services show, and drops what no source names
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


def unknown(pages):
    """Lines of live pages that the golden file does not cover: another type, or a label it does not list."""
    known = {line.split()[0]: line.split() for line in golden()}

    def covered(line):
        name, kind, *labels = line.split()
        _, want_kind, *want = known.get(name, [name, "", ""])
        return kind == want_kind and set((labels or [""])[0].split(",")) - {""} <= set((want or [""])[0].split(","))
    return [line for line in contract(pages) if not covered(line)]


def write(pages):
    """Series that have not occurred yet keep their line."""
    lines = {line.split()[0]: line for line in (golden() if GOLDEN.exists() else [])}
    for line in contract(pages):
        name, kind, *labels = line.split()
        old = lines.get(name, line).split()[2:]
        union = sorted(set((labels or [""])[0].split(",")) | set((old or [""])[0].split(",")) - {""})
        lines[name] = " ".join([name, kind, ",".join(filter(None, union))]).rstrip()
    kept = sorted(line for name, line in lines.items() if name in named_in_sources())
    GOLDEN.write_text("# name type labels; checked against the sources and against running services (check_metrics.py)\n"
                      + "\n".join(kept) + "\n")


def named_in_sources():
    named = {}
    for path in files(".cpp", ".h"):
        if path.relative_to(ROOT).parts[0] in ("libs", "services"):
            for name in NAME.findall(text(path)):
                named.setdefault(name, path.relative_to(ROOT))
    return named


def main(arguments):
    if arguments[:1] == ["--write"]:
        write([urllib.request.urlopen(url, timeout=5).read().decode() for url in arguments[1:]])
        return 0
    named = named_in_sources()
    known = {line.split()[0] for line in golden()}
    faults = [f"{named[name]}: {name} is not in metrics_golden.txt" for name in sorted(set(named) - known)
              if not NOT_METRICS.match(name)]
    faults += [f"metrics_golden.txt: no source names {name}" for name in sorted(known - set(named))]
    print("\n".join([*faults, f"{len(known)} metrics, {len(faults)} faults"]))
    return 1 if faults or not known else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
