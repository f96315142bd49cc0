"""Asks for one replacement in one file, with the digest in two lines."""

from __future__ import annotations

from collections.abc import Mapping

from evolve.domain import Completion, Status
from evolve.errors import EditError
from evolve.scaffold.base import MetaEdit, MetaView, Prediction, Prompt, Section

FILES = ("toy.py", "meta/improver.py")


class ToyImprover:
    """Fulfils `Improver`."""

    def meta_propose(self, view: MetaView) -> Prompt:
        """What to ask for a better scaffold."""
        proposals = sum(operator.proposals for operator in view.operators)
        improved = sum(operator.improved for operator in view.operators)
        tried = "\n".join(f"- {attempt.idea} ({attempt.outcome})" for attempt in view.attempts)
        sources = "\n".join(f"File {path}:\n{view.files[path]}" for path in FILES)
        text = (
            f"Improve this scaffold. Of {proposals} proposals {improved} were improvements.\n"
            f"Tried before:\n{tried}\nVariation {view.seed}.\n{sources}"
        )
        return Prompt("improve", view.models[0].name, (Section("question", text),), 0, (), step="meta")

    def meta_parse(self, prompt: Prompt, files: Mapping[str, str], answer: Completion) -> MetaEdit | Prompt:
        """The edit of an answer. Raises EditError."""
        head, _, rest = answer.text.partition("\n<<<<\n")
        idea, _, path = head.partition("\nFILE ")
        old, _, new = rest.removesuffix("\n>>>>").partition("\n====\n")
        if not old or files.get(path, "").count(old) != 1:
            raise EditError(Status.EDIT_NOT_APPLIED, "the text to replace is not there just once")
        return MetaEdit({path: files[path].replace(old, new)}, idea[:200], Prediction("area", "up"))


def create() -> ToyImprover:
    """The improver."""
    return ToyImprover()
