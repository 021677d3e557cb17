#!/usr/bin/env python3
"""Compiles sources as the release preset does, into nothing: at -O2 GCC warns of what neither -O0, -O1 nor a build with
sanitizers shows. All of them would cost half as much again as the debug build, so it takes those that changed last and a few of
the others, by turns."""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("libs/", "services/", "tools/")
DEBUG_ALONE = re.compile(r"-O\d|-g\d|-fno-omit-frame-pointer|-f(no-)?sanitize.*|-D_GLIBCXX_ASSERTIONS")


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.split() if done.returncode == 0 else []


def commands(build):
    """By source: its command without what only a debug build has."""
    release = next(p for p in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"] if p["name"] == "release")
    flags = [f for f in release["cacheVariables"]["CMAKE_CXX_FLAGS"].split() if not f.startswith("-g")]
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = os.path.relpath(entry["file"], ROOT)
        if source.startswith(SHIPPED) and not source.startswith("libs/testing/"):
            words = shlex.split(entry["command"])
            del words[words.index("-o"):words.index("-o") + 2]
            found[source] = [words[0], *flags, *(w for w in words[1:] if not DEBUG_ALONE.fullmatch(w))]
    return found


def chosen(sources, newest, others):
    changed = [*git("ls-files", "--modified", "--others", "--exclude-standard", *SHIPPED),
               *git("log", "-n", "300", "--name-only", "--format=", "--", *SHIPPED)]
    first = [s for s in dict.fromkeys(changed) if s in sources][:newest]
    head = "".join(git("rev-parse", "HEAD"))
    rest = sorted(set(sources) - set(first), key=lambda s: hashlib.sha256((head + s).encode()).digest())
    return first + rest[:others]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "debug", help="a debug build, whose generated headers are there")
    parser.add_argument("--newest", type=int, default=80, help="how many that changed last")
    parser.add_argument("--others", type=int, default=16, help="how many of the rest, others after each commit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    every = commands(options.build)
    ccache = [tool for tool in [shutil.which("ccache")] if tool]
    environment = {**os.environ, "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        def compiles(item):
            number, source = item
            done = subprocess.run([*ccache, *every[source], "-o", f"{folder}/{number}.o"], cwd=options.build, env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            Path(folder, f"{number}.o").unlink(missing_ok=True)
            return source, done

        faults = seen = 0
        for source, done in pool.map(compiles, enumerate(chosen(every, options.newest, options.others))):
            seen += 1
            if done.returncode != 0:
                faults += 1
                print(f"{source}: does not compile at -O2\n{done.stdout}")
    print(f"{seen} of {len(every)} sources compiled at -O2, {faults} faults")
    return 1 if faults or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
