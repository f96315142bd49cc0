"""A '94-standard memory array Redcode simulator: core, two warriors, every instruction one generated function.

The meaning of every instruction follows the annotated draft of the 1994 Core War standard, version 3.3 (Doligez,
Durham, Strack 1995), with read and write limits equal to the core size. An instruction is *evaluated in registers*:
its own two numbers are read first; the A-operand is evaluated with its side effects, and a copy is taken of the
instruction it points to; then the B-operand in the same way; only then is anything done.

Speed comes from three choices. Each of the 7,168 combinations of opcode, modifier and modes gets an own Python
function when it is first met, made from the templates below, so that nothing is decoded while a battle runs; a cell
holds that function. A program counter is kept in -CORE..-1, so that adding a number of 0..CORE-1 gives a legal list
index and wrapping round costs nothing. And a function says what comes next by one number, see `Machine.fight`.
"""

from collections import deque
from dataclasses import dataclass

OPCODES = (
    "DAT", "MOV", "ADD", "SUB", "MUL", "DIV", "MOD", "JMP", "JMZ", "JMN", "DJN", "SEQ", "SNE", "SLT", "SPL", "NOP",
)  # fmt: skip
MODIFIERS = ("A", "B", "AB", "BA", "F", "X", "I")
MODES = "#$*@{<}>"

PAIRS = {"A": ("aa",), "B": ("bb",), "AB": ("ab",), "BA": ("ba",), "F": ("aa", "bb"), "X": ("ab", "ba")}
"""For each modifier the fields it works on: the first letter is a field of the A-instruction, the second of the B's."""
PAIRS["I"] = PAIRS["F"]  # except where the whole instruction is copied or compared

TESTED = {"A": "a", "BA": "a", "B": "b", "AB": "b", "F": "ab", "X": "ab", "I": "ab"}
"""Which fields of the B-instruction JMZ, JMN and DJN look at."""

ARITHMETIC = {"ADD": "+", "SUB": "-", "MUL": "*", "DIV": "//", "MOD": "%"}
NEXT, SKIP, DIE = "return pc + 1 or -CORE", "return pc + 2 if pc < -2 else pc + 2 - CORE", "return 0"
JUMP = "return to if to < 0 else to - CORE"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One cell of core as text would have it: `MOV.I $0, $1`."""

    opcode: str
    modifier: str
    a_mode: str
    a: int
    b_mode: str
    b: int

    def __str__(self):
        return f"{self.opcode}.{self.modifier} {self.a_mode}{self.a}, {self.b_mode}{self.b}"


EMPTY = Instruction("DAT", "F", "$", 0, "$", 0)


@dataclass(frozen=True, slots=True)
class Side:
    """A warrior in a battle: instructions, the entry among them, and where its first cell is put."""

    instructions: tuple
    entry: int
    place: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a battle ended. `winner` is 0 or 1, or None for a tie; `executed` counts instructions of both.

    `touched` has, for each warrior, how many different cells it executed or changed; `spawned` how many processes its
    SPLs added.
    """

    winner: int | None
    executed: int
    touched: tuple
    spawned: tuple


class Machine:
    """A core of `core` cells that holds one battle after another."""

    def __init__(self, core):
        self.core = core
        self.a, self.b, self.code = [0] * core, [0] * core, []
        self._names = {"CORE": core, "A": self.a, "B": self.b, "CODE": self.code}
        self._made = {}
        self._keys = {}
        self.code += [self._function(EMPTY)] * core

    def fight(self, first, second, cycles, processes):
        """Let two sides run, `first` before `second`, for at most `cycles` instructions each. Returns an Outcome."""
        self.clear()
        sides = []
        for side in (first, second):
            self.load(side.instructions, side.place)
            queue = deque([(side.place + side.entry) % self.core - self.core])
            sides.append((queue, queue.popleft, queue.append, bytearray(self.core)))
        spawned = [0, 0]
        loser, executed = self._run(sides, cycles, processes, spawned)
        touched = tuple(side[3].count(1) for side in sides)
        return Outcome(None if loser is None else 1 - loser, executed, touched, tuple(spawned))

    def clear(self):
        """Fill the core with DAT.F $0, $0."""
        self.a[:] = self.b[:] = [0] * self.core
        self.code[:] = [self._function(EMPTY)] * self.core

    def load(self, instructions, place):
        """Write instructions from a cell on; their numbers may have any sign."""
        for offset, each in enumerate(instructions):
            cell = (place + offset) % self.core
            self.code[cell] = self._function(each)
            self.a[cell], self.b[cell] = each.a % self.core, each.b % self.core

    def cell(self, address):
        """The instruction in a cell."""
        opcode, modifier, a_mode, b_mode = self._keys[self.code[address]]
        return Instruction(opcode, modifier, a_mode, self.a[address], b_mode, self.b[address])

    def _run(self, sides, cycles, processes, spawned):
        """Which side died, if any, and how many instructions were executed.

        A function returns where its process goes on (below 0), 0 when the process dies, and for a SPL the new
        process's place plus CORE + 1.
        """
        code, core = self.code, self.core
        for cycle in range(cycles):
            for queue, pop, push, touched in sides:
                pc = pop()
                to = code[pc](pc, touched)
                if to < 0:
                    push(to)
                elif to:
                    push(pc + 1 or -core)
                    if len(queue) < processes:
                        push(to - core - 1)
                        spawned[queue is sides[1][0]] += 1
                elif not queue:
                    loser = int(queue is sides[1][0])
                    return loser, 2 * cycle + 1 + loser
        return None, 2 * cycles

    def _function(self, instruction):
        key = (instruction.opcode, instruction.modifier, instruction.a_mode, instruction.b_mode)
        if key not in self._made:
            # The text is made of the templates below and of these four words, which must be among those known: never
            # of anything a warrior's author wrote.
            made = {}
            exec(source(*key), self._names, made)
            self._made[key] = made["run"]
            self._keys[made["run"]] = key
        return self._made[key]


