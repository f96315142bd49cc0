from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.domain import Direction, Estimate, Evaluation, Program, SourceFile, Status

TEXT_FILES = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), min_size=1, max_size=4)


@given(TEXT_FILES)
def test_a_program_is_its_files_in_any_order(files: dict[str, str]) -> None:
    shuffled = dict(reversed(files.items()))
    assert Program.of(files) == Program.of(shuffled)
    assert Program.of(files).digest == Program.of(shuffled).digest
    assert Program.of(files).as_dict() == files


@given(TEXT_FILES, TEXT_FILES)
def test_digests_tell_programs_apart(left: dict[str, str], right: dict[str, str]) -> None:
    assert (Program.of(left).digest == Program.of(right).digest) == (left == right)


def test_text_cannot_slide_between_files() -> None:
    assert Program.of({"a": "bc"}).digest != Program.of({"ab": "c"}).digest


def test_unsorted_files_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Program\.of"):
        Program((SourceFile("b", ""), SourceFile("a", "")))


def test_an_estimate_of_two_samples() -> None:
    estimate = Estimate.of([1.0, 3.0])
    assert (estimate.mean, estimate.n) == (2.0, 2)
    assert estimate.stderr == pytest.approx(math.sqrt(2) / math.sqrt(2))
    assert Estimate.of([4.0]).stderr is None


def test_a_failure_has_no_objective_and_a_score_is_finite() -> None:
    with pytest.raises(ValueError, match="contradict"):
        Evaluation(Status.CRASH, Estimate(1.0))
    with pytest.raises(ValueError, match="contradict"):
        Evaluation(Status.VALID)
    with pytest.raises(ValueError, match="not finite"):
        Evaluation(Status.VALID, Estimate(math.nan))


def test_direction_decides_what_is_better() -> None:
    assert Direction.MINIMIZE.better(1.0, 2.0)
    assert not Direction.MAXIMIZE.better(1.0, 2.0)
    assert not Direction.MINIMIZE.better(2.0, 2.0)
