"""Runs every check and says what it found."""

from . import checks


def run(snapshot, say=print, only=None):
    """True when every invariant holds and every check checked something. Without an operation log I01 to I04 are left out."""
    clean, ran = True, 0
    for name, check in checks.ALL.items():
        if only and name.split()[0] not in only:
            continue
        if not snapshot.operations and name.startswith(checks.NEED_OPERATIONS):
            say(f"{name} skipped: no operation log")
            continue
        checked, violations = check(snapshot)
        ran += 1
        say(f"{name} checked={checked} violations={len(violations)}")
        for violation in violations[:10]:
            say(f"    {violation}")
        if checked == 0:
            say("    checked nothing: that proves nothing")
        clean = clean and checked > 0 and not violations
    return clean and ran > 0
