#!/usr/bin/env python3
"""clang-tidy's short error list (.clang-tidy) over our sources of build/debug. Arguments are files; none = all."""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIDY = "clang-tidy-14"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", default=ROOT / "build" / "debug")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    wanted = {str(Path(f).resolve()) for f in options.files}
    commands = json.loads((Path(options.build) / "compile_commands.json").read_text())
    files = sorted({c["file"] for c in commands if "/generated/" not in c["file"] and (not wanted or c["file"] in wanted)})

    def run(file):
        # The sanitizers' flags are GCC's, and cost clang-tidy time for nothing.
        done = subprocess.run([TIDY, "--quiet", "-p", str(options.build), "--extra-arg=-fno-sanitize=all",
                               "--extra-arg=-Wno-unknown-warning-option", file], capture_output=True, text=True)
        return file, done
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for number, (file, done) in enumerate(pool.map(run, files), 1):
            print(f"[{number}/{len(files)}] {Path(file).relative_to(ROOT)}", flush=True)
            if done.returncode != 0:
                failed += 1
                print(done.stdout)
    print(f"{len(files) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
