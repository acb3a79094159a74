"""The page in a real browser: what a watch officer sees, and that the browser asks nobody but us."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alerts.core.alert import Event
from alerts.core.frozen import replace
from alerts.core.instants import HOUR, MINUTE, SECOND, rfc3339
from alerts.dashboard import vendor
from alerts.dashboard.live import Incoming
from alerts.dashboard.sse import Broadcast
from tests.alerts.dashboard.angara import (
    ANGARA,
    DARK_SINCE,
    HOSTILE,
    LIT_AT,
    closed,
    ended,
    fleet,
    lit_up,
    outage,
    reception,
    strait,
    voyage,
    watched,
    went_dark,
    zones,
)
from tests.alerts.dashboard.screen import Screen, screen
from tests.browser.chromium import Page, chromium, installed

pytestmark = [
    pytest.mark.skipif(installed() is None, reason="no chromium on this machine (Debian: apt install chromium)"),
    pytest.mark.skipif(not vendor.is_complete(), reason="static/vendor is filled when the package is installed"),
]
NOW = DARK_SINCE + 5 * HOUR
NIGHT: tuple[Incoming, ...] = (
    zones(),
    *watched(),
    *voyage(ANGARA, DARK_SINCE, 200, (42.1711, 130.4102), 141, 9.8),
    *fleet(NOW),
    closed(NOW),
    went_dark(NOW),
)
LIVE = "document.querySelector('#link').dataset.state === 'live'"
DRAWN = "document.querySelector('#map canvas')"


@dataclass(frozen=True, slots=True)
class Watch:
    page: Page
    screen: Screen

    async def happens(self, *incoming: Incoming) -> None:
        for one in incoming:
            self.screen.live.take(one)
        await asyncio.sleep(0)


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    """An open page on an empty server; at the end, that nothing was complained of and nobody else was asked."""
    async with screen() as served, chromium(tmp_path) as page:
        await page.open(served.door)
        await page.until(f"{LIVE} && {DRAWN}")
        yield Watch(page, served)
        assert page.complaints == []
        asked = {urlsplit(address).netloc for address in page.requests if not address.startswith("data:")}
        assert asked == {urlsplit(served.address).netloc}


async def test_an_empty_screen_says_what_it_waits_for(watch):
    assert "No hull is watched yet" in await watch.page.text("#waiting")
    assert await watch.page.text("#data-time") == "no data yet"
    await watch.happens(*watched())
    await watch.page.until("document.querySelector('#waiting').innerText.includes('Watching 4 hulls')")
    assert "no feed has been heard yet" in await watch.page.text("#waiting")


async def test_the_token_does_not_stay_in_the_address(watch):
    assert await watch.page.value("location.href") == f"{watch.screen.address}/"
    assert await watch.page.value("document.cookie") == ""


async def test_a_dark_hull_is_on_the_list_and_on_the_chart(watch):
    await watch.happens(*NIGHT)
    await watch.page.until("document.querySelector('.card')")
    await watch.page.until("document.querySelector('.card .since').innerText === '5 h 00 min'")
    card = await watch.page.text(".card")
    assert "ANGARA" in card
    assert "Went dark" in card
    assert "02:14:30" in await watch.page.text("#data-time")


async def test_the_chart_opens_on_the_hulls_and_the_zones_around_them(watch):
    """Straits are flagged all over the world; without a hull all of them are shown."""
    flagged = "{features: [{geometry: {coordinates: [[121, 29], [123, 31]]}}, {geometry: {coordinates: [[-80, 9]]}}]}"
    hulls = "[[{ last: [0, 30, 122] }], []]"
    shown = await watch.page.value(
        f"import('/static/features.js').then(({{ bounds }}) => {hulls}.map((hulls) => bounds(hulls, {flagged})))"
    )
    assert shown == [[[121, 29], [123, 31]], [[-80, 9], [123, 31]]]


async def test_reception_is_drawn_when_asked_for_and_goes_on_with_the_data(watch):
    """As it is told where it lies: the chart itself is a picture."""
    await watch.happens(*NIGHT, reception(NOW, expected=10, heard=10))
    await watch.page.until("document.querySelector('.card')")
    assert not [address for address in watch.page.requests if address.endswith("/api/hearing")]
    await watch.page.click("#hearing")
    await watch.page.until("!document.querySelector('#hearing-legend').hidden")
    await watch.page.until(asked_for(1))
    await watch.happens(reception(NOW + MINUTE, expected=10, heard=2))
    await watch.page.until(asked_for(2))
    await watch.page.click("#hearing")
    assert await watch.page.value("document.querySelector('#hearing-legend').hidden")
    await watch.happens(closed(NOW + 2 * MINUTE))
    await asyncio.sleep(1.5)
    assert await watch.page.value(asked_for(2))


def asked_for(times: int) -> str:
    entries = "performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('/api/hearing'))"
    return f"{entries}.length === {times}"


async def test_reception_in_words(watch):
    counts = ([40, 37, 12, 0], [40, 20, 3, 1], [9, 0, 0, 0], [0, 0, 0, 2])
    cells = [[34.6, 129.6, 34.7, 129.7, *count] for count in counts]
    made = await watch.page.value(
        f"import('/static/hearing.js').then((its) => its.features({cells}).features.map((one) => one.properties))"
    )
    assert made == [
        {"how": "well", "said": "92 % of ships under way heard, 12 heard at once"},
        {"how": "half", "said": "50 % of ships under way heard, 3 heard at once, beacons: 1"},
        {"how": "badly", "said": "0 % of ships under way heard"},
        {"how": "unknown", "said": "no ship under way, beacons: 2"},
    ]


async def test_an_alert_appears_live_and_flashes(watch):
    await watch.happens(*NIGHT)
    await watch.page.until("document.querySelectorAll('.card').length === 1")
    await watch.happens(*voyage(ANGARA, LIT_AT, 0, (34.52, 129.93), 214, 12.1), closed(LIT_AT))
    await watch.happens(ended(went_dark(NOW), LIT_AT + SECOND), lit_up(), strait())
    await watch.page.until("document.querySelectorAll('#episodes .fresh .card').length === 2", 5)
    assert "Lit up" in await watch.page.text(".card")
    assert await watch.page.value("document.querySelector('#say').textContent") == "caution: Strait, ANGARA"
    rows = await watch.page.value("[...document.querySelectorAll('.row')].map(row => row.innerText)")
    assert len(rows) == 4
    assert sum("closed" in row for row in rows) == 1


async def test_a_click_shows_the_evidence_and_escape_puts_it_away(watch):
    await watch.happens(*NIGHT)
    await watch.page.until("document.querySelector('.card')")
    await watch.page.click(".card")
    await watch.page.until("!document.querySelector('#detail').hidden")
    detail = await watch.page.text("#detail")
    assert "42°10.27\u2032N 130°24.61\u2032E" in detail
    assert "IMO 9179842" in detail
    assert "rajin-1" in detail
    await watch.page.press("Escape")
    await watch.page.until("document.querySelector('#detail').hidden")


async def test_who_was_heard_since_is_not_painted_dark_though_the_silence_is_open_yet(watch):
    """Alerts come later than positions.  As it is told where it lies: the chart itself is a picture."""
    since = rfc3339(DARK_SINCE)
    drawn = [await hull_drawn(watch.page, last, since) for last in (DARK_SINCE, LIT_AT)]
    assert drawn == [[True, "\ndark 28 d 6 h", True], [False, "\nlast heard 2024-02-03 04:05:06 UTC", False]]


async def hull_drawn(page: Page, last: int, since: str) -> list[object]:
    """Whether she is painted dark, what is written beside her, and whether her track is dark."""
    hull = {"id": "a", "name": "ANGARA", "last": [last, 34, 129, 12, 214, None]}
    hull["track"] = [[last - MINUTE, 34, 129], [last, 34, 129]]
    drawn = f"""import('/static/features.js').then((its) => {{
        const hulls = [{json.dumps(hull)}], darkness = new Map([["a", {{ happened_at: {since!r} }}]]);
        const [{{ properties }}] = its.hullFeatures(hulls, darkness, null, {LIT_AT}).features;
        return [properties.dark, properties.note, its.trackFeatures(hulls, darkness).features[0].properties.dark];
    }})"""
    return list(await page.value(drawn))


async def test_how_soon_it_was_known_is_what_the_first_revision_says(watch):
    dark = went_dark(NOW)
    await watch.happens(*NIGHT, ended(dark, LIT_AT))
    await watch.page.until("document.querySelector('.row.closed')")
    await watch.page.click(".row.closed")
    await watch.page.until("document.querySelector('#detail').innerText.includes('31 min later')")
    detail = await watch.page.text("#detail")
    assert "closed at\n2024-02-03 04:05:06 UTC" in detail
    assert "28 d" not in detail


async def test_a_list_of_ports_in_the_evidence_is_a_table_and_no_time_is_broken(watch):
    ports = [
        {"zone": "ningbo", "name": "Zhenhai and Ningbo", "distance_nm": 48.7, "earliest": "2024-02-09T12:03:00Z"},
        {"zone": "shanghai", "name": "Shanghai", "distance_nm": 163.5, "earliest": "2024-02-09T15:52:00Z"},
    ]
    evidence = {"last_fix": {"at": "2024-02-09T10:26:19Z", "feed": "coast"}, "ports": ports, "lights": 3}
    await watch.happens(*NIGHT[:-1], replace(went_dark(NOW), evidence=evidence))
    await watch.page.until("document.querySelector('.card')")
    await watch.page.click(".card")
    await watch.page.until("document.querySelector('#detail table')")
    rows = await watch.page.value("[...document.querySelectorAll('#detail tr')].map((row) => row.innerText)")
    assert rows == [
        "name\tdistance\tearliest",
        "Zhenhai and Ningbo\t48.7 nm\t2024-02-09 12:03",
        "Shanghai\t163.5 nm\t2024-02-09 15:52",
    ]
    terms = await watch.page.value("[...document.querySelectorAll('#detail h4 + dl dt')].map((term) => term.innerText)")
    assert terms == ["lights", "ports", "last fix at", "last fix feed"]
    lines = "[...document.querySelectorAll('#detail .whole')].map((part) => part.getClientRects().length)"
    assert set(await watch.page.value(lines)) == {1}


async def test_the_keyboard_reaches_the_episodes(watch):
    await watch.happens(*NIGHT)
    await watch.page.until("document.querySelector('.card')")
    for _ in range(12):
        await watch.page.press("Tab")
        if await watch.page.value("document.activeElement.classList.contains('card')"):
            break
    await watch.page.press("Enter")
    await watch.page.until("!document.querySelector('#detail').hidden")


async def test_a_name_from_the_air_is_text_and_nothing_else(watch):
    hostile = replace(ANGARA, name=HOSTILE, reason="<img src=x onerror=alert(1)>")
    alert = replace(went_dark(NOW, hostile), summary=f"{HOSTILE} is silent", evidence={HOSTILE: "<b>bold</b>"})
    scripts = await watch.page.value("document.querySelectorAll('script, img, b').length")
    await watch.happens(*voyage(hostile, DARK_SINCE, 5, (42.1, 130.4), 141, 9.8), alert)
    await watch.page.until("document.querySelector('.card')")
    await watch.page.click(".card")
    await watch.page.until("document.querySelectorAll('#detail dt').length > 5")
    assert HOSTILE in await watch.page.text(".card .who")
    assert HOSTILE in await watch.page.text(".row")
    assert f"{HOSTILE}\n<b>bold</b>" in await watch.page.text("#detail")
    # One <b> is ours: the name in the row of the feed.
    assert await watch.page.value("document.querySelectorAll('script, img, b').length") == scripts + 1


async def test_markup_cannot_be_made_from_text_at_all(watch):
    tried = "(() => { try { document.body.innerHTML = 'x'; return 'made' } catch (error) { return error.name } })()"
    assert await watch.page.value(tried) == "TypeError"
    # The attempt itself is the one complaint that this test may leave behind.
    watch.page.complaints[:] = [text for text in watch.page.complaints if "TrustedHTML" not in text]


async def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_live_lamp_is_seen(watch):
    await watch.page.size(390, 844)
    await watch.happens(*NIGHT)
    await watch.page.until("document.querySelector('.card')")
    assert await watch.page.value("document.documentElement.scrollWidth") == 390
    for seen in ("#data-time", "#link", "#link-text", "#counts", "#counts div:last-child", "#hearing"):
        assert await watch.page.value(f"{WHOLLY_SEEN}(document.querySelector('{seen}'))"), seen
    await watch.page.click(".card")
    assert await watch.page.value(f"{WHOLLY_SEEN}(document.querySelector('#detail'))")


WHOLLY_SEEN = """((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right > left && bottom > top;
})"""


async def test_a_feed_outage_has_a_banner_while_it_lasts(watch):
    out = outage(NOW)
    await watch.happens(out)
    await watch.page.until("document.querySelector('#banners .outage')")
    assert "Feed outage: feed coast" in await watch.page.text("#banners")
    await watch.happens(ended(out, NOW))
    await watch.page.until("!document.querySelector('#banners .outage')")


async def test_what_is_retracted_leaves_the_list_and_is_struck_out_in_the_feed(watch):
    dark = went_dark(NOW)
    await watch.happens(dark)
    await watch.page.until("document.querySelector('.card')")
    await watch.happens(replace(ended(dark, NOW), event=Event.RETRACTED))
    await watch.page.until("!document.querySelector('.card') && document.querySelector('.row.retracted')")


async def test_a_server_that_comes_back_is_found_again_by_itself(tmp_path: Path):
    async with screen() as first, chromium(tmp_path) as page:
        await page.open(first.door)
        await page.until(LIVE)
        first.live.broadcast.close()
        await page.until("document.querySelector('#link').dataset.state === 'lost'")
        assert "No connection to hullwatch" in await page.text("#banners")
        first.live.take(went_dark(NOW))
        await page.until(f"{LIVE} && document.querySelector('.card')", 15)
        assert await page.text("#banners") == ""


async def test_a_cursor_that_the_server_no_longer_knows_loads_the_state_anew(tmp_path: Path):
    async with screen(Broadcast("test", log_length=1)) as served, chromium(tmp_path) as page:
        await page.open(served.door)
        await page.until(LIVE)
        served.live.broadcast.close()
        for incoming in NIGHT:
            served.live.take(incoming)
        for _ in range(3):
            served.live.flush(beat=True)
        await page.until(f"{LIVE} && document.querySelector('.card')", 15)
