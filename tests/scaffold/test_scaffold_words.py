"""Exchanging words of line-based text: only what was seen in the same place, remarks untouched, donors named."""

from __future__ import annotations

import random

from evolve.scaffold.literals import literals
from evolve.scaffold.operators import Change, Donor, Ground, constants, words

CODE = (
    "; add the 4 and go on\nloop    ADD.AB #4, $aim   ; a step\n        MOV.I  $bomb, @aim\n        JMP.B  $loop, $0\n"
)
OTHER = "        SPL.B  #77, <bomb\n"


def swapped(text: str, donor: str | None = None, tries: int = 300) -> list[Change]:
    ground = Ground(text, False, (Donor(7, donor),) if donor else ())
    made = [words.swap_words(ground, random.Random(f"words:{seed}")) for seed in range(tries)]
    return [change for change in made if change is not None]


def test_a_word_is_exchanged_for_one_in_the_same_place_of_another_line() -> None:
    lines = {line for change in swapped(CODE) for line in change.text.splitlines()}
    assert "        MOV.I  $4, @aim" in lines
    assert "        JMP.I  $loop, $0" in lines
    assert "        ADD.I  $bomb, @aim" in lines
    assert "        JMP.B  #loop, $0" in lines
    # A sign is no word, and what stands in one place alone stays there.
    assert not any("loop    ADD.AB bomb" in line or line.startswith("aim") for line in lines)


def test_layout_and_remarks_stay() -> None:
    for change in swapped(CODE):
        assert change.text.startswith("; add the 4 and go on\n")
        assert "; a step\n" in change.text
        assert change.text.count("\n") == CODE.count("\n")
        assert change.text.endswith("\n")


RULES = "* a first remark\n-- 1 more\n#3 fixes ticket 12\nx = a * b\ny = c - d -- e\nget http://here/one\nget http://there/two\n"


def test_signs_of_remarks_are_signs_behind_other_words() -> None:
    made = {change.text for change in swapped(RULES)}
    assert all(text.startswith("* a first remark\n-- 1 more\n#3 fixes ticket 12\n") for text in made)
    lines = {line for text in made for line in text.splitlines()}
    assert {"x = a - b", "x = a * e", "y = c - d -- b", "get http://here/two"} <= lines


def test_what_comes_from_another_elite_names_it() -> None:
    made = swapped(CODE, OTHER)
    borrowed = [change for change in made if "77" in change.text or "SPL" in change.text or "<" in change.text]
    assert len(borrowed) > 20
    assert all(change.donors == (7,) for change in borrowed)
    assert all(change.donors == () for change in made if change not in borrowed)


def test_only_marked_regions_change() -> None:
    text = f"JMP.X {{9, >9\n# EVOLVE-BLOCK-START\n{CODE}# EVOLVE-BLOCK-END\nDJN.F *8, <8\n"
    made = swapped(text, OTHER)
    assert made
    for change in made:
        assert change.text.startswith("JMP.X {9, >9\n# EVOLVE-BLOCK-START\n")
        assert change.text.endswith("# EVOLVE-BLOCK-END\nDJN.F *8, <8\n")


def test_a_text_of_one_word_is_left_alone() -> None:
    assert swapped("lonely\n") == []
    assert swapped("") == []


def test_an_exchange_is_a_function_of_its_seed() -> None:
    assert swapped(CODE, OTHER, 20) == swapped(CODE, OTHER, 20)


def test_a_number_after_a_hash_is_a_number_and_not_a_remark() -> None:
    assert [literal.value for literal in literals("ADD.AB #4, $-3\nx # 5 is a remark\n", False)] == [4, 3]


def test_a_number_after_a_hash_at_the_start_of_a_line_is_a_remarks() -> None:
    text = "#3 fixes ticket 12\n\t#-4 too 5\nADD.AB #6, $7\n"
    assert [literal.value for literal in literals(text, False)] == [6, 7]


def test_lines_that_are_remarks_have_no_numbers() -> None:
    text = "; bombs every 4\n  ;assert CORESIZE==800\n-- 1 more\nx = 2; y = 3\n--4\n"
    assert [literal.value for literal in literals(text, False)] == [2, 3, 4]


def test_a_text_without_a_decimal_point_is_given_none() -> None:
    ground = Ground("ADD.AB #40, $3\n", False)
    made = {change.text for seed in range(200) if (change := constants.perturb_constant(ground, random.Random(seed)))}
    assert len(made) > 20
    assert not any("." in text.removeprefix("ADD.AB") for text in made)


def test_whole_is_a_text_of_another_language_without_a_decimal_point() -> None:
    assert all(literal.whole for literal in literals("a 3\nb 4\n", False))
    assert not any(literal.whole for literal in literals("a 3\nb 4.5\n", False))
    assert not any(literal.whole for literal in literals("a = 3\n", True))
