"""The page, its API and its stream, as one ASGI application.

GET /                     the page
GET /api/state            all that it starts from (view.py)
GET /api/alerts/{id}      all revisions of one episode
GET /api/hearing          how well ships were heard of late (hearing.py)
GET /api/stream           server-sent events: alert, positions, zones, reset
GET /healthz, /metrics    for those who run it
"""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import msgspec
from fastapi import FastAPI, Header, Query
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from alerts.dashboard import hearing, view
from alerts.dashboard.auth import Token
from alerts.dashboard.gate import STATIC, Gate
from alerts.dashboard.live import Live
from alerts.dashboard.sse import MAX_LISTENERS

RETRY_MS = 2_000


def create_app(
    live: Live,
    token: Token,
    metrics: Callable[[], bytes],
    unready: Callable[[], list[str]],
    without_token: frozenset[str] = frozenset(),
) -> ASGIApp:
    """`metrics` gives the Prometheus text, `unready` why it is not ready; `without_token` opens paths to everybody."""
    # No generated documentation: its pages load scripts from elsewhere.
    app = FastAPI(title="hullwatch", docs_url=None, redoc_url=None, openapi_url=None)
    _add_page(app)
    _add_api(app, live)
    _add_stream(app, live)
    _add_operation(app, live, metrics, unready)
    return Gate(app, token, without_token)


def _add_page(app: FastAPI) -> None:
    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _add_api(app: FastAPI, live: Live) -> None:
    @app.get("/api/state")
    async def state() -> Response:
        return Response(msgspec.json.encode(live.state()), media_type="application/json")

    @app.get("/api/alerts/{episode}")
    async def alert(episode: str) -> Response:
        chain = view.revisions(live.picture, episode)
        if chain is None:
            return JSONResponse({"error": "no episode of this id is open or among the last alerts"}, 404)
        return Response(msgspec.json.encode({"id": episode, "revisions": chain}), media_type="application/json")

    @app.get("/api/hearing")
    async def heard() -> Response:
        return Response(msgspec.json.encode(hearing.view(live.picture.hearing)), media_type="application/json")


def _add_stream(app: FastAPI, live: Live) -> None:
    @app.get("/api/stream", response_class=EventSourceResponse)
    async def stream(
        last_event_id: Annotated[str | None, Header()] = None, after: Annotated[str | None, Query()] = None
    ) -> AsyncIterator[ServerSentEvent]:
        """A header wins over the address: it is what the browser sends when it comes back."""
        if live.broadcast.listeners >= MAX_LISTENERS:
            yield ServerSentEvent(event="full", raw_data="{}", retry=30_000)
            return
        yield ServerSentEvent(comment="hullwatch", retry=RETRY_MS)
        async for message in live.broadcast.follow(last_event_id or after):
            yield ServerSentEvent(id=message.id, event=message.event, raw_data=message.data)


def _add_operation(app: FastAPI, live: Live, metrics: Callable[[], bytes], unready: Callable[[], list[str]]) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        return {"status": "ok", "caught_up": live.caught_up, "data_time": view.moment(live.picture.data_time)}

    @app.get("/readyz")
    async def readyz() -> Response:
        reasons = unready()
        return Response("\n".join(reasons or ["ready"]), 503 if reasons else 200, media_type="text/plain")

    @app.get("/metrics")
    async def measured() -> Response:
        return Response(metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")
