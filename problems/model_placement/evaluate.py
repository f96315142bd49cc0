"""Scores placements of models on GPUs against the proven best placement of each instance, in whole numbers."""

import random
from fractions import Fraction

from optimum import least_peak

CAPACITY = 80
"""Memory of a GPU."""
CASES, INSTANCES = {"search": 2, "holdout": 3}, 8
"""How many cases, and how many instances in each: one process of the candidate places them all, one after the other."""
MODELS = (8, 11)
"""From and to how many: the proof goes through 3^models steps."""
FILLED = (0.62, 0.78)
"""The models take from this to this part of all memory together."""


def cases(split, seed):
    """Search instances from the run's secret seed, held-out ones the same for everybody."""
    origin = seed if split == "search" else "everybody"
    return [{"instances": proven(f"model_placement:{split}:{origin}:{number}")} for number in range(CASES[split])]


def proven(seed):
    """INSTANCES instances that can be placed, each with the least peak there is."""
    found, draw = [], random.Random(seed)
    while len(found) < INSTANCES:
        given = instance(draw)
        best = least_peak(**given)
        if best is not None:
            found.append({"given": given, "best": [best.numerator, best.denominator]})
    return found


def instance(draw):
    """Sizes of 4 to 40 and loads with a heavy tail, 3 or 4 GPUs. Large models are a little busier."""
    gpus, models = draw.choice((3, 4)), draw.randint(*MODELS)
    while True:
        sizes = [round(4 + 36 * draw.betavariate(1.0, 1.6)) for _ in range(models)]
        if FILLED[0] <= sum(sizes) / (gpus * CAPACITY) <= FILLED[1]:
            break
    loads = [max(1, round(draw.paretovariate(1.3) * (10 + size / 2))) for size in sizes]
    return {"sizes": sizes, "loads": loads, "gpus": gpus, "capacity": CAPACITY}


def evaluate(program, case):
    """The best peak over the reached one, 1 at most, and the busiest GPU's share of all load; means over instances."""
    efficiencies, shares = [], []
    for item in case["instances"]:
        given = item["given"]
        answer = program.call("place", given["sizes"], given["loads"], given["gpus"], given["capacity"])
        free, load = occupied(program, answer, given)
        peak = max(Fraction(demand, left) for demand, left in zip(load, free, strict=True))
        efficiencies.append(Fraction(*item["best"]) / peak)
        shares.append(max(load) / sum(load))
    return {"efficiency": float(overall(efficiencies)), "hottest_share": sum(shares) / len(shares)}


def overall(efficiencies):
    """The mean; but where one beats its proof, enough that the mean over cases passes 1: no leak is lost."""
    highest = max(efficiencies)
    return highest * max(CASES.values()) if highest > 1 else sum(efficiencies) / len(efficiencies)


def occupied(program, answer, given):
    """Free memory and load of every GPU; what is no placement is rejected."""
    models, gpus = len(given["sizes"]), given["gpus"]
    if not isinstance(answer, list) or len(answer) != models:
        program.reject(f"place() must return a list with one GPU for each of the {models} models")
    free, load = [given["capacity"]] * gpus, [0] * gpus
    for model, gpu in enumerate(answer):
        if isinstance(gpu, bool) or not isinstance(gpu, int) or not 0 <= gpu < gpus:
            program.reject(f"place() puts model {model} on GPU {gpu!r:.40}; GPUs are numbered from 0 to {gpus - 1}")
        free[gpu] -= given["sizes"][model]
        load[gpu] += given["loads"][model]
    for gpu, left in enumerate(free):
        if left < 1:
            used = given["capacity"] - left
            program.reject(
                f"GPU {gpu} holds models of {used} in all; at most {given['capacity'] - 1} fit, so that 1 is free"
            )
    return free, load
