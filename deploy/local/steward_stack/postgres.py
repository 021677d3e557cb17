"""A private PostgreSQL 15: one cluster, a database and a login role for each service, and a read-only auditor."""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from .process import Process, StartError, start_time, wait_until

BIN = Path("/usr/lib/postgresql/15/bin")
AUDITOR = "steward_auditor"

# Bounds of the server (a dead client, an idle transaction) and few checkpoints; durability is never switched off.
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": 200,
    "max_locks_per_transaction": 1024,
    "max_prepared_transactions": 0,
    "idle_in_transaction_session_timeout": "'10s'",
    "client_connection_check_interval": "'1s'",
    "tcp_keepalives_idle": 3,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 5000,
    "max_wal_size": "'4GB'",
    "min_wal_size": "'256MB'",
    "checkpoint_timeout": "'15min'",
    "wal_compression": "'lz4'",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_duration_statement": "'2s'",
    "log_line_prefix": "'%m %a %p '",
    "password_encryption": "'scram-sha-256'",
}


def traversable_by_others(folder):
    return all(p.stat().st_mode & stat.S_IXOTH for p in [folder, *folder.parents] if p.exists())


class Postgres:
    def __init__(self, run_dir, ports, secrets_dir, settings=None):
        self.run_dir = Path(run_dir)
        self.ports = ports
        self.secrets_dir = Path(secrets_dir)
        self.settings = {"shared_buffers": "'512MB'", **SETTINGS, **(settings or {})}
        self.as_root = os.getuid() == 0
        self.process = Process("postgres", run_dir, stop_signal=signal.SIGINT, stop_limit_s=30)
        self.home = self._home()
        self.data = self.home / "data"

    @property
    def socket_dir(self):
        """Where the Unix socket lies; short enough for the kernel's limit of 107 bytes."""
        return self.home if len(str(self.home)) < 80 else Path(tempfile.gettempdir()) / f"steward-{self._hash()}"

    def _hash(self):
        return hashlib.sha256(str(self.run_dir.resolve()).encode()).hexdigest()[:10]

    def _home(self):
        """.run/postgres; as root, when user postgres cannot reach it, a folder for large temporary files with a link to it."""
        link = self.run_dir / "postgres"
        if not self.as_root or traversable_by_others(self.run_dir.resolve()):
            return link.resolve()
        home = Path("/var/tmp" if os.path.isdir("/var/tmp") else tempfile.gettempdir()) / f"steward-{self._hash()}"
        if link.is_symlink() and link.resolve() != home:
            link.unlink()
        if not link.is_symlink():
            link.symlink_to(home)
        return home

    def _user(self, argv):
        """PostgreSQL refuses root: then everything of it runs as user postgres."""
        if not self.as_root:
            return argv
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *argv]

    def _own(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.as_root:
            entry = pwd.getpwnam("postgres")
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def create(self):
        """initdb at the first start; true when it was."""
        self._own(self.home)
        self._own(self.socket_dir)
        if (self.data / "PG_VERSION").exists():
            return False
        fresh = self.home / "data.fresh"  # becomes `data` when it is complete
        shutil.rmtree(fresh, ignore_errors=True)
        done = subprocess.run(self._user([str(BIN / "initdb"), "--no-sync", "--username=postgres", "--auth-local=peer",
                                          "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C", "-D", str(fresh)]),
                              capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise StartError(f"initdb failed:\n{done.stdout}{done.stderr}")
        self._write(fresh / "pg_hba.conf", "local all postgres peer map=admin\nlocal all all scram-sha-256\n"
                                           "host all all 127.0.0.1/32 scram-sha-256\n")
        users = {"postgres", "root", pwd.getpwuid(os.getuid()).pw_name}
        self._write(fresh / "pg_ident.conf", "".join(f"admin {user} postgres\n" for user in sorted(users)))
        fresh.rename(self.data)
        return True

    def _write(self, path, text):
        path.write_text(text)
        if self.as_root:
            entry = pwd.getpwnam("postgres")
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def start(self):
        self.create()
        settings = {**self.settings, "port": self.ports["postgres"], "unix_socket_directories": f"'{self.socket_dir}'"}
        self._write(self.data / "postgresql.auto.conf", "".join(f"{k} = {v}\n" for k, v in settings.items()))
        pid_file = self.data / "postmaster.pid"
        self.process.end_leftover()
        for lock in [pid_file, *self.socket_dir.glob(".s.PGSQL.*.lock")]:
            self._drop_if_stale(lock)
        self.process.spawn(self._user([str(BIN / "postgres"), "-D", str(self.data)]), cwd="/")

        def ready():  # what pg_ctl looks at: line 8 of the pid file
            try:
                lines = pid_file.read_text().splitlines()
                return int(lines[0]) == self.process.pid and lines[7].startswith("ready")
            except (OSError, IndexError, ValueError):
                return False
        try:
            wait_until("PostgreSQL", 60, ready, self.process.alive)
        except StartError as error:
            raise StartError(f"{error}\n{self.process.tail()}") from None

    @staticmethod
    def _drop_if_stale(lock):
        """A killed postmaster that nobody has reaped yet looks alive to PostgreSQL, which would refuse to start."""
        try:
            if start_time(int(lock.read_text().split()[0])) is None:
                lock.unlink()
        except (OSError, ValueError, IndexError):
            pass

    def psql(self, sql, database="postgres", check=True):
        """Runs SQL as the superuser over the socket; rows as lines with `|` between columns."""
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket_dir),
                               "-p", str(self.ports["postgres"]), "-U", "postgres", "-d", database],
                              input=sql, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise StartError(f"psql on {database}: {done.stderr.strip()}")
        return done.stdout if done.returncode == 0 else ""

    def password_file(self, role):
        return self.secrets_dir / f"{role}.password"

    def _password(self, role):
        file = self.password_file(role)
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def provision(self, services):
        """A role and a database for each service, and the auditor, where they are missing."""
        there = set(self.psql("SELECT datname FROM pg_database").split())
        sql = []
        if not self.psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{AUDITOR}'").strip():
            sql.append(f"CREATE ROLE {AUDITOR} LOGIN PASSWORD '{self._password(AUDITOR)}' IN ROLE pg_read_all_data, pg_read_all_stats;"
                       f"ALTER ROLE {AUDITOR} SET default_transaction_read_only = on;")
        for service in services:
            if service in there:
                continue
            role = f"steward_{service}"
            sql.append(f"CREATE ROLE {role} LOGIN IN ROLE pg_read_all_stats PASSWORD '{self._password(role)}';")
            sql.append(f"CREATE DATABASE {service} OWNER {role};")
            sql.append(f"REVOKE CONNECT ON DATABASE {service} FROM PUBLIC;"
                       f"GRANT CONNECT ON DATABASE {service} TO {role}, {AUDITOR};")
        if sql:
            self.psql("\n".join(sql))
        return [s for s in services if s not in there]

    def stop(self):
        return self.process.stop()

    def kill9(self):
        self.process.kill9()

    def forget(self):
        """Deletes the data."""
        shutil.rmtree(self.home, ignore_errors=True)
        link = self.run_dir / "postgres"
        if link.is_symlink():
            link.unlink()
