#!/usr/bin/env python3
"""Every migration of a service is embedded under its own number and name, and the numbers of a service rise."""

import re
import sys

from tree import ROOT, files, text

ENTRY = re.compile(r'"(\d+)\|(\w+)\|\$\{CMAKE_(CURRENT_)?SOURCE_DIR\}/([^"]+\.sql)"')
NAME = re.compile(r"(\d{4})_[a-z][a-z0-9_]*\.sql")


def faults_of(folder, listing, own):
    """`own`: the files of folder/migrations."""
    entries = [(int(number), name, f"{folder.relative_to(ROOT)}/{path}" if local else path)
               for number, name, local, path in ENTRY.findall(listing)]
    where = folder.relative_to(ROOT)
    for path in own:
        if not NAME.fullmatch(path.name):
            yield f"{path.relative_to(ROOT)}: its name is not NNNN_verb_noun.sql"
        elif sum(at == str(path.relative_to(ROOT)) for _, _, at in entries) != 1:
            yield f"{path.relative_to(ROOT)}: {where}/CMakeLists.txt does not list it once: it would not run"
    for number, name, at in entries:
        if not name.startswith(f"{number:04}_"):
            yield f"{where}/CMakeLists.txt: {name} stands under number {number}"
        if "/migrations/" in at and at.rsplit("/", 1)[1] != f"{name}.sql":
            yield f"{where}/CMakeLists.txt: {name} is the file {at}"
        if not (ROOT / at).is_file():
            yield f"{where}/CMakeLists.txt: there is no {at}"
    numbers = [number for number, _, _ in entries]
    if numbers != sorted(set(numbers)):
        yield f"{where}/CMakeLists.txt: the numbers of migrations do not rise: {numbers}"


def main():
    seen, faults = 0, []
    migrations = [p for p in files(".sql") if p.parent.name == "migrations"]
    for listing in files("CMakeLists.txt"):
        if listing.parent.parent != ROOT / "services":
            continue
        own = [p for p in migrations if p.parent.parent == listing.parent]
        seen += len(own)
        faults += faults_of(listing.parent, text(listing), own)
    print("\n".join([*faults, f"{seen} migrations, {len(faults)} faults"]))
    return 1 if faults or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
