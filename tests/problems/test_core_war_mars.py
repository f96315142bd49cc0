"""The Core War machine against the standard: a rule a row, and whole battles of random code against a slow reading."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from core_war_reference import Reference
from stand_in import PROBLEMS

SIZE = 100


@pytest.fixture(scope="module", autouse=True)
def modules() -> Iterator[None]:
    """The problem's own modules, as `evaluate.py` beside them imports them."""
    sys.path.insert(0, str(PROBLEMS / "core_war"))
    yield
    sys.path.remove(str(PROBLEMS / "core_war"))


@pytest.fixture(scope="module")
def machine(modules: None) -> Any:
    import mars

    return mars.Machine(SIZE)


def instruction(text: str) -> Any:
    """`MOV.I $0, <1` as a record."""
    import mars

    name, first, second = text.replace(",", "").split()
    opcode, modifier = name.split(".")
    return mars.Instruction(opcode, modifier, first[0], int(first[1:]), second[0], int(second[1:]))


def after(machine: Any, code: str, cycles: int = 1, limit: int = 8, place: int = 0) -> tuple[Any, dict[int, str]]:
    """How a lone program (from cell `place` on) ends against an opponent that only jumps, and the cells it has."""
    import mars

    program = tuple(instruction(line) for line in code.split(";"))
    idle = (instruction("JMP.B $0, $0"),)
    outcome = machine.fight(mars.Side(program, 0, place), mars.Side(idle, 0, 50), cycles, limit)
    return outcome, {address: str(machine.cell(address)) for address in range(SIZE)}


