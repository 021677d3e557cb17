"""python -m audit --folder .run [--operations LOG]: exit 1 when an invariant is broken."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "chaos"), str(ROOT / "deploy" / "local")]

from audit import report, snapshot  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="audit", description=__doc__)
    parser.add_argument("--folder", default=str(ROOT / ".run"), help="folder of the running system (default .run)")
    parser.add_argument("--operations", help="operation log of a load driver; without it I01 to I04 are skipped")
    options = parser.parse_args()
    from audit.access import running

    dsn, kafka = running(options.folder)
    sys.exit(0 if report.run(snapshot.read(dsn, kafka, options.operations)) else 1)


if __name__ == "__main__":
    main()
