"""The fast family of problems: towns differ, every town has room, and the feedback points at what is wrong."""

from __future__ import annotations

import math
import re
import tomllib
import types
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOWN = ROOT / "benchmarks" / "problems" / "town_load"
SEED = (TOWN / "seed" / "load.py").read_text(encoding="utf-8")


class Refused(Exception):
    pass


class Stand:
    """A candidate as the evaluator sees it."""

    def __init__(self, text: str) -> None:
        self.names: dict[str, Any] = {}
        exec(text, self.names)

    def call(self, name: str, *arguments: Any) -> Any:
        return self.names[name](*arguments)

    def reject(self, why: str) -> None:
        raise Refused(why)


@pytest.fixture(scope="module")
def author() -> types.ModuleType:
    module = types.ModuleType("author")
    exec((TOWN / "evaluate.py").read_text(encoding="utf-8"), module.__dict__)
    return module


def scored(author: types.ModuleType, text: str, town: int, split: str = "search") -> tuple[float, str]:
    (case,) = author.cases(split, {"town": town})
    found = author.evaluate(Stand(text), case)
    return found["error"], found["feedback"]


def law_text(author: types.ModuleType, town: int) -> str:
    """The seed with the town's true amounts and its two rules."""
    amounts, rules = author.law(town)
    text = SEED
    for part, amount in zip(author.PARTS, amounts, strict=False):
        text = re.sub(rf"{part} = [\d.]+", f"{part} = {amount!r}", text)
    extra = [f"{amount!r} * ({name} > {above})" for (name, _, above), amount in zip(rules, amounts[8:], strict=True)]
    return text.replace("+ trend * day", " + ".join(["+ trend * day", *extra]))


@pytest.mark.parametrize("town", [1, 7, 22])
def test_the_law_itself_scores_nothing_and_nothing_is_said(author: types.ModuleType, town: int) -> None:
    for split in ("search", "holdout"):
        error, said = scored(author, law_text(author, town), town, split)
        assert error == pytest.approx(0.0, abs=1e-6)
        assert said == ""


def test_every_town_of_a_suite_has_room_below_its_seed(author: types.ModuleType) -> None:
    files = (ROOT / "benchmarks" / "suites" / f"{name}.toml" for name in ("demo", "towns"))
    entries = [entry for file in files for entry in tomllib.loads(file.read_text(encoding="utf-8"))["problems"]]
    towns = {entry["parameters"]["town"] for entry in entries}
    assert len(towns) == 22
    for town in towns:
        error, said = scored(author, SEED, town)
        assert 70 < error < 130
        assert len(said.splitlines()) == author.NAMED


def test_doing_what_the_feedback_says_helps_step_by_step_down_to_the_rules(author: types.ModuleType) -> None:
    """Every named amount that is put right lowers the error by what it was worth: about a tenth."""
    text, errors = SEED, []
    for _ in range(12):
        error, said = scored(author, text, 3)
        errors.append(error)
        named = re.search(r"`(\w+)` is too (large|small) by ([\d.]+)", said)
        if named is None:
            break
        part, way, amount = named[1], -1 if named[2] == "large" else 1, float(named[3])
        old = re.search(rf"{part} = (-?[\d.]+)", text)
        assert old is not None
        text = text.replace(old[0], f"{part} = {float(old[1]) + way * amount}")
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.35 * errors[0]


def test_a_rule_is_told_as_a_condition_one_can_write_down(author: types.ModuleType) -> None:
    _, said = scored(author, law_text(author, 3).replace(" > ", " > 100 + "), 3)
    conditions = re.findall(r"where (\w+) is above (\d+), the load is too (large|small) by ([\d.]+) on average", said)
    assert len(conditions) == 2
    assert {(name, int(above)) for name, above, _, _ in conditions} == {(n, a) for n, _, a in author.law(3)[1]}


def test_towns_differ_and_their_points_do_too(author: types.ModuleType) -> None:
    laws = [tuple(author.law(town)[0]) for town in range(1, 33)]
    assert len(set(laws)) == 32
    assert author.cases("search", {"town": 1})[0]["points"] != author.cases("search", {"town": 2})[0]["points"]
    assert author.cases("search", {"town": 1})[0]["points"] != author.cases("holdout", {"town": 1})[0]["points"]


@pytest.mark.parametrize(
    "answer", ["[1.0] * 3", "'load'", "[math.nan] * len(points)", "[True] * len(points)", "[1e9] * len(points)"]
)
def test_what_is_no_load_is_refused_in_words(author: types.ModuleType, answer: str) -> None:
    text = SEED.replace("return [load(hour, day, cold) for hour, day, cold in points]", f"return {answer}")
    with pytest.raises(Refused, match=r"table\(points\) must return|not a float below 1e6"):
        scored(author, text, 1)


def test_what_no_part_explains_counts_too(author: types.ModuleType) -> None:
    wavy = SEED.replace("+ trend * day", "+ trend * day + math.sin(5 * hour)")
    assert scored(author, wavy, 1)[0] > scored(author, SEED, 1)[0] + 2
    assert math.isfinite(scored(author, wavy, 1)[0])
