import pytest
from scaffold_run import Run

from evolve.errors import EditError

BLOATED = '''def unused(x):
    return x * 2


def f(x):
    """Twice x, plus one and a bit."""
    a = x * 3.0000001
    b = x + 0 * a
    c = 0.4567891234
    y = max(b, b) + abs(b) * 0
    return y + b + 1 + c
'''


def value(text):
    space = {}
    try:
        exec(text, space)
        return -max(round(abs(space["f"](float(x)) - (2 * x + 1.4567891234)), 2) for x in range(1, 5))
    except Exception:
        return None


def polish(run, limit=2000):
    for _ in range(limit):
        try:
            run.ask(final=True)
        except EditError:
            if not run.under_way:
                return
            run.tell()
            continue
        if len(run.under_way) >= run.width:
            run.tell()
    pytest.fail("simplification did not end")


@pytest.mark.parametrize("width", [1, 3])
def test_a_bloated_winner_becomes_short_and_keeps_its_score(width):
    run = Run(BLOATED, value, width=width)
    polish(run)
    text = run.best.files["main.py"]
    assert value(text) == value(BLOATED)
    assert "unused" not in text
    assert len(text) < 90
    assert "0.46" in text


def test_a_cut_that_lost_score_is_not_tried_again_on_a_shorter_program():
    run = Run(BLOATED, value, width=1)
    polish(run)
    tags = [outcome.tag for outcome in run.outcomes]
    assert len(tags) == len(set(tags))
    assert len(tags) < 150


def test_every_cut_is_shorter_than_what_it_was_cut_from():
    run = Run(BLOATED, value, width=1)
    before = len(BLOATED)
    draft = run.ask(final=True)
    assert len(draft.files["main.py"]) < before
    assert draft.operator == "simplify"


def test_other_languages_lose_the_lines_that_do_not_matter():
    text = "keep 1\nnoise\nkeep 2.500000\nmore noise\n"

    def score(candidate):
        return float("keep 1" in candidate) + float("keep 2.5" in candidate)

    run = Run(text, score, path="notes.txt", language="text", width=1)
    polish(run)
    assert run.best.files["notes.txt"] == "keep 1\nkeep 2.5\n"
