"""One service process of the stack: where its binary is, its settings, its state."""

import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .process import Process, StartError, wait_until

ROOT = Path(__file__).resolve().parents[3]
# In the order of their ports. A service whose binary is not built is left out.
SERVICES = ["directory", "complaints", "sla", "leads", "orders", "scoring"]
# Settings of one service alone, with addresses of others filled in.
OWN_SETTINGS = {"complaints": {"sla_target": "{sla}", "leads_target": "{leads}"},
                "orders": {"leads_target": "{leads}", "leads_token_file": "{token_file}"},
                "scoring": {f"{owner}_target": "{" + owner + "}" for owner in ("directory", "complaints", "sla", "leads", "orders")}}
DAY_MS = 24 * 3600 * 1000


def binary_of(build, name):
    """A built program, wherever in the build folder its directory puts it; None when it is not built."""
    build = Path(build)
    for path in (build / "bin" / name, build / "services" / name.removeprefix("steward-") / name, build / "tools" / name / name):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None


class Service:
    def __init__(self, stack, name, replica=1):
        self.stack = stack
        self.kind = name
        self.name = name if replica == 1 else f"{name}-{replica}"
        self.binary = binary_of(stack.build, f"steward-{name}")
        self.process = Process(self.name, stack.run_dir)

    @property
    def address(self):
        return f"127.0.0.1:{self.stack.ports[self.name]}"

    @property
    def admin_address(self):
        return f"127.0.0.1:{self.stack.ports[self.name + '-admin']}"

    def settings(self):
        stack, role = self.stack, f"steward_{self.kind}"
        settings = {
            "profile": stack.profile, "listen": self.address, "admin_listen": self.admin_address,
            "pg_host": stack.postgres.socket_dir, "pg_port": stack.ports["postgres"], "pg_database": self.kind, "pg_user": role,
            "pg_password_file": stack.postgres.password_file(role),
            "kafka_bootstrap_servers": stack.kafka.bootstrap,
            "kafka_member_name": self.name,  # after kill -9 the next process has its partitions at once, not after the session's end
            "redis_host": "127.0.0.1", "redis_port": stack.ports["redis"], "redis_password_file": stack.redis.password_file,
            "policy_file": ROOT / "services" / self.kind / "policy.yaml",
            "token_jwks_file": stack.keys.jwks, "token_issuer": stack.keys.issuer, "token_max_life_ms": DAY_MS,
            "page_token_secret_file": stack.keys.page_token_secret,
            "bootstrap_admin": stack.operator,
        }
        if stack.tls == "mutual":
            certificate, key = stack.keys.certificate(self.kind)
            settings |= {"tls_certificate_file": certificate, "tls_key_file": key, "tls_ca_file": stack.keys.ca}
        addresses = {other.kind: other.address for other in stack.services.values()}
        for name, value in OWN_SETTINGS.get(self.kind, {}).items():
            settings[name] = value.format(token_file=stack.token_file, **{k: addresses.get(k, "") for k in SERVICES})
        return settings | stack.extra_settings.get(self.kind, {}) | stack.extra_settings.get(self.name, {})

    def flags(self):
        return [f"--{name.replace('_', '-')}={value}" for name, value in self.settings().items()]

    def migrate(self):
        """Brings the database to this binary's schema."""
        done = subprocess.run([self.binary, "migrate", "up", *self.flags()], capture_output=True, text=True, env=self.environment())
        if done.returncode != 0:
            raise StartError(f"{self.name}: migrate up answered {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")

    def environment(self):
        # One level of LeakSanitizer noise less: gRPC and librdkafka keep what they allocate once.
        return {**os.environ, **self.stack.environment}

    def spawn(self):
        self.process.spawn([self.binary, *self.flags()], env=self.environment(), cwd="/")

    def start(self, limit_s=None):
        self.spawn()
        self.wait_ready(limit_s)

    def wait_ready(self, limit_s=None):
        try:
            wait_until(self.name, limit_s or self.stack.ready_limit_s, self.ready, self.process.alive)
        except StartError as error:
            raise StartError(f"{error}\n  why: {self.why_not_ready()}\n{self.process.tail()}") from None

    def get(self, path, timeout_s=2):
        """(status, body) of the admin port; (0, reason) when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{self.admin_address}{path}", timeout=timeout_s) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def ready(self):
        return self.get("/readyz")[0] == 200

    def inputs(self):
        """The topics that it reads; empty while it does not answer."""
        return set(re.findall(r'^steward_parked_records\{[^}]*\btopic="([^"]+)"', self.get("/metrics")[1], re.MULTILINE))

    def why_not_ready(self):
        if not self.process.alive():
            return f"the process ended with code {self.process.exit_code()}"
        return self.get("/readyz")[1].strip()

    def stop(self):
        return self.process.stop()

    def kill9(self):
        self.process.kill9()


class Supervisor:
    """Back-off of restarts: 0.5 s doubling to 15 s, forgotten after a minute of health."""

    def __init__(self):
        self._next, self._delay, self._last = 0.0, 0.5, 0.0

    def due(self):
        """How long to wait before the next restart of a process that was just found dead."""
        now = time.monotonic()
        if now - self._last > 60:
            self._delay = 0.5
        self._last = now
        delay, self._delay = self._delay, min(15.0, self._delay * 2)
        return delay
