"""What becomes of an edit before anything of it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evolve.domain import Status
from evolve.genome.genome import Genome
from evolve.meta import making
from evolve.meta.bench import Edited
from evolve.scaffold.base import MetaEdit, Prediction
from tests.meta.toy.bench import toy_zero

EDIT = Edited(MetaEdit({"notes.md": "A note.\n"}, "A note.", Prediction("area", "up")), Status.VALID)


def fails(child: Genome, parent: Genome | None) -> Sequence[str]:
    raise ValueError(f"cannot read {len(child.files)} files")


def test_a_text_that_no_check_survives_is_refused_and_ends_no_campaign() -> None:
    entry, child = making.judged(1, 0, toy_zero(), EDIT, known=(), problems=(), static=fails)
    assert child is None
    assert entry.status is Status.WRONG
    assert entry.reason.startswith("its files cannot be checked: ValueError: cannot read ")
    tested = making.tested(1, toy_zero(), EDIT, fails)
    assert tested.status is Status.WRONG
    assert "its files cannot be checked: ValueError" in tested.reason


def test_half_a_character_in_what_an_editor_says_does_not_reach_the_log() -> None:
    said = replace(EDIT, edit=MetaEdit({"notes.md": "A note.\n"}, "half \ud800\0", Prediction("area", "up")))
    entry, _ = making.judged(
        1, 0, toy_zero(), said, known=(), problems=(), static=lambda child, parent: ["half \udfff"]
    )
    assert entry.idea == "half ?\ufffd"
    assert entry.reason == "half ?"
