"""The whole system under one folder. Start order: stores side by side, topics and databases, migrations, services side by side.
Stop order: services, Kafka, Redis, PostgreSQL."""

import atexit
import fcntl
import json
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .kafka import Kafka
from .keys import ISSUERS, Keys
from .kafka_wire import KafkaError
from .ports import Ports, base_of
from .postgres import AUDITOR, Postgres
from .process import StartError
from .redis import Redis
from .service import ROOT, SERVICES, Service, Supervisor, binary_of

STORES = ["postgres", "redis", "kafka"]


def unread(topics, applied, ends):
    """{(topic, partition): records} that a service has not applied. A partition of its topics that it has never been given counts
    from the start: a service that is ready may still be joining its group."""
    from_start = {key: 0 for key in ends if key[0] in topics}
    return {key: ends[key] - offset for key, offset in {**from_start, **applied}.items() if ends.get(key, 0) > offset}


class Stack:
    """
    folder          everything lies here: data, logs, keys, ports.json, context.json
    build           build folder with the binaries (build/release, build/debug)
    services        names, or None = every one that is built
    replicas        {"sla": 2}
    base_port       None = from a hash of the folder
    tls             `off` or `mutual`: gRPC between services and clients, with certificates of a CA of its own
    profile         `dev`, or `production`: as outside development, still on one machine; tls is then mutual whatever it says
    ephemeral       stop() deletes the stores' data and keeps logs: for tests
    postgres_settings, kafka_jvm, extra_settings {service or replica: {setting: value}}, environment: for tests and benchmarks
    say             called with lines of progress
    """

    def __init__(self, folder, build=ROOT / "build" / "release", services=None, replicas=None, base_port=None, tls="off",
                 profile="dev", postgres_settings=None, kafka_jvm=None, extra_settings=None, environment=None,
                 ready_limit_s=60, ephemeral=False, say=lambda line: None):
        self.run_dir = Path(folder).absolute()
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.build = Path(build).absolute()
        self.profile = profile
        self.tls = "mutual" if profile == "production" else tls
        self.operator = "members/operator"
        self.extra_settings = extra_settings or {}
        self.environment = environment or {}
        self.ready_limit_s = ready_limit_s
        self.ephemeral = ephemeral
        self.say = say
        self.secrets_dir = self.run_dir / "secrets"
        self.secrets_dir.mkdir(exist_ok=True)
        self.secrets_dir.chmod(0o700)
        self.ports = Ports(self.run_dir / "ports.json", base_port or base_of(self.run_dir))
        self.keys = Keys(self.secrets_dir, ISSUERS[profile])
        self.postgres = Postgres(self.run_dir, self.ports, self.secrets_dir, postgres_settings)
        self.redis = Redis(self.run_dir, self.ports, self.secrets_dir)
        self.kafka = Kafka(self.run_dir, self.ports, kafka_jvm)
        self.services = {}
        for kind in services if services is not None else [s for s in SERVICES if binary_of(self.build, f"steward-{s}")]:
            for replica in range(1, (replicas or {}).get(kind, 1) + 1):
                service = Service(self, kind, replica)
                if service.binary is None:
                    raise StartError(f"steward-{kind} is not built in {self.build}")
                self.services[service.name] = service
        self._read_topics = {}
        self._lock_file = None
        self._supervising = threading.Event()
        self._cancelled = threading.Event()
        self._started = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # What tests and people need to know.

    def address(self, service):
        return self.services[service].address

    @property
    def kinds(self):
        return list(dict.fromkeys(s.kind for s in self.services.values()))

    @property
    def stewardctl(self):
        return binary_of(self.build, "stewardctl")

    def token(self, subject=None, life_s=24 * 3600):
        return self.keys.mint(subject or self.operator, life_s)

    def dsn(self, database, role=AUDITOR):
        """libpq connection string, for psycopg; the auditor may read everything and write nothing."""
        return (f"host={self.postgres.socket_dir} port={self.ports['postgres']} dbname={database} user={role} "
                f"password={self.postgres.password_file(role).read_text()}")

    def component(self, name):
        """`postgres`, `redis`, `kafka` or a service: has start, stop, kill9, process."""
        return getattr(self, name) if name in STORES else self.services[name]

    # Start and stop.

    def start(self):
        self.start_stores()
        self.start_services()

    def start_stores(self):
        self._take_folder()
        self._started = time.monotonic()
        names = [*STORES, "kafka-controller"]
        for service in self.services:
            names += [service, f"{service}-admin"]
        leftovers = [self.component(n).process for n in [*self.services, *reversed(STORES)]]
        for process in leftovers:
            process.end_leftover()
        self.ports.choose(names)
        with ThreadPoolExecutor() as pool:
            keys = pool.submit(self._step, "keys", lambda: self.keys.create([*SERVICES, "stewardctl", "gateway"]))
            stores = [pool.submit(self._step, name, self.component(name).start, f"127.0.0.1:{self.ports[name]}") for name in STORES]
            for future in [keys, *stores]:
                future.result()
            done = [pool.submit(self._step, "topics", self.kafka.create_topics),
                    pool.submit(self._step, "databases", lambda: self.postgres.provision(self.kinds))]
            for future in done:
                future.result()

    def start_services(self):
        with ThreadPoolExecutor() as pool:
            firsts = {s.kind: s for s in reversed(list(self.services.values()))}
            for future in [pool.submit(self._step, f"{s.kind} migrated", s.migrate) for s in firsts.values()]:
                future.result()
            for future in [pool.submit(self._step, s.name, s.start, s.address) for s in self.services.values()]:
                future.result()
        self._write_context()

    def cancel(self):
        """Makes a start that another thread is in the middle of end soon, with StartError."""
        self._cancelled.set()
        self._supervising.clear()

    def check_cancelled(self):
        if self._cancelled.is_set():
            raise StartError("stopped while starting")

    def _step(self, name, action, note=""):
        self.check_cancelled()
        result = action()
        self.say(f"{self.age():6.1f} s  {name:<20} {note}".rstrip())
        return result

    def age(self):
        return time.monotonic() - self._started

    def _take_folder(self):
        if self._lock_file:
            return
        self._lock_file = open(self.run_dir / "lock", "w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock_file = None
            raise StartError(f"another run holds {self.run_dir}; stop it first (Ctrl-C there)") from None
        atexit.register(self.stop)

    def stop(self, say=None):
        """Services first, side by side; then Kafka, Redis, PostgreSQL."""
        if not self._lock_file:
            return
        say = say or (lambda line: None)
        self._supervising.clear()
        with ThreadPoolExecutor() as pool:
            for service, future in [(s, pool.submit(s.stop)) for s in self.services.values()]:
                code = future.result()
                if code is not None:
                    say(f"  {service.name} stopped" + (f" with code {code}" if code else ""))
        for name in reversed(STORES):
            if self.component(name).stop() is not None:
                say(f"  {name} stopped")
        if self.ephemeral:
            self.postgres.forget()
            shutil.rmtree(self.kafka.home / "data", ignore_errors=True)
        self._lock_file.close()
        self._lock_file = None
        atexit.unregister(self.stop)

    def forget(self):
        """Deletes all data, keys and logs of this folder."""
        self._take_folder()
        for name in [*self.services, *reversed(STORES)]:
            self.component(name).process.end_leftover()
        self.postgres.forget()
        shutil.rmtree(self.run_dir)
        self._lock_file.close()
        self._lock_file = None
        atexit.unregister(self.stop)

    # Faults, for tests.

    def kill9(self, name):
        """SIGKILL; it stays down until restart(name), or until the supervisor brings it back."""
        self.component(name).kill9()

    def restart(self, name):
        component = self.component(name)
        component.stop()
        component.start()

    # Supervision.

    def supervise(self, say, interval_s=0.3):
        """Restarts what crashes, with a growing delay, until stop(). Runs in the caller's thread."""
        self._supervising.set()
        self.check_cancelled()
        back_off = {name: Supervisor() for name in [*STORES, *self.services]}
        restart_at = {}
        while self._supervising.is_set():
            for name in back_off:
                component = self.component(name)
                if component.process.stopping or component.process.alive():
                    continue
                if name not in restart_at:
                    delay = back_off[name].due()
                    restart_at[name] = time.monotonic() + delay
                    say(f"{name} ended with code {component.process.exit_code()}; starting it again in {delay:g} s"
                        f" (log: {component.process.log})")
                elif time.monotonic() >= restart_at[name]:
                    del restart_at[name]
                    self._bring_back(name, component, say)
            time.sleep(interval_s)

    @staticmethod
    def _bring_back(name, component, say):
        try:
            component.start()
            say(f"{name} is back")
        except StartError as error:
            say(f"{name} did not come back: {str(error).splitlines()[0]}")
            component.kill9()

    # Quiet: everything published, everything applied.

    def lag(self):
        """What is still on its way: {what: count}. Empty = every journal is published and every projection at its topic's end."""
        ends = self.kafka.end_offsets()
        behind = {}
        for kind in self.kinds:
            rows = self.postgres.psql(
                "SELECT 'pending', count(*), 0 FROM (SELECT 1 FROM journal j WHERE (j.xid, j.seq) > ((SELECT xid FROM journal_cursor),"
                " (SELECT seq FROM journal_cursor)) ORDER BY j.xid, j.seq LIMIT 10000) behind"
                " UNION ALL SELECT topic, partition, next_offset FROM consumer_offset", kind).split()
            rows = [row.split("|") for row in rows]
            pending, = (int(number) for name, number, _ in rows if name == "pending")
            applied = {(name, int(number)): int(offset) for name, number, offset in rows if name != "pending"}
            if pending:
                behind[f"{kind} pending"] = pending
            for (topic, partition), missing in unread(self.inputs(kind), applied, ends).items():
                behind[f"{kind} {topic}/{partition}"] = missing
        return behind

    def inputs(self, kind):
        """The topics that a service reads, as its metrics name them; what it said last while nobody answers."""
        said = {topic for s in self.services.values() if s.kind == kind for topic in s.inputs()}
        self._read_topics[kind] = self._read_topics.get(kind, set()) | said
        return self._read_topics[kind]

    def wait_quiet(self, limit_s=60):
        deadline, behind = time.monotonic() + limit_s, {"?": 1}
        calm = 0
        while calm < 2:  # twice in a row: applying an event may append another
            self.check_cancelled()
            try:
                behind = self.lag()
            except (OSError, KafkaError) as error:
                behind = {str(error): 1}
            calm = 0 if behind else calm + 1
            if time.monotonic() > deadline:
                raise StartError(f"still behind after {limit_s:g} s: {behind}")
            time.sleep(0.1)

    # The context file.

    @property
    def token_file(self):
        return self.secrets_dir / "operator.token"

    @property
    def context_file(self):
        return self.run_dir / "context.json"

    def _write_context(self):
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(self.token())
        first = {s.kind: s for s in reversed(list(self.services.values()))}
        context = {
            "services": {kind: {"address": s.address, "admin": s.admin_address} for kind, s in first.items()},
            "token_file": str(self.token_file), "signing_key_file": str(self.keys.signing_key), "issuer": self.keys.issuer,
            "tls": self.tls, "kafka": self.kafka.bootstrap,
            "postgres": {"socket": str(self.postgres.socket_dir), "port": self.ports["postgres"]},
            "redis": f"127.0.0.1:{self.ports['redis']}",
        }
        self.context_file.write_text(json.dumps(context, indent=1) + "\n")
