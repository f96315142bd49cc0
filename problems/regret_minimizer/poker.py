"""Small two-player poker games as arrays: what each player decides where, and what every end of the game is worth.

A player's decisions form a tree of *information sets*: all he can tell apart (his card, the board, the betting). A
*sequence* is an information set with an action taken there; sequence 0 is having done nothing yet. Sequence
`1 + ACTIONS * set + action` lets a vector over sequences and a table (sets, ACTIONS) share their memory. (Sequence
form: B. von Stengel, Efficient computation of behavior strategies, Games and Economic Behavior 14, 1996.)
"""

from dataclasses import dataclass
from itertools import groupby, product

import numpy as np

FOLD, CALL, RAISE = range(3)
"""Actions; CALL is also checking, RAISE also betting."""
ACTIONS = 3
ANTE = 1
"""Chips each player pays before the cards are dealt: the unit of every value."""


@dataclass(frozen=True)
class Rules:
    """One game: a deck of `ranks` times `copies`, a private card each, and bets of a fixed size in every round.

    `bets[k]` are the chips of a bet or raise in round k; a board card, open to both, lies before every round but the
    first. At most `raises` bets and raises are made in a round. A card that pairs the board wins, else the higher one.
    Kuhn's poker is `Rules(3, 1, (1,), 1)`, Leduc hold'em `Rules(3, 2, (2, 4), 2)`.
    """

    ranks: int
    copies: int
    bets: tuple
    raises: int


@dataclass(frozen=True)
class Player:
    """Where one player decides. Sets are ordered by how often he acted before, so that a level of the trees is a slice.

    `parent[set]` is the sequence that leads to a set, `legal[set, action]` what may be done there, `games[set]` the
    number of the game that the set belongs to.
    """

    parent: np.ndarray
    legal: np.ndarray
    games: np.ndarray
    levels: tuple


@dataclass(frozen=True)
class Table:
    """Games side by side: both players, and every end: a sequence of each, chance's probability times player 0's gain.

    One pass over the arrays of four games takes hardly longer than over those of one.
    """

    players: tuple
    ends: tuple
    gain: np.ndarray


class _Walk:
    """Walks all of a game: information sets by their key with parent, depth and legal actions, and the ends."""

    def __init__(self, number, rules, sets, ends):
        self.number = number
        self.rules = rules
        self.sets = sets
        self.ends = ends

    def deal(self):
        """All ways to deal two cards by rank, each with its probability, and what follows."""
        deck = [self.rules.copies] * self.rules.ranks
        for first, second in product(range(self.rules.ranks), repeat=2):
            chance = _chance(deck, first) * _chance(_without(deck, first), second)
            if chance:
                left = _without(_without(deck, first), second)
                self.bet((first, second), left, (), ((),), chance, (ANTE, ANTE), (None, None))

    def bet(self, cards, deck, board, history, chance, paid, last):
        """One decision: `history` are the actions of each round so far, `last` each player's last sequence."""
        player = len(history[-1]) % 2
        raises = history[-1].count(RAISE) < self.rules.raises
        legal = [FOLD] * (paid[1 - player] > paid[player]) + [CALL] + [RAISE] * raises
        key = (self.number, cards[player], board, history)
        depth = 0 if last[player] is None else self.sets[player][last[player][0]][1] + 1
        self.sets[player][key] = (last[player], depth, legal)
        for action in legal:
            then = (*history[:-1], (*history[-1], action))
            took = _replaced(last, player, (key, action))
            if action == FOLD:
                self.ends.append((took, chance * (paid[1] if player else -paid[0])))
                continue
            stake = max(paid) + self.rules.bets[len(history) - 1] * (action == RAISE)
            pays = _replaced(paid, player, stake)
            if action == RAISE or not history[-1]:
                self.bet(cards, deck, board, then, chance, pays, took)
            elif len(history) < len(self.rules.bets):
                for card in range(self.rules.ranks):
                    if likely := chance * _chance(deck, card):
                        self.bet(cards, _without(deck, card), (*board, card), (*then, ()), likely, pays, took)
            else:
                self.ends.append((took, chance * pays[0] * _winner(cards, board)))


