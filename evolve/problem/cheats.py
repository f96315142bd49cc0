"""Programs that cheat in ways any evaluator may meet, made of a problem's own seed; `evolve check` runs them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from evolve.domain import Program
from evolve.problem.folder import Problem

KIT = "evolve_check_kit"
"""The package that travels with a cheat: `cheat_kit/` under a name no program has."""


class Gain(StrEnum):
    """Which score gives a cheat away."""

    ANY = "any"
    """No honest program does this, so a valid score at least as good as the seed's is a fault."""
    BETTER = "better"
    """It may be harmless, so only a score better than the seed's is a fault."""
    CLAIMED = "claimed"
    """A score that is the very number the program stated is a fault."""
    LUCK = "luck"
    """An honest program may do this, so a score better than the seed's is only worth knowing."""


@dataclass(frozen=True, slots=True)
class Cheat:
    """One kind of cheat: what such a program does, which score gives it away, and how evaluate.py keeps it out.

    `applies` is the name of the answer's form that must differ from the seed's answer; empty when it always applies.
    """

    name: str
    does: str
    gain: Gain
    remedy: str
    applies: bool = False


_TYPES = "check types and shapes before values: `if not isinstance(answer, ...): program.reject(...)`"
_FINITE = "reject every number that is not finite before comparing any"
_FAILS = "let the candidate's failure end the case: do not catch program.Failure and go on"
_OWN = "compute the score from the answer itself and never read a number the program states about it"

CHEATS = (
    Cheat("nan", "answers NaN for every number", Gain.ANY, _FINITE, True),
    Cheat("nan_in_part", "answers NaN for part of its numbers", Gain.ANY, _FINITE, True),
    Cheat("agreeable", "answers floats that compare as they like", Gain.ANY, _FINITE, True),
    Cheat("infinite", "answers infinity for every number", Gain.BETTER, _FINITE, True),
    Cheat("minus_infinite", "answers minus infinity for every number", Gain.BETTER, _FINITE, True),
    Cheat("huge", "answers 1e308 for every number", Gain.BETTER, "bound the numbers that make sense", True),
    Cheat("huge_integer", "answers integers of 400 digits", Gain.BETTER, "bound the numbers that make sense", True),
    Cheat("negative_zero", "answers -0.0 for every number", Gain.LUCK, "reject what solves nothing", True),
    Cheat("truths", "answers True for every number", Gain.BETTER, _TYPES, True),
    Cheat("texts", "answers every number as text", Gain.BETTER, _TYPES, True),
    Cheat("complex", "answers complex numbers", Gain.BETTER, _TYPES, True),
    Cheat("bytes", "answers numbers squeezed into bytes", Gain.BETTER, "convert to float64 before computing", True),
    Cheat("none", "answers None", Gain.ANY, _TYPES, True),
    Cheat("empty", "answers with nothing in it", Gain.ANY, "check the length of the answer", True),
    Cheat("nested", "wraps the answer once more", Gain.BETTER, _TYPES, True),
    Cheat("repeated", "gives all of the answer twice", Gain.BETTER, "check the length, and count each item once", True),
    Cheat("claims", "answers a claimed score", Gain.ANY, _OWN, True),
    Cheat("claimed_parts", "claims a better score beside its answer", Gain.BETTER, _OWN, True),
    Cheat("stated", "states the score it wants as its answer", Gain.CLAIMED, _OWN, True),
    Cheat("handed_back", "hands back what it was given", Gain.LUCK, "keep expected answers out of the call"),
    Cheat("cached", "gives its first answer for ever", Gain.ANY, "check each answer against its own input"),
    Cheat(
        "remembered",
        "computes each answer once",
        Gain.BETTER,
        "give every timed call a new input, or call program.fresh()",
    ),
    Cheat("clock", "stops its own clocks", Gain.BETTER, "measure time with program.last.wall"),
    Cheat("raising", "raises on every call", Gain.ANY, _FAILS),
    Cheat("raising_odd", "raises on every other call", Gain.ANY, _FAILS),
    Cheat("raising_even", "raises on every second call", Gain.ANY, _FAILS),
    Cheat("exit", "ends with exit code 0", Gain.ANY, _FAILS),
    Cheat("system_exit", "raises SystemExit(0)", Gain.ANY, _FAILS),
    Cheat("printed", "prints a score and answers nothing", Gain.ANY, "take nothing from what a program prints"),
)
"""What is tried on programs whose functions the evaluator calls."""

