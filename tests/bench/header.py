"""What a result means nothing without: the machine, the versions, the disk's fsync, the load, the settings."""

import os
import shutil
import subprocess
from pathlib import Path

PG_BIN = Path("/usr/lib/postgresql/15/bin")
PACKAGES = ["postgresql-15", "redis-server", "libgrpc++1.51", "libprotobuf32", "librdkafka1", "openjdk-17-jre-headless"]


def output(*command, **options):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, **options).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def cpu_times():
    """(all, idle, steal) in ticks since the start of the machine."""
    numbers = [int(n) for n in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return sum(numbers[:8]), numbers[3] + numbers[4], numbers[7]


class Steal:
    """Share of the machine's time that its host took away since the object was made."""

    def __init__(self):
        self.start = cpu_times()

    def percent(self):
        now = cpu_times()
        return 100 * (now[2] - self.start[2]) / max(1, now[0] - self.start[0])


def processor():
    wanted = ("Model name", "CPU(s)", "Thread(s) per core", "L3 cache", "L3", "Hypervisor vendor")
    fields = dict(line.split(":", 1) for line in output("lscpu").splitlines() if ":" in line)
    return ", ".join(f"{name} {fields[name].strip()}" for name in wanted if name in fields)


def memory():
    total = Path("/proc/meminfo").read_text().split()[1]
    return f"{int(total) / 1024 / 1024:.1f} GiB"


def packages():
    lines = output("dpkg-query", "-W", "-f", "${Package} ${Version}\n", *PACKAGES).splitlines()
    return ", ".join(lines)


def fsync(folder):
    """What one durable write costs on the disk of the data, by PostgreSQL's own tool."""
    tool = PG_BIN / "pg_test_fsync"
    if not tool.exists():
        return "pg_test_fsync is not installed"
    probe = Path(folder) / "fsync-probe"
    text = output(tool, "-s", "1", "-f", str(probe))
    probe.unlink(missing_ok=True)
    first = next((line for line in text.splitlines() if "fdatasync" in line and "ops/sec" in line), "")
    return " ".join(first.split()) or "no answer"


def lines(stack, settings):
    load = Path("/proc/loadavg").read_text().split()
    yield f"cpu       {processor()}; memory {memory()}"
    yield f"kernel    {os.uname().release}"
    yield f"packages  {packages()}"
    yield f"fsync     {fsync(stack.run_dir)}"
    yield f"load      {' '.join(load[:3])} before the run"
    yield f"postgres  {', '.join(f'{k}={v}' for k, v in stack.postgres.settings.items())}"
    yield f"services  {', '.join(f'{service} {k}={v}' for service, own in stack.extra_settings.items() for k, v in own.items())}"
    yield f"kafka     one broker, {' '.join(stack.kafka.jvm)}"
    yield f"build     {stack.build.name}, pgbench {'found' if shutil.which('pgbench') else 'missing'}"
    yield f"run       {settings}"
