"""The server's routes: the page, its files, answers as JSON, downloads, and the stream of a live run."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from evolve.errors import DatabaseError, EvolveError, NotFound, UserError
from evolve.report.finite import dumps
from evolve.store import Store
from evolve.web import live
from evolve.web.assets import BUNDLES, STATIC, bundle, index
from evolve.web.guard import Guard
from evolve.web.query import Query
from evolve.web.topics import DOWNLOADS, TOPICS


def make_app(store: Store, token: str) -> ASGIApp:
    """The server for a database opened for reading; it answers below `/<token>/` alone."""
    pages = _Pages(store)
    routes = [
        Route("/", pages.index),
        Route("/api/{topic}", pages.of_database),
        Route("/api/run/{run}/live", pages.live),
        Route("/api/run/{run}/{topic}", pages.of_run),
        # What comes through a forwarded port should come quickly.
        *(Route(f"/static/{name}", pages.bundle, middleware=[Middleware(GZipMiddleware)]) for name in BUNDLES),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Guard(Starlette(routes=routes, exception_handlers={Exception: _sorry, HTTPException: _refused}), token)


class _Pages:
    """Handlers; those that are plain functions run in threads, for the database blocks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def index(self, _request: Request) -> Response:
        return HTMLResponse(index())

    def bundle(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return Response(bundle(name), media_type="text/css" if name.endswith(".css") else "text/javascript")

    def of_database(self, request: Request) -> Response:
        topic = TOPICS.get(request.path_params["topic"])
        if topic is None or topic.scope != "database":
            return _error("there is no such topic", 404)
        return _answered(lambda: topic.answer(Query(self._store, None, dict(request.query_params))))

    def of_run(self, request: Request) -> Response:
        name, run_id = request.path_params["topic"], _run_id(request)
        if name in DOWNLOADS:
            return self._download(name, run_id, request)
        topic = TOPICS.get(name)
        if topic is None or topic.scope != "run":
            return _error("there is no such topic", 404)
        return _answered(lambda: topic.answer(Query(self._store, self._store.run(run_id), dict(request.query_params))))

    def _download(self, name: str, run_id: int, request: Request) -> Response:
        download = DOWNLOADS[name]
        try:
            lines = download.lines(Query(self._store, self._store.run(run_id), dict(request.query_params)))
        except EvolveError as error:
            return _failed(error)
        headers = {"Content-Disposition": f'attachment; filename="run{run_id}-{name}"'}
        return StreamingResponse(lines, media_type=download.media, headers=headers)

    def live(self, request: Request) -> Response:
        run_id = _run_id(request)
        place = live.Place.parse(request.headers.get("last-event-id") or request.query_params.get("after", ""))
        try:
            self._store.run(run_id)
        except EvolveError as error:
            return _failed(error)
        messages = live.stream(lambda since: live.News.since(self._store, run_id, since), place)
        return StreamingResponse(messages, media_type="text/event-stream")


def _run_id(request: Request) -> int:
    """The number in the address; -1, which no run has, for anything else."""
    text: str = request.path_params["run"]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _answered(answer: Callable[[], Any]) -> Response:
    try:
        body = dumps(answer())
    except EvolveError as error:
        return _failed(error)
    return Response(body, media_type="application/json")


def _failed(error: EvolveError) -> Response:
    if isinstance(error, NotFound):
        return _error(str(error), 404)
    if isinstance(error, UserError) and not isinstance(error, DatabaseError):
        return _error(str(error), 400)
    return _error(str(error), 503)


def _error(sentence: str, code: int) -> Response:
    return Response(dumps({"error": sentence}), code, media_type="application/json")


def _refused(_request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("Not found.\n" if code == 404 else "Refused.\n", code)


def _sorry(_request: Request, error: Exception) -> Response:
    """A defect of ours: one line on the page, the rest where the person started the server."""
    traceback.print_exception(error, file=sys.stderr)
    return _error(f"a defect of evolve: {type(error).__name__}; the terminal of evolve ui says where", 500)
