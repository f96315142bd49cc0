"""A minimal honest scaffold as a genome: it loads in milliseconds and shows a model the best program there is.

Hostile ones are this one with something overwritten, in a module of their own.
"""

from __future__ import annotations

from evolve.genome.genome import Genome

MANIFEST = """\
name = "{name}"
api = 1
entry = "{module}:create"
meta = "{module}:improver"
capabilities = [{capabilities}]

[limits]
seconds = {seconds}
memory = 134217728
"""

HONEST = '''\
"""Ask for a better version of the best program, and take the program in the answer."""
from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, MetaEdit, Prediction, Prompt, Section


class Honest:
    def __init__(self, task):
        self.task = task
        self.told = 0

    def propose(self, view):
        return self.question(view, "")

    def question(self, view, more):
        best = view.best
        if best is None or not view.models:
            raise EditError(Status.NO_EDIT, "there is nothing to improve")
        code = "\\n".join(best.files.values())
        ask = Section("task", f"{self.task.statement}\\nImprove:\\n```\\n{code}```\\n{more}")
        model = view.models[0]
        return Prompt("improve", model.name, (ask,), best.number, (best.number,), output=min(8_192, model.output))

    def parse(self, prompt, base, answer):
        code = answer.text.split("```")
        if len(code) < 3:
            raise EditError(Status.NO_EDIT, "the answer has no program")
        return Draft(prompt.operator, {path: code[1].lstrip() for path in base}, prompt.parents, idea=prompt.idea)

    def amend(self, prompt, base, answer, status, reason):
        return None

    def reflect(self, scored, history):
        return ""

    def observe(self, outcome):
        self.told += 1

    def pins(self):
        return frozenset()

    def snapshot(self):
        return {"told": self.told}


class Improver:
    def meta_propose(self, view):
        ask = Section("task", "Improve this scaffold:\\n" + "\\n".join(view.files.values()))
        return Prompt("meta", view.models[0].name, (ask,), 0, (), step="meta")

    def meta_parse(self, prompt, files, answer):
        return MetaEdit({"note.md": answer.text}, "a note", Prediction("area", "up"))


def create(task, settings):
    return Honest(task)


def improver():
    return Improver()
'''

_HOSTILE = """\
import evolve.scaffold.serve as serve
from evolve.domain import Status
from evolve.errors import EditError
from evolve.scaffold.base import Draft, MetaEdit, Prediction, Prompt, Section
from evolve.scaffold.honest import Honest, Improver
from dataclasses import replace
{imports}

class Hostile(Honest):
{methods}

class HostileImprover(Improver):
{improving}

def create(task, settings):
    return Hostile(task)


def improver():
    return HostileImprover()
"""


def honest() -> Genome:
    """The scaffold every hostile one is compared with."""
    return Genome.of({"scaffold.toml": _manifest("honest", "honest", 5.0), "honest.py": HONEST})


def hostile(
    methods: str = "    pass",
    *,
    imports: str = "",
    improving: str = "    pass",
    seconds: float = 5.0,
    drafts: bool = True,
    files: dict[str, str] | None = None,
) -> Genome:
    """The honest one with `methods` (indented by four) in place of its own, and further files."""
    text = _HOSTILE.format(imports=imports, methods=methods, improving=improving)
    own = {"scaffold.toml": _manifest("hostile", "hostile", seconds, drafts), "honest.py": HONEST, "hostile.py": text}
    return Genome.of({**own, **(files or {})})


def _manifest(name: str, module: str, seconds: float, drafts: bool = True) -> str:
    capabilities = '"models", "drafts"' if drafts else '"models"'
    return MANIFEST.format(name=name, module=module, capabilities=capabilities, seconds=seconds)
