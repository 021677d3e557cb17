#!/usr/bin/env python3
"""deploy/kafka/topics.yaml: read alike by a YAML library and by the local stack's own reader; every topic that the sources name is
in it, and event topics are kept for ever."""

import re
import sys

import yaml
from tree import ROOT, files, text

sys.path.insert(0, str(ROOT / "deploy" / "local"))
from steward_stack.kafka import read_topics  # noqa: E402

# Written by outside systems; nothing is rebuilt from them.
INTAKE = {"steward.scoring.measurements.v1"}


def main():
    page = yaml.safe_load((ROOT / "deploy" / "kafka" / "topics.yaml").read_text())
    want = {name: {k: str(v) for k, v in {**page["defaults"], **own}.items()} for name, own in page["topics"].items()}
    faults = []
    if read_topics() != want:
        faults.append("the local stack reads topics.yaml differently from a YAML library")
    faults += [f"{name}: events are kept for ever (retention.ms -1)" for name, own in want.items()
               if own["retention.ms"] != "-1" and name not in INTAKE]
    named = set()
    for path in files(".cpp", ".h"):
        if path.relative_to(ROOT).parts[0] in ("libs", "services", "tools"):
            named |= set(re.findall(r'"(steward(?:\.[a-z]+)+\.v\d+)"', text(path)))
    faults += [f"{topic} is named in the sources but not in topics.yaml" for topic in sorted(named - set(want))
               if not topic.startswith(("steward.operations.", "steward.test."))]
    print("\n".join([*faults, f"{len(want)} topics, {len(named)} named in the sources, {len(faults)} faults"]))
    return 1 if faults or not want else 0


if __name__ == "__main__":
    sys.exit(main())
