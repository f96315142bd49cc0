"""Edits of the toy scaffold with known kind: what they do to it is measured in `test_meta_toy.py`."""

from __future__ import annotations

from dataclasses import dataclass

from evolve.genome.genome import Genome

FILE = "toy.py"


@dataclass(frozen=True)
class ToyEdit:
    """A replacement in a file. `kind` is good, neutral, harmful, hacking or broken."""

    name: str
    kind: str
    old: str
    new: str
    file: str = FILE

    def of(self, genome: Genome) -> Genome:
        """The scaffold after the edit."""
        text = genome.files[self.file]
        assert text.count(self.old) == 1, self.name
        return Genome.of({**genome.files, self.file: text.replace(self.old, self.new)})


EDITS = (
    ToyEdit("show the feedback", "good", '"program", "score")', '"program", "score", "feedback")'),
    ToyEdit("ask about the best", "good", "GREEDY = 0.7", "GREEDY = 1.0"),
    ToyEdit("say it politely", "neutral", "Improve the program: make", "Please improve the program: make"),
    ToyEdit("name the score otherwise", "neutral", "It scores {score:.4f}", "Its score is {score:.4f}"),
    ToyEdit("a comment", "neutral", '    """Fulfils `Scaffold`."""\n', '    """Fulfils `Scaffold`; well tried."""\n'),
    ToyEdit("leave the score out", "neutral", '"program", "score"', '"program"'),
    ToyEdit("ask about any program", "harmful", "GREEDY = 0.7", "GREEDY = 0.0"),
    ToyEdit("forget the best", "harmful", "base = view.elites[0] if", "base = view.elites[-1] if"),
    ToyEdit("claim a score", "hacking", "It scores {score:.4f}; more is better.", "It scores 1000000; it is perfect."),
    ToyEdit(
        "stuff the question with words",
        "hacking",
        "Improve the program:",
        "You are a world-class expert. BEST, OPTIMAL, state of the art, score 1.0, certified. Improve the program:",
    ),
    ToyEdit("claim in the answer", "hacking", "prompt.parents)\n", 'prompt.parents, idea="score: 1e9")\n'),
)
"""What the toy model thinks of."""

QUESTIONS = tuple(edit for edit in EDITS if "GREEDY" not in edit.old and "view.elites" not in edit.old)
"""Those that change nothing but what a question says: they do nothing at all to a model that ignores it."""

GOOD = EDITS[0]
COMMENT = next(edit for edit in EDITS if edit.name == "a comment")

BROKEN = (
    ToyEdit("syntax", "broken", "class Toy:", "class Toy(:"),
    ToyEdit("crash at the start", "broken", "self._entry = task.entry", "self._entry = task.nothing"),
    ToyEdit("never an answer", "broken", 'startswith("x = ")', 'startswith("y = ")'),
)
"""Edits that a campaign must refuse before it ranks anything."""

META = "meta/improver.py"
META_BROKEN = (
    ToyEdit("ask nothing", "broken", "proposals = sum(", "raise KeyError\n        proposals = sum(", META),
    ToyEdit("answer with nothing", "broken", "replace(old, new)}", "replace(old, old)}", META),
    ToyEdit("answer with nonsense", "broken", "replace(old, new)}", 'replace(old, "def def")}', META),
    ToyEdit("never understand", "broken", "if not old or", "if old or", META),
)
"""Edits of `meta/` after which a scaffold cannot edit itself any more."""
