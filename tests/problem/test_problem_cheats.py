"""What cheats make of an answer: only what they are to change, and never a failure of their own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.problem.cheat_kit.answers import TRANSFORMS, digest, numbers
from evolve.problem.cheats import CHEATS

CLAIM = {"metric": "score", "value": 9.5}
numeric = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
plain = st.recursive(
    st.none() | st.booleans() | numeric | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=12,
)


@given(plain)
def test_every_trick_takes_any_plain_answer(answer: object) -> None:
    before = digest(answer)
    for name, change in TRANSFORMS.items():
        change(answer, CLAIM)
        assert digest(answer) == before, f"{name} changed the answer itself"


@given(plain, plain)
def test_a_digest_tells_data_apart(left: object, right: object) -> None:
    assert digest(left) == digest(left)
    assert (digest(left) == digest(right)) == (repr(left) == repr(right))


def test_numbers_are_changed_wherever_they_are_and_nothing_else_is() -> None:
    answer = {"a": [1, (2.5, "3")], "b": True, "c": None, "d": np.array([[1.0, 2.0]])}
    changed = numbers(answer, lambda number: number + 1)
    assert changed["a"] == [2, (3.5, "3")]
    assert (changed["b"], changed["c"]) == (True, None)
    assert changed["d"].tolist() == [[2.0, 3.0]]


@pytest.mark.parametrize(
    ("name", "answer", "changed"),
    [
        ("none", [1], None),
        ("empty", (1, 2), ()),
        ("empty", 4.0, []),
        ("nested", 4.0, [4.0]),
        ("repeated", [1, 2], [1, 2, 1, 2]),
        ("texts", [1, 0.5], ["1", "0.5"]),
        ("stated", 4.0, 9.5),
        ("stated", [4.0], [4.0]),
        ("claimed_parts", ([1.0], 1.0), ([1.0], 9.5)),
        ("claimed_parts", {"x": [1.0], "score": 1}, {"x": [1.0], "score": 9.5}),
        ("claimed_parts", [1.0, 2.0], [1.0, 2.0]),
        ("zero_in_part", [[1.0, 2.0, 3.0]] * 2, [[0.0, 0.0, 3.0]] * 2),
        ("zero_in_part", ([1.0, 2.0], [3.0], 4.0), ([0.0, 0.0], [3.0], 4.0)),
        ("zero_in_part", [[1.0, 2.0], [3.0, 4.0, 5.0]], [[0.0, 0.0], [3.0, 4.0, 5.0]]),
        ("zero_in_part", [1.0, 2.0], [1.0, 2.0]),
        ("halved", [4, (6.0,)], [2.0, (3.0,)]),
    ],
)
def test_what_becomes_of_an_answer(name: str, answer: object, changed: object) -> None:
    assert TRANSFORMS[name](answer, CLAIM) == changed


def test_arrays_are_changed_as_lists_are() -> None:
    table = np.arange(6.0).reshape(2, 3)
    assert np.isnan(TRANSFORMS["nan"](table, CLAIM)).all()
    assert TRANSFORMS["zero_in_part"](table, CLAIM).tolist() == [[0.0, 0.0, 2.0], [0.0, 0.0, 5.0]]
    assert TRANSFORMS["empty"](table, CLAIM).shape == (0, 3)
    assert TRANSFORMS["repeated"](table, CLAIM).shape == (4, 3)
    assert TRANSFORMS["bytes"](table, CLAIM).dtype == np.uint8
    scalar = TRANSFORMS["nan"](np.float64(2.0), CLAIM)
    assert math.isnan(scalar)


def test_no_cheat_is_named_twice_and_every_form_has_its_trick() -> None:
    names = [cheat.name for cheat in CHEATS]
    assert len(names) == len(set(names))
    assert {cheat.name for cheat in CHEATS if cheat.applies} <= set(TRANSFORMS)
