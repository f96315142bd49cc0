"""Core War: what a text assembles to, what is refused with which sentence, and how battles become points."""

from __future__ import annotations

import random
import runpy
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import pytest
from stand_in import PROBLEMS, Rejected

from evolve.problem import load_attacks, load_problem

FOLDER = PROBLEMS / "core_war"
RULES = {"core": 800, "cycles": 8000, "processes": 800, "length": 20, "distance": 20, "battles": 4}
QUICK = {**RULES, "cycles": 500}


@pytest.fixture(scope="module", autouse=True)
def modules() -> Iterator[None]:
    """The problem's own modules, as `evaluate.py` beside them imports them."""
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def scorer(modules: None) -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "evaluate.py"))


class Text:
    """A candidate that is nothing but its text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def reject(self, text: str) -> NoReturn:
        raise Rejected(text)


def lines(text: str, core: int = 800, length: int = 20) -> list[str]:
    import redcode

    return [str(each) for each in redcode.assemble(text, core, length)[0]]


def refusal(text: str, length: int = 20) -> str:
    import redcode

    with pytest.raises(redcode.BadRedcode) as caught:
        redcode.assemble(text, 800, length)
    return str(caught.value)


def warrior(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("mov 0, 1", "MOV.I $0, $1"),
        ("MOV #1, 2", "MOV.AB #1, $2"),
        ("MOV 1, #2", "MOV.B $1, #2"),
        ("MOV #1, #2", "MOV.AB #1, #2"),
        ("add 1, @2", "ADD.F $1, @2"),
        ("sub #1, @2", "SUB.AB #1, @2"),
        ("mul 1, #2", "MUL.B $1, #2"),
        ("slt 1, 2", "SLT.B $1, $2"),
        ("slt #1, 2", "SLT.AB #1, $2"),
        ("cmp 1, 2", "SEQ.I $1, $2"),
        ("sne #1, 2", "SNE.AB #1, $2"),
        ("jmp 5", "JMP.B $5, $0"),
        ("djn -1, #9", "DJN.B $799, #9"),
        ("dat 5", "DAT.F #0, $5"),
        ("dat <1, }2", "DAT.F <1, }2"),
        ("nop 3", "NOP.F $3, $0"),
        ("spl.a *3, {4", "SPL.A *3, {4"),
        ("mov.x $ - 1 , > 2*3 ; a remark", "MOV.X $799, >6"),
        ("dat #2+3*4, #(2+3)*4", "DAT.F #14, #20"),
        ("dat #7/2, #-7/2", "DAT.F #3, #797"),
        ("dat #7%3, #-7%3", "DAT.F #1, #799"),
        ("dat #10-4-3, #100/10/5", "DAT.F #3, #2"),
        ("dat #--3, #-(2)", "DAT.F #3, #798"),
        ("dat #CORESIZE/3, #MAXLENGTH", "DAT.F #266, #20"),
        ("dat #801, #-801", "DAT.F #1, #799"),
        ("dat * 2, *CURLINE", "DAT.F *2, *0"),
    ],
)
def test_an_instruction_assembles_by_the_standard(source: str, wanted: str) -> None:
    assert lines(source) == [wanted]


def test_labels_count_from_the_instruction_that_names_them() -> None:
    source = "first: MOV last, first\nalone\nother JMP alone, other\nlast DAT #first, #0\n END other"
    assert lines(source) == ["MOV.I $2, $0", "JMP.B $0, $0", "DAT.F #798, #0"]
    import redcode

    assert redcode.assemble(source, 800, 20)[1] == 1
    assert redcode.assemble("ORG 1\n" + source.replace("END other", "END"), 800, 20)[1] == 1


def test_an_equ_stands_for_its_text() -> None:
    """`2*sum` is 2*1+2 and not 2*(1+2), as the standard's substitution has it."""
    assert lines("sum EQU 1+2\ntwice EQU 2*sum\nDAT #twice, #(sum)*2") == ["DAT.F #4, #6"]


def test_an_equ_of_a_label_counts_from_where_it_is_used() -> None:
    assert lines("goal EQU last\nJMP goal\nJMP goal\nlast DAT 0") == ["JMP.B $2, $0", "JMP.B $1, $0", "DAT.F #0, $0"]