def source(opcode, modifier, a_mode, b_mode):
    """The text of the function `run(pc, T)` of an instruction; T marks the cells a warrior executes or changes."""
    if opcode not in OPCODES or modifier not in MODIFIERS or a_mode not in MODES or b_mode not in MODES:
        raise ValueError(f"{opcode}.{modifier} {a_mode} {b_mode} is no instruction of the standard")
    body = effect(opcode, modifier)
    lines = ["T[pc] = 1"]
    if a_mode != "#":
        lines.append("i = A[pc]")
    if b_mode != "#":
        lines.append("j = B[pc]")
    lines += operand(a_mode, "i", "s", [each for each in ("xa", "xb", "xc") if uses(body, each)])
    lines += operand(b_mode, "j", "d", [each for each in ("ya", "yb", "yc") if uses(body, each)])
    return "def run(pc, T):\n" + "".join(f"    {line}\n" for line in lines + body)


def operand(mode, number, pointer, registers):
    """Lines that set `pointer`, copy what is in that cell into `registers`, and change what the mode changes.

    Registers are named by instruction (x is the A-instruction, y the B-instruction) and part: fields a, b; code c.
    """
    copies = [f"{name} = {'CODE' if name[1] == 'c' else name[1].upper()}[{pointer}]" for name in registers]
    if mode == "#":
        return [f"{pointer} = pc", *copies]
    if mode == "$":
        return [f"{pointer} = pc + {number}", *copies]
    field = "A" if mode in "*{}" else "B"
    lines = [f"p = pc + {number}", f"v = {field}[p]"]
    if mode in "{<":
        lines += ["v = v - 1 if v else CORE - 1", f"{field}[p] = v", "T[p] = 1"]
    lines += [f"{pointer} = p + v", f"if {pointer} >= CORE: {pointer} -= CORE", *copies]
    if mode in "}>":
        lines += [f"{field}[p] = v + 1 if v + 1 < CORE else 0", "T[p] = 1"]
    return lines


def uses(body, name):
    return any(name in line for line in body)


def effect(opcode, modifier):
    """What an instruction does once its operands are evaluated, as lines."""
    pairs = PAIRS[modifier]
    if opcode == "DAT":
        return [DIE]
    if opcode == "NOP":
        return [NEXT]
    if opcode in ("JMP", "SPL"):
        return ["to = s", JUMP if opcode == "JMP" else "return to + CORE + 1 if to < 0 else to + 1"]
    if opcode == "MOV":
        whole = ["CODE[d] = xc"] if modifier == "I" else []
        return whole + [f"{to.upper()}[d] = x{of}" for of, to in pairs] + ["T[d] = 1", NEXT]
    if opcode in ("ADD", "SUB", "MUL"):
        sign = ARITHMETIC[opcode]
        return [f"{to.upper()}[d] = (y{to} {sign} x{of}) % CORE" for of, to in pairs] + ["T[d] = 1", NEXT]
    if opcode in ("DIV", "MOD"):
        sign = ARITHMETIC[opcode]
        done = [f"if x{of}: {to.upper()}[d] = y{to} {sign} x{of}; T[d] = 1" for of, to in pairs]
        return [*done, f"if {' and '.join(f'x{of}' for of, _ in pairs)}: {NEXT}", DIE]
    if opcode in ("SEQ", "SNE", "SLT"):
        return comparison(opcode, modifier, pairs)
    return jump_on(opcode, TESTED[modifier])


def comparison(opcode, modifier, pairs):
    """SEQ, SNE and SLT: skip the next instruction when all fields are equal, when any differs, when all are less."""
    sign = "<" if opcode == "SLT" else "=="
    tests = [f"x{of} {sign} y{to}" for of, to in pairs]
    if modifier == "I" and opcode != "SLT":
        tests.append("xc is yc")
    holds, otherwise = (NEXT, SKIP) if opcode == "SNE" else (SKIP, NEXT)
    return [f"if {' and '.join(tests)}: {holds}", otherwise]


def jump_on(opcode, fields):
    """JMZ jumps when all tested fields are zero, JMN when any is not; DJN counts them down first."""
    jump = ["to = s", JUMP]
    if opcode == "JMZ":
        return [f"if {' or '.join(f'y{field}' for field in fields)}: {NEXT}", *jump]
    if opcode == "JMN":
        return [f"if not ({' or '.join(f'y{field}' for field in fields)}): {NEXT}", *jump]
    # The cell is counted down from what it holds now, the test is on the copy: they differ where a mode changed it.
    lines = [f"{field.upper()}[d] = ({field.upper()}[d] - 1) % CORE" for field in fields]
    zero = " and ".join(f"y{field} == 1" for field in fields)
    return [*lines, "T[d] = 1", f"if {zero}: {NEXT}", *jump]
