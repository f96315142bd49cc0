"""A slow simulator, written from the standard's text step by step: the registers are objects, cells are copied whole.

It shares nothing with the shipped one but the record of an instruction, and is laid out as section 5 of the draft is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass
class Cell:
    """A cell or a register."""

    opcode: str
    modifier: str
    a_mode: str
    a: int
    b_mode: str
    b: int

    def same(self, other: Cell) -> bool:
        """Whether two instructions are equal in every part."""
        return self == other


class Reference:
    """A core of DATs, and queues of processes in which each has a turn."""

    def __init__(self, size: int, limit: int) -> None:
        self.size, self.limit = size, limit
        self.cells = [Cell("DAT", "F", "$", 0, "$", 0) for _ in range(size)]

    def load(self, instructions: Sequence[Any], place: int) -> None:
        """Write instructions from a cell on."""
        for offset, each in enumerate(instructions):
            self.cells[(place + offset) % self.size] = Cell(
                each.opcode, each.modifier, each.a_mode, each.a % self.size, each.b_mode, each.b % self.size
            )

    def run(self, starts: Sequence[int], cycles: int) -> tuple[int | None, list[deque[int]]]:
        """Let the warriors take turns; who died first, and every queue at the end."""
        queues = [deque([start % self.size]) for start in starts]
        for _ in range(cycles):
            for number, queue in enumerate(queues):
                self.step(queue)
                if not queue:
                    return number, queues
        return None, queues

    def step(self, queue: deque[int]) -> None:
        """One instruction of the process whose turn it is."""
        counter = queue.popleft()
        instruction = replace(self.cells[counter])
        a_pointer, a_register = self.operand(counter, instruction.a_mode, instruction.a)
        b_pointer, b_register = self.operand(counter, instruction.b_mode, instruction.b)
        target = self.cells[(counter + b_pointer) % self.size]
        name = instruction.opcode
        if name == "DAT":
            return
        if name == "MOV":
            self.move(instruction.modifier, a_register, target)
            queue.append((counter + 1) % self.size)
        elif name in ("ADD", "SUB", "MUL", "DIV", "MOD"):
            if self.arithmetic(name, instruction.modifier, a_register, b_register, target):
                queue.append((counter + 1) % self.size)
        elif name == "JMP":
            queue.append((counter + a_pointer) % self.size)
        elif name in ("JMZ", "JMN", "DJN"):
            jumps = self.tested(name, instruction.modifier, b_register, target)
            queue.append((counter + (a_pointer if jumps else 1)) % self.size)
        elif name in ("SEQ", "SNE", "SLT"):
            skips = self.compared(name, instruction.modifier, a_register, b_register)
            queue.append((counter + (2 if skips else 1)) % self.size)
        elif name == "SPL":
            queue.append((counter + 1) % self.size)
            if len(queue) < self.limit:
                queue.append((counter + a_pointer) % self.size)
        elif name == "NOP":
            queue.append((counter + 1) % self.size)

    def operand(self, counter: int, mode: str, number: int) -> tuple[int, Cell]:
        """The pointer relative to the program counter, and a copy of what it points to."""
        if mode == "#":
            return 0, replace(self.cells[counter])
        if mode == "$":
            return number, replace(self.cells[(counter + number) % self.size])
        middle = self.cells[(counter + number) % self.size]
        field = "a" if mode in ("*", "{", "}") else "b"
        if mode in ("{", "<"):
            setattr(middle, field, (getattr(middle, field) - 1) % self.size)
        pointer = (number + getattr(middle, field)) % self.size
        register = replace(self.cells[(counter + pointer) % self.size])
        if mode in ("}", ">"):
            setattr(middle, field, (getattr(middle, field) + 1) % self.size)
        return pointer, register

    @staticmethod
    def move(modifier: str, source: Cell, target: Cell) -> None:
        """MOV."""
        if modifier == "I":
            target.opcode, target.modifier = source.opcode, source.modifier
            target.a_mode, target.b_mode = source.a_mode, source.b_mode
        if modifier in ("A", "F", "I"):
            target.a = source.a
        if modifier in ("B", "F", "I"):
            target.b = source.b
        if modifier in ("AB", "X"):
            target.b = source.a
        if modifier in ("BA", "X"):
            target.a = source.b

    def arithmetic(self, name: str, modifier: str, left: Cell, right: Cell, target: Cell) -> bool:
        """ADD, SUB, MUL, DIV and MOD; whether the process lives on."""
        lives = True
        new: list[tuple[str, int]] = []
        for source, field, wanted in (
            (left.a, "a", ("A", "F", "I")),
            (left.b, "b", ("B", "F", "I")),
            (left.a, "b", ("AB", "X")),
            (left.b, "a", ("BA", "X")),
        ):
            if modifier not in wanted:
                continue
            other = getattr(right, field)
            if name in ("DIV", "MOD") and source == 0:
                lives = False
            elif name == "DIV":
                new.append((field, other // source))
            elif name == "MOD":
                new.append((field, other % source))
            else:
                new.append((field, {"ADD": other + source, "SUB": other - source, "MUL": other * source}[name]))
        for field, value in new:
            setattr(target, field, value % self.size)
        return lives

    def tested(self, name: str, modifier: str, register: Cell, target: Cell) -> bool:
        """JMZ, JMN and DJN: whether to jump."""
        fields = {"A": "a", "BA": "a", "B": "b", "AB": "b"}.get(modifier, "ab")
        if name == "DJN":
            for field in fields:
                setattr(target, field, (getattr(target, field) - 1) % self.size)
                setattr(register, field, getattr(register, field) - 1)
        zero = all(getattr(register, field) == 0 for field in fields)
        return zero if name == "JMZ" else not zero

    @staticmethod
    def compared(name: str, modifier: str, left: Cell, right: Cell) -> bool:
        """SEQ, SNE and SLT: whether to skip."""
        pairs = {
            "A": [(left.a, right.a)],
            "B": [(left.b, right.b)],
            "AB": [(left.a, right.b)],
            "BA": [(left.b, right.a)],
            "X": [(left.a, right.b), (left.b, right.a)],
        }.get(modifier, [(left.a, right.a), (left.b, right.b)])
        if name == "SLT":
            return all(one < other for one, other in pairs)
        equal = left.same(right) if modifier == "I" else all(one == other for one, other in pairs)
        return equal if name == "SEQ" else not equal
