"""The real application over a real socket: the door, the answers, the headers, the stream."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from alerts.core.frozen import replace
from alerts.core.instants import MINUTE, rfc3339
from alerts.dashboard.api import create_app
from alerts.dashboard.live import Live
from alerts.dashboard.server import served
from alerts.dashboard.sse import Broadcast
from tests.alerts.dashboard.angara import (
    ANGARA,
    DARK_SINCE,
    HOSTILE,
    LIT_AT,
    closed,
    ended,
    lit_up,
    reception,
    report,
    watched,
    went_dark,
    zones,
)
from tests.alerts.dashboard.screen import TOKEN, Screen, screen

BEARER = {"Authorization": f"Bearer {TOKEN.secret}"}


@pytest.fixture
async def page() -> AsyncIterator[Screen]:
    async with screen() as shown:
        yield shown


@pytest.fixture
async def client(page: Screen) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=page.address) as asking:
        yield asking


async def events(
    client: httpx.AsyncClient, count: int, path: str = "/api/stream", **headers: str
) -> list[dict[str, str]]:
    """The first `count` events of a stream, each {id, event, data}."""
    got: list[dict[str, str]] = []
    async with client.stream("GET", path, headers=BEARER | headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif not line and "event" in fields:
                got.append(fields)
                fields = {}
            if len(got) == count:
                break
    return got


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/state",
        "/api/stream",
        "/api/alerts/x",
        "/api/hearing",
        "/metrics",
        "/healthz",
        "/static/main.js",
        "/nowhere",
    ],
)
async def test_nothing_opens_without_the_token(client, path):
    answer = await client.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_wrong_token_is_refused_everywhere(client):
    assert (await client.get("/?token=wrong")).status_code == 401
    assert (await client.post("/login", data={"token": "wrong"})).status_code == 401
    assert (await client.post("/login", content=b"token=" + b"x" * 100_000)).status_code == 401
    assert (await client.get("/api/state", headers={"Authorization": "Bearer wrong"})).status_code == 401


@pytest.mark.parametrize("by_form", [False, True])
async def test_the_token_once_then_the_cookie(client, by_form):
    if by_form:
        entered = await client.post("/login", data={"token": TOKEN.secret})
    else:
        entered = await client.get(f"/?token={TOKEN.secret}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=Strict" in entered.headers["set-cookie"]
    for path in ("/", "/api/state", "/static/main.js"):
        assert (await client.get(path)).status_code == 200


async def test_reception_of_the_last_quarter_of_an_hour(client, page):
    empty = await client.get("/api/hearing", headers=BEARER)
    assert empty.json() == {"minutes": 15, "upto": None, "cells": []}
    page.live.take(reception(LIT_AT, expected=10, heard=7))
    answer = (await client.get("/api/hearing", headers=BEARER)).json()
    assert answer["upto"] == rfc3339(LIT_AT - LIT_AT % MINUTE)
    assert len(answer["cells"]) == 125
    assert answer["cells"][0][4:] == [10, 7, 7, 0]


async def test_paths_are_open_without_the_token_only_where_told():
    live = Live(Broadcast("t"), 1)
    app = create_app(live, TOKEN, lambda: b"hullwatch_up 1\n", list, frozenset({"/healthz", "/metrics"}))
    async with (
        served(app, "127.0.0.1", 0, live.broadcast.close) as address,
        httpx.AsyncClient(base_url=address) as asking,
    ):
        assert (await asking.get("/healthz")).json() == {"status": "ok", "caught_up": False, "data_time": None}
        assert (await asking.get("/metrics")).text == "hullwatch_up 1\n"
        assert (await asking.get("/api/state")).status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/state", "/static/main.js", "/nowhere"])
@pytest.mark.parametrize("headers", [{}, BEARER])
async def test_every_answer_forbids_the_browser_to_ask_anybody_else(client, path, headers):
    sent = (await client.get(path, headers=headers)).headers
    policy = sent["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "*" not in policy
    assert sent["referrer-policy"] == "no-referrer"
    assert sent["x-content-type-options"] == "nosniff"


async def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(client):
    html = (await client.get("/", headers=BEARER)).text
    assert "//" not in html.replace("<!doctype html>", "")
    assert "style=" not in html
    assert "<script>" not in html


async def test_no_generated_documentation(client):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await client.get(path, headers=BEARER)).status_code == 404


async def test_no_way_out_of_the_static_folder(client):
    for path in ("/static/../api.py", "/static/%2e%2e/api.py", "/static/..%2fapi.py"):
        assert (await client.get(path, headers=BEARER)).status_code == 404


async def test_the_state_tells_hulls_tracks_zones_and_what_is_open(page, client):
    dark = went_dark(LIT_AT)
    track = [report(ANGARA, DARK_SINCE - n * MINUTE, 42.0, 130.0, speed_kn=9.8) for n in range(3)]
    for incoming in (zones(), *watched(), *track, closed(LIT_AT), dark, lit_up(), ended(dark, LIT_AT)):
        page.live.take(incoming)
    state = (await client.get("/api/state", headers=BEARER)).json()
    hull = next(hull for hull in state["hulls"] if hull["id"] == ANGARA.id)
    assert state["data_time"] == rfc3339(LIT_AT)
    assert [alert["id"] for alert in state["open"]] == [lit_up().id]
    assert len(state["alerts"]) == 3
    assert [row[0] for row in hull["track"]] == sorted(r.heard_at for r in track)
    assert hull["last"] == [DARK_SINCE, 42.0, 130.0, 9.8, None, None]
    assert len(state["zones"]["features"]) == len(zones().zones) + 4


async def test_an_episode_shows_all_its_revisions(page, client):
    dark = went_dark(LIT_AT)
    for alert in (ended(dark, LIT_AT), dark):
        page.live.take(alert)
    answer = await client.get(f"/api/alerts/{dark.id}", headers=BEARER)
    assert [alert["revision"] for alert in answer.json()["revisions"]] == [0, 1]
    assert (await client.get("/api/alerts/nothing", headers=BEARER)).status_code == 404


async def test_a_hostile_name_travels_as_json_and_nothing_else(page, client):
    page.live.take(went_dark(LIT_AT, replace(ANGARA, name=HOSTILE)))
    answer = await client.get("/api/state", headers=BEARER)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["open"][0]["hull"]["name"] == HOSTILE
    (event,) = await events(client, 1, "/api/stream?after=test-0")
    assert json.loads(event["data"])["alert"]["hull"]["name"] == HOSTILE


async def test_a_line_break_in_a_summary_cannot_forge_an_event(page, client):
    page.live.take(replace(lit_up(), summary="x\n\nevent: reset\ndata: {}\n\n"))
    page.live.take(went_dark(LIT_AT))
    assert [event["event"] for event in await events(client, 2, "/api/stream?after=test-0")] == ["alert", "alert"]


async def test_a_browser_that_comes_back_gets_what_it_missed(page, client):
    for number in range(5):
        page.live.take(replace(lit_up(), id=f"a{number}"))
    got = await events(client, 2, "/api/stream?after=test-0", **{"Last-Event-ID": "test-3"})
    assert [json.loads(event["data"])["alert"]["id"] for event in got] == ["a3", "a4"]
    assert [event["id"] for event in got] == ["test-4", "test-5"]


async def test_a_browser_of_an_earlier_run_is_told_to_start_anew(client):
    (event,) = await events(client, 1, **{"Last-Event-ID": "earlier-3"})
    assert event["event"] == "reset"


async def test_two_browsers_hear_an_alert_at_once_and_positions_soon(page, client):
    listening = [asyncio.create_task(events(client, 2)) for _ in range(2)]
    async with asyncio.timeout(5):
        while page.live.broadcast.listeners < 2:
            await asyncio.sleep(0.01)
    page.live.take(lit_up())
    page.live.take(report(ANGARA, LIT_AT, 34.5, 129.9))
    for got in await asyncio.wait_for(asyncio.gather(*listening), 5):
        assert [event["event"] for event in got] == ["alert", "positions"]
        assert json.loads(got[1]["data"])["hulls"][0]["last"][:3] == [LIT_AT, 34.5, 129.9]


async def test_the_state_and_the_stream_leave_no_gap(page, client):
    page.live.take(replace(lit_up(), id="before"))
    cursor = (await client.get("/api/state", headers=BEARER)).json()["cursor"]
    page.live.take(replace(lit_up(), id="between"))
    (event,) = await events(client, 1, f"/api/stream?after={cursor}")
    assert json.loads(event["data"])["alert"]["id"] == "between"


async def test_a_browser_that_never_reads_is_dropped_and_holds_nobody_up():
    async with screen(Broadcast("test", queue_length=5)) as page:
        host, port = page.address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port), limit=1)
        writer.write(
            f"GET /api/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {BEARER['Authorization']}\r\n\r\n".encode()
        )
        async with asyncio.timeout(20):
            while page.live.broadcast.dropped == 0:
                page.live.take(replace(lit_up(), id=f"a{page.live.broadcast.cursor}", summary="x" * 100_000))
                await asyncio.sleep(0.002)
        assert page.live.broadcast.listeners == 0
        writer.close()
