import pytest
from scaffold_run import Run, elite

from evolve.domain import Outcome, Status
from evolve.scaffold.base import OutcomeView
from evolve.scaffold.evolution import Evolution
from evolve.scaffold.literals import literals
from evolve.scaffold.tuner import Point, Tuner

BOWL = "X = 10.0\nY = -4.0\nDEAD = 7.25\nK = 9\n"
GOAL = {"X": 13.7, "Y": 2.5, "K": 4}


def bowl(text):
    """Highest where X, Y and K are at the goal; K must be whole, X positive; DEAD does not matter."""
    space = {}
    try:
        exec(text, space)
        if not isinstance(space["K"], int) or space["X"] <= 0:
            return None
    except (ArithmeticError, TypeError):
        return None
    return -sum((space[name] - value) ** 2 for name, value in GOAL.items())


def tune(tuner, base, score, evaluations, width=1, python=True):
    """Run one session to its end or to a number of evaluations; the texts in the order of their outcomes."""
    under_way, texts, told = [], [], []
    number = base.number
    (path,) = base.files
    while len(texts) < evaluations:
        tags = frozenset(point.tag for _, point in under_way)
        point = tuner.next_point(base, base.files[path], python, tags)
        if isinstance(point, Point):
            assert point.tag not in tags
            assert len(point.tag) <= 200
            number += 1
            under_way.append((number, point))
        if not under_way:
            break
        if len(under_way) >= width or not isinstance(point, Point):
            taken, first = under_way.pop()
            value = score(first.text)
            status = Status.CRASH if value is None else Status.VALID
            told.append(
                OutcomeView(taken, "tune", first.tag, (base.number,), 0, status, Outcome.NOT_ADDED, value, base.score)
            )
            tuner.observe(told[-1])
            texts.append(first.text)
    return texts, told


@pytest.fixture
def base():
    return elite(5, BOWL, bowl(BOWL))


@pytest.mark.parametrize("width", [1, 4])
def test_the_live_literals_reach_their_optimum(base, width):
    texts, _ = tune(Tuner(), base, bowl, 400, width)
    assert max(score for text in texts if (score := bowl(text)) is not None) > -0.05


def test_literals_that_do_not_matter_are_left_alone_after_the_probe(base):
    texts, _ = tune(Tuner(), base, bowl, 120)
    assert all("DEAD = 7.25" in text for text in texts[20:])


def test_a_literal_that_must_be_whole_stays_whole_after_the_probe(base):
    texts, _ = tune(Tuner(), base, bowl, 120)
    assert all(literals(text, True)[3].integer for text in texts[20:])


def test_where_large_steps_fail_small_ones_are_probed():
    def narrow(text):
        value = float(text.split("=")[1])
        return value if 0.97 < value < 1.03 else None

    start = elite(1, "x = 1.0\n", 1.0)
    texts, _ = tune(Tuner(), start, narrow, 200)
    assert max(narrow(text) or 0.0 for text in texts) > 1.029


def test_a_session_ends_by_itself_when_nothing_improves(base):
    texts, _ = tune(Tuner(), base, lambda text: base.score, 10_000)
    assert len(texts) < 50


def test_a_session_that_converged_ends_and_frees_its_pin(base):
    tuner = Tuner()
    texts, _ = tune(tuner, base, bowl, 10_000)
    assert len(texts) < 5_000
    assert max(score for text in texts if (score := bowl(text)) is not None) > -1e-6


def test_no_point_is_proposed_twice(base):
    texts, _ = tune(Tuner(), base, bowl, 400, width=4)
    assert len(texts) == len(set(texts))


def test_a_tuner_told_the_same_outcomes_goes_on_with_the_same_point(base):
    tuner = Tuner()
    _, told = tune(tuner, base, bowl, 450, width=3)
    assert len(told) == 450
    again = Tuner()
    for outcome in told:
        again.observe(outcome)
    assert again.next_point(base, BOWL, True, frozenset()) == tuner.next_point(base, BOWL, True, frozenset())
    assert again.sessions == tuner.sessions


def test_asking_changes_nothing(base):
    tuner = Tuner()
    tune(tuner, base, bowl, 60)
    first = tuner.next_point(base, BOWL, True, frozenset())
    assert tuner.next_point(base, BOWL, True, frozenset()) == first


def test_a_program_tuned_already_is_not_worth_another_session_until_it_is_better(base):
    tuner = Tuner()
    _, told = tune(tuner, base, bowl, 200)
    best = max(outcome.score for outcome in told if outcome.score is not None)
    other = BOWL.replace("10.0", "11.0")
    assert not tuner.worth(elite(900, other, best), other, True)
    assert not tuner.worth(elite(901, other, best - 1), other, True)
    assert tuner.worth(elite(902, other, best + 1), other, True)
    assert tuner.worth(elite(903, other + "Z = 3\n", best + 2), other + "Z = 3\n", True)


def test_numbers_of_another_language_are_tuned():
    text = "const float k = 5.0f; // 3\nint n = 8;\n"

    def score(candidate):
        k, n = (item.value for item in literals(candidate, False))
        return -((k - 6.5) ** 2) - (n - 11) ** 2

    texts, _ = tune(Tuner(), elite(1, text, score(text)), score, 300, python=False)
    assert max(map(score, texts)) > -0.05


def test_programs_without_numbers_or_with_hundreds_are_not_tuned():
    many = "x = [" + ", ".join(map(str, range(300))) + "]\n"
    for text in ("x = y\n", many):
        assert not Tuner().worth(elite(1, text, 0.0), text, True)
        assert Tuner().next_point(elite(1, text, 0.0), text, True, frozenset()) is False


@pytest.mark.parametrize("dimensions", [1, 6, 50])
def test_the_evolution_strategy_climbs_even_when_half_of_the_points_fail(dimensions):
    evolution = Evolution(dimensions, 0.5, seed=3)
    first = None
    for _ in range(150):
        scores = [None if point[0] < -1 else -sum((value - 2.0) ** 2 for value in point) for point in evolution.points]
        first = first or max(score for score in scores if score is not None)
        evolution.tell(scores)
    assert max(score for score in scores if score is not None) > 0.2 * first


def test_a_batch_in_which_everything_failed_shortens_the_steps():
    evolution = Evolution(3, 1.0, seed=1)
    evolution.tell([None] * evolution.batch)
    assert evolution.sigma == 0.5


def test_a_run_tunes_its_best_program():
    run = Run(BOWL, bowl)
    run.steps(400)
    assert run.best.score > -1.0  # from -64
    assert run.scaffold.pins() <= run.programs.keys()
