"""Whole files or diffs: by length, and by what each model gets right."""

from dataclasses import replace

import pytest
from prompt_samples import FIT, MANY_FILES, ONE_FILE

from evolve.domain import Status
from evolve.scaffold.base import ModelView
from evolve.scaffold.forms import FAILING, SHORT, Forms, editable_text
from evolve.scaffold.tags import Note

MODEL = ModelView("some/model", output=8_000)
BOTH = ("diff", "whole")
BRIEF = "x = 1\n" * SHORT
LONG = "x = 1\n" * (SHORT + 1)
DIFF = Note("abc", "diff")


def taught(*outcomes):
    forms = Forms()
    for note, status in outcomes:
        forms.observe(MODEL.name, note, status)
    return forms


def test_short_programs_are_asked_for_whole_and_longer_ones_as_diffs():
    assert Forms().choose("auto", BOTH, MODEL, BRIEF) == "whole"
    assert Forms().choose("auto", BOTH, MODEL, LONG) == "diff"


def test_a_model_whose_diffs_do_not_apply_is_asked_for_whole_files_and_another_one_is_not():
    forms = taught(*[(DIFF, Status.EDIT_NOT_APPLIED)] * 4)
    assert forms.malformed(MODEL.name) > FAILING
    assert forms.choose("auto", BOTH, MODEL, LONG) == "whole"
    assert forms.choose("auto", BOTH, replace(MODEL, name="another"), LONG) == "diff"


def test_a_diff_that_applied_after_a_repair_was_malformed_all_the_same():
    assert taught(*[(replace(DIFF, step="repair"), Status.VALID)] * 4).malformed(MODEL.name) > FAILING
    assert taught(*[(replace(DIFF, step="edit"), Status.CRASH)] * 4).malformed(MODEL.name) < 0.058


def test_the_usual_share_of_malformed_diffs_is_no_reason_to_change():
    outcomes = [(DIFF, Status.EDIT_NOT_APPLIED if number % 17 == 0 else Status.VALID) for number in range(200)]
    forms = taught(*outcomes)
    assert forms.malformed(MODEL.name) == pytest.approx(1 / 17, abs=0.03)
    assert forms.choose("auto", BOTH, MODEL, LONG) == "diff"


def test_a_model_that_failed_is_given_another_try_in_time():
    failed = [(DIFF, Status.EDIT_NOT_APPLIED)] * 6
    assert taught(*failed).choose("auto", BOTH, MODEL, LONG) == "whole"
    assert taught(*failed, *[(Note("abc", "whole"), Status.VALID)] * 60).choose("auto", BOTH, MODEL, LONG) == "diff"


def test_answers_that_never_came_say_nothing():
    statuses = (Status.NO_ANSWER, Status.EMPTY, Status.TRUNCATED, Status.BLOCKED)
    assert taught(*((DIFF, status) for status in statuses)).snapshot() == {}


def test_whole_files_that_do_not_fit_an_answer_are_never_asked_for():
    small = replace(MODEL, output=100)
    assert Forms().choose("auto", BOTH, small, BRIEF) == "diff"


def test_a_wish_is_followed_as_far_as_the_operator_can():
    assert Forms().choose("diff", BOTH, MODEL, BRIEF) == "diff"
    assert Forms().choose("whole", BOTH, MODEL, LONG) == "whole"
    assert Forms().choose("diff", ("whole",), MODEL, LONG) == "whole"
    assert Forms().choose("auto", ("whole",), MODEL, LONG) == "whole"


def test_only_what_may_change_counts():
    assert editable_text(ONE_FILE, {"curve.py": FIT.format(a=1, b=2)}).strip().startswith("def curve(x):")
    assert "main" not in editable_text(ONE_FILE, {"curve.py": FIT.format(a=1, b=2)})
    assert editable_text(MANY_FILES, MANY_FILES.seed_files).count("def ") == 2
