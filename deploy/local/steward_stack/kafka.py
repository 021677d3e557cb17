"""A private Apache Kafka 3.9: one KRaft node from the cached jars, small and quick to start."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .kafka_wire import KafkaError, Wire
from .process import Process, StartError, wait_until

HERE = Path(__file__).resolve().parent
TOPICS = HERE.parents[1] / "kafka" / "topics.yaml"
SMALL_JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
BENCH_JVM = ["-Xmx1g", "-XX:+UseG1GC"]

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.retention.ms=-1
log.index.size.max.bytes=1048576
message.max.bytes=1048588
metadata.max.idle.interval.ms=5000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""
LOG4J = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
"""


def java():
    """The JVM that Debian 12 ships, else whatever `java` is."""
    debian = Path("/usr/lib/jvm/java-17-openjdk-amd64/bin/java")
    return str(debian) if debian.exists() else shutil.which("java") or "java"


def jars_folder():
    done = subprocess.run([HERE.parent / "fetch-kafka.sh"], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise StartError("Kafka's jars could not be fetched")
    return Path(done.stdout.strip())


def archive_of(jars):
    return jars.with_name(jars.name + ".jsa")


def read_topics(file=TOPICS):
    """deploy/kafka/topics.yaml: one flow mapping a line, so that it reads without a YAML library."""
    topics, defaults = {}, {}
    for line in Path(file).read_text().splitlines():
        found = re.fullmatch(r"(  )?([a-z0-9.]+): \{(.*)\}", line)
        if found:
            settings = dict(pair.split(": ") for pair in found[3].split(", "))
            if found[1]:
                topics[found[2]] = settings
            else:
                defaults = settings
    return {name: {**defaults, **settings} for name, settings in topics.items()}


class Kafka:
    def __init__(self, run_dir, ports, jvm=None):
        self.home = Path(run_dir) / "kafka"
        self.ports = ports
        self.jvm = jvm or SMALL_JVM
        self.process = Process("kafka", run_dir, stop_limit_s=30)
        self._jars = None

    @property
    def jars(self):
        if self._jars is None:
            self._jars = jars_folder()
        return self._jars

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.ports['kafka']}"

    def _command(self, jvm, main, *arguments):
        """With the shared class archive where there is one: it halves the start. One flag set per archive, so small JVMs only."""
        archive = archive_of(self.jars)
        shared = [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"] \
            if archive.exists() and jvm == SMALL_JVM else []
        # Named one by one, in order: a wildcard is expanded in the file system's order, and the archive depends on it.
        classes = ":".join(str(jar) for jar in sorted(self.jars.glob("*.jar")))
        return [java(), *jvm, *shared, "-Djava.awt.headless=true", f"-Dlog4j.configuration=file:{self.home}/log4j.properties",
                "-cp", classes, main, *arguments]

    def command_line_tool(self, main, *arguments):
        """argv of one of Kafka's own tools, for example kafka.tools.ConsoleConsumer."""
        return self._command(SMALL_JVM, main, *arguments)

    def _configure(self):
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "log4j.properties").write_text(LOG4J)
        config = self.home / "server.properties"
        config.write_text(PROPERTIES.format(broker=self.ports["kafka"], controller=self.ports["kafka-controller"],
                                            data=self.home / "data"))
        return config

    def _format(self, config):
        if (self.home / "data" / "meta.properties").exists():
            return
        done = subprocess.run(self._command(SMALL_JVM, "kafka.tools.StorageTool", "format", "--cluster-id",
                                            "c3Rld2FyZC1sb2NhbC1kZQ", "--config", str(config)), capture_output=True, text=True)
        if done.returncode != 0:
            raise StartError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def start(self):
        config = self._configure()
        self._format(config)
        self.process.spawn(self._command(self.jvm, "kafka.Kafka", str(config)))
        try:
            wait_until("Kafka", 60, self.ready, self.process.alive, 0.05)
        except StartError as error:
            raise StartError(f"{error}\n{self.process.tail()}") from None

    def ready(self):
        try:
            with Wire(self.ports["kafka"], 2) as wire:
                return wire.metadata([])[0] == 1
        except (OSError, KafkaError):
            return False

    def create_topics(self, topics=None):
        """Creates what is missing and refuses a partition count that differs. The names created."""
        wanted = topics or read_topics()
        with Wire(self.ports["kafka"], 20) as wire:
            there = wire.metadata()[1]
            for name, partitions in there.items():
                if name in wanted and len(partitions) > int(wanted[name]["partitions"]):
                    raise StartError(f"topic {name} has {len(partitions)} partitions, topics.yaml says {wanted[name]['partitions']}")
            missing = {name: settings for name, settings in wanted.items() if name not in there}
            if missing:
                wire.create_topics(missing)
            every = {n: list(range(int(s["partitions"]))) for n, s in wanted.items()}
            wait_until("topics", 30, lambda: len(wire.end_offsets(every)) == sum(map(len, every.values())))
        return list(missing)

    def end_offsets(self):
        with Wire(self.ports["kafka"], 5) as wire:
            return wire.end_offsets({t: p for t, p in wire.metadata()[1].items() if t.startswith("steward.")})

    def stop(self):
        return self.process.stop()

    def kill9(self):
        self.process.kill9()


def make_class_archive():
    """Once a machine: runs a broker on empty data until it is ready, so that the JVM can store its parsed classes (44 MB)."""
    from .ports import Ports
    archive = archive_of(jars_folder())
    if archive.exists():
        return False
    with tempfile.TemporaryDirectory(prefix="steward-kafka-") as folder:
        ports = Ports(Path(folder) / "ports.json", 9600)
        ports.choose(["kafka", "kafka-controller"])
        fresh = archive.with_suffix(".jsa.fresh")
        trainer = Kafka(folder, ports, [*SMALL_JVM, f"-XX:ArchiveClassesAtExit={fresh}"])
        trainer.process.stop_limit_s = 90
        trainer.start()
        trainer.create_topics()
        trainer.stop()
        if fresh.exists():
            fresh.rename(archive)
    return True
