"""The archive page: how every island came about, in pieces, and a glance at one candidate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from threading import Lock
from typing import Any

from evolve.domain import SEED_NUMBER
from evolve.errors import NotFound
from evolve.inspection.archive_history import Piece, piece_json, piece_starts
from evolve.inspection.code_head import CodeHead
from evolve.inspection.placing import Retraced
from evolve.web.query import Query, Topic

KEPT = 4
"""Runs whose log stays in memory, as far as it was followed: a long run is read once, and then only what is new."""
GLANCES = 400
"""Elites of which an exported file has a glance: those of the last board."""

_Key = tuple[str, int, datetime]
_logs: OrderedDict[_Key, Retraced] = OrderedDict()
_lock = Lock()


def answer(query: Query) -> dict[str, Any]:
    """A piece of the history (`piece`, the last one by default) as `piece_json` has it."""
    index = query.integer("piece")
    with _lock:
        log = _followed(query)
        return piece_json(Piece.of(query.store, log, index))


def _followed(query: Query) -> Retraced:
    """The log of the run, up to now."""
    run = query.need_run()
    key = (query.store.url, run.id, run.summary.created)
    log = _logs.pop(key, None) or Retraced(run)
    log.update(query.store)
    _logs[key] = log
    while len(_logs) > KEPT:
        _logs.popitem(last=False)
    return log


def recorded(query: Query) -> Iterator[Mapping[str, str]]:
    """Every piece; the last one is asked for without a number."""
    with _lock:
        starts = piece_starts(_followed(query))
    yield {}
    yield from ({"piece": str(index)} for index in range(len(starts) - 1))


def glance(query: Query) -> dict[str, Any]:
    """What a map says of the candidate `n`: its measures, and the code where it first differs from the seed."""
    run, number = query.need_run(), query.integer("n", SEED_NUMBER) or SEED_NUMBER
    programs = query.store.programs(run.id, {number, SEED_NUMBER})
    if number not in programs:
        raise NotFound(f"run {run.id} has no candidate {number}")
    head = CodeHead.of(programs[number], programs[SEED_NUMBER])
    return {
        "number": number,
        "measures": dict(query.store.browse.measures(run.id, [number]).get(number, {})),
        "head": None if head is None else asdict(head),
    }


def glances(query: Query) -> Iterator[Mapping[str, str]]:
    """The elites of the last board."""
    with _lock:
        board = _followed(query).board
        held = {number for island in range(board.islands) for number in board.holders(island).values()}
    yield from ({"n": str(number)} for number in sorted(held)[-GLANCES:])


TOPIC = Topic("archive", answer, recorded)
GLANCE = Topic("glance", glance, glances)
