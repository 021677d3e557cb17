#!/usr/bin/env python3
"""Runs Steward on this machine under one folder (default .run): `make run` calls `up`."""

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from steward_stack import Stack  # noqa: E402
from steward_stack.kafka import make_class_archive  # noqa: E402
from steward_stack.process import StartError  # noqa: E402
from steward_stack.service import ROOT  # noqa: E402

SHIPPED = ROOT / "services" / "sla"
SAMPLE = ROOT / "deploy" / "demo"


def say(line):
    print(line, flush=True)


def shown(path):
    """A path as one would type it here."""
    path = Path(path)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


class Loader:
    """Loads shipped data through the public API, once per content: what people changed afterwards stays."""

    def __init__(self, stack):
        self.stack = stack
        self.file = stack.run_dir / "loaded.json"
        self.done = json.loads(self.file.read_text()) if self.file.exists() else {}

    def load(self, what, files, *verb):
        digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()
        if not files or self.done.get(what) == digest:
            return
        self.stack.check_cancelled()
        self._ctl(*verb, *files)
        self.done[what] = digest
        self.file.write_text(json.dumps(self.done, indent=1) + "\n")
        say(f"{self.stack.age():6.1f} s  {what:<20} {', '.join(f.stem for f in files)}")

    def _ctl(self, *arguments):
        done = subprocess.run([self.stack.stewardctl, "--context", self.stack.context_file, *arguments],
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise StartError(f"stewardctl {' '.join(map(str, arguments))} answered {done.returncode}:\n{done.stdout}{done.stderr}")


def load_shipped_data(stack):
    if stack.stewardctl is None:
        say("        stewardctl is not built: no calendars, packs and organisation loaded")
        return
    loader = Loader(stack)
    if "sla" in stack.services:
        for what, suffix, verb in (("calendars", "json", "calendar"), ("packs", "yaml", "packs")):
            # What is shipped first, then the sample's next versions of it.
            files = [f for top in (SHIPPED, SAMPLE) for f in sorted((top / what).glob(f"*.{suffix}"))]
            loader.load(what, files, "sla", verb, "apply")
    if "directory" in stack.services:
        loader.load("sample organisation", [SAMPLE / "organisation.yaml"], "directory", "import")
    stack.wait_quiet()
    say(f"{stack.age():6.1f} s  projections at the end of their topics")


def print_welcome(stack):
    say("\nSteward is running.\n")
    say(f"  {'service':<12} {'gRPC':<18} admin (/readyz /metrics /version)")
    for service in stack.services.values():
        say(f"  {service.name:<12} {service.address:<18} http://{service.admin_address}")
    say(f"  {'Kafka':<12} {stack.kafka.bootstrap}")
    say(f"  {'Redis':<12} 127.0.0.1:{stack.ports['redis']}")
    say(f"  {'PostgreSQL':<12} 127.0.0.1:{stack.ports['postgres']}, socket in {stack.postgres.socket_dir}")
    say(f"\n  operator's token (24 h): {shown(stack.token_file)}\n  context of stewardctl:   {shown(stack.context_file)}"
        f"\n  logs:                    {shown(stack.run_dir / 'logs')}/\n")
    if stack.stewardctl:
        ctl = shown(stack.stewardctl) + ("" if stack.run_dir == ROOT / ".run" else f" --context {shown(stack.context_file)}")
        say("Try next, in another terminal: a ticket promised an answer within 20 s; what becomes of it; who was told.\n")
        say(f"  {ctl} tickets register --kind complaint --channel trial --customer c-1 --summary 'Kiosk does not start'")
        say(f"  {ctl} sla watch --from-beginning")
        say(f"  {ctl} sla escalations list")
    say("\nCtrl-C stops everything in order; the data stays. `make clean-data` forgets it.")


def open_files_limit():
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))


def make_stack(options, **more):
    build = Path(options.build) if options.build else ROOT / "build" / "release"
    return Stack(options.folder, build=build.absolute(), base_port=options.base_port, tls=options.tls,
                 profile=options.profile, replicas={"sla": options.sla_replicas}, say=say, **more)


def up(options):
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    open_files_limit()
    stack = make_stack(options, services=[] if options.stores_only else None)
    say(f"steward: starting under {shown(stack.run_dir)}")
    failure = []

    def run():
        try:
            stack.start()
            if stack.services:
                load_shipped_data(stack)
            print_welcome(stack)
            stack.supervise(lambda line: say(f"{time.strftime('%H:%M:%S')} {line}"))
        except Exception as error:  # whatever it was: stop what runs, then say it
            if not stop.is_set():
                failure.append(error)
                stop.set()

    worker = threading.Thread(target=run, name="stack", daemon=True)
    worker.start()
    while not stop.wait(0.5):
        pass
    if not failure:
        say("\nsteward: stopping")
    stack.cancel()
    worker.join(60)
    stack.stop(say)
    if failure:
        say(f"\nsteward: {failure[0] if isinstance(failure[0], StartError) else repr(failure[0])}")
        return 1
    return 0


