"""Scores a cache eviction rule: the cache runs here, on tables of the rule's priorities.

An entry's state is its age, the gap between its last two uses and how often it was used, each in steps; a table of
priorities over the states *is* the rule, and the program never sees a request. It is asked for a new table every
EPOCH requests, and told by state how often entries were hit and dropped until then: enough to learn while the cache
runs, and nothing of the future. So a trace costs 12 calls instead of thousands.

The bound 0 is proven: the score compares with Belady's rule (traces.belady), whose misses are the fewest possible
over a whole trace (Belady 1966, Mattson et al. 1970), and all misses of a trace are counted.
"""

from array import array

import numpy as np
from traces import CAPACITY, KINDS, REQUESTS, belady, trace

EPOCH = 500
"""Requests between two tables."""

DECAY = 0.8
"""What the counts of hits and drops keep from one epoch to the next."""

USES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32])
GAPS = np.array([1 << step for step in range(13)] + [1 << 14])
"""In requests. The last step is that of an entry used once, which has no gap yet: longer than any trace."""

AGES = np.unique(np.round(2 ** np.arange(0, 13, 0.5)).astype(int))
SHAPE = (len(USES), len(GAPS), len(AGES))
CELLS = len(USES) * len(GAPS) * len(AGES)
BATCH = 8
"""Victims are chosen so many at a time, as operating systems do."""

LARGE = 1 << 14
"""More than any age, so that age decides only between equal priorities."""


def steps_of(starts, most):
    """`table[value]`: the last step that starts at or below the value, for whole values up to `most`."""
    return np.maximum(np.searchsorted(starts, np.arange(most + 1), side="right") - 1, 0)


AGE_STEPS = steps_of(AGES, REQUESTS)
AGE_STEP = AGE_STEPS.tolist()
GAP_CELL = (steps_of(GAPS[:-1], REQUESTS) * len(AGES)).tolist()
USE_CELL = (steps_of(USES, REQUESTS) * len(GAPS) * len(AGES)).tolist()
NEW_CELL = (len(GAPS) - 1) * len(AGES)
"""Where in a flat table a state of age 1 is: AGE_STEP + GAP_CELL + USE_CELL."""


def cases(split):
    """One trace of each kind to search with, three others of each held out."""
    numbers = {"search": (1,), "holdout": (1, 2, 3)}[split]
    made = [trace(kind, f"{split}:{number}") for number in numbers for kind in KINDS]
    return [{"keys": keys, "fewest": belady(keys)} for keys in made]


def evaluate(program, case):
    """Percent of misses above the fewest possible, and two numbers that tell rules apart."""
    misses, ages, unused = run_cache(case["keys"], lambda hits, drops: read_ranks(program, hits, drops))
    return {
        "excess": 100.0 * (misses - case["fewest"]) / case["fewest"],
        "miss_ratio": misses / REQUESTS,
        "dropped_age": float(np.log2(np.mean(ages))),
        "dropped_unused": 100.0 * unused / len(ages),
    }


def read_ranks(program, hits, drops):
    """The program's priorities over all states as whole numbers in the same order, a LARGE step apart."""
    age, gap, uses = AGES.astype(float), GAPS[:, None].astype(float), USES[:, None, None].astype(float)
    answer = program.call("priority", age, gap, uses, hits, drops, allow_nan=True)
    if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "iuf":
        program.reject("priority() must return a numpy array of real numbers")
    try:
        scores = np.broadcast_to(answer, SHAPE)
    except ValueError:
        program.reject(f"priority() returned the shape {answer.shape}, which does not broadcast to {SHAPE}")
    if np.isnan(scores).any():
        use, gap, age = np.argwhere(np.isnan(scores))[0]
        program.reject(f"priority() is NaN for age {AGES[age]}, gap {GAPS[gap]}, uses {USES[use]}")
    return np.unique(scores, return_inverse=True)[1].reshape(-1) * LARGE


def run_cache(keys, ranks_after):
    """Run a cache over the keys: misses, the ages at which entries were dropped, how many never had a hit.

    `ranks_after(hits, drops)` gives the rank of each state for an epoch; the lowest goes, of equals the older.
    """
    where, held, uses = {}, [0] * CAPACITY, [0] * CAPACITY  # key -> slot; by slot: key, times used
    last, last_seen = shared("q", CAPACITY)
    state, states = shared("q", CAPACITY)  # the cell of age 1
    hits, hit_counts = shared("d", CELLS)
    drops, drop_counts = shared("d", CELLS)
    misses, ages, unused = 0, [], 0
    victims, chosen = iter(()), 0
    for now, key in enumerate(keys):
        if now % EPOCH == 0:
            hit_counts *= DECAY
            drop_counts *= DECAY
            ranks = ranks_after(hit_counts.reshape(SHAPE), drop_counts.reshape(SHAPE))
        slot = where.get(key)
        if slot is not None:
            gap = now - last[slot]
            hits[state[slot] + AGE_STEP[gap]] += 1
            uses[slot] += 1
            state[slot] = USE_CELL[uses[slot]] + GAP_CELL[gap]
            last[slot] = now
            continue
        misses += 1
        slot = len(where)
        if slot == CAPACITY:
            slot = next((each for each in victims if last[each] < chosen), None)  # a hit spares
            if slot is None:
                victims, chosen = iter(choose(ranks, states, now - last_seen)), now
                slot = next(victims)
            age = now - last[slot]
            drops[state[slot] + AGE_STEP[age]] += 1
            ages.append(age)
            unused += uses[slot] == 1
            del where[held[slot]]
        where[key], held[slot], last[slot], uses[slot] = slot, key, now, 1
        state[slot] = NEW_CELL
    return misses, ages, unused


def shared(kind, size):
    """Zeros as a Python array, fast by item, and as a numpy array over the same memory, fast as a whole."""
    items = array(kind, bytes(8 * size))
    return items, np.frombuffer(items, dtype=np.int64 if kind == "q" else np.float64)


def choose(ranks, state, ages):
    """The BATCH slots to drop next, first to last."""
    return (ranks[state + AGE_STEPS[ages]] - ages).argsort()[:BATCH].tolist()