UNREAD = {"nan_in_part": "zero_in_part"}
"""By cheat: the trick that spoils the same part honestly. If that changes no score, the evaluator does not read it."""
HONEST = "honest"
"""The trick of the kit that changes nothing: if it does not score as the seed does, no other trick says anything."""

COMMAND_CHEATS = (
    Cheat("empty_file", "is an empty file", Gain.ANY, "check that there is an answer, not only the exit code"),
    Cheat("exit_zero", "ends with exit code 0", Gain.ANY, "check that there is an answer, not only the exit code"),
    Cheat("printed", "prints a claimed score", Gain.ANY, _OWN),
    Cheat("stated", "prints the score it wants as its answer", Gain.CLAIMED, _OWN),
)
"""What is tried on programs that are run as a command."""

_TEXT = "TEXT"
_SCRIPTS = {
    "python": ("raise SystemExit(0)", "print(TEXT)"),
    "shell": ("exit 0", "echo TEXT"),
    "javascript": ("process.exit(0);", "console.log(TEXT);"),
    "c": ("int main(void) { return 0; }", "int puts(const char *);\nint main(void) { puts(TEXT); return 0; }"),
    "cpp": ("int main() {}", "#include <cstdio>\nint main() { std::puts(TEXT); }"),
    "rust": ("fn main() {}", 'fn main() { println!("{}", TEXT); }'),
}
"""By language: a program that does nothing, and one that prints a text, a literal in double quotes in place of TEXT."""
DEGRADED = ("halved", "reversed", "negative_zero")
"""Tricks of the kit that spoil an answer honestly; they help to see whether the score reacts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A score a cheat states: the objective's name and a believable value better than the seed's."""

    metric: str
    value: float

    def as_dict(self) -> dict[str, Any]:
        """As the kit reads it."""
        return {"metric": self.metric, "value": self.value}


def is_called(problem: Problem) -> bool:
    """Whether the evaluator calls functions of a Python program, so that the kit can be put between."""
    return problem.language == "python" and problem.entry.endswith(".py") and not problem.spec.program.command


def tricked(problem: Problem, trick: str, claim: Claim, **options: object) -> Program:
    """The seed with a trick of the kit between it and the evaluator."""
    given = json.dumps({"trick": trick, "claim": claim.as_dict(), **options})
    text = problem.seed.as_dict()[problem.entry].rstrip("\n")
    entry = f"{text}\n\nimport {KIT}\nimport json as _json\n{KIT}.install(__name__, _json.loads({given!r}))\n"
    return problem.seed.with_files({**_kit(), problem.entry: entry})


def command_cheats(problem: Problem, claim: Claim) -> dict[Cheat, Program]:
    """The cheats that can be written for programs that are run as a command, each as a program."""
    scripts = {"empty_file": ""}
    if problem.language in _SCRIPTS:
        nothing, printing = _SCRIPTS[problem.language]
        text = json.dumps({"score": claim.value, claim.metric: claim.value})
        scripts["exit_zero"] = f"{nothing}\n"
        scripts["printed"] = printing.replace(_TEXT, json.dumps(text)) + "\n"
        scripts["stated"] = printing.replace(_TEXT, json.dumps(repr(claim.value))) + "\n"
    return {
        cheat: problem.seed.with_files({problem.entry: scripts[cheat.name]})
        for cheat in COMMAND_CHEATS
        if cheat.name in scripts
    }


def _kit() -> Mapping[str, str]:
    folder = files("evolve.problem") / "cheat_kit"
    texts = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".py")}
    return {f"{KIT}/{name}": text for name, text in texts.items()}