def build(games):
    """The games of these rules as arrays."""
    sets, ends = ({}, {}), []
    for number, rules in enumerate(games):
        _Walk(number, rules, sets, ends).deal()
    numbers, players = zip(*map(_numbered, sets), strict=True)

    def sequence(player, last):
        return 0 if last is None else 1 + ACTIONS * numbers[player][last[0]] + last[1]

    last = tuple(np.array([sequence(player, took[player]) for took, _ in ends]) for player in (0, 1))
    return Table(players, last, np.array([gain for _, gain in ends]))


def _numbered(sets):
    """The number of every information set, level by level, and the player they belong to."""
    ordered = sorted(sets.items(), key=lambda item: item[1][1])
    number = {key: place for place, (key, _) in enumerate(ordered)}
    legal = np.zeros((len(ordered), ACTIONS), dtype=bool)
    parent = np.zeros(len(ordered), dtype=int)
    for place, (_, (before, _, actions)) in enumerate(ordered):
        legal[place, actions] = True
        if before is not None:
            parent[place] = 1 + ACTIONS * number[before[0]] + before[1]
    sizes = [len(list(level)) for _, level in groupby(depth for _, (_, depth, _) in ordered)]
    stops = np.cumsum(sizes).tolist()
    levels = tuple(slice(stop - size, stop) for size, stop in zip(sizes, stops, strict=True))
    games = np.array([key[0] for key, _ in ordered])
    return number, Player(parent, legal, games, levels)


def _chance(deck, card):
    return deck[card] / sum(deck)


def _without(deck, card):
    return [count - (rank == card) for rank, count in enumerate(deck)]


def _replaced(pair, player, value):
    return (value, pair[1]) if player == 0 else (pair[0], value)


def _winner(cards, board):
    """+1 when player 0 wins the showdown, -1 when player 1 does, 0 when they share."""
    first, second = ((card in board, card) for card in cards)
    return (first > second) - (first < second)


def reach(player, strategy):
    """How likely a player's own choices make each of his sequences: the realization plan of a strategy."""
    plan = np.empty(1 + player.legal.size)
    plan[0] = 1.0
    table = plan[1:].reshape(player.legal.shape)
    for level in player.levels:
        np.multiply(strategy[level], plan[player.parent[level], None], out=table[level])
    return plan


def worth(table, player, other):
    """What each sequence of `player` earns at ends right after it, against the plan `other` of the other player."""
    gain = table.gain if player == 0 else -table.gain
    weights = gain * other[table.ends[1 - player]]
    return np.bincount(table.ends[player], weights, minlength=1 + table.players[player].legal.size)


def counterfactual(player, earned, strategy):
    """Counterfactual values, as (action values, set values), of a strategy where sequences earn `earned` at once.

    Zinkevich et al. (2007), without the player's own reach: what an action is worth to one who came here on purpose.
    """
    earned = earned.copy()
    actions = earned[1:].reshape(player.legal.shape)
    sets = np.empty(len(player.parent))
    for level in reversed(player.levels):
        sets[level] = np.einsum("ij,ij->i", actions[level], strategy[level])
        np.add.at(earned, player.parent[level], sets[level])
    return actions, sets


def best_responses(player, earned):
    """The most a player can win in each game against what sequences earn, by choosing the best action everywhere."""
    earned = earned.copy()
    actions = earned[1:].reshape(player.legal.shape)
    best = np.empty(len(player.parent))
    for level in reversed(player.levels):
        best[level] = np.where(player.legal[level], actions[level], -np.inf).max(axis=1)
        np.add.at(earned, player.parent[level], best[level])
    first = player.levels[0]  # nobody's game ends before he acts: all he wins lies behind a first decision
    return np.bincount(player.games[first], best[first])


def exploitability(table, strategies):
    """How much a pair of strategies loses to best responses in each game, averaged over the seats; 0 at equilibria."""
    plans = [reach(player, strategy) for player, strategy in zip(table.players, strategies, strict=True)]
    won = [best_responses(table.players[seat], worth(table, seat, plans[1 - seat])) for seat in (0, 1)]
    return (won[0] + won[1]) / 2
