"""The ledger in Redis: how far the alerts are read, what is to be sent, and what was.

A rebuildable index of the topic: outbox and Kafka offset move in one script (scripts.py), so a Redis that lost its last
seconds is read on from where it stands.  An emptied one starts at the oldest alert that Kafka keeps; what is older than
`max_age` is not sent, and who would have been told is taken to have been.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from alerts.core.alert import Event
from alerts.core.instants import DAY, Instant
from alerts.delivery import scripts
from alerts.delivery.messages import Sent
from alerts.routing.plan import Known, NotSent, Standing

_OPEN_KEPT_MS = 365 * DAY
"""At least so long is an episode remembered that has not ended: a ship can stay dark for months."""
_PASSING = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
)
_PASSING_CODES = ("MISCONF", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY")
"""Answers for which redis-py has no class: a full disk, no replica, a failover, somebody's script."""
_ANSWER_S, _AGAIN = 3, 2
"""A server that is away is noticed within ten seconds, and one that only dropped the connection is not."""


class Over(StrEnum):
    """Why a session with the ledger ended; a new one finds its place by itself."""

    LEASE_LOST = "lease_lost"
    """Somebody else has it, or nobody: we slept, or Redis was emptied."""
    OFFSET_MOVED = "offset_moved"
    """Redis was rolled back, or somebody else has written."""
    RESTARTED = "restarted"
    """Redis is another process than before: what it knows may be older."""
    UNAVAILABLE = "unavailable"
    """It does not answer, or takes no writes."""


