"""Makes the local stack importable: `from steward_stack import Stack` (deploy/local)."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "deploy" / "local"))
os.environ.setdefault("STEWARD_BUILD", str(ROOT / "build" / "debug"))
