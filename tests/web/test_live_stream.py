"""The stream of a run as a reader gets it: where it goes on, where it begins anew, and when it ends."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evolve.store import RunSummary, Store, open_store
from evolve.web.live import News, Place, stream
from evolve.web.query import Query
from evolve.web.topics import TOPICS

pytestmark = pytest.mark.slow  # the database of pages takes half a minute to make


@pytest.fixture
def copy(database: Path, tmp_path: Path) -> Path:
    """The database, to be written to."""
    path = tmp_path / "evolve.db"
    shutil.copy(database, path)
    return path


@pytest.fixture
def store(copy: Path) -> Iterator[Store]:
    with open_store(copy, create=False, read_only=True) as opened:
        yield opened


def test_a_reader_gets_what_it_has_not_seen(store: Store, runs: dict[str, RunSummary]) -> None:
    run = runs["islands"]
    news = News.since(store, run.id, Place(run.told - 3, 0))
    assert [tell["position"] for tell in news.tells] == [run.told - 3, run.told - 2, run.told - 1]
    assert news.place.told == run.told
    again = News.since(store, run.id, news.place)
    assert (again.tells, again.events, again.place) == ([], [], news.place)


def test_a_place_beyond_the_log_is_one_of_another_database(store: Store, runs: dict[str, RunSummary]) -> None:
    run = runs["islands"]
    assert News.since(store, run.id, Place(10**6, 10**6)).place == News.since(store, run.id, None).place


def test_the_stream_of_a_run_that_is_taken_away_ends(store: Store, copy: Path, runs: dict[str, RunSummary]) -> None:
    run_id = runs["empty"].id

    async def read() -> list[str]:
        heard = []
        async for message in stream(lambda place: News.since(store, run_id, place), None):
            heard.append(message)
            with closing(sqlite3.connect(copy)) as database, database:
                database.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        return heard

    assert len(asyncio.run(asyncio.wait_for(read(), 20))) == 1


def test_a_page_cannot_ask_for_the_whole_list(store: Store, runs: dict[str, RunSummary]) -> None:
    run = store.run(runs["islands"].id)
    page, recorded = (
        TOPICS["candidates"].answer(Query(store, run, {"all": "1", "limit": "5"}, recording=recording))
        for recording in (False, True)
    )
    assert len(page["lines"]["number"]) == 5
    assert len(recorded["lines"]["number"]) == run.summary.candidates