def test_for_writes_its_lines_out_with_the_index() -> None:
    source = "n EQU 2\ni FOR n\nj FOR i\nw&i&j DAT #i, #j\nROF\nROF\nJMP w0201"
    assert lines(source) == ["DAT.F #1, #1", "DAT.F #2, #1", "DAT.F #2, #2", "JMP.B $798, $0"]
    assert lines("FOR 0\nnothing at all\nROF\nNOP 0") == ["NOP.F $0, $0"]


def test_nothing_after_end_is_read() -> None:
    assert lines("NOP 0\nFOR 3\nNOP 0\nEND\nROF\n%%%") == ["NOP.F $0, $0", "NOP.F $0, $0"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "the warrior has no instruction"),
        ("; only words", "the warrior has no instruction"),
        ("MOV 0 1, 2", "line 1: '1' is one too many in '0 1'"),
        ("MOV 0, 1, 2", "line 1: MOV takes two operands, separated by a comma; here are 3"),
        ("ADD 1", "line 1: ADD takes two operands, separated by a comma; here are 1"),
        ("JMP", "line 1: JMP takes one or two operands, separated by a comma; here are 0"),
        ("MOV.Q 0, 1", "line 1: .Q is no modifier"),
        ("LDP 0, 1", "line 1: there is no opcode in 'LDP 0, 1'"),
        ("MOV 0, gone", "line 1: nothing is called 'gone'"),
        ("MOV 0, ", "line 1: a number is missing"),
        ("a NOP\na NOP", "line 2: the name 'a' is defined twice"),
        ("CORESIZE EQU 5\nNOP", "line 1: the name 'CORESIZE' is defined twice"),
        ("DAT #1/0, #0", "line 1: a division by zero in '1/0'"),
        ("DAT #99999999999, #0", "line 1: a number beyond 2147483647"),
        ("DAT #99999*99999, #0", "line 1: a number beyond 2147483647"),
        ("DAT #(1, #0", "line 1: a parenthesis is never closed"),
        ("DAT #1)+1, #0", "line 1: ')' is one too many"),
        ("DAT #1+*2, #0", "line 1: a number is missing before '*'"),
        ("DAT #1+, #0", "line 1: a number is missing at the end"),
        ("DAT #0x10, #0", "line 1: nothing is called 'x10'"),
        ("DAT #1e3, #0", "line 1: "),
        ("DAT #__import__, #0", "line 1: nothing is called '__import__'"),
        ("DAT #a.b, #0", "line 1: '.b' is no part of an expression"),
        ("FOR 2\nNOP", "line 1: FOR without a ROF"),
        ("NOP\nROF", "line 2: ROF without a FOR"),
        ("EQU 5\nNOP", "line 1: EQU needs a name before it"),
        ("NOP 0\nEND 5", "execution starts at 5, outside the warrior's 1 instructions"),
        ("NOP\n" * 21, "line 21: more than 20 instructions"),
        ("NOP\x00", "line 1: the character U+0000 may not be in a source"),
        ("NOP ; \u202e", "line 1: the character U+202E may not be in a source"),
        ("NOP\x0bNOP", "line 1: the character U+000B may not be in a source"),
    ],
)
def test_what_is_no_warrior_is_refused_with_its_line(source: str, told: str) -> None:
    assert told in refusal(source)


