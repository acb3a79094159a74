"""What a stage is told by its environment and its options, and what is refused in one line."""

import asyncio
import socket

import pytest

from streams import dashboard
from streams.cli import main
from streams.settings import ConfigError, Settings


@pytest.mark.parametrize("kafka", ["a:9092", "a", "127.0.0.1:9092,b:1", "[::1]:9092", "kafka-0.kafka.svc:9092, b:9092"])
def test_servers_are_named_with_their_ports(kafka: str) -> None:
    assert Settings.from_env({"HULLWATCH_KAFKA": kafka}).kafka == kafka


@pytest.mark.parametrize("kafka", ["foo:bar", "a:0", "a:65536", "a:9092;b:9092", "a b", ":9092", "[::1"])
def test_others_are_refused(kafka: str) -> None:
    with pytest.raises(ConfigError, match="HULLWATCH_KAFKA: expected HOST:PORT"):
        Settings.from_env({"HULLWATCH_KAFKA": kafka})


@pytest.mark.parametrize("command", ["demo", "dashboard"])
@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_is_one(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, f"--port={port}"])
    assert stopped.value.code == 2
    assert "expected a port from 0 to 65535" in capsys.readouterr().err


def test_a_dashboard_says_that_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"--port: expected a free port, got 127.0.0.1:{port}"):
            asyncio.run(dashboard.run(Settings(), port=port))
