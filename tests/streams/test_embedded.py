"""Ports of the demo and of the tests: chosen before their servers listen, and nobody else's in the meantime."""

import os
import socket
import subprocess
import sys

import pytest

from streams import embedded

ASK_TWICE = """
from streams import embedded
embedded._PORTS = range({few.start}, {few.stop})
print(embedded.free_port())
print(embedded.free_port())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere chance decides")
def test_a_port_is_given_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three, two to one process: another gets the third, and then there is none left."""
    few = range(10_000 + os.getpid() % 3_000 * 3, 10_003 + os.getpid() % 3_000 * 3)
    monkeypatch.setattr(embedded, "_PORTS", few)
    mine = [embedded.free_port() for _ in few[1:]]
    other = subprocess.run([sys.executable, "-c", ASK_TWICE.format(few=few)], capture_output=True, text=True)
    assert sorted([*mine, *map(int, other.stdout.split())]) == list(few)
    assert "StopIteration" in other.stderr


def test_no_port_is_one_that_linux_lends_to_connections_going_out() -> None:
    assert embedded.free_port() < 32_768


def test_the_wanted_port_is_given_once_and_then_another() -> None:
    wanted = 9_000 + os.getpid() % 1_000
    assert embedded.free_port(wanted) == wanted
    assert embedded.free_port(wanted) != wanted


def test_where_somebody_listens_another_is_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert embedded.free_port(port) != port
