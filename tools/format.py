#!/usr/bin/env python3
"""clang-format over our sources: checks, or with --write changes them. Arguments are files; none = all."""

import re
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


def wrong_of(files):
    """Which of these clang-format would change; one process for all."""
    done = subprocess.run([FORMATTER, "--dry-run", "--ferror-limit=1", *files], capture_output=True, text=True)
    named = set(re.findall(r"^(/[^:]+):\d+:\d+: (?:warning|error)", done.stderr, re.M))
    if done.returncode != 0 and not named:
        raise SystemExit(done.stderr)
    return named


def main(arguments):
    write = "--write" in arguments
    files = [str(Path(a).resolve()) for a in arguments if not a.startswith("--")] or [str(p) for p in sources()]
    if write:
        subprocess.run([FORMATTER, "-i", *files], check=True)
        return 0
    with ThreadPoolExecutor(2) as pool:
        wrong = sorted(set().union(*pool.map(wrong_of, [files[::2], files[1::2]])))
    for path in wrong:
        print(f"{Path(path).relative_to(ROOT)}: not laid out as .clang-format says (make format)")
    print(f"{len(files)} files, {len(wrong)} to lay out")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
