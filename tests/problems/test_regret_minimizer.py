"""The regret minimizer: its arrays agree with a walk of the game tree by hand, and what is no strategy is refused."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from stand_in import PROBLEMS, Inside, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "regret_minimizer"
FOLD, CALL, RAISE = range(3)
KUHN = {"": (CALL, RAISE), "C": (CALL, RAISE), "R": (FOLD, CALL), "CR": (FOLD, CALL)}
"""Legal actions by what was done before: C for call, R for raise."""


@pytest.fixture(scope="module")
def poker() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "poker.py"))


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(str(FOLDER))
    return runpy.run_path(str(FOLDER / "evaluate.py"))


def program(folder: str) -> Inside:
    return Inside(runpy.run_path(str(FOLDER / folder / "minimizer.py")))


def kuhn_value(play: Callable[[int, int, str], dict[int, Fraction]]) -> Fraction:
    """What seat 0 wins in Kuhn's poker, by walking every deal: `play(seat, card, history)` gives probabilities."""

    def walk(cards: tuple[int, ...], history: str, paid: tuple[int, int]) -> Fraction:
        seat = len(history) % 2
        total = Fraction(0)
        for action, chance in play(seat, cards[seat], history).items():
            if action == FOLD:
                total += chance * (-paid[0] if seat == 0 else paid[1])
                continue
            stake = max(paid) + (action == RAISE)
            after = (stake, paid[1]) if seat == 0 else (paid[0], stake)
            if action == CALL and history:
                total += chance * (stake if cards[0] > cards[1] else -stake)
            else:
                total += chance * walk(cards, history + "FCR"[action], after)
        return total

    return sum((walk(cards, "", (1, 1)) for cards in permutations(range(3), 2)), Fraction(0)) / 6


def kuhn_equilibrium(seat: int, card: int, history: str) -> dict[int, Fraction]:
    """Kuhn (1950), alpha = 1/3: bluff with a jack at alpha, bet a king, call a late bet with a queen at 1/3 + alpha."""
    third = Fraction(1, 3)
    raises = {"": (third, 0, 1), "C": (third, 0, 1)}
    calls = {"R": (0, third, 1), "CR": (0, 2 * third, 1)}
    if history in raises:
        p = Fraction(raises[history][card])
        return {CALL: 1 - p, RAISE: p}
    p = Fraction(calls[history][card])
    return {FOLD: 1 - p, CALL: p}