# rule | program from cell 0 on, executed from there | cycles | {cell: what it must hold} or, for "dies", None
RULES = [
    ("MOV.A copies A to A alone", "MOV.A $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @3, @6"}),
    ("MOV.B copies B to B alone", "MOV.B $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @5, @4"}),
    ("MOV.AB copies A to B", "MOV.AB $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @5, @3"}),
    ("MOV.BA copies B to A", "MOV.BA $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @4, @6"}),
    ("MOV.F copies both fields and no more", "MOV.F $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @3, @4"}),
    ("MOV.X crosses the fields", "MOV.X $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "NOP.X @4, @3"}),
    ("MOV.I copies the whole instruction", "MOV.I $1, $2;DAT.F #3, #4;NOP.X @5, @6", 1, {2: "DAT.F #3, #4"}),
    ("# points to the instruction itself", "MOV.I #7, $2", 1, {2: "MOV.I #7, $2"}),
    ("a number read through # is the own field", "MOV.AB #7, $2;DAT.F #0, #0;DAT.F #1, #1", 1, {2: "DAT.F #1, #7"}),
    ("a B-operand with # is written to the instruction itself", "ADD.AB #3, #4", 1, {0: "ADD.AB #3, #7"}),
    ("* goes by the A-number", "MOV.I *1, $9;DAT.F $2, $3;DAT.F #9, #9;DAT.F #8, #8", 1, {9: "DAT.F #8, #8"}),
    ("@ goes by the B-number", "MOV.I @1, $9;DAT.F $2, $1;DAT.F #9, #9;DAT.F #8, #8", 1, {9: "DAT.F #9, #9"}),
    ("{ counts the A-number down before use", "MOV.I {1, $9;DAT.F $2, $5;DAT.F #9, #9", 1,
     {1: "DAT.F $1, $5", 9: "DAT.F #9, #9"}),
    ("< counts the B-number down before use", "MOV.I <1, $9;DAT.F $5, $2;DAT.F #9, #9", 1,
     {1: "DAT.F $5, $1", 9: "DAT.F #9, #9"}),
    ("} counts the A-number up after use", "MOV.I }1, $9;DAT.F $1, $5;DAT.F #9, #9", 1,
     {1: "DAT.F $2, $5", 9: "DAT.F #9, #9"}),
    ("> counts the B-number up after use", "MOV.I >1, $9;DAT.F $5, $1;DAT.F #9, #9", 1,
     {1: "DAT.F $5, $2", 9: "DAT.F #9, #9"}),
    ("counting down wraps at zero", "NOP.B <1, $0;DAT.F #0, #0", 1, {1: "DAT.F #0, #99"}),
    ("counting up wraps at the core size", "NOP.B >1, $0;DAT.F #0, #-1", 1, {1: "DAT.F #0, #0"}),
    ("the A-register is taken before } counts up", "MOV.I }1, $9;DAT.F $0, #0", 1, {9: "DAT.F $0, #0",
     1: "DAT.F $1, #0"}),
    ("the A-register is taken after { counted down", "MOV.A {1, $2;DAT.F $1, #0;DAT.F #7, #7", 1,
     {1: "DAT.F $0, #0", 2: "DAT.F #0, #7"}),
    ("the B-operand sees what the A-operand changed", "MOV.AB >1, @1;DAT.F #0, #1;DAT.F #4, #0", 1,
     {1: "DAT.F #0, #2", 3: "DAT.F $0, $4"}),
    ("the A-register does not see what the B-operand changes", "MOV.B $1, >1;DAT.F #0, #1", 1,
     {1: "DAT.F #0, #2", 2: "DAT.F $0, $1"}),
    ("an instruction keeps its own B-number though its A-operand changes it", "MOV.I <0, $9", 1, {0: "MOV.I <0, $8",
     9: "DAT.F $0, $0", 8: "DAT.F $0, $0"}),
    ("a # B-register is the cell as the A-operand left it", "ADD.B <0, #9;DAT.F #0, #0", 1, {0: "ADD.B <0, #8"}),
    ("a result uses the B-register, taken before > counted up", "ADD.AB #5, >0", 1, {0: "ADD.AB #5, >5"}),
    ("ADD.F adds both fields", "ADD.F $1, $2;DAT.F #3, #4;DAT.F #5, #6", 1, {2: "DAT.F #8, #10"}),
    ("ADD.X adds across", "ADD.X $1, $2;DAT.F #3, #4;DAT.F #5, #60", 1, {2: "DAT.F #9, #63"}),
    ("ADD.I is ADD.F", "ADD.I $1, $2;DAT.F #3, #4;NOP.X #5, #6", 1, {2: "NOP.X #8, #10"}),
    ("ADD wraps at the core size", "ADD.AB #60, #70", 1, {0: "ADD.AB #60, #30"}),
    ("SUB takes the A-value from the B-value", "SUB.AB #60, #70", 1, {0: "SUB.AB #60, #10"}),
    ("SUB wraps below zero", "SUB.AB #70, #60", 1, {0: "SUB.AB #70, #90"}),
    ("MUL wraps at the core size", "MUL.AB #11, #11", 1, {0: "MUL.AB #11, #21"}),
    ("MUL.BA multiplies B into A", "MUL.BA $1, $2;DAT.F #3, #4;DAT.F #5, #6", 1, {2: "DAT.F #20, #6"}),
    ("DIV divides the B-value by the A-value and rounds down", "DIV.AB #4, #11", 1, {0: "DIV.AB #4, #2"}),
    ("MOD is what is left of it", "MOD.AB #4, #11", 1, {0: "MOD.AB #4, #3"}),
    ("DIV by zero kills the process and changes nothing", "DIV.AB #0, #11", 1, {0: "DIV.AB #0, #11", "dies": True}),
    ("DIV.F by one zero divides the other field, then kills", "DIV.F $1, $2;DAT.F #0, #4;DAT.F #9, #9", 1,
     {2: "DAT.F #9, #2", "dies": True}),
    ("DIV.X by one zero divides the other field, then kills", "DIV.X $1, $2;DAT.F #0, #4;DAT.F #9, #9", 1,
     {2: "DAT.F #2, #9", "dies": True}),
    ("MOD.F by one zero takes the other field's rest, then kills", "MOD.F $1, $2;DAT.F #4, #0;DAT.F #9, #9", 1,
     {2: "DAT.F #1, #9", "dies": True}),
    ("DAT kills the process after its operands were evaluated", "DAT.F <1, >1;DAT.F #0, #3", 1,
     {1: "DAT.F #0, #3", "dies": True}),
    ("JMP evaluates its B-operand", "JMP.B $5, <1;DAT.F #0, #3", 1, {1: "DAT.F #0, #2"}),
    ("JMP @ goes by the B-number", "JMP.B @1, $0;DAT.F #0, #3;DAT.F #0, #0;NOP.B $0, $0;MOV.I #1, $1", 3,
     {5: "MOV.I #1, $1"}),
    ("JMZ.B jumps on a zero B", "JMZ.B $3, $1;DAT.F #1, #0;DAT.F #0, #0;NOP.B $0, $0;MOV.I #1, $1", 3,
     {5: "MOV.I #1, $1"}),
    ("JMZ.F does not jump when one field is not zero", "JMZ.F $9, $1;MOV.I $0, $1;DAT.F #0, #0", 2,
     {2: "MOV.I $0, $1"}),
    ("JMZ.F jumps when both fields are zero", "JMZ.F $3, $2;DAT.F #0, #0;DAT.F #0, #0;MOV.I #1, $1", 2,
     {4: "MOV.I #1, $1"}),
    ("JMN.F jumps when either field is not zero", "JMN.F $2, $1;DAT.F #0, #7;MOV.I #1, $1", 2, {3: "MOV.I #1, $1"}),
    ("JMN.F does not jump when both are zero", "JMN.F $9, $2;MOV.I #1, $2;DAT.F #0, #0", 2, {3: "MOV.I #1, $2"}),
    ("JMN.A looks at A alone", "JMN.A $9, $2;MOV.I #1, $2;DAT.F #0, #7", 2, {3: "MOV.I #1, $2"}),
    ("DJN.B counts down and jumps while B is not zero", "DJN.B $2, $1;DAT.F #9, #2;MOV.I #1, $1", 2,
     {1: "DAT.F #9, #1", 3: "MOV.I #1, $1"}),
    ("DJN.B falls through at zero", "DJN.B $5, #1;MOV.I #1, $1", 2, {0: "DJN.B $5, #0", 2: "MOV.I #1, $1"}),
    ("DJN.B on zero wraps and jumps", "DJN.B $2, $1;DAT.F #9, #0;MOV.I #1, $1", 2,
     {1: "DAT.F #9, #99", 3: "MOV.I #1, $1"}),
    ("DJN.F counts both and jumps while either is not zero", "DJN.F $2, $1;DAT.F #1, #2;MOV.I #1, $1", 2,
     {1: "DAT.F #0, #1", 3: "MOV.I #1, $1"}),
    ("DJN.F falls through when both are zero", "DJN.F $9, $2;MOV.I #1, $2;DAT.F #1, #1", 2,
     {2: "DAT.F #0, #0", 3: "MOV.I #1, $2"}),
    ("DJN counts the cell down after > counted it up, and tests the copy before",
     "DJN.B $2, >0;DAT.F #0, #0;MOV.I #1, $1", 2, {0: "DJN.B $2, >0", 3: "MOV.I #1, $1"}),
    ("SEQ.I wants modes and modifiers equal", "SEQ.I $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F $1, #1;DAT.F $1, $1", 2,
     {8: "MOV.I #1, $7"}),
    ("SEQ.I skips on equal instructions", "SEQ.I $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F $1, $1;DAT.F $1, $1", 2,
     {8: "DAT.F $0, $0"}),
    ("SEQ.X compares across", "SEQ.X $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #1, #2;NOP.B $2, $1", 2,
     {8: "DAT.F $0, $0"}),
    ("SNE.F skips when one field differs", "SNE.F $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #1, #2;DAT.F #1, #3", 2,
     {8: "DAT.F $0, $0"}),
    ("SNE.I does not skip on equal instructions", "SNE.I $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #1, #2;DAT.F #1, #2",
     2, {8: "MOV.I #1, $7"}),
    ("SLT.AB skips when the A-value is less", "SLT.AB #3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #0, #0;DAT.F #0, #4", 2,
     {8: "DAT.F $0, $0"}),
    ("SLT.F wants both less", "SLT.F $3, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #1, #4;DAT.F #2, #4", 2,
     {8: "MOV.I #1, $7"}),
    ("SLT knows no negative numbers", "SLT.AB #-1, $4;MOV.I #1, $7;NOP.B $0, $0;DAT.F #0, #0;DAT.F #0, #4", 2,
     {8: "MOV.I #1, $7"}),
    ("SPL lets the old process go first", "SPL.B $2, $0;MOV.I #1, $4;MOV.I #2, $3", 2, {5: "MOV.I #1, $4"}),
    ("SPL's new process has the turn after it", "SPL.B $2, $0;MOV.I #1, $4;MOV.I #2, $3", 3, {5: "MOV.I #2, $3"}),
    ("NOP evaluates its operands", "NOP.B <1, >1;DAT.F #0, #3", 1, {1: "DAT.F #0, #3"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code", "cycles", "cells"), RULES, ids=[rule[0] for rule in RULES])
def test_a_rule_of_the_standard(machine: Any, rule: str, code: str, cycles: int, cells: dict[Any, Any]) -> None:
    outcome, core = after(machine, code, cycles)
    wanted = dict(cells)
    assert (outcome.winner == 1) is bool(wanted.pop("dies", False)), rule
    assert {address: core[address] for address in wanted} == wanted


@pytest.mark.parametrize("place", range(SIZE - 4, SIZE))
@pytest.mark.parametrize("way", ["SNE.AB #0, #1", "JMP.B $2, $0", "JMP.B $-98, $0", "DJN.B $2, #7", "SPL.B $2, $0"])
def test_every_way_on_leads_round_the_end_of_the_core(machine: Any, way: str, place: int) -> None:
    outcome, core = after(machine, f"{way};NOP.B $0, $0;MOV.I #1, $1", 3, place=place)
    assert outcome.winner is None
    assert core[(place + 3) % SIZE] == "MOV.I #1, $1"


def test_a_full_queue_takes_no_new_process(machine: Any) -> None:
    """At the limit SPL goes on as if it were a NOP."""
    outcome, _ = after(machine, "SPL.B #0, $0;JMP.B $-1, $0", cycles=60, limit=5)
    assert outcome.winner is None
    assert outcome.spawned == (4, 0)


def test_a_warrior_lives_while_one_process_does(machine: Any) -> None:
    outcome, _ = after(machine, "SPL.B $2, $0;DAT.F $0, $0;JMP.B $0, $0", cycles=50)
    assert outcome.winner is None
    outcome, _ = after(machine, "SPL.B $2, $0;DAT.F $0, $0;DAT.F $0, $0", cycles=50)
    assert (outcome.winner, outcome.executed) == (1, 2 * 2 + 1)  # it dies in its third turn, before the other's


def test_cells_are_counted_that_were_executed_or_changed(machine: Any) -> None:
    outcome, _ = after(machine, "MOV.I $3, $4;ADD.AB #1, >9;DAT.F $0, $0", cycles=3)
    # executed 0, 1 and 2; changed 4, the pointer in 10 and what it points to, which is itself
    assert outcome.touched == (5, 1)


def soup(draw: random.Random, cells: int) -> list[Any]:
    """Instructions of every kind; DATs and far jumps are rarer so that it lives for a while."""
    import mars

    def number() -> int:
        return draw.choice((draw.randrange(-3, 4), draw.randrange(SIZE)))

    names = [name for name in mars.OPCODES if name != "DAT" or draw.random() < 0.1]
    return [
        mars.Instruction(
            draw.choice(names), draw.choice(mars.MODIFIERS), draw.choice(mars.MODES), number(),
            draw.choice(mars.MODES), number(),
        )
        for _ in range(cells)
    ]  # fmt: skip


def compare(machine: Any, number: int, cycles: int) -> int:
    """Run one random battle in both machines; everything must be equal. Returns the instructions executed."""
    import mars

    draw = random.Random(f"core_war:soup:{number}")
    first, second = soup(draw, 40), soup(draw, 40)
    limit = draw.choice((1, 2, 7, 50))
    outcome = machine.fight(mars.Side(first, 3, 0), mars.Side(second, 5, 55), cycles, limit)
    reference = Reference(SIZE, limit)
    reference.load(first, 0)
    reference.load(second, 55)
    loser, _ = reference.run([3, 60], cycles)
    assert outcome.winner == (None if loser is None else 1 - loser), number
    for address, cell in enumerate(reference.cells):
        told = f"{cell.opcode}.{cell.modifier} {cell.a_mode}{cell.a}, {cell.b_mode}{cell.b}"
        assert str(machine.cell(address)) == told, f"soup {number}, cell {address}"
    executed: int = outcome.executed
    return executed


def test_random_code_leaves_the_same_core_as_the_slow_reading(machine: Any) -> None:
    assert sum(compare(machine, number, cycles=40) for number in range(12)) > 200


@pytest.mark.slow
def test_thousands_of_random_programs_leave_the_same_core(machine: Any) -> None:
    assert sum(compare(machine, number, cycles=300) for number in range(3000)) > 100_000
