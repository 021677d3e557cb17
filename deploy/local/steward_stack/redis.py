"""A private Redis 7 on loopback. It keeps nothing on disk: losing it changes no answer."""

import secrets
import socket
from pathlib import Path

from .process import Process, StartError, wait_until


class Redis:
    def __init__(self, run_dir, ports, secrets_dir):
        self.home = Path(run_dir) / "redis"
        self.ports = ports
        self.password_file = Path(secrets_dir) / "redis.password"
        self.process = Process("redis", run_dir, stop_limit_s=10)

    def start(self):
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.password_file.exists():
            self.password_file.touch(mode=0o600)
            self.password_file.write_text(secrets.token_urlsafe(24))
        config = self.home / "redis.conf"
        config.touch(mode=0o600)
        config.write_text("\n".join([
            "bind 127.0.0.1", f"port {self.ports['redis']}", "protected-mode yes", "daemonize no", f"dir {self.home}",
            'save ""', "appendonly no", "maxmemory 512mb", "maxmemory-policy noeviction",
            f"requirepass {self.password_file.read_text()}", "loglevel warning", ""]))
        self.process.spawn(["redis-server", config])
        try:
            wait_until("Redis", 15, lambda: self.command("PING").startswith(b"+PONG"), self.process.alive)
        except StartError as error:
            raise StartError(f"{error}\n{self.process.tail()}") from None

    def command(self, *words):
        """One command after AUTH; the raw reply, b"" when there is no server."""
        def encode(parts):
            out = b"*%d\r\n" % len(parts)
            for part in parts:
                data = part.encode()
                out += b"$%d\r\n%s\r\n" % (len(data), data)
            return out
        try:
            with socket.create_connection(("127.0.0.1", self.ports["redis"]), 1) as connection:
                connection.sendall(encode(["AUTH", self.password_file.read_text()]) + encode(words))
                reply = b""
                while reply.count(b"\r\n") < 2:
                    part = connection.recv(65536)
                    if not part:
                        return b""
                    reply += part
                return reply.split(b"\r\n", 1)[1]
        except OSError:
            return b""

    def stop(self):
        return self.process.stop()

    def kill9(self):
        self.process.kill9()
