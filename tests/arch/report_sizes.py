#!/usr/bin/env python3
"""Lists files above 400 lines and functions above 60: a report for review, not a check."""

import re
import sys

from tree import ROOT, files, text

FILE_LIMIT, FUNCTION_LIMIT = 400, 60
OPENS = re.compile(r"^(?!namespace|struct|class|enum|union|extern|#|//)\S.*\{$")


def main():
    for path in files(".cpp", ".h", ".py"):
        lines = text(path).splitlines()
        where = path.relative_to(ROOT)
        if len(lines) > FILE_LIMIT:
            print(f"{where}: {len(lines)} lines")
        start = None
        for number, line in enumerate(lines, 1) if path.suffix == ".cpp" else ():
            if start is None and OPENS.match(line):
                start = number
            elif start is not None and line.startswith("}"):
                if number - start > FUNCTION_LIMIT:
                    print(f"{where}:{start}: function of {number - start} lines")
                start = None
    return 0


if __name__ == "__main__":
    sys.exit(main())
