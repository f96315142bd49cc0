"""Lists of candidates and one candidate as plain data: what a table, a page and a terminal are given."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evolve.domain import (
    Candidate,
    Completion,
    Direction,
    Estimate,
    Evaluation,
    Finish,
    Measurement,
    Origin,
    Outcome,
    Program,
    Relook,
    Series,
    Split,
    Status,
    Usage,
    Verdict,
)
from evolve.errors import NotFound, UserError
from evolve.inspection.candidate import MEANING, CandidateDetails, verdict_sentence
from evolve.inspection.candidate_json import MOST_CODE, MOST_LOOKS, candidate_json
from evolve.inspection.candidates import Order, csv_lines, parse_outcome, parse_status
from evolve.store import Answered, Asked, Evaluated, Looked, NewRun, Proposed, Record, Store, Told, open_store
from evolve.store.picking import CandidateFilter, Scored, SortKey
from evolve.web.answers import candidate as candidate_answers
from evolve.web.answers import candidates as candidates_answers
from evolve.web.query import Query

RUN = NewRun(
    "first",
    "packing",
    "problems/packing",
    "p",
    "radius",
    Direction.MAXIMIZE,
    1,
    {},
    "s",
    spec={"objective": {"unit": "m"}},
)
FORMULA = '=HYPERLINK("http://evil.test")'


def look(case: int, value: float, split: Split = Split.SEARCH, **changes: Any) -> Measurement:
    return replace(Measurement("full", split, case, 0, Status.VALID, {"radius": value}, wall=0.5), **changes)


def scored(value: float, *looks: Measurement) -> Evaluation:
    return Evaluation(Status.VALID, Estimate(value), {"radius": value}, {"size": 1.0}, measurements=looks, wall=1.0)


def question(number: int, turn: int, sections: list[dict[str, Any]], text: str) -> list[Record]:
    usage = Usage(prompt=100, output=10)
    answer = Completion(text, Finish.STOP, "m", usage, 0.25)
    prompt = {"sections": sections}
    return [
        Asked(number, turn, 0, "mutate", "edit", "m", prompt, f"{number}.{turn}"),
        Answered(number, turn, f"{number}.{turn}", answer, 1.0),
    ]


def section(name: str, role: str = "user") -> dict[str, Any]:
    return {"name": name, "role": role, "stable": False, "text": f"about {name}"}


def records() -> Iterator[list[Record]]:
    """A seed; its child by a model in two turns, looked at again and on held-out cases; a failure; one that waits."""
    seed = Program.of({"a.py": "x = 0\n"})
    yield [
        Proposed(Candidate(0, seed, Origin("seed", 0)), ""),
        Evaluated(0, scored(1.0, look(0, 1.0))),
        Told(0, 0, Verdict(Outcome.NEW_CELL, 0, 3, None, True), 0.5),
    ]
    first = [section("rules", "system"), section("task")]
    more = [*first, section("answer", "assistant"), section("repair")]
    made = Origin("mutate", 1, (0,), (0,), idea=FORMULA, model="+vendor/model")
    yield [
        *question(1, 0, first, "a plan"),
        *question(1, 1, more, "an edit"),
        Proposed(Candidate(1, Program.of({"a.py": "x = 1\n"}), made), ""),
        Evaluated(1, scored(2.0, look(0, 2.0))),
        Told(1, 1, Verdict(Outcome.IMPROVED, 1, 3, 0, True, 1.0), 1.5, "a lesson"),
    ]
    yield [Looked(2, Relook(1, Status.VALID, {1: 4.0}, measurements=(look(0, 4.0, repeat=1),), series=Series.SEARCH))]
    yield [Evaluated(1, scored(1.5, look(0, 1.5, Split.HOLDOUT)), Split.HOLDOUT)]
    failure = Evaluation(Status.CRASH, feedback="ZeroDivisionError")
    yield [
        Proposed(Candidate(2, Program.of({"a.py": "1 / 0\n"}), Origin("tune", 0, (1,))), ""),
        Evaluated(2, failure),
        Told(2, 2, Verdict(Outcome.REJECTED, 0), 2.0),
    ]
    yield [Proposed(Candidate(3, seed, Origin("tune", 0, (1,), idea="-1 and a\nnew\x1bline")), "")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a b.db", create=True) as opened:
        run_id = opened.create_run(RUN)
        for some in records():
            opened.append(run_id, some)
        yield opened


def data(store: Store, number: int) -> dict[str, Any]:
    answer = candidate_answers.answer(Query(store, store.run(1), {"n": str(number)}))
    json.dumps(answer, allow_nan=False)
    return answer


def test_the_table_is_of_everybody_and_no_cell_is_a_formula(store: Store) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(store, store.run(1), CandidateFilter())))))
    assert [row["number"] for row in rows] == ["0", "1", "2", "3"]
    assert rows[1]["idea"] == f"'{FORMULA}"
    assert rows[1]["model"] == "'+vendor/model"
    assert rows[3]["idea"] == "'-1 and a new\\x1bline"
    assert (rows[1]["objective"], rows[1]["gain"], rows[1]["cost"], rows[1]["tokens"]) == ("2.0", "1.0", "0.5", "220")
    assert (rows[2]["status"], rows[2]["objective"], rows[2]["cost"]) == ("crash", "", "")
    assert (rows[3]["status"], rows[3]["outcome"], rows[1]["parents"]) == ("", "", "0")
    failed = CandidateFilter(status=Scored.FAILED)
    assert len(list(csv_lines(store, store.run(1), failed))) == 2


def test_what_a_list_cannot_be_asked_is_said_with_what_it_can(store: Store) -> None:
    assert Order.parse("-gain") == Order(SortKey.GAIN, descending=True)
    assert str(Order.parse("-gain")) == "-gain"
    assert parse_status("failed") is Scored.FAILED
    assert parse_status("crash") is Status.CRASH
    with pytest.raises(UserError, match=r"not sorted by 'age'; give one of number, objective"):
        Order.parse("age")
    with pytest.raises(UserError, match="no status is called 'bad'; give one of valid"):
        parse_status("bad")
    with pytest.raises(UserError, match="no outcome is called 'lost'; give one of new_cell"):
        parse_outcome("lost")
    for name, value in (("low", "nan"), ("high", "much"), ("offset", "-1"), ("limit", "0"), ("island", "one")):
        with pytest.raises(UserError, match=f"^{name} is"):
            candidates_answers.answer(Query(store, store.run(1), {name: value}))


def test_a_page_of_the_list_and_all_of_it_for_an_exported_file(store: Store) -> None:
    run = store.run(1)
    page = candidates_answers.answer(Query(store, run, {"sort": "-objective", "limit": "2", "offset": "1"}))
    assert (page["total"], page["offset"], page["sort"]) == (4, 1, "-objective")
    assert page["lines"]["number"] == [0, 2]
    filtered = candidates_answers.answer(Query(store, run, {"status": "open", "idea": "NEW"}))
    assert filtered["lines"]["number"] == [3]
    (recorded,) = candidates_answers.TOPIC.recorded(Query(store, run))
    whole = candidates_answers.answer(Query(store, run, recorded))
    assert whole["lines"]["number"] == [0, 1, 2, 3]
    assert whole["lines"]["cost"] == [None, 0.5, None, None]
    assert candidates_answers.choices(Query(store, run))["operators"] == ["mutate", "seed", "tune"]


def test_everything_about_a_candidate(store: Store) -> None:
    found = data(store, 1)
    assert found["objective"]["mean"] == 3.0
    assert found["first_objective"]["mean"] == 2.0
    assert found["held_out"]["objective"]["mean"] == 1.5
    assert found["verdict"] == "Took cell 3 of island 1 from 0; better than its parent by 1; the best of the run then."
    assert found["looks"]["purpose"] == ["search", "search again", "holdout"]
    assert found["looks"]["metrics"]["radius"] == [2.0, 4.0, 1.5]
    assert (found["cost"], found["tokens"], found["lesson"]) == (0.5, 220, "a lesson")
    first, second = found["conversation"]
    assert [part["name"] for part in first["sections"]] == ["rules", "task"]
    assert [part["name"] for part in second["sections"]] == ["repair"]
    assert second["answer"]["text"] == "an edit"
    assert (found["previous"], found["next"], found["bases"]) == (0, 2, {"parent": 0})
    assert found["parents"]["objective"] == [1.0]
    assert found["children"]["total"] == 2
    commands = [command["command"] for command in found["reproduce"]]
    assert f"evolve show 1/1 --code --db '{store.url}'" in commands
    assert f"evolve show 1/1 --prompt --db '{store.url}'" in commands
    assert f"evolve best 1 -o best-of-run-1 --db '{store.url}'" in commands


def test_candidates_that_failed_wait_or_began_it_all(store: Store) -> None:
    failed, waiting, seed = data(store, 2), data(store, 3), data(store, 0)
    assert (failed["status"], failed["meaning"]) == ("crash", MEANING[Status.CRASH])
    assert failed["feedback"] == {"text": "ZeroDivisionError", "more": 0}
    assert failed["verdict"] == "Not put into the archive."
    assert (waiting["status"], waiting["objective"], waiting["verdict"]) == (
        None,
        None,
        "Proposed, and not scored yet.",
    )
    assert waiting["bases"] == {"parent": 1, "seed": 0}
    assert seed["bases"] == {"best": 1}
    assert [item["path"] for item in candidate_answers.program(Query(store, store.run(1), {"n": "0"}))["files"]] == [
        "a.py"
    ]
    assert set(MEANING) == set(Status)
    recorded = list(candidate_answers.TOPIC.recorded(Query(store, store.run(1))))
    empty = store.run(store.create_run(RUN))
    assert candidate_answers.answer(Query(store, empty)) == {"number": None}
    with pytest.raises(NotFound, match="no candidate 3; it has no candidates yet"):
        candidate_answers.answer(Query(store, empty, {"n": "3"}))
    assert recorded == [{}, *({"n": str(number)} for number in range(4))]


def test_texts_are_cut_to_what_a_page_can_take_and_say_so(store: Store) -> None:
    program = Program.of({"a.py": "x" * MOST_CODE, "b.py": "y = 1\n"})
    looks = tuple(look(case, 1.0, feedback="f" * 10_000) for case in range(MOST_LOOKS + 5))
    store.append(1, [Proposed(Candidate(4, program, Origin("tune", 0, (1,))), ""), Evaluated(4, scored(1.0, *looks))])
    found = data(store, 4)
    assert [(item["path"], len(item["text"]), item["more"]) for item in found["files"]] == [
        ("a.py", MOST_CODE, 0),
        ("b.py", 0, 6),
    ]
    assert (len(found["looks"]["case"]), found["looks"]["more"]) == (MOST_LOOKS, 5)
    assert found["looks"]["feedback"][0]["more"] == 8_000


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            Verdict(Outcome.NOT_ADDED, 1, 7, gain=-0.5),
            "Not better than who held cell 7 of island 1; worse than its parent by 0.5.",
        ),
        (Verdict(Outcome.NEW_CELL, 0, 2, gain=0.0), "The first one in cell 2 of island 0; as good as its parent."),
        (Verdict(Outcome.IMPROVED, 0, 2), "Took cell 2 of island 0."),
    ],
)
def test_a_verdict_is_a_sentence(store: Store, verdict: Verdict, sentence: str) -> None:
    row = CandidateDetails.of(store, store.run(1), 1).row
    assert verdict_sentence(replace(row, verdict=verdict)) == sentence
    assert candidate_json(CandidateDetails.of(store, store.run(1), 1))["number"] == 1
