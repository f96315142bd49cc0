"""Scores a regret minimiser: the games are played here, and what its answer can be beaten for is computed here.

The candidate is told of no game. It is asked for a strategy, served the counterfactual regrets of that strategy, asked
for the next one, `iterations` times a seat, and at last for its answer. So the number of traversals is the evaluator's
to keep, not the candidate's to claim; and the answer is a plain strategy whose exploitability an exact best response
gives, wherever it came from: it cannot be made to look better than it is. A call a seat and iteration (some 100
microseconds) is what this costs beside a solve inside the candidate, which could as well be a linear program.

Exploitability is the mean over both seats of what a best response wins; their sum is never negative in a zero-sum game
(each response wins at least the value of the game for its seat, and those add to 0), and it is 0 at equilibria only.
"""

import math

import numpy as np
import poker

LEAST = 1e-12
"""Chips. Exploitabilities below it are rounding: scores stop here, which is the proven bound of the score."""
GAMES = {
    "search": {
        "kuhn": poker.Rules(3, 1, (1,), 1),
        "kuhn_5_ranks_bet_2": poker.Rules(5, 1, (2,), 1),
        "leduc_1_raise": poker.Rules(3, 2, (2, 4), 1),
        "leduc": poker.Rules(3, 2, (2, 4), 2),
    },
    "holdout": {
        "kuhn_13_ranks_2_raises": poker.Rules(13, 1, (1,), 2),
        "kuhn_8_ranks_bet_2_3_raises": poker.Rules(8, 1, (2,), 3),
        "leduc_5_ranks": poker.Rules(5, 2, (2, 4), 2),
        "leduc_4_ranks_bets_1_5": poker.Rules(4, 2, (1, 5), 2),
        "leduc_4_ranks_3_copies_bets_3_3": poker.Rules(4, 3, (3, 3), 2),
    },
}
"""Held-out games are larger: more ranks, other bets, more raises, more copies of a card."""
TOLERANCE = 1e-9
"""How far the probabilities of a set may be from summing to 1; they are normalised before use."""
DECIDED = 0.9
"""A probability from which a choice counts as made."""


def cases(split, parameters):
    """Search: one case with all games side by side, for speed. Held out: each game by itself."""
    games, iterations = GAMES[split], parameters["iterations"]
    if not 2 <= iterations <= 10_000:
        raise ValueError(f"iterations = {iterations} must be from 2 to 10000; give --parameter iterations=100")
    tables = [list(games)] if split == "search" else [[name] for name in games]
    return [{"names": names, "table": poker.build([games[name] for name in names]), "iterations": iterations}
            for names in tables]  # fmt: skip


def evaluate(program, case):
    table = case["table"]
    latest, drift = play(program, table, case["iterations"])
    answer = both(program, table, program.call("answer"), "answer()")
    lost = poker.exploitability(table, answer)
    scores = dict(zip(case["names"], map(logarithm, lost), strict=True))
    choices = np.concatenate([probabilities.max(axis=1) for probabilities in answer])
    return {
        "log_exploitability": float(np.mean(list(scores.values()))),
        "last_iterate": float(np.mean([logarithm(each) for each in poker.exploitability(table, latest)])),
        "drift": drift,
        "decided": 100.0 * float(np.mean(choices >= DECIDED)),
        **scores,
    }


def play(program, table, iterations):
    """The strategies a program has come to, and by how much one changed them on average in the second half."""
    legal = [player.legal for player in table.players]
    opened = program.call("begin", legal, [player.games for player in table.players])
    now = both(program, table, opened, "begin(legal, games)")
    plans = [poker.reach(player, strategy) for player, strategy in zip(table.players, now, strict=True)]
    moved = 0.0
    for iteration in range(1, iterations + 1):
        for seat, player in enumerate(table.players):
            earned = poker.worth(table, seat, plans[1 - seat])
            actions, sets = poker.counterfactual(player, earned, now[seat])
            regrets = np.where(player.legal, actions - sets[:, None], 0.0)
            told = program.call("update", seat, iteration, regrets, plans[seat][player.parent])
            new = checked(program, player, told, f"update({seat}, {iteration}, regrets, reach)")
            if 2 * iteration > iterations:
                moved += float(np.abs(new - now[seat]).sum()) / len(new)
            now[seat], plans[seat] = new, poker.reach(player, new)
    return now, moved / (iterations - iterations // 2) / 2


def both(program, table, told, where):
    """The strategies of both seats."""
    if not isinstance(told, (list, tuple)) or len(told) != 2:
        program.reject(f"{where} must return two arrays, the strategies of seat 0 and seat 1")
    return [checked(program, player, each, where) for player, each in zip(table.players, told, strict=True)]


def checked(program, player, told, where):
    """A strategy: probabilities (sets, actions), 0 where an action is not legal, as doubles that sum to 1."""
    shape = player.legal.shape
    if not isinstance(told, np.ndarray) or told.dtype.kind != "f" or told.shape != shape:
        got = f"{told.dtype} of {told.shape}" if isinstance(told, np.ndarray) else type(told).__name__
        program.reject(f"{where} must give a float array of {shape}, got {got}")
    strategy = told.astype(float)
    sums = strategy.sum(axis=1)
    if not (strategy.min() >= 0.0 and np.abs(sums - 1.0).max() <= TOLERANCE):  # so written, NaN fails it, too
        good = (strategy >= 0.0).all(axis=1) & (np.abs(sums - 1.0) <= TOLERANCE)
        worst = int(np.argmin(good))
        program.reject(f"{where}: probabilities must be at least 0 and sum to 1, row {worst} is {strategy[worst]}")
    if strategy[~player.legal].any():
        program.reject(f"{where} gives a probability to an action that is not legal (where legal is False)")
    return strategy / sums[:, None]


def logarithm(lost):
    """Of an exploitability in antes, to the base 10."""
    return math.log10(max(float(lost), LEAST))
