"""Apache Kafka and redis-server on loopback, for tests that need the real ones.

    python -m tests.servers COMMAND...      runs a command with both, named in its environment (tests/conftest.py)

Kafka is fetched by Maven into .cache/kafka; it takes Java, Maven and redis-server on the PATH.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streams.embedded import free_port
from streams.leashed import leashed

ROOT = Path(__file__).parents[1]
POM, JARS = ROOT / ".ci" / "kafka" / "pom.xml", ROOT / ".cache" / "kafka"
CLUSTER = "aHVsbHdhdGNoLWNpLXRlcw"
"""16 bytes in base64."""
QUICK_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A broker of a test lives for minutes on two cores: what the second compiler would win in hours, it costs here."""
CLASSES = JARS / "classes.jsa"
_SHARED = f"-XX:SharedArchiveFile={CLASSES}"
"""What a broker loads, as the JVM has it in memory: with it a start takes two thirds of the work.  Another JVM, or
another jar, passes it over.
"""
UP_WITHIN_S, DOWN_WITHIN_S = 60.0, 30.0
PROGRAMS = {"java": "default-jre-headless", "mvn": "maven", "redis-server": "redis-server"}
"""And the Debian packages that bring them."""


class CannotServeError(RuntimeError):
    """A program is missing, or a server did not come up: the end of what it said."""


def fetch_kafka() -> None:
    """Where it is not there yet, or another version was asked for; raises CannotServeError."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    if lacking:
        packages = " ".join(PROGRAMS[name] for name in lacking)
        raise CannotServeError(f"expected {', '.join(lacking)} on the PATH (Debian: apt-get install {packages})")
    stamp = JARS / "fetched"
    if not stamp.exists() or stamp.stat().st_mtime <= POM.stat().st_mtime:
        _fetch()
        stamp.touch()
        CLASSES.unlink(missing_ok=True)
    if not CLASSES.exists():
        _keep_classes()


def _fetch() -> None:
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    if subprocess.run(command).returncode:
        raise CannotServeError("Maven could not fetch Apache Kafka")


def _keep_classes() -> None:
    """Of a broker that starts and is told to stop; one that had to be killed has not written them whole."""
    kept = CLASSES.with_suffix(f".{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="hullwatch-servers-") as folder:
        server = kafka(Path(folder) / "kafka")
        server.command = [f"-XX:ArchiveClassesAtExit={kept}" if part == _SHARED else part for part in server.command]
        server.start()
        server.end()
    if server.process is not None and server.process.returncode != -signal.SIGKILL and kept.exists():
        kept.replace(CLASSES)
    kept.unlink(missing_ok=True)


@dataclass
class Server:
    """One server in a folder of its own: what is killed and started again finds what it had written."""

    name: str
    command: Sequence[str]
    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Starts it; by the main thread, as long as which it lives (streams/leashed.py)."""
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                leashed(self.command), stdout=said, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def wait_until_up(self) -> None:
        """Returns when it listens; raises CannotServeError."""
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until and self._running.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise CannotServeError(f"{self.name} did not come up\n{self.log.read_text(errors='replace')[-3000:]}")

    def start(self) -> None:
        """Starts it and waits until it listens."""
        self.begin()
        self.wait_until_up()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """By a signal; one that does not end by it is killed."""
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """kill -9."""
        self.end(signal.SIGKILL)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process


def kafka(folder: Path, **settings: str) -> Server:
    """A broker with a fresh data folder; settings are broker settings with `_` for `.`.  Raises CannotServeError."""
    folder.mkdir(parents=True)
    port, properties = free_port(), folder / "server.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in _properties(folder, port, settings).items()))
    java = ["java", *QUICK_JAVA, _SHARED, "-cp", f"{JARS}/*"]
    formatted = subprocess.run(
        [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties)],
        capture_output=True,
        text=True,
    )
    if formatted.returncode:
        raise CannotServeError(f"kafka: {formatted.stdout}{formatted.stderr}")
    return Server("kafka", ["java", "-Xmx512m", *java[1:], "kafka.Kafka", str(properties)], port, folder)


def _properties(folder: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    controller = free_port()
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "broker.session.timeout.ms": "3000",  # so long nobody takes over from one that was killed, not even itself
        "broker.heartbeat.interval.ms": "500",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(folder / "data"),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        **{name.replace("_", "."): value for name, value in settings.items()},
    }


def redis(folder: Path) -> Server:
    """A redis-server that appends every write to its file, in a fresh data folder."""
    data, port = folder / "data", free_port()
    data.mkdir(parents=True)
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(data)]
    return Server("redis", [*command, "--appendonly", "yes", "--save", ""], port, folder)


@dataclass
class Servers:
    """Both, in one folder, until the block ends."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="hullwatch-servers-")))
    broker_settings: Mapping[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Servers":
        try:
            fetch_kafka()
            self.kafka, self.redis = kafka(self.folder / "kafka", **self.broker_settings), redis(self.folder / "redis")
            self._all = (self.kafka, self.redis)
            for server in self._all:
                server.begin()
            for server in self._all:
                server.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        for server in getattr(self, "_all", ()):
            server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def with_kafka(self, server: Server) -> "Servers":
        """The same Redis, and another broker, which whoever started it stops."""
        other = Servers(self.folder, self.broker_settings)
        other.kafka, other.redis = server, self.redis
        return other

    @property
    def kafka_address(self) -> str:
        return f"127.0.0.1:{self.kafka.port}"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis.port}/0"


def main(command: Sequence[str]) -> int:
    """Runs the command with both servers; its exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped too
    try:
        with Servers() as servers:
            named = {"KAFKA_BOOTSTRAP_SERVERS": servers.kafka_address, "HULLWATCH_TEST_REDIS_URL": servers.redis_url}
            return subprocess.run(command, env={**os.environ, **named}).returncode
    except CannotServeError as error:
        print(f"tests.servers: {error}", file=sys.stderr)  # noqa: T201  the one line that the user is owed
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
