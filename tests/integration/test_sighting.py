"""A sighting goes into `ais.alerts`, from where it is told and shown like an alert."""

import asyncio

import pytest

from streams import alert_log
from streams.cli import main
from streams.settings import Settings
from tests.integration.stages import environ_of
from tests.integration.test_versions import all_of
from tests.streams.test_hull import AT_RAJIN


async def test_a_sighting_is_published_and_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environ_of(settings).items():
        monkeypatch.setenv(name, value)
    assert await asyncio.to_thread(main, ["sighting", "add", "9179842", *AT_RAJIN]) == 0
    assert "was sighted at Rajin" in capsys.readouterr().out
    (alert,) = await alert_log.published(settings)
    assert alert.rule == "sighting"
    for topic in settings.topics.all():
        ours = int(topic == settings.topics.alerts)
        assert len(await all_of(settings.kafka, topic)) == ours, f"{topic.name}: no stage takes it for a report"
    assert await asyncio.to_thread(main, ["hull", "show", "9179842"]) == 0
    assert "was sighted at Rajin by A satellite" in capsys.readouterr().out
