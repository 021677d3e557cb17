"""The files that belong to the project: tracked by git, or new and not ignored."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(*suffixes):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            capture_output=True, text=True, check=True).stdout
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        if path.is_file() and (not suffixes or path.suffix in suffixes or path.name in suffixes):
            yield path


def text(path):
    """Its text; empty for a binary file."""
    data = path.read_bytes()
    return "" if b"\0" in data[:4096] else data.decode(errors="replace")
