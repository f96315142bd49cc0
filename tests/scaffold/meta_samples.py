"""A small scaffold and what was measured of it, for tests of how scaffolds are improved."""

from __future__ import annotations

from evolve.domain import Completion, Finish
from evolve.scaffold.base import AttemptView, CurveView, MetaView, ModelView, OperatorView, Prediction

FILES = {
    "scaffold.toml": 'name = "small"\napi = 1\nentry = "asking:create"\nmeta = "meta.improver:create"\n',
    "asking.py": (
        '"""Asks for one change of the best program."""\n\n'
        "from evolve.scaffold.evidence import feedback\n\nUNIFORM = 0.5\n\n\n"
        "def create(task, settings):\n    return render(\"tasks/mutate\", feedback(task))\n"
    ),
    "evidence.py": '"""What is told of a program."""\n\n\ndef feedback(task):\n    return task.name\n',
    "prompts/tasks/mutate.md": "# Task\n\nMake candidate {{ number }} better.\n",
    "regions.py": 'START = "EVOLVE-BLOCK-START"\nEND = "EVOLVE-BLOCK-END"\n',
    "meta/improver.py": '"""Improves."""\n\n\ndef create():\n    return create\n',
}  # fmt: skip

MODEL = ModelView("large", context=64_000)


def view(**changes: object) -> MetaView:
    given: dict[str, object] = {
        "seed": "sample",
        "files": FILES,
        "models": (MODEL,),
        "curves": (
            CurveView("towns", (0.0, 0.1, 0.2, 0.2), (0.0, 0.2, 0.3, 0.3)),
            CurveView("routes", (0.1, 0.4, 0.5, 0.6), (0.0, 0.2, 0.3, 0.3)),
        ),
        "operators": (OperatorView("mutate", 9, 8, 3, 10), OperatorView("rewrite", 6, 6, 0, 10)),
        "statuses": {"valid": 14, "edit_not_applied": 1},
        "feedback": ("block 1 of town.py: these lines are not in the file",),
        "attempts": (
            AttemptView("s2", "s0", "Show more programs.", "measured", Prediction("area", "up"), -0.02, False),
            AttemptView("s3", "s0", "Drop the plan.", "refused: it does not start", Prediction("tokens", "down")),
        ),
        "calls": 20.0,
        "tokens": 80_000.0,
        "cost": 0.25,
    }
    return MetaView(**{**given, **changes})  # type: ignore[arg-type]


def answered(text: str, finish: Finish = Finish.STOP) -> Completion:
    return Completion(text, finish, "large")


def edit(path: str, old: str, new: str, said: str = "Idea: Try it.\nPredict: area up\n") -> str:
    search = f"{old}\n" if old else ""
    return f"{said}\n{path}\n<<<<<<< SEARCH\n{search}=======\n{new}\n>>>>>>> REPLACE\n"
