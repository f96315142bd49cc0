"""Counterfactual regret minimization (CFR): the three rules between EVOLVE-BLOCK lines make the algorithm."""

import numpy as np


# EVOLVE-BLOCK-START
def accumulate(total, regrets, iteration, memory):
    """DCFR(1.5, 0, 2): gains and losses fade at their own pace (Brown and Sandholm, AAAI 2019)."""
    aged = (iteration - 1.0) ** 1.5
    return np.where(total > 0.0, total * aged / (aged + 1.0), 0.5 * total) + regrets


def prefer(total, regrets, iteration, memory):
    """Regret matching."""
    return np.maximum(total, 0.0)


def weight(iteration, memory):
    """A quadratic average."""
    return iteration**2


# EVOLVE-BLOCK-END


def begin(legal, games):
    """New games: for each seat, which actions are legal (sets, actions), and which game a set is of (sets,).

    Returns the first strategy of both seats.
    """
    global LEGAL, NOW, TOTAL, AVERAGE, MEMORY
    LEGAL = legal
    NOW = [mixed(np.ones(each.shape), each) for each in legal]
    TOTAL = [np.zeros(each.shape) for each in legal]
    AVERAGE = [np.zeros(each.shape) for each in legal]
    MEMORY = [{"games": each} for each in games]
    return NOW


def update(seat, iteration, regrets, reach):
    """The regrets of a seat's strategy, and how likely its own choices lead to each set. Returns the next strategy."""
    iteration, memory = float(iteration), MEMORY[seat]
    with np.errstate(all="ignore"):
        AVERAGE[seat] += weight(iteration, memory) * reach[:, None] * NOW[seat]
        TOTAL[seat] = accumulate(TOTAL[seat], regrets, iteration, memory)
        NOW[seat] = mixed(prefer(TOTAL[seat], regrets, iteration, memory), LEGAL[seat])
    return NOW[seat]


def answer():
    """The strategies to be judged: the average of those played."""
    return [mixed(table, legal) for table, legal in zip(AVERAGE, LEGAL, strict=True)]


def mixed(wanted, legal):
    """Probabilities in proportion to what is wanted and legal; equal ones where nothing is."""
    wanted = np.where(legal & (wanted > 0.0) & np.isfinite(wanted), wanted, 0.0)
    total = wanted.sum(axis=1, keepdims=True)
    fallback = legal / legal.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, wanted / np.where(total > 0.0, total, 1.0), fallback)
