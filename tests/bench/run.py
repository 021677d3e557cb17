#!/usr/bin/env python3
"""Ratios against rivals, measured in interleaved rounds on one running stack.

    tests/bench/run.py [--quick] [--rounds N] [--only G1,G9] [--build build/release] [--folder DIR] [--json FILE]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def in_environment():
    """The clients' packages live in an environment of their own: go on with its python."""
    try:
        import confluent_kafka  # noqa: F401
        import psycopg  # noqa: F401
    except ImportError:
        python = subprocess.run([ROOT / "tools" / "venv.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        if os.environ.get("STEWARD_BENCH_VENV") == python:
            raise
        os.environ["STEWARD_BENCH_VENV"] = python
        os.execv(python, [python, *sys.argv])


def suites():
    """[(services of a stack of their own, [(goals, what measures them)])]: nothing runs beside them that they do not need."""
    import applied
    import business
    import calendars
    import commands
    import events
    import scoring
    import timers
    # In this order: those that leave much behind come last, and the relay's rows are for nobody to apply.
    spine = [("G13", calendars.addition), ("G1 G1b G6", commands.throughput), ("G3", commands.latency), ("G4", events.to_consumer),
             ("G7", events.apply), ("G9", timers.drain), ("G12", timers.memory), ("G11", timers.recovery), ("G8 G8b", timers.lateness),
             ("G5", events.relay)]
    return [(["directory", "complaints", "sla"], spine),
            (["directory", "leads"], [("L1", business.list_leads), ("G1-lead", business.create_lead),
                                      ("G1-opportunity", business.advance_opportunity)]),
            (["directory", "orders"], [("L2", business.ageing), ("G1-payment", business.record_payment)]),
            (["directory", "scoring"], [("G7-scoring", applied.touches), ("G14", scoring.rescore), ("G14b", scoring.kernel), ("G15", scoring.recompute),
                                        ("L3", scoring.fill_card), ("G15b", scoring.increment)])]


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="short blocks, fewer rows; a look, not a result")
    parser.add_argument("--rounds", type=int, help="rounds that count, after one that does not (default 12, quick 3)")
    parser.add_argument("--only", default="", help="goals, for example G1,G9")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--folder", help="folder of the stack (default: a temporary one)")
    parser.add_argument("--json", help="also write the results here")
    return parser.parse_args()


def build_programs(build):
    """They are not of the default build."""
    done = subprocess.run(["ninja", "-C", build, "-j", str(os.cpu_count() or 1), "bench_programs"], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"the benchmark programs do not build; goals that need them are skipped\n{done.stdout[-2000:]}", file=sys.stderr)


def main():
    in_environment()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through the `with` below: the stack is stopped
    sys.path.insert(0, str(HERE))
    import header
    from fixture import Fixture
    from stats import table
    arguments = options()
    wanted = set(filter(None, arguments.only.split(",")))
    rounds = arguments.rounds or (3 if arguments.quick else 12)
    if not os.environ.get("STEWARD_BENCH_NO_BUILD"):
        build_programs(arguments.build)
    goals, broken = [], []
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as temporary:
        os.chmod(temporary, 0o755)
        steal = header.Steal()
        for number, (services, groups) in enumerate(suites()):
            chosen = [(names, measure) for names, measure in groups if not wanted or wanted & set(names.split())]
            if not chosen:
                continue
            folder = Path(arguments.folder or temporary) / f"run{number}"
            with Fixture(folder, arguments.build, services, arguments.quick, lambda line: print(line, flush=True)) as fixture:
                how = f"{rounds} rounds after one discarded{', quick' if arguments.quick else ''}"
                print("\n".join(header.lines(fixture.stack, how)), flush=True)
                for names, measure in chosen:
                    try:
                        fixture.restore()
                        goals += measure(fixture, rounds)
                    except Exception as error:  # one group that fails must not hide the others; the exit code tells
                        broken.append(f"{names}: {type(error).__name__}: {error}")
                        print(f"{names} failed: {error}", file=sys.stderr, flush=True)
        load = Path("/proc/loadavg").read_text().split()[:3]
        print(f"\nsteal {steal.percent():.1f} % during the run, load {' '.join(load)} at its end\n{table(goals)}")
    for line in broken:
        print(f"broken: {line}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(
            [{"goal": g.name, "metric": g.metric, "against": g.against, "pairs": g.pairs, "verdict": g.row()[-1], "notes": g.notes}
             for g in goals], indent=1) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
