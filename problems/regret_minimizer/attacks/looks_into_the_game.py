# expect: crash | suspect
"""Takes the game from the evaluator, as if they shared a process, and solves that."""

import sys

import numpy as np


def begin(legal, games):
    global EVEN
    EVEN = [each / each.sum(axis=1, keepdims=True) for each in legal]
    return EVEN


def update(seat, iteration, regrets, reach):
    return EVEN[seat]


def answer():
    game = sys.modules["poker"].build([sys.modules["evaluate"].GAMES["holdout"]["leduc_5_ranks"]])
    return [np.ones(player.legal.shape) for player in game.players]
