"""Recording a run: whatever pages may ask is in the blocks, once, small, and comes out as it went in."""

from __future__ import annotations

import gzip
import json
import random
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.errors import NotFound
from evolve.inspection.archive import ArchiveState
from evolve.store import RunSummary, open_store
from evolve.web.query import Query, Topic
from evolve.web.recording import chosen, recorded
from evolve.web.recording_pieces import Pieces, Recorded, address

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Unpacked:
    """Reads blocks as `recorded.js` does."""

    def __init__(self, blocks: list[bytes], index: bytes) -> None:
        self.index = json.loads(gzip.decompress(index))
        self.lines = [gzip.decompress(block).decode("ascii").split("\n") for block in blocks]

    def answer(self, topic: str, **params: str) -> Any:
        return json.loads("".join(map(self._piece, self._numbers(topic, params))))

    def needed(self, topic: str, **params: str) -> set[int]:
        """The blocks that an answer is made of."""
        return {self._holder(number) for number in self._numbers(topic, params)}

    def _numbers(self, topic: str, params: Mapping[str, str]) -> list[int]:
        block, line, *_failed = self.index["places"][topic][address(params)]
        runs = list(map(int, self.lines[block][1 + self._pieces(block) + line].split(",")))
        pairs = zip(runs[::2], runs[1::2], strict=True)
        return [number for first, length in pairs for number in range(first, first + length)]

    def _holder(self, number: int) -> int:
        # A block without pieces begins where the next one does.
        return bisect_right(self.index["firsts"], number) - 1

    def _pieces(self, block: int) -> int:
        return int(json.loads(self.lines[block][0])["pieces"])

    def _piece(self, number: int) -> str:
        block = self._holder(number)
        return self.lines[block][1 + number - self.index["firsts"][block]]


def packed(answers: list[Recorded]) -> tuple[list[bytes], Unpacked]:
    pieces = Pieces()
    blocks = list(pieces.blocks(answers))
    return blocks, Unpacked(blocks, pieces.index())


@settings(max_examples=25, deadline=None)
@given(st.lists(JSON, max_size=5))
def test_answers_come_out_as_they_went_in(answers: list[Any]) -> None:
    _blocks, unpacked = packed([Recorded("any", {"n": str(at)}, answer) for at, answer in enumerate(answers)])
    assert [unpacked.answer("any", n=str(at)) for at in range(len(answers))] == answers


def test_text_that_looks_like_ours_stays_text() -> None:
    hostile = ['","', '\\n",', "\ud800 \x00 </script><!--", "a\r\nb\u2028c\n\n", '{"first":0,"pieces":9}\n1,2\n']
    _blocks, unpacked = packed([Recorded("any", {"n": str(at)}, hostile) for at in range(200)])
    assert unpacked.answer("any", n="0") == unpacked.answer("any", n="199") == hostile


def test_programs_that_are_alike_take_little_room() -> None:
    """Prompts of 60 kB each hold programs of other candidates; gzip alone looks back 32 kB."""
    draw = random.Random(4)
    programs = ["".join(f"x{line} = {draw.random()}\n" for line in range(200))]
    for _ in range(150):
        lines = draw.choice(programs).splitlines(keepends=True)
        lines[draw.randrange(200)] = f"y = {draw.random()}\n"
        programs.append("".join(lines))
    answers = [
        Recorded(
            "candidate", {"n": str(at)}, {"program": text, "prompt": "".join(draw.choices(programs[: at + 1], k=10))}
        )
        for at, text in enumerate(programs)
    ]
    blocks, unpacked = packed(answers)
    assert unpacked.answer("candidate", n="117") == answers[117].answer
    apart = sum(len(gzip.compress(json.dumps(each.answer).encode(), 6)) for each in answers)
    assert 5 * sum(map(len, blocks)) < apart


def test_opening_a_file_unpacks_little_of_it() -> None:
    light = [Recorded(f"topic{at}", {}, {"text": ["a,", "b"], "rows": list(range(at))}) for at in range(10)]
    large = Recorded("all", {"all": "1"}, {"text": ["a,", "b"] * 200_000})
    heavy = [Recorded("candidate", {"n": str(at)}, f"{random.Random(at).getrandbits(400_000):x}") for at in range(20)]
    blocks, unpacked = packed([large, *light, *heavy])
    assert len(blocks) > 5
    assert set.union(*(unpacked.needed(each.topic) for each in light)) == {1}
    assert unpacked.answer("all", all="1") == large.answer


def test_addresses_ignore_order_and_what_is_empty() -> None:
    assert address({"b": "2", "a": "1", "c": ""}) == address({"a": "1", "b": "2"}) == "a=1\nb=2"


@pytest.mark.slow
def test_only_questions_about_the_run_are_recorded(database: Path, runs: dict[str, RunSummary]) -> None:
    def fails(_query: Query) -> Any:
        raise NotFound("there is none")

    def numbers(_query: Query) -> list[dict[str, str]]:
        return [{"n": str(number)} for number in (2, 0, 1)]

    topics = {
        topic.name: topic
        for topic in (
            Topic("program", lambda query: query.integer("n"), numbers),
            Topic("compare", lambda _query: 1, scope="database"),
            Topic("empty", fails),
            Topic("name", lambda query: query.need_run().summary.name),
        )
    }
    with open_store(database, create=False, read_only=True) as store:
        run = store.run(runs["models"].id)
        found = list(recorded(store, run, topics, {0, 2}))
    assert found == [
        Recorded("empty", {}, "there is none", failed=True),
        Recorded("name", {}, "models"),
        Recorded("program", {"n": "0"}, 0),
        Recorded("program", {"n": "2"}, 2),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 2, 10, 40])
def test_the_candidates_that_tell_most_are_kept(database: Path, runs: dict[str, RunSummary], most: int) -> None:
    with open_store(database, create=False, read_only=True) as store:
        run = store.run(runs["islands"].id)
        kept = chosen(store, run, most)
        bests = {point.number for point in store.best_curve(run.id)}
        elites = {elite.number for island in ArchiveState.of(store, run).islands for elite in island.elites}
    assert kept is not None
    assert 0 < len(kept) <= most
    assert run.summary.best_number in kept
    assert most < 2 or 0 in kept
    told = {run.summary.best_number, 0, *bests, *elites}
    assert set(kept) <= told or told <= set(kept)


@pytest.mark.slow
def test_small_runs_are_kept_whole(database: Path, runs: dict[str, RunSummary]) -> None:
    with open_store(database, create=False, read_only=True) as store:
        assert chosen(store, store.run(runs["islands"].id), runs["islands"].candidates) is None
        assert chosen(store, store.run(runs["empty"].id), 1) is None
