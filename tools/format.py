#!/usr/bin/env python3
"""clang-format over our sources: checks, or with --write changes them. Arguments are files; none = all."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FORMATTER = "clang-format-14"


def sources():
    for top in ("libs", "services", "tools", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield path


def check(path):
    done = subprocess.run([FORMATTER, "--dry-run", "-Werror", path], capture_output=True, text=True)
    return path, done.returncode == 0


def main(arguments):
    write = "--write" in arguments
    files = [Path(a).resolve() for a in arguments if not a.startswith("--")] or list(sources())
    if write:
        subprocess.run([FORMATTER, "-i", *files], check=True)
        return 0
    with ThreadPoolExecutor(2) as pool:
        wrong = [path for path, good in pool.map(check, files) if not good]
    for path in wrong:
        print(f"{path.relative_to(ROOT)}: not laid out as .clang-format says (make format)")
    print(f"{len(files)} files, {len(wrong)} to lay out")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
