"""Scores a warrior: battles in an own '94-standard core against opponents that it cannot see.

A candidate is text and is never run: `redcode.py` assembles it, `mars.py` fights. A battle won counts 1, one that
nobody has won when the cycles are over 1/3 and one lost 0, which is the 3-1-0 of the Core War hills; `points` is the
mean in percent. So 100 is a proven bound.

On search cases the opponents are the champions of earlier rounds when there are any (`evolve rounds`), else the
archetypes in warriors/; on held-out cases always those in holdout/, or in the folder given with --holdout.
"""

import math
import random
from pathlib import Path

from mars import Machine, Side
from redcode import BadRedcode, assemble

HERE = Path(__file__).parent
HOLDOUT_BATTLES = 20
"""Battles with one held-out opponent, each from another place; who begins alternates. On search cases a parameter."""
POINTS = {"won": 1.0, "tied": 1 / 3, "lost": 0.0}

MACHINES = {}
"""By core size. A battle clears the core, so that nothing but instructions' functions is kept."""


def cases(split, seed, champions, parameters):
    """One case per opponent. Places of search battles come from the secret seed, those of held-out ones are fixed."""
    rules = {name: parameters[name] for name in ("core", "cycles", "processes", "length", "distance")}
    opponents = _champions(champions) if split == "search" and champions else _warriors(split)
    battles = parameters["battles"] if split == "search" else HOLDOUT_BATTLES
    made = []
    for name, text in opponents.items():
        draw = random.Random(f"core_war:{split}:{name}" + (f":{seed}" if split == "search" else ""))
        assembled = _assembled(text, rules, f"the {split} opponent {name}")
        made.append({"opponent": name, "warrior": assembled, "places": places(draw, battles, rules), **rules})
    return made


def places(draw, battles, rules):
    """How far behind the candidate each battle's opponent is put: one from each of equal shares of the legal range."""
    least = max(rules["distance"], rules["length"])
    if rules["core"] <= 2 * least:
        raise ValueError(f"core = {rules['core']} has no room for two warriors {least} cells apart; give it more")
    width = (rules["core"] - 2 * least) / battles
    return [least + int((battle + draw.random()) * width) for battle in range(battles)]


def evaluate(program, case):
    """Points against one opponent in percent, and what the warrior did."""
    try:
        instructions, entry = _assemble(program.text, case)
    except BadRedcode as error:
        program.reject(str(error))
    return battle(instructions, entry, case)


def battle(instructions, entry, case):
    """The metrics of an assembled warrior on a case.

    `coverage` is the share of cells it executed or changed, in percent, `processes` the logarithm (base 10) of one more
    than what its SPLs added, both over battles.
    """
    if case["core"] not in MACHINES:
        MACHINES[case["core"]] = Machine(case["core"])
    machine = MACHINES[case["core"]]
    results, covered, spawned = [], 0, 0
    for number, place in enumerate(case["places"]):
        sides = [Side(instructions, entry, 0), Side(*case["warrior"], place)]
        own = number % 2  # who begins alternates
        outcome = machine.fight(sides[own], sides[1 - own], case["cycles"], case["processes"])
        results.append("tied" if outcome.winner is None else "won" if outcome.winner == own else "lost")
        covered += outcome.touched[own]
        spawned += outcome.spawned[own]
    battles = len(results)
    told = ", ".join(f"{results.count(each)} {each}" for each in POINTS)
    return {
        "points": 100.0 * math.fsum(POINTS[each] for each in results) / battles,
        "coverage": 100.0 * covered / battles / case["core"],
        "processes": math.log10(1 + spawned / battles),
        "feedback": f"against {case['opponent']}: {told} of {battles} battles",
    }


def _champions(rows):
    """The champions' texts by a name that says their round."""
    return {f"champion_{row['round']}_{row['candidate']}": next(iter(row["files"].values())) for row in rows}


def _warriors(split):
    folder = HERE / ("warriors" if split == "search" else "holdout")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.red"))}
    if not texts:
        raise ValueError(f"{folder.name}/ has no file *.red; put warriors there, one in each file")
    return texts


def _assembled(text, rules, what):
    try:
        return _assemble(text, rules)
    except BadRedcode as error:
        raise ValueError(f"{what} is no warrior for a core of {rules['core']}: {error}") from None


def _assemble(text, rules):
    others = {"MAXCYCLES": rules["cycles"], "MAXPROCESSES": rules["processes"], "MINDISTANCE": rules["distance"]}
    return assemble(text, rules["core"], rules["length"], others)
