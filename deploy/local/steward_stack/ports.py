"""Free ports near a base, kept in ports.json, so that two checkouts run side by side and addresses stay the same."""

import hashlib
import json
import socket
from pathlib import Path

FIRST, BLOCK, BLOCKS = 7200, 40, 60


def base_of(folder):
    """A block of ports for this folder: 7200, 7240, ..."""
    digest = hashlib.sha256(str(Path(folder).resolve()).encode()).digest()
    return FIRST + BLOCK * (int.from_bytes(digest[:4], "big") % BLOCKS)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    def __init__(self, file, base):
        self.file, self.base = Path(file), base
        self.numbers = json.loads(self.file.read_text()) if self.file.exists() else {}

    def choose(self, names):
        """A port for each name: the one it had if that is free, else the next free one at or above the base."""
        chosen = {}
        for name in names:
            port = self.numbers.get(name)
            if port is None or port in chosen.values() or not is_free(port):
                taken = set(chosen.values()) | {p for n, p in self.numbers.items() if n != name}
                port = next(p for p in range(self.base, 65000) if p not in taken and is_free(p))
            chosen[name] = port
            self.numbers[name] = port
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.numbers, indent=1) + "\n")

    def __getitem__(self, name):
        return self.numbers[name]
