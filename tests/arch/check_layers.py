#!/usr/bin/env python3
"""Who may include and link whom. A lower layer never names a higher one, a service never another service, and a third-party
library is named in one place."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

L0 = {"base"}
L1 = L0 | {"config", "log", "metrics"}
L2 = L1 | {"runtime"}
# A library may include itself and these.
LIBS = {
    "base": set(),
    "config": L0, "log": L0, "metrics": L0,
    "runtime": L1,
    "pg": L2, "kafka": L2, "redis": L2, "rpc": L2, "contact": L0,
    "idempotency": L2 | {"pg"},
    "eventing": L2 | {"pg", "kafka", "rpc"},
    "identity": L2 | {"pg", "rpc", "eventing"},
    "service": L2 | {"pg", "kafka", "redis", "rpc", "idempotency", "eventing", "identity"},
    "testing": L2 | {"pg", "kafka", "redis", "rpc", "idempotency", "eventing", "identity", "service"},
}
SHIPPED = set(LIBS) - {"testing"}
CLIENT = L2 | {"rpc", "kafka"}  # stewardctl: no database of its own

# Header prefix -> who may include it, besides tests. abseil, the C++ library and the C library are everyone's.
THIRD_PARTY = {
    "libpq": {"pg"},
    "librdkafka/": {"kafka", "testing"},
    "hiredis/": {"redis"},
    "phonenumbers/": {"contact"},
    "httplib.h": {"runtime"},
    "prometheus/": {"metrics"},
    "spdlog/": {"log"},
    "fmt/": {"log"},
    "CLI/": {"config", "stewardctl"},
    "yaml-cpp/": {"config", "rpc", "stewardctl", "services"},  # settings; policy.yaml; packs and calendars
    "nlohmann/": {"rpc", "stewardctl"},                        # token keys; output for programs
    "jwt/": {"rpc"},
    "openssl/": {"rpc"},
    "re2/": {"rpc", "config"},
    "grpc": {"rpc"},
    "google/protobuf/": {"rpc", "idempotency", "eventing", "identity", "service", "testing", "services", "stewardctl"},
    "google/": {"rpc", "eventing", "identity", "service", "testing", "services", "stewardctl"},
    "steward/": {"rpc", "eventing", "identity", "service", "testing", "services", "stewardctl"},
    "gtest/": {"testing"}, "gmock/": {"testing"}, "rapidcheck": {"testing"}, "benchmark/": set(),
}
C_AND_SYSTEM = re.compile(r"^([a-z0-9_]+(\.h)?|sys/.*|netinet/.*|arpa/.*|net/.*|linux/.*)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)


class Check:
    def __init__(self):
        self.faults, self.files, self.edges = [], 0, 0

    def fault(self, where, text):
        self.faults.append(f"{where}: {text}")

    def file(self, path):
        relative = path.relative_to(ROOT)
        parts = relative.parts
        self.files += 1
        for name in INCLUDE.findall(path.read_text()):
            self.edges += 1
            if name.startswith("libs/"):
                self.library(relative, parts, name.split("/")[1])
            elif name.startswith("services/"):
                self.service(relative, parts, name.split("/"))
            elif name.startswith("tools/"):
                if parts[0] not in ("tools", "tests"):
                    self.fault(relative, f"includes {name}; only tests may")
            else:
                self.third_party(relative, parts, name)

    def library(self, relative, parts, library):
        if library not in LIBS:
            self.fault(relative, f"includes libs/{library}, which the table does not know")
        elif parts[0] == "libs":
            if library != parts[1] and library not in LIBS.get(parts[1], set()):
                self.fault(relative, f"libs/{parts[1]} may not include libs/{library}")
        elif parts[0] == "services":
            if parts[2] == "domain" and library != "base":
                self.fault(relative, f"a domain links base alone, not libs/{library}")
            elif library not in SHIPPED:
                self.fault(relative, f"a service may not include libs/{library}")
        elif parts[0] == "tools" and library not in CLIENT:
            self.fault(relative, f"stewardctl may not include libs/{library}")

    def service(self, relative, parts, target):
        if parts[0] == "libs" or (parts[0] == "services" and parts[1] != target[1]):
            self.fault(relative, f"includes {'/'.join(target)}: services meet only in proto/")
        elif parts[0] == "tools":
            self.fault(relative, "stewardctl speaks to services by gRPC alone")
        elif parts[0] == "services" and parts[2] == "domain" and target[2] != "domain":
            self.fault(relative, f"a domain may not include {'/'.join(target)}")
        elif parts[0] == "services" and parts[2] == "storage" and target[2] not in ("storage", "domain"):
            self.fault(relative, f"storage may include the domain alone, not {'/'.join(target)}")

    def third_party(self, relative, parts, name):
        if name.startswith("absl/") or parts[0] == "tests":
            return
        owner = parts[1] if parts[0] == "libs" else "services" if parts[0] == "services" else parts[1]
        if parts[0] == "services" and parts[2] == "domain" and ("/" in name or name.endswith(".hpp")):
            self.fault(relative, f"a domain is pure: no {name}")
            return
        for prefix, owners in THIRD_PARTY.items():
            if name.startswith(prefix):
                if owner not in owners:
                    self.fault(relative, f"{name} belongs to {', '.join(sorted(owners)) or 'tests'}")
                return
        if not C_AND_SYSTEM.match(name):
            self.fault(relative, f"{name}: no line for it in THIRD_PARTY")

    def clock(self, path):
        """What is due is never read from a clock inside a domain."""
        if re.search(r'#include "libs/base/clock\.h"|_clock::now|time\(nullptr\)|absl::Now', path.read_text()):
            self.fault(path.relative_to(ROOT), "a domain gets its time as an argument")

    def links(self, path):
        """The link lines of libs/*/CMakeLists.txt and services/*/CMakeLists.txt keep to the same table."""
        relative = path.relative_to(ROOT)
        text = re.sub(r"#.*", "", path.read_text())
        for found in re.finditer(r"(?:steward_library|target_link_libraries)\s*\(\s*(\w+)([^)]*)\)", text):
            target, rest = found[1], set(re.findall(r"\bsteward_(\w+)\b", found[2])) & set(LIBS)
            if relative.parts[0] == "libs" and target == f"steward_{relative.parts[1]}":
                for library in sorted(rest - LIBS[relative.parts[1]]):
                    self.fault(relative, f"libs/{relative.parts[1]} may not link steward_{library}")
            elif target.endswith("_domain"):
                for library in sorted(rest - {"base"}):
                    self.fault(relative, f"{target} may not link steward_{library}")
                if re.search(r"\bproto_\w+|gRPC::|protobuf::", found[2]):
                    self.fault(relative, f"{target} may not link protobuf")
            elif relative.parts[0] == "services" and "testing" in rest:
                self.fault(relative, f"{target} may not link steward_testing")


def main():
    check = Check()
    for top in ("libs", "services", "tools", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                check.file(path)
                if "domain" in path.parts and top == "services":
                    check.clock(path)
            elif path.name == "CMakeLists.txt":
                check.links(path)
    for fault in check.faults:
        print(fault)
    print(f"{check.files} files, {check.edges} includes, {len(check.faults)} faults")
    return 1 if check.faults or not check.files else 0


if __name__ == "__main__":
    sys.exit(main())