@pytest.mark.parametrize(
    "source",
    [
        "NOP " + "(" * 1_000_000,
        "; " + "x" * 1_000_000 + "\nNOP",
        "i FOR 1000000000\nj FOR 1000000000\nROF\nROF\nNOP",
        "FOR 1999\nFOR 1999\nFOR 1999\nROF\nROF\nROF\nNOP",
        "FOR 1\n" * 1500 + "ROF\n" * 1500,
        "FOR 5\n" * 9 + "NOP\n" + "ROF\n" * 9,
        "\n".join(f"e{n + 1} EQU " + "+".join([f"e{n}"] * 40) for n in range(9)) + "\ne0 EQU 1\nDAT #e9, #0",
        "e EQU e\nJMP e",
        "DAT #" + "(" * 100 + "1" + ")" * 100 + ", #0",
        "DAT #" + "-" * 200 + "1, #0",
        "\n".join(" ".join(f"l{n}_{m}" for m in range(30)) for n in range(200)),
        "i FOR 1900\n" + ("x" * 248) + "\nROF",
        "z EQU\n" + "\n".join(f"{b} EQU " + f"{a} " * 100 for a, b in pairwise("zabcdefg")) + "\nDAT #g 1, #0",
        "z EQU\n" + "i FOR 9\nj FOR 99\nFOR " + "z " * 110 + "0\nROF\nROF\nROF\nNOP",
        "i FOR 1500\nNOP 0\nEND\n" + "a\n" * 19_000 + "ROF\nNOP",
        "i FOR 900\nFOR 0\n" + "a\n" * 1_900 + "ROF\nROF\nNOP",
        "i FOR 900\nFOR 0\n" + "a\n" * 19_000 + "ROF\nROF\nNOP",
    ],
)
def test_a_source_that_wants_to_grow_is_refused_at_once(source: str) -> None:
    started = time.process_time()
    assert len(refusal(source)) < 200
    assert time.process_time() - started < 0.5


def test_what_takes_the_most_work_and_is_accepted_is_assembled_at_once() -> None:
    long = "+".join(["1"] * 65)
    source = f"z EQU {long}\ny EQU 65+65+65\nFOR 600\nFOR z+z+z-(y)\nROF\nROF\nNOP 0"
    started = time.process_time()
    assert lines(source) == ["NOP.F $0, $0"]
    assert time.process_time() - started < 2


