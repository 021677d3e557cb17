#!/usr/bin/env python3
"""Every relative link of every Markdown page leads to a file of the tree, and to a heading where it names one."""

import re
import sys

from tree import ROOT, files, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def anchors(page):
    found = set()
    for heading in re.findall(r"^#+ +(.*)$", page, re.M):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def main():
    faults = links = 0
    for path in files(".md"):
        page = re.sub(r"```.*?```", "", text(path), flags=re.S)
        for target in LINK.findall(page):
            if re.match(r"[a-z]+:", target):
                continue
            links += 1
            name, _, anchor = target.partition("#")
            goal = (path.parent / name).resolve() if name else path
            if not goal.exists() or not goal.is_relative_to(ROOT):
                print(f"{path.relative_to(ROOT)}: no such file: {target}")
                faults += 1
            elif anchor and goal.suffix == ".md" and anchor not in anchors(text(goal)):
                print(f"{path.relative_to(ROOT)}: no such heading: {target}")
                faults += 1
    print(f"{links} links, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
