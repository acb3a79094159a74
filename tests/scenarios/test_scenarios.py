"""Each file beside this one is a story: what is heard at sea, and all that is told of it, no more and no less."""

from pathlib import Path
from typing import Any

import pytest

from alerts.core.alert import Alert
from alerts.core.frozen import replace
from streams.chain import Chain
from streams.config import Config
from tests.fleet import ANGARA
from tests.scenarios.heard import arrivals
from tests.scenarios.story import Story, WrongStoryError, clock, read

STORIES = sorted(Path(__file__).parent.glob("*.toml"))


def told(story: Story) -> list[Alert]:
    """All alerts of the chain, from the lines on."""
    her = replace(ANGARA, habitually_dark=story.her.habitually_dark)
    chain = Chain(Config((her,), story.zones, story.thresholds, story.feeds))
    return list(chain.run(arrivals(story)))


def in_words(alert: Alert, wanted: dict[str, Any]) -> dict[str, Any]:
    """What every story says of an alert, and what this one says of it besides."""
    row: dict[str, Any] = {
        "event": str(alert.event),
        "rule": alert.rule,
        "severity": str(alert.severity),
        "happened_at": clock(alert.happened_at),
        "known_at": clock(alert.known_at),
    }
    if "says" in wanted:
        row["says"] = alert.summary
    if "what" in wanted:
        row["what"] = alert.place.what if alert.place else None
    if "cause" in wanted:
        row["cause"] = alert.cause
    if "evidence" in wanted:
        row["evidence"] = {key: alert.evidence.get(key) for key in wanted["evidence"]}
    return row


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_what_is_told_is_what_the_story_says(path: Path) -> None:
    story = read(path)
    alerts = told(story)
    wanted = [*story.told, *({} for _ in alerts[len(story.told) :])]
    assert [in_words(alert, row) for alert, row in zip(alerts, wanted, strict=False)] == list(story.told)


SOUND = """
begins = "08:00"
ends = "10:00"
told = []
[feeds.coast]
[her]
at = [41.0, 135.0]
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SOUND.replace("begins", "begin"), "begins: expected a time"),
        (SOUND.replace("told = []", ""), "told: expected"),
        (SOUND.replace('"08:00"', '"eight"'), "begins: expected a time as 08:00"),
        (SOUND.replace("[feeds.coast]", "[feeds.coast]\nlate_by = 3"), "feeds.coast.late_by: expected no such key"),
        (SOUND + "heard = [{by = 'hill'}]", "her.heard[0].by: expected one of coast"),
        (SOUND + "heard = [{by = 'coast', evry_s = 3}]", "her.heard[0].evry_s: expected no such key"),
        (SOUND + "heard = [{by = 'coast', every_s = 'often'}]", "her.heard[0].every_s: expected seconds"),
        (SOUND + "heard = [{by = 'coast', at = '10:00'}]", "her.heard[0].at: expected a list"),
        (SOUND.replace("[feeds.coast]", "[feeds.coast]\nout = ['10:00']"), "feeds.coast.out: expected pairs of times"),
        (SOUND + "sails = [{speed = 3}]", "her.sails[0].speed: expected no such key"),
        (SOUND + "name = 'ANGARA'", "her.name: expected no such key"),
        (SOUND + "[[others]]\nat = 3", "others[0].at: expected latitude and longitude"),
        (SOUND + "[straits.sound]\nwest = [41.0, 135.0]", "straits.sound.east: expected latitude and longitude"),
        (SOUND + "[areas.shoal]\nat = [41.0, 135.0]\nflag = 'red'", "areas.shoal.flag: expected no such key"),
        (
            SOUND + "[[others]]\nat = [41.0, 135.0]\nhabitually_dark = true",
            "others[0].habitually_dark: expected no such key",
        ),
        (SOUND + "[rules.silence]\nfloor = 3", "silence.floor: expected no such key"),
        (SOUND + "[whatever]", "whatever: expected no such key"),
        (SOUND + "[her]", "her"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(wrong: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "sound.toml").write_text(SOUND)
    read(tmp_path / "sound.toml")
    (tmp_path / "story.toml").write_text(wrong)
    with pytest.raises(WrongStoryError) as refused:
        read(tmp_path / "story.toml")
    assert str(refused.value).startswith("story.toml: ")
    assert said in str(refused.value)
