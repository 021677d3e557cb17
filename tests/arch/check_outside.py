#!/usr/bin/env python3
"""The project stands alone: no file of it names a path of the machine it was made on, or a file outside its tree."""

import re
import sys

from tree import ROOT, files, text

# A home folder, a workplace, a neighbour of the tree. Built from parts so that this file does not name them itself.
PLACES = [r"/work" + r"/", r"/root" + r"/", r"/home" + r"/\w", r"\.\./" + r"shared", r"shared" + r"/(design|peers|product|data)"]
PATTERN = re.compile("|".join(rf"(?<![\w.$~-]){place}" for place in PLACES))


def main():
    faults = seen = 0
    for path in files():
        seen += 1
        if path.is_symlink():
            print(f"{path.relative_to(ROOT)}: a symbolic link")
            faults += 1
        for number, line in enumerate(text(path).splitlines(), 1):
            if PATTERN.search(line):
                print(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
                faults += 1
    print(f"{seen} files, {faults} faults")
    return 1 if faults or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
