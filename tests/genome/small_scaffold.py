"""A small scaffold whose methods tests can replace, and a way to run it in this process with the very same code."""

from __future__ import annotations

import itertools
import sys
import types
from pathlib import Path

from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.sandbox.base import Reply
from evolve.scaffold.base import EliteView, ModelView, SearchView, TaskView
from evolve.scaffold.serve import Server

SEED = "x = 1.0\n"
TASK = TaskView("tiny", "Make x larger.", "python", "main.py", ("main.py",), {"main.py": SEED})
MODEL = ModelView("standin", output=4_000)
ELITES = tuple(EliteView(n, {"main.py": f"x = {n}.0\n"}, float(n), None, 0, n, 0, "seed") for n in (5, 3, 2))
MANIFEST = 'name = "small"\napi = 1\nentry = "small:create"\nmeta = "small:improver"\n'
SMALL = """\
from dataclasses import replace

from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, MetaEdit, Prediction, Prompt, Section


class Small:
    def __init__(self, task, settings):
        self.seen = []

    def propose(self, view):
        if not view.models:
            number = view.elites[0].number
            return Draft("edit", {"main.py": f"x = {view.number}.5\\n"}, (number,), tag="t", idea="larger")
        text = f"seen {self.seen}, make {view.elites[0].files['main.py']} larger"
        return Prompt("mutate", view.models[0].name, (Section("task", text),), view.elites[0].number,
                      (view.elites[0].number,), output=500)

    def parse(self, prompt, base, answer):
        if answer.text == "again":
            return replace(prompt, sections=(*prompt.sections, Section("more", "Go on.")), turn=prompt.turn + 1)
        if answer.text == "nothing":
            raise EditError(Status.EMPTY, "no text")
        return Draft(prompt.operator, {"main.py": answer.text}, prompt.parents)

    def amend(self, prompt, base, answer, status, reason):
        return None

    def reflect(self, scored, history):
        return f"{scored.idea} gave {scored.score}"

    def observe(self, outcome):
        self.seen.append(outcome.number)

    def pins(self):
        return frozenset(self.seen[-1:])

    def snapshot(self):
        return {"seen": self.seen}

    def meta_propose(self, view):
        return Prompt("improve", view.models[0].name, (Section("task", "Better?"),), 0, (), step="meta", output=100)

    def meta_parse(self, prompt, files, answer):
        return MetaEdit({"small.py": answer.text}, "try it", Prediction("area", "up"))


create = Small


def improver():
    return Small(None, {})
"""


def genome(source: str = SMALL, manifest: str = MANIFEST) -> Genome:
    return Genome.of({"scaffold.toml": manifest, "small.py": source})


def changed(method: str, body: str) -> Genome:
    """The small scaffold with another body of one method (one that is not indented further than its own)."""
    lines = [f"        {line}" for line in body.splitlines()]
    return genome(
        SMALL.replace("\n\ncreate = Small", f"\n\n    def {method}:\n" + "\n".join(lines) + "\n\n\ncreate = Small")
    )


def view(number: int = 1, *, models: tuple[ModelView, ...] = (), **more: object) -> SearchView:
    return SearchView(number, f"s:{number}", 0, ELITES, best=ELITES[0], models=models, **more)  # type: ignore[arg-type]


class HereLines:
    """Fulfils `Lines` in this process: a test of what is said needs no process of its own."""

    _serial = itertools.count()

    def __init__(self, chosen: Genome, folder: Path) -> None:
        self._genome = chosen
        self._folder = folder

    def open(self) -> HereLine:
        """A package of its own for every conversation."""
        name = f"small_scaffold_{next(self._serial)}"
        (self._folder / "scaffold.toml").write_text(self._genome.files["scaffold.toml"])
        sys.modules[name] = types.ModuleType(name)
        module = sys.modules[f"{name}.small"] = types.ModuleType(f"{name}.small")
        return HereLine(name, self._folder, self._genome.files["small.py"], module)

    def close(self) -> None:
        """Modules go with the test run."""


class HereLine:
    def __init__(self, package: str, folder: Path, source: str, module: types.ModuleType) -> None:
        self._server = Server(package, folder)
        self._source, self._module = source, module
        self._loaded = False

    def say(self, text: str, seconds: float) -> Reply:
        try:
            if not self._loaded:
                exec(self._source, self._module.__dict__)
                self._loaded = True
            return Reply(Status.VALID, self._server.answer(text))
        except BaseException as error:
            return Reply(Status.CRASH, feedback=f"{type(error).__name__}: {error}")

    def close(self) -> None:
        pass
