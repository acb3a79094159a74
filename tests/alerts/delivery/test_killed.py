"""A dispatcher that is killed before and after every call that it makes, and started again.

Nothing is lost.  A repeat comes only where death fell between "the provider took it" and our commit, at most one per
death and destination, under the same key; and the order of each episode holds.
"""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from alerts.core.alert import Alert, Event
from alerts.routing.routes import Routes, parse
from tests.alerts.delivery.mortal import Ground, Killed, Life
from tests.alerts.routing.samples import alert
from tests.receivers import HttpReceiver, Mailbox, Reply

Row = tuple[str, int]
"""Episode and revision."""
Acts = Sequence[Sequence[Alert]]


def routes(receiver: HttpReceiver, box: Mailbox) -> Routes:
    mail = {"channel": "email", "host": box.host, "port": box.port, "tls": "none", "from": "a@b.example"}
    destinations = {
        "hook": {"channel": "webhook", "url": f"{receiver.url}/hook", "timeout_s": 1},
        "mail": {**mail, "to": "watch@example.org", "timeout_s": 2},
    }
    return parse({"destinations": destinations, "routes": [{"name": "all", "to": list(destinations)}]})


def revision(episode: str, n: int, event: Event = Event.AMENDED) -> Alert:
    return alert(id=episode, revision=n, event=Event.OPENED if n == 0 else event)


class Scene:
    """What is published, session by session, and how the receivers answer before they take everything."""

    def __init__(self, ground: Ground, receiver: HttpReceiver, box: Mailbox, *acts: Sequence[Alert]) -> None:
        self.ground, self.acts, self.receiver, self.box = ground, acts, receiver, box
        self.before, self.letters_before = len(receiver.taken), len(box.letters)

    async def play(self, dies_at: int | None) -> Life:
        """All acts in one process after the other; the first of them dies at its n-th point, and is started again."""
        life = Life(dies_at)
        for act in self.acts:
            self.ground.publish(*act)
            with suppress(Killed):
                await self.ground.live(life)
            if life.is_over:
                break
        if life.is_over:
            self.done = {d: await self.ground.stands(d) for d in ("hook", "mail")}
            await self.ground.forget_lease()
            published = len(self.ground.log.records)
            for act in self.acts:
                published -= len(act)
                if published < 0:
                    self.ground.publish(*act)
            await self.ground.live(Life())
        return life

    def taken(self) -> dict[str, list[tuple[Row, str]]]:
        """By destination: what it took, in order, each with its key."""
        found: dict[str, list[tuple[Row, str]]] = {"hook": [], "mail": []}
        for request in self.receiver.taken[self.before :]:
            body = json.loads(request.body)
            row = (body["id"], body["revision"])
            found["hook"].append((row, request.headers["Idempotency-Key"]))
        for letter in self.box.letters[self.letters_before :]:
            said = letter.get_content().split("Episode: ")[1].split("\n")[0]
            episode, _, n = said.partition(", revision ")
            found["mail"].append(((episode, int(n)), letter["Message-ID"]))
        return found

    def check(self, life: Life) -> int:
        """Raises AssertionError where a promise is broken; how many repeats there were."""
        newest = {a.id: a for act in self.acts for a in act}
        repeats = 0
        for destination, taken in self.taken().items():
            rows = [row for row, _ in taken]
            for episode, last in newest.items():
                revisions = [n for e, n in rows if e == episode]
                assert revisions == sorted(revisions), f"{destination}: order per episode"
                never_told = last.event is Event.RETRACTED and not revisions
                assert never_told or revisions[-1:] == [last.revision], f"{destination}: {episode} was lost"
            assert len(set(taken)) == len(set(rows)) == len({key for _, key in taken}), f"{destination}: one key a row"
            again = [row for row, times in Counter(rows).items() for _ in range(times - 1)]
            assert len(again) <= life.is_over, f"{destination}: {again} repeated"
            for episode, n in again:
                assert self.done[destination].get(episode, -1) < n, f"{destination}: repeated what was committed"
            repeats += len(again)
        return repeats


STEADY = {f"ledger.{name}" for name in ("acquire", "offset", "known", "accept", "recover", "next_due", "claim", "done")}
CALLS = STEADY | {"ledger.release", "log.fetch", "channel hook.send", "channel mail.send"}
IN_TROUBLE = CALLS - {"ledger.release"} | {"ledger.postpone", "ledger.dead"}
"""How often a troubled receiver is tried before the lease is given back depends on the clock on the wall."""


async def walked(valkey: str, receiver: HttpReceiver, box: Mailbox, acts: Acts, in_trouble: bool) -> set[str]:
    """The calls at which it died: at every point of the first process, one after the other."""
    deaths, repeats, n = Counter[str](), 0, 0
    while True:
        scene = Scene(Ground(valkey, routes(receiver, box)), receiver, box, *acts)
        if in_trouble:
            receiver.script, box.script = [Reply(500)], ["451 later"]
        life = await scene.play(n)
        repeats += scene.check(life)
        if not life.is_over:
            break
        deaths[life.points[-1]] += 1
        n += 1
    with_answer = sum(count for point, count in deaths.items() if point.startswith("after channel"))
    assert repeats >= with_answer / 3, "who dies with the answer in hand sends it again"
    return {point.partition(" ")[2] for point in deaths}


async def test_wherever_it_is_killed(valkey: str, receiver: HttpReceiver, box: Mailbox) -> None:
    first, then = [revision("a", 0), revision("b", 0)], [revision("a", 1), revision("b", 1, Event.CLOSED)]
    assert await walked(valkey, receiver, box, (first, then), in_trouble=False) >= CALLS


async def test_wherever_it_is_killed_while_receivers_are_in_trouble_and_newer_overtakes_older(
    valkey: str, receiver: HttpReceiver, box: Mailbox
) -> None:
    of_a, of_b = [revision("a", n) for n in range(3)], [revision("b", 0), revision("b", 1, Event.RETRACTED)]
    assert await walked(valkey, receiver, box, ([*of_b, *of_a],), in_trouble=True) >= IN_TROUBLE