class SessionOverError(Exception):
    """Somebody else took over, Redis stands elsewhere than we thought, or it does not answer."""

    def __init__(self, why: Over, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Entry:
    """One published alert as the ledger takes it in; `expected` is the offset that was read from the ledger."""

    partition: int
    expected: int | None
    following: int
    episode: str = ""
    revision: int = -1
    event: str = ""
    published_at: Instant = 0
    body: bytes = b""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a worker has in hand.  `told`: somebody was, or may have been, told an earlier revision."""

    destination: str
    episode: str
    revision: int
    event: Event
    published_at: Instant
    body: bytes
    subject: str
    tries_before: int
    told: bool
    corrects: Sent | None


class Ledger:
    """One dispatcher's hold on the ledger `name`; `token` is its own.  Every method may raise SessionOverError."""

    def __init__(self, redis: "Redis", name: str, token: str, keep_ms: int = 90 * DAY) -> None:
        self._redis, self._root, self._token, self._keep_ms = redis, "{" + name + "}", token, keep_ms
        self._acquire, self._release = redis.register_script(scripts.ACQUIRE), redis.register_script(scripts.RELEASE)
        self._renew = redis.register_script(scripts.RENEW)
        self._accept, self._claim = redis.register_script(scripts.ACCEPT), redis.register_script(scripts.CLAIM)
        self._settle, self._postpone = redis.register_script(scripts.SETTLE), redis.register_script(scripts.POSTPONE)
        self._name = redis.register_script(scripts.NAME)
        self._recover = redis.register_script(scripts.RECOVER)

    async def acquire(self, ttl_ms: int) -> bool:
        """Takes the lease, or keeps it; False while somebody else has it."""
        return bool(await _answered(self._acquire([self._key("lease")], [self._token, ttl_ms])))

    async def renew(self, ttl_ms: int) -> bool:
        """Keeps the lease; False where it is not ours any more."""
        return bool(await _answered(self._renew([self._key("lease")], [self._token, ttl_ms])))

    async def server(self) -> str:
        """A word that is another one after a restart or a failover."""
        return str((await _answered(self._redis.info("server"))).get("run_id", ""))

    async def release(self) -> None:
        """Gives the lease back, if it is ours."""
        await _answered(self._release([self._key("lease")], [self._token]))

    async def offset(self, partition: int) -> int | None:
        """Where to read on; None in an empty ledger."""
        found = await _answered(self._redis.hget(self._key("offsets"), str(partition)))
        return None if found is None else int(found)

    async def known(self, episode: str, cause: str | None, destinations: Sequence[str]) -> Known:
        """How the episode and its cause stand with each destination."""
        pipe = self._redis.pipeline(transaction=False)
        for subject in (episode, cause or ""):
            for destination in destinations:
                pipe.hmget(self._pair(destination, subject), *_STANDING)
        found = [_standing(*row) for row in await _answered(pipe.execute())]
        mine, causes = found[: len(destinations)], found[len(destinations) :]
        told = frozenset(d for d, standing in zip(destinations, causes, strict=True) if standing.is_concerned)
        return Known(dict(zip(destinations, mine, strict=True)), told if cause else frozenset())

    async def name(self, cause: str, episode: str, called: str, destinations: Iterable[str]) -> frozenset[str]:
        """Names an episode in the message about its cause, where that was not sent yet: where it is named now."""
        kept_ms = self._kept_ms(Event.OPENED)
        named = set()
        for destination in destinations:
            keys = [self._pair(destination, cause), self._named(destination, cause)]
            if await _answered(self._name(keys, [episode, called, kept_ms])):
                named.add(destination)
        return frozenset(named)

    async def names(self, destination: str, cause: str) -> dict[str, str]:
        """The episodes that the message about this one names, and how."""
        found = await _answered(self._redis.hgetall(self._named(destination, cause)))
        return {episode.decode(): called.decode() for episode, called in sorted(found.items())}

    async def accept(
        self, entry: Entry, send: Iterable[str], take_as_told: Iterable[str], due: Instant
    ) -> dict[str, int]:
        """Offset and outbox in one step, to be sent when it is due.

        Gives back the waiting revisions that this one overtook, by destination.
        """
        wants = [(d, "want") for d in send] + [(d, "told") for d in take_as_told]
        keys = [key for d, _ in wants for key in (self._pair(d, entry.episode), self._queue(d))]
        arguments: list[str | int | bytes] = [
            self._token,
            entry.partition,
            "" if entry.expected is None else entry.expected,
            entry.following,
            entry.episode,
            entry.revision,
            entry.event,
            entry.published_at,
            entry.body,
            entry.subject,
            due,
            self._kept_ms(entry.event),
            *(want for _, want in wants),
        ]
        overtaken = _held(await _answered(self._accept([self._key("lease"), self._key("offsets"), *keys], arguments)))
        return {d: was for (d, _), was in zip(wants, overtaken, strict=True) if was >= 0}

    async def recover(self, destination: str, now: Instant) -> int:
        """Makes due again what a dispatcher that died had in hand."""
        keys = [self._key("lease"), self._queue(destination), self._claims(destination)]
        return int(_held(await _answered(self._recover(keys, [self._token, now]))))

    async def next_due(self, destination: str) -> tuple[str, Instant] | None:
        """The episode that is due first, and when."""
        found = await _answered(self._redis.zrange(self._queue(destination), 0, 0, withscores=True))
        return (found[0][0].decode(), int(found[0][1])) if found else None

    async def waiting(self, destination: str) -> int:
        """How many episodes wait there."""
        return int(await _answered(self._redis.zcard(self._queue(destination))))

    async def claim(self, destination: str, episode: str) -> Claimed | None:
        """Takes the newest revision in hand; None where nothing is left to send."""
        keys = [self._key("lease"), *self._places(destination, episode)]
        flat = _held(await _answered(self._claim(keys, [self._token, episode])))
        pair = dict(zip((key.decode() for key in flat[::2]), flat[1::2], strict=True))
        return _claimed(destination, episode, pair)

    async def done(self, claimed: Claimed, now: Instant) -> None:
        """The provider took it."""
        await self._end(claimed, "done", "", now)

    async def dead(self, claimed: Claimed, why: NotSent, now: Instant) -> None:
        """It will not be sent."""
        await self._end(claimed, "dead", str(why), now)

    async def nothing(self, destination: str, episode: str, now: Instant) -> None:
        """The wake-up was for nothing."""
        await _answered(self._settle(self._places(destination, episode), [episode, -1, "dead", now, "", self._keep_ms]))

    async def postpone(self, claimed: Claimed, due: Instant, may_have_arrived: bool) -> None:
        """Puts it back, to be tried again."""
        flag = "1" if may_have_arrived else "0"
        keys = self._places(claimed.destination, claimed.episode)
        await _answered(self._postpone(keys, [claimed.episode, due, flag]))

    async def _end(self, claimed: Claimed, field: str, why: str, now: Instant) -> None:
        keys = self._places(claimed.destination, claimed.episode)
        kept_ms = self._kept_ms(claimed.event)
        await _answered(self._settle(keys, [claimed.episode, claimed.revision, field, now, why, kept_ms]))

    def _kept_ms(self, event: str) -> int:
        ended = event in (Event.CLOSED, Event.RETRACTED)
        return self._keep_ms if ended else max(self._keep_ms, _OPEN_KEPT_MS)

    def _key(self, name: str) -> str:
        return f"{self._root}:{name}"

    def _queue(self, destination: str) -> str:
        return self._key(f"queue:{destination}")

    def _claims(self, destination: str) -> str:
        return self._key(f"claimed:{destination}")

    def _pair(self, destination: str, episode: str) -> str:
        return self._key(f"pair:{destination}:{episode}")

    def _named(self, destination: str, episode: str) -> str:
        return self._key(f"named:{destination}:{episode}")

    def _places(self, destination: str, episode: str) -> list[str]:
        return [self._pair(destination, episode), self._queue(destination), self._claims(destination)]


@asynccontextmanager
async def open_ledger(url: str, name: str, token: str, keep_ms: int) -> AsyncIterator[Ledger]:
    """`redis://...`, `rediss://...` or `unix://...`; connects when first asked.  Raises ValueError for another url."""
    retry = Retry(ConstantBackoff(0.1), _AGAIN)
    redis = Redis.from_url(url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S, retry=retry)
    try:
        yield Ledger(redis, name, token, keep_ms)
    finally:
        await redis.aclose()


_STANDING = ("wanted", "done", "dead", "maybe", "inflight")


def _standing(wanted: Any, done: Any, dead: Any, maybe: Any, inflight: Any) -> Standing:
    settled = max(_number(done), _number(dead))
    told = done is not None or maybe is not None or inflight is not None
    return Standing(max(_number(wanted), settled), settled, told)


def _claimed(destination: str, episode: str, pair: Mapping[str, bytes]) -> Claimed | None:
    standing = _standing(*(pair.get(name) for name in _STANDING))
    if standing.wanted <= standing.settled:
        return None
    done = _number(pair.get("done"))
    return Claimed(
        destination,
        episode,
        standing.wanted,
        Event(pair["event"].decode()),
        int(pair["since"]),
        pair["body"],
        pair["subject"].decode(),
        int(pair["attempts"]),
        standing.told,
        Sent(done, int(pair["done_at"])) if done >= 0 else None,
    )


def _number(found: Any) -> int:
    return -1 if found is None else int(found)


def _held(answer: Any) -> Any:
    """Raises SessionOverError where a script answered that the lease or the offset is not what we think."""
    if answer == b"lease":
        raise SessionOverError(Over.LEASE_LOST)
    if answer == b"moved":
        raise SessionOverError(Over.OFFSET_MOVED)
    return answer


async def _answered(asked: Any) -> Any:
    try:
        return await asked
    except exceptions.RedisError as error:
        if isinstance(error, _PASSING) or any(code in str(error) for code in _PASSING_CODES):
            raise SessionOverError(Over.UNAVAILABLE, f"{type(error).__name__}: {error}") from error
        raise
