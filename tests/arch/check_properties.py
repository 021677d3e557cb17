#!/usr/bin/env python3
"""rc::check answers whether its property holds and fails no test by itself: each call is asserted."""

import re
import sys

from tree import ROOT, files, text

UNASSERTED = re.compile(r"(?<!EXPECT_TRUE\()(?<!ASSERT_TRUE\()(?<!return)rc::check\(")


def main():
    faults = seen = 0
    for path in files(".cpp", ".h"):
        if not path.relative_to(ROOT).parts[0] == "tests":
            continue
        seen += 1
        found = len(UNASSERTED.findall(re.sub(r"\s+", "", text(path))))
        if found:
            print(f"{path.relative_to(ROOT)}: {found} of rc::check without EXPECT_TRUE: the test cannot fail")
            faults += found
    print(f"{seen} files, {faults} faults")
    return 1 if faults or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
