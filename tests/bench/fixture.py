"""The system under test, and a second database with the same tables in the same cluster for its rivals."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
for folder in (ROOT / "deploy" / "local", ROOT / "tests"):
    sys.path.insert(0, str(folder))

from clients.system import System  # noqa: E402
from steward_stack import Stack  # noqa: E402
from steward_stack.kafka import BENCH_JVM  # noqa: E402

# A slot is free again a moment after its answer has left, so 32 callers need a little more than 8 workers and 24 places.
SETTINGS = {service: {"rpc_queue_size": 64} for service in ("complaints", "leads", "orders")}
OWNER, TEAM, CHANNEL = "members/agent-east-1", "teams/customer-service-east", "bench"
RELAY_LOCK_CLASS = 0x52454C59


class Fixture:
    """A running stack of these services with the sample organisation; `quick` shortens blocks and fills in fewer rows, never what is
    compared."""

    def __init__(self, folder, build, services, quick, say):
        self.quick, self.say, self.build = quick, say, Path(build)
        self.stack = Stack(folder, build=build, services=services, ephemeral=True, kafka_jvm=None if quick else BENCH_JVM,
                           postgres_settings={"autovacuum": "on"}, ready_limit_s=240,
                           extra_settings={service: own for service, own in SETTINGS.items() if service in services})
        self.system = None

    def __enter__(self):
        try:
            self.stack.start()
            self.system = System(self.stack)
            self.system.load_organisation()
            if "sla" in self.stack.services:
                self.system.load_calendar()
            self.stack.wait_quiet(240)
        except BaseException:
            self.stack.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stack.stop()

    def restore(self):
        """Starts what a group that failed has left stopped."""
        for service in self.stack.services.values():
            if not service.process.alive():
                service.start()

    def program(self, name):
        """A program of tests/bench, or None where it is not built."""
        path = self.build / "tests" / "bench" / name
        return path if path.exists() else None

    # The superuser's way in, over the socket.

    def superuser(self, database):
        return (f"host={self.stack.postgres.socket_dir} port={self.stack.ports['postgres']} dbname={database} user=postgres")

    def connect(self, database, **options):
        return psycopg.connect(self.superuser(database), autocommit=True, **options)

    def sql(self, database, query, *parameters):
        with self.connect(database) as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def rival(self, database):
        """`rival_<database>`: an empty copy of the tables, which no service touches."""
        name = f"rival_{database}"
        if not self.sql("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", name):
            self.sql("postgres", f"CREATE DATABASE {name}")
            dump = subprocess.run(["pg_dump", "-s", "-O", "-x", "-d", self.superuser(database)], capture_output=True, text=True, check=True)
            subprocess.run(["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", self.superuser(name)], input=dump.stdout, text=True,
                           check=True, stdout=subprocess.DEVNULL)
        return name

    def settle(self, *databases):
        """Between blocks: statistics, visibility and dirty pages as if nobody had just written."""
        for database in databases:
            with self.connect(database) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")

    @contextmanager
    def relay_off(self, database):
        """Holds the relay's lock, so that the journal stays unpublished meanwhile. The holder speaks, else the relay takes it for dead."""
        with self.connect(database) as holder:
            taken = threading.Thread(target=holder.execute, args=("SELECT pg_advisory_lock(%s::integer, 0)", (RELAY_LOCK_CLASS,)))
            taken.start()
            while taken.is_alive():
                self.sql(database, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
                         " AND classid::bigint = %s AND objid::bigint = 0 AND pid <> %s AND database ="
                         " (SELECT oid FROM pg_database WHERE datname = current_database())", RELAY_LOCK_CLASS, holder.info.backend_pid)
                taken.join(0.2)
            done = threading.Event()

            def speak():
                while not done.wait(0.5):
                    holder.execute("SELECT 1")
            speaker = threading.Thread(target=speak)
            speaker.start()
            try:
                yield
            finally:
                done.set()
                speaker.join()
