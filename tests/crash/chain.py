"""Every stage of the chain, fed with a story, while they are killed, paused and stopped at random.

What is finally said must be what an undisturbed replay of the same lines says, ids included; what the feed writes, what
an undisturbed feed writes; and a receiver must get each last revision, each under one key, and nothing else.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from alerts.core.instants import SECOND
from streams import scenario
from streams.config import load_config
from streams.settings import Settings
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.crash import worlds
from tests.crash.bench import Bench
from tests.crash.blows import Blows, Crew, knocked_over
from tests.crash.changes import AFTER_SNAPSHOT, BEFORE_MEMORY, BETWEEN_PARTITIONS
from tests.crash.outcome import Outcome
from tests.crash.stage import Changes
from tests.crash.table import Progress
from tests.crash.told import finally_said, judged, records_of, told_to, until_sent
from tests.crash.worlds import Story
from tests.disks import CannotMountError, fill, free, mounted
from tests.integration import paced_feed
from tests.receivers import http_receiver
from tests.servers import Server, kafka

STAGES = ("ingest", "clock", "detect", "dispatch", "feed")
STRIKES = 20
"""So many deaths at each of the worst places, at least."""
_PLACES = {"detect": BEFORE_MEMORY, "ingest": AFTER_SNAPSHOT, "clock": BETWEEN_PARTITIONS}
_WITHIN = {"detect": 50, "ingest": 6, "clock": 6}
"""At the latest when it comes there for so many times: later than what follows a start, so that it gets on."""
STORY_S, UNSERVED_S = 50.0, 16.0
"""Sixty deaths take two thirds of that beside another case; so long what befalls a broker."""
ANGARA_S, ANGARA_WHOLE_S = 12.0, 18.0
"""Her scenes of light, at least; and with them the intervals of five dark weeks."""
AWAY_S, DISK = 300.0, "400m"
"""The longest that the broker is away, and the disk that it fills."""
_QUICK = Changes(session_s=1.0, save_every_s=0.5)
"""A dead member is missed sooner than in production, for there are sixty of them."""


Crews = Mapping[str, Crew]
Disturb = Callable[[Bench, Crews, Outcome], Awaitable[None]]
ChangesOf = Callable[[str], Callable[[], Changes]]


@dataclass(frozen=True)
class Play:
    """How the feed plays a story."""

    story: Story
    arguments: tuple[str, ...]
    module: str = "streams.cli"
    broker_dies: bool = False


async def angara(bench: Bench) -> Outcome:
    """The re-enactment."""
    story = bench.stories["angara"]
    lasts_s = ANGARA_WHOLE_S if bench.long else ANGARA_S
    faster = scenario.play_at(worlds.ANGARA_ENDS) / max(lasts_s, bench.seconds)
    play = Play(story, (str(story.path), str(faster)), paced_feed.__name__)
    return await _told(bench, Outcome("the Angara case"), play, _at_random, lambda _: lambda: bench.changes)


async def crowd(bench: Bench) -> Outcome:
    """1,000 watched hulls."""
    play = _crowd(bench.stories["crowd"], bench.seconds)
    return await _told(bench, Outcome("1,000 hulls"), play, _at_random, lambda _: lambda: bench.changes)


async def struck(bench: Bench) -> Outcome:
    """1,000 watched hulls, and three stages that kill themselves at the worst places."""
    outcome, hits = Outcome("1,000 hulls, at the worst places"), bench.folder / "struck"
    hits.touch()

    lasts_s = max(STORY_S, bench.seconds)
    play, began = _crowd(bench.stories["crowd"], lasts_s), time.monotonic()

    def changes_of(name: str) -> Callable[[], Changes]:
        return lambda: _striking(name, bench, hits, (time.monotonic() - began) / lasts_s)

    await _told(bench, outcome, play, _left_alone, changes_of)
    for place in _PLACES.values():
        count = hits.read_text().splitlines().count(place)
        outcome.done[f"killed {place}"] = count
        if count < STRIKES:
            outcome.wrong(f'{count} kills fell at "{place}", expected {STRIKES}: this proves too little')
    return outcome


async def unserved(bench: Bench) -> Outcome:
    """1,000 watched hulls; the broker is away, then its disk is full: no blow but these, and nobody may end for it."""
    outcome = Outcome("1,000 hulls, their broker away and its disk full")
    story = bench.stories["crowd"]
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(mounted(bench.folder / "disk", DISK))
        except CannotMountError as error:
            outcome.skipped(f"no disk of its own here ({error})")
            return outcome
        server = kafka(disk / "kafka")
        server.start()
        stack.callback(server.end)
        play = replace(_crowd(story, UNSERVED_S + bench.seconds), broker_dies=True)
        own = replace(bench, servers=bench.servers.with_kafka(server))
        await _told(own, outcome, play, partial(_broker_in_trouble, server, disk), lambda _: Changes)
    for name in STAGES:
        if outcome.done[f"{name} ended by itself"]:
            outcome.wrong(f"{name} ended, instead of waiting for its broker")
    return outcome


async def _broker_in_trouble(server: Server, disk: Path, bench: Bench, crews: Crews, outcome: Outcome) -> None:
    waits_s = (4.0, 8.0) if bench.long else (2.0, 4.0)
    for crew in crews.values():
        crew.join()
    await asyncio.sleep(bench.dice.uniform(*waits_s))
    away_s = min(AWAY_S, bench.seconds)
    await knocked_over(server, outcome, bench.dice, (away_s, away_s))
    outcome.done["seconds away"] = round(away_s)
    await asyncio.sleep(bench.dice.uniform(*waits_s))
    await asyncio.to_thread(fill, disk)
    outcome.done["disk full"] += 1
    await asyncio.sleep(bench.dice.uniform(*waits_s))
    await asyncio.to_thread(free, disk)
    await knocked_over(server, outcome, bench.dice)
    while crews["feed"].members:
        await asyncio.sleep(0.5)


def _crowd(story: Story, lasts_s: float) -> Play:
    speed = str(round(story.lasts / SECOND / lasts_s))
    return Play(story, ("--file", str(story.path), "--name", paced_feed.FEED, "--speed", speed))


def _striking(name: str, bench: Bench, hits: Path, played: float) -> Changes:
    """What the next one is to do, of who is killed there; `played`: so much of the story was, by the clock.

    Who is behind with dying dies where it can: on a machine that is busy a start takes long, and the story ends.
    """
    place = _PLACES.get(name)
    fell = hits.read_text().splitlines().count(place) if place else STRIKES
    if place is None or fell >= STRIKES:
        return _QUICK
    after = 1 if fell < STRIKES * played else bench.dice.randrange(1, _WITHIN[name])
    return replace(_QUICK, strike=place, after=after, struck=hits)


async def _told(bench: Bench, outcome: Outcome, play: Play, disturb: Disturb, changes_of: ChangesOf) -> Outcome:
    truth = finally_said(records_of(play.story.alerts))
    async with http_receiver() as receiver, AsyncExitStack() as stack:
        settings = told_to(receiver, play.story.config, bench)
        await ensure_topics(settings.kafka, settings.topics)
        await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
        progress = await stack.enter_async_context(Progress(settings))
        crews = {name: _crew(name, bench, play, settings, outcome, changes_of(name)) for name in STAGES}
        for crew in crews.values():
            await stack.enter_async_context(crew)
        await disturb(bench, crews, outcome)
        await until_sent(receiver, truth)
        progress.stop()
        outcome.longest_s = progress.longest_s
        await judged(settings, play.story.path, truth, receiver, outcome, play.broker_dies)
    return outcome


def _crew(
    name: str, bench: Bench, play: Play, settings: Settings, outcome: Outcome, changes: Callable[[], Changes]
) -> Crew:
    if name == "feed":
        return Crew(settings, bench.folder, outcome, name, *play.arguments, module=play.module, changes=changes)
    return Crew(settings, bench.folder, outcome, name, changes=changes)


async def _at_random(bench: Bench, crews: Crews, outcome: Outcome) -> None:
    """Until the feed has told all; then the others are given the time to say it."""
    dice = bench.dice
    for name, crew in crews.items():
        for _ in range(1 if name in ("feed", "dispatch") else dice.choice([1, 2])):
            crew.join()
    while crews["feed"].members:
        await asyncio.sleep(dice.uniform(0.5, 2.0))
        name = dice.choice(STAGES)
        if crews[name].members:
            blows = Blows(crews[name], outcome, dice, bench.session_s)
            await dice.choice([blows.kill, blows.kill, blows.stop, blows.pause])()


async def _left_alone(bench: Bench, crews: Crews, outcome: Outcome) -> None:
    """They do it themselves."""
    for crew in crews.values():
        crew.join()
    while crews["feed"].members:
        await asyncio.sleep(0.5)