def test_random_texts_are_warriors_or_refused_with_a_sentence() -> None:
    """Our own warriors with lines and characters swapped: never another exception, and numbers within the core."""
    import redcode

    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*/*.red"))]
    alphabet = "".join(sorted(set("".join(texts)))).replace("\x00", "")
    draw, good = random.Random("core_war:fuzz"), 0
    for _ in range(400):
        rows = draw.choice(texts).splitlines()
        rows[draw.randrange(len(rows))] = draw.choice(draw.choice(texts).splitlines())
        text = list("\n".join(rows))
        for _ in range(draw.randrange(4)):
            text[draw.randrange(len(text))] = draw.choice(alphabet)
        try:
            made, entry = redcode.assemble("".join(text), 800, 20)
        except redcode.BadRedcode:
            continue
        good += 1
        assert 0 <= entry < len(made) <= 20
        assert all(0 <= each.a < 800 and 0 <= each.b < 800 for each in made)
    assert 20 < good < 380


def test_the_folder_loads_and_its_attacks_are_refused_for_what_they_do() -> None:
    problem = load_problem(FOLDER)
    assert problem.spec.parameters == RULES
    assert "{{" not in problem.statement
    told = {attack.name: refusal(attack.program.as_dict()["warrior.red"]) for attack in load_attacks(problem)}
    assert "a division by zero" in told["division_by_zero"]
    assert "more than 20 instructions" in told["for_millions"]
    assert "2000 lines" in told["for_nothing"]
    assert "5000 EQUs" in told["empty_equ"]
    assert "within each other" in told["deep_parentheses"]
    assert "U+200B" in told["hidden_characters"]
    assert "is no part of an expression" in told["assert_with_code"]
    assert "no instruction" in told["claimed_points"]


def test_held_out_warriors_are_others_and_their_places_fixed(scorer: dict[str, Any]) -> None:
    search, holdout = (scorer["cases"](split, 5, [], RULES) for split in ("search", "holdout"))
    assert len(search) == len(holdout) == 8
    assert not {case["warrior"] for case in search} & {case["warrior"] for case in holdout}
    again = scorer["cases"]("search", 6, [], RULES)
    assert [case["places"] for case in again] != [case["places"] for case in search]
    assert scorer["cases"]("holdout", 6, [], RULES) == holdout
    for case in search + holdout:
        assert all(20 <= place <= 780 for place in case["places"])


def test_champions_are_the_only_opponents_of_a_later_round(scorer: dict[str, Any]) -> None:
    champions = [
        {"round": number, "candidate": 7, "files": {"warrior.red": warrior(f"warriors/{name}.red")}}
        for number, name in ((1, "imp"), (2, "stone"))
    ]
    search = scorer["cases"]("search", 5, champions, RULES)
    assert [case["opponent"] for case in search] == ["champion_1_7", "champion_2_7"]
    assert scorer["cases"]("holdout", 5, champions, RULES) == scorer["cases"]("holdout", 5, [], RULES)


@pytest.mark.parametrize(
    ("own", "opponent", "points", "told"),
    [
        ("JMP 0", "DAT 0", 100.0, "4 won, 0 tied, 0 lost of 4 battles"),
        ("JMP 0", "JMP 0", 100.0 / 3, "0 won, 4 tied, 0 lost of 4 battles"),
        ("DAT 0", "JMP 0", 0.0, "0 won, 0 tied, 4 lost of 4 battles"),
        # Two that die at once: the one that begins dies first, and they begin in turn.
        ("DAT 0", "DAT 0", 50.0, "2 won, 0 tied, 2 lost of 4 battles"),
    ],
)
def test_points_are_the_hills(scorer: dict[str, Any], own: str, opponent: str, points: float, told: str) -> None:
    champions = [{"round": 1, "candidate": 1, "files": {"warrior.red": opponent}}]
    (case,) = scorer["cases"]("search", 5, champions, QUICK)
    found = scorer["evaluate"](Text(own), case)
    assert found["points"] == pytest.approx(points)
    assert found["feedback"] == f"against champion_1_1: {told}"


def test_measures_tell_what_a_warrior_did(scorer: dict[str, Any]) -> None:
    champions = [{"round": 1, "candidate": 1, "files": {"warrior.red": "JMP 0"}}]
    (case,) = scorer["cases"]("search", 5, champions, QUICK)
    still = scorer["evaluate"](Text("JMP 0"), case)
    assert (still["coverage"], still["processes"]) == (100.0 / 800, 0.0)
    split = scorer["evaluate"](Text("SPL #0\nJMP -1"), case)
    assert split["coverage"] == 2 * 100.0 / 800
    assert 2.0 < split["processes"] < 2.7  # some of the 500 instructions, 10 to that power


def test_a_warrior_that_does_not_assemble_is_rejected_with_the_line(scorer: dict[str, Any]) -> None:
    case = scorer["cases"]("search", 5, [], QUICK)[0]
    with pytest.raises(Rejected, match="line 2: nothing is called 'nowhere'"):
        scorer["evaluate"](Text("; a try\nJMP nowhere"), case)


def test_a_held_out_folder_with_a_bad_warrior_is_named(scorer: dict[str, Any]) -> None:
    champions = [{"round": 3, "candidate": 9, "files": {"warrior.red": "NOP\n" * 21}}]
    with pytest.raises(ValueError, match="champion_3_9 is no warrior for a core of 800: line 21"):
        scorer["cases"]("search", 5, champions, RULES)


def test_a_core_without_room_for_two_is_refused(scorer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="core = 40 has no room"):
        scorer["cases"]("search", 5, [], {**RULES, "core": 40})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.red")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_warrior_assembles_for_the_large_core_too(path: Path) -> None:
    if path.parent.name == "attacks":
        return
    text = path.read_text(encoding="utf-8")
    assert lines(text, 8000, 100)
    assert len(lines(text, 800, 20)) <= 20


def test_a_folder_without_warriors_is_refused(tmp_path: Path) -> None:
    """`--holdout` takes any folder; one with other files would leave no held-out case, unnoticed."""
    for name in ("evaluate.py", "mars.py", "redcode.py", "expression.py"):
        (tmp_path / name).write_text(warrior(name), encoding="utf-8")
    (tmp_path / "holdout").mkdir()
    (tmp_path / "holdout" / "imp.txt").write_text("MOV 0, 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"holdout/ has no file \*.red"):
        runpy.run_path(str(tmp_path / "evaluate.py"))["cases"]("holdout", 5, [], RULES)