def clean_data(options):
    if Path(options.folder).exists():
        make_stack(options, services=[]).forget()
        say(f"steward: {options.folder} is gone")
    return 0


def token(options):
    say(make_stack(options, services=[]).token(options.subject, options.hours * 3600))
    return 0


def demo(options):
    """Sales data, then tickets of the same customers, into the Steward that runs under the folder."""
    stack = make_stack(options, services=[])
    if not stack.context_file.exists():
        raise SystemExit(f"steward: nothing runs under {options.folder}; start it with `make run` in another terminal")
    token_file = stack.secrets_dir / "finance-desk.token"
    token_file.touch(mode=0o600)
    token_file.write_text(stack.token("members/finance-desk"))
    # The day of the first load: a later one changes nothing.
    day_file = stack.run_dir / "demo-sales.day"
    if not day_file.exists():
        day_file.write_text(datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d"))
    sales, tickets = SAMPLE / "sales", SAMPLE / "incident_log"
    ctl = [stack.stewardctl, "--context", stack.context_file]
    for command in (["sla", "packs", "apply", "--activate", SHIPPED / "packs" / "receivables.yaml", SHIPPED / "packs" / "campaigns.yaml"],
                    ["demo", "sales", sales, "--finance-token-file", token_file, "--today", day_file.read_text().strip(),
                     "--limit", str(options.limit)],
                    ["demo", "replay", tickets / "incident_event_log.csv", "--mapping", tickets / "mapping.yaml",
                     "--customers", sales / "accounts.csv"]):
        done = subprocess.run([*ctl, *command], check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


def prepare(_options):
    started = time.monotonic()
    if make_class_archive():
        say(f"steward: prepared Kafka's class archive in {time.monotonic() - started:.0f} s (once a machine; it halves the start)")
    return 0


def console_consumer(options):
    stack = make_stack(options, services=[])
    tool = stack.kafka.command_line_tool("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
                                         stack.kafka.bootstrap, "--topic", options.topic, "--from-beginning", *options.rest)
    os.execvp(tool[0], tool)


def psql(options):
    stack = make_stack(options, services=[])
    os.execvp("psql", ["psql", "-h", str(stack.postgres.socket_dir), "-p", str(stack.ports["postgres"]), "-U", "postgres",
                       "-d", options.database, *options.rest])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=str(ROOT / ".run"), help="data, logs, keys (default: %(default)s)")
    parser.add_argument("--build", help="build folder (default: build/release)")
    parser.add_argument("--base-port", type=int, help="first port to try (default: from a hash of the folder)")
    parser.add_argument("--tls", choices=["off", "mutual"], default="off", help="transport of gRPC on loopback")
    parser.add_argument("--profile", choices=["dev", "production"], default="dev",
                        help="profile of the services; production is always under mutual TLS, and its tokens have another issuer")
    parser.add_argument("--sla-replicas", type=int, default=1, help="processes of the sla service")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("up", help="start everything and stay")
    verb.add_argument("--stores-only", action="store_true", help="PostgreSQL, Redis and Kafka without services")
    verb.set_defaults(run=up)
    verbs.add_parser("clean-data", help="forget all data of the folder").set_defaults(run=clean_data)
    verbs.add_parser("prepare", help="what is made once a machine").set_defaults(run=prepare)
    verb = verbs.add_parser("token", help="print a token, signed with the key of the folder")
    verb.add_argument("subject", nargs="?", default="members/operator")
    verb.add_argument("--hours", type=int, default=24)
    verb.set_defaults(run=token)
    verb = verbs.add_parser("demo", help="load the demonstration data of deploy/demo into what runs")
    verb.add_argument("--limit", type=int, default=0, help="only so many rows of the sales data")
    verb.set_defaults(run=demo)
    verb = verbs.add_parser("console-consumer", help="Kafka's own console consumer on a topic, from the beginning")
    verb.add_argument("topic")
    verb.add_argument("rest", nargs=argparse.REMAINDER)
    verb.set_defaults(run=console_consumer)
    verb = verbs.add_parser("psql", help="psql on a service's database, as the superuser")
    verb.add_argument("database")
    verb.add_argument("rest", nargs=argparse.REMAINDER)
    verb.set_defaults(run=psql)
    options = parser.parse_args()
    try:
        return options.run(options)
    except StartError as error:
        print(f"steward: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