def table_of(poker: dict[str, Any], play: Callable[[int, int, str], dict[int, Fraction]]) -> list[np.ndarray]:
    """A Kuhn strategy in the evaluator's rows: by depth, then as a walk of the tree meets them."""
    rows: list[dict[tuple[int, str], None]] = [{}, {}]
    for cards in permutations(range(3), 2):
        rows[0].setdefault((cards[0], ""))
        rows[1].setdefault((cards[1], "C"))
        rows[0].setdefault((cards[0], "CR"))
        rows[1].setdefault((cards[1], "R"))
    tables = []
    for seat in (0, 1):
        ordered = sorted(rows[seat], key=lambda row: len(row[1]) // 2 if seat == 0 else 0)
        table = np.zeros((6, 3))
        for place, (card, history) in enumerate(ordered):
            for action, chance in play(seat, card, history).items():
                table[place, action] = float(chance)
        tables.append(table)
    return tables


def even(seat: int, card: int, history: str) -> dict[int, Fraction]:
    return dict.fromkeys(KUHN[history], Fraction(1, 2))


def drawn(seed: int) -> Callable[[int, int, str], dict[int, Fraction]]:
    draw = np.random.default_rng(seed)
    parts = {key: int(draw.integers(0, 11)) for key in product((0, 1), range(3), KUHN)}

    def play(seat: int, card: int, history: str) -> dict[int, Fraction]:
        first, second = KUHN[history]
        part = Fraction(parts[seat, card, history], 10)
        return {first: part, second: 1 - part}

    return play


def beaten_for(play: Callable[[int, int, str], dict[int, Fraction]]) -> Fraction:
    """Exploitability by trying all 64 pure strategies of each seat."""
    won = [Fraction(-9), Fraction(-9)]
    for seat in (0, 1):
        spots = [(card, history) for card in range(3) for history in KUHN if len(history) % 2 == seat]
        for choices in product((0, 1), repeat=6):
            pure = {spot: KUHN[spot[1]][choice] for spot, choice in zip(spots, choices, strict=True)}

            def against(who: int, card: int, history: str, seat: int = seat, pure: Any = pure) -> dict[int, Fraction]:
                return {pure[card, history]: Fraction(1)} if who == seat else play(who, card, history)

            value = kuhn_value(against)
            won[seat] = max(won[seat], value if seat == 0 else -value)
    return sum(won, Fraction(0)) / 2


def test_kuhns_poker_is_worth_a_loss_of_an_eighteenth(poker: dict[str, Any]) -> None:
    assert kuhn_value(kuhn_equilibrium) == Fraction(-1, 18)
    table = poker["build"]([poker["Rules"](3, 1, (1,), 1)])
    strategies = table_of(poker, kuhn_equilibrium)
    plans = [poker["reach"](player, each) for player, each in zip(table.players, strategies, strict=True)]
    assert float(poker["worth"](table, 0, plans[1]) @ plans[0]) == pytest.approx(-1 / 18, abs=1e-15)
    assert poker["exploitability"](table, strategies) == pytest.approx([0.0], abs=1e-15)


@pytest.mark.parametrize("seed", range(2))
def test_exploitability_is_what_the_best_of_all_pure_strategies_wins(poker: dict[str, Any], seed: int) -> None:
    table = poker["build"]([poker["Rules"](3, 1, (1,), 1)])
    play = drawn(seed)
    assert poker["exploitability"](table, table_of(poker, play))[0] == pytest.approx(float(beaten_for(play)), abs=1e-12)


def test_even_play_loses_what_others_published(poker: dict[str, Any]) -> None:
    """NashConv of uniform play: 11/12 in Kuhn poker, 4.747222 in Leduc hold'em (OpenSpiel's tests); half of it here."""
    table = poker["build"]([poker["Rules"](3, 1, (1,), 1), poker["Rules"](3, 2, (2, 4), 2)])
    uniform = [player.legal / player.legal.sum(axis=1, keepdims=True) for player in table.players]
    assert poker["exploitability"](table, uniform) == pytest.approx([11 / 24, 4.747222222222222 / 2], abs=1e-12)
    assert [np.bincount(player.games).tolist() for player in table.players] == [[6, 144], [6, 144]]  # 12 and 288 in all


def test_regrets_are_what_changing_one_decision_would_have_won(poker: dict[str, Any]) -> None:
    """At seat 0's first decisions nothing but the deal lies before: the regret is a difference of values by hand."""
    table = poker["build"]([poker["Rules"](3, 1, (1,), 1)])
    play = drawn(7)
    strategies = table_of(poker, play)
    other = poker["reach"](table.players[1], strategies[1])
    actions, sets = poker["counterfactual"](table.players[0], poker["worth"](table, 0, other), strategies[0])
    for card in range(3):

        def always_raises(seat: int, own: int, history: str, card: int = card) -> dict[int, Fraction]:
            return {RAISE: Fraction(1)} if (seat, own, history) == (0, card, "") else play(seat, own, history)

        won = kuhn_value(always_raises) - kuhn_value(play)
        assert actions[card, RAISE] - sets[card] == pytest.approx(float(won), abs=1e-12)


def test_the_game_is_the_same_alone_and_among_others(scorer: dict[str, Any]) -> None:
    poker, cfr = scorer["poker"], program("seed")
    case = scorer["cases"]("search", {"iterations": 10})[0]
    together = scorer["evaluate"](cfr, case)
    for name in case["names"]:
        alone = {"names": [name], "table": poker.build([scorer["GAMES"]["search"][name]]), "iterations": 10}
        assert scorer["evaluate"](cfr, alone)["log_exploitability"] == pytest.approx(together[name], abs=1e-9)


def test_the_ladder_is_in_the_order_of_the_papers_on_the_search_games(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search", {"iterations": 100})[0]
    rungs = [f"baselines/{name}" for name in ("cfr", "cfr_plus", "dcfr", "pcfr_plus", "pdcfr_plus")]
    scores = [scorer["evaluate"](program(rung), case)["log_exploitability"] for rung in rungs]
    assert scores == sorted(scores, reverse=True)
    assert scorer["evaluate"](program("seed"), case)["log_exploitability"] == pytest.approx(scores[0], abs=1e-9)
    assert scores[0] == pytest.approx(-1.628, abs=0.001)


def test_held_out_games_are_others_and_larger(scorer: dict[str, Any]) -> None:
    search, holdout = scorer["GAMES"]["search"], scorer["GAMES"]["holdout"]
    assert not set(search.values()) & set(holdout.values())
    sizes = [len(scorer["poker"].build([rules]).gain) for rules in (*search.values(), *holdout.values())]
    assert sizes[:4] == [30, 100, 378, 1116]
    assert min(sizes[4:]) > 700
    assert len(scorer["cases"]("holdout", {"iterations": 2})) == 5
    with pytest.raises(ValueError, match="iterations = 1 must be from 2"):
        scorer["cases"]("search", {"iterations": 1})


def test_the_folder_loads_and_a_parameter_changes_the_statement() -> None:
    problem = load_problem(FOLDER)
    assert problem.entry == "minimizer.py"
    assert "in 100 iterations" in problem.spec.summary
    assert len(load_attacks(problem)) >= 4


def shape(legal: Any) -> list[np.ndarray]:
    return [each / each.sum(axis=1, keepdims=True) for each in legal]


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda table: table * 1.5, "sum to 1, row 0 is"),
        (lambda table: table * (1 + 1e-8), "sum to 1"),
        (lambda table: np.where(table == table.max(), -1.0, 2.0), "at least 0"),
        (lambda table: np.full_like(table, np.nan), "row 0 is"),
        (lambda table: np.roll(table, 1, axis=1), "not legal"),
        (lambda table: table[:-1], "float array of"),
        (lambda table: table > 0, "got bool of"),
        (lambda table: table + 0j, "got complex128 of"),
        (lambda table: table.astype(str), "got <U"),
        (lambda table: table.tolist(), "got list"),
        (lambda table: None, "got NoneType"),
    ],
)
def test_what_is_no_strategy_is_refused(scorer: dict[str, Any], spoil: Callable[[Any], Any], text: str) -> None:
    case = scorer["cases"]("search", {"iterations": 2})[0]
    opened: list[np.ndarray] = []

    def begin(legal: Any, games: Any) -> list[np.ndarray]:
        opened[:] = shape(legal)
        return opened

    honest = {"begin": begin, "update": lambda seat, *_: opened[seat], "answer": lambda: opened}
    assert scorer["evaluate"](Inside(honest), case)["drift"] == 0.0
    spoilt = [
        {**honest, "answer": lambda: [spoil(opened[0]), opened[1]]},
        {**honest, "update": lambda seat, *_: spoil(opened[seat])},
    ]
    for functions in spoilt:
        with pytest.raises(Rejected, match=text):
            scorer["evaluate"](Inside(functions), case)
    for answer in (None, {"log_exploitability": -12.0}, opened[:1], "two"):
        with pytest.raises(Rejected, match="must return two arrays"):
            scorer["evaluate"](Inside({**honest, "answer": lambda answer=answer: answer}), case)
