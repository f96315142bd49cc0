"""Assembles Redcode of the '94 draft standard: a text becomes instructions and an entry, or one sentence of refusal.

The text is somebody else's and may be hostile. Nothing of it is ever evaluated by Python: expressions have a parser of
their own (`expression.py`), and the length of the text, the lines a FOR writes, the EQUs written out and the tokens
they grow into, the depth of parentheses and the size of numbers are all bounded.
"""

import re

from expression import BadExpression, Expression
from mars import MODES, MODIFIERS, OPCODES, Instruction

MOST_CHARACTERS = 40_000
MOST_COLUMNS = 250
"""Characters of a line."""
MOST_LINES = 2_000
"""Lines of a source after its FORs have been written out; a warrior has at most 100 instructions."""
MOST_TOKENS = 400
"""Tokens of one operand after its EQUs have been written out."""
MOST_EXPANSIONS = 5_000
"""EQUs written out in all of a source. An EQU of nothing adds no token, so tokens alone would not bound the work."""
DEEPEST = 10
"""FORs within each other, and EQUs."""

PSEUDO = ("EQU", "ORG", "END", "FOR", "ROF")
_OPCODES = {**{name: name for name in OPCODES}, "CMP": "SEQ"}
_LABEL = re.compile(r"[A-Za-z_]\w*$", re.ASCII)
_TOKEN = re.compile(r"\s*(?:([A-Za-z_]\w*)|(\d+)|([-+*/%()]))", re.ASCII)
_FORBIDDEN = re.compile(r"[^\t\n -~]")


class BadRedcode(Exception):
    """The text is no warrior; says where and why."""


def assemble(text, core, length, others=None):
    """`(instructions, entry)` of a warrior of at most `length` instructions. Raises BadRedcode.

    `others` are further predefined constants by name, besides CORESIZE and MAXLENGTH.
    """
    return _Assembly(core, length, others or {}).assemble(text)


class _Assembly:
    def __init__(self, core, length, others):
        self.core, self.length = core, length
        self.constants = {"CORESIZE": core, "MAXLENGTH": length, "WARRIORS": 2, **others}
        self.texts = {}  # EQU: a name stands for tokens
        self.labels = {}
        self.statements = []
        self.start = None
        self.lines = 0
        self.expansions = 0
        self.depth = 0
        self.ended = False

    def assemble(self, text):
        lines = _split(text)
        self._count(len(lines), 1)
        self._read(lines)
        if not self.statements:
            raise BadRedcode("the warrior has no instruction")
        made = tuple(self._encode(address, *each) for address, each in enumerate(self.statements))
        entry = 0 if self.start is None else self._value(self.start[1], 0, self.start[0])
        if not 0 <= entry < len(made):
            raise BadRedcode(f"execution starts at {entry}, outside the warrior's {len(made)} instructions")
        return made, entry

    def _read(self, lines):
        """The first pass: labels, EQUs and statements, with every FOR written out."""
        place = 0
        while place < len(lines) and not self.ended:
            number, line = lines[place]
            place += 1
            labels, word, rest = _parts(number, line)
            kind = word.upper()
            if kind == "FOR":
                place = self._repeat(lines, place, number, labels, rest)
            elif kind == "END":
                self._label(labels, number)
                self.start = (number, rest) if rest else self.start
                self.ended = True  # nothing after END is read, in whatever FOR it stands
            elif kind == "EQU":
                self._define(labels, rest, number)
            elif kind == "ORG":
                self.start = (number, rest)
            elif kind == "ROF":
                raise BadRedcode(f"line {number}: ROF without a FOR")
            else:
                self._label(labels, number)
                if word:
                    self._statement(number, word, rest)

    def _repeat(self, lines, place, number, labels, count):
        """Read the body of a FOR as often as it says; returns the place after its ROF."""
        end = _matching(lines, place, number)
        body, times = lines[place:end], self._value(count, len(self.statements), number)
        *outer, index = labels or [""]
        self._label(outer, number)
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadRedcode(f"line {number}: more than {DEEPEST} FORs within each other")
        for turn in range(1, times + 1):
            if self.ended:
                break
            self._count(1 + len(body), number)  # of the body also what a FOR of no turns in it skips
            self._read([(at, _with_index(line, index, turn)) for at, line in body])
        self.depth -= 1
        return end + 1

    def _count(self, lines, number):
        self.lines += lines
        if self.lines > MOST_LINES:
            raise BadRedcode(
                f"line {number}: the source has more than {MOST_LINES} lines once its FORs are written out"
            )

    def _label(self, labels, number):
        for label in labels:
            self._new(label, number)
            self.labels[label] = len(self.statements)

    def _define(self, labels, rest, number):
        if not labels:
            raise BadRedcode(f"line {number}: EQU needs a name before it, such as `step EQU 5`")
        for label in labels:
            self._new(label, number)
            self.texts[label] = _tokens(rest, number)

    def _new(self, label, number):
        if label in self.labels or label in self.texts or label in self.constants:
            raise BadRedcode(f"line {number}: the name {label[:40]!r} is defined twice")

    def _statement(self, number, word, rest):
        if len(self.statements) >= self.length:
            raise BadRedcode(f"line {number}: more than {self.length} instructions")
        self.statements.append((number, word, rest))

    def _encode(self, address, number, word, rest):
        """The second pass: a statement as an instruction."""
        name, _, modifier = word.upper().partition(".")
        opcode, operands = _OPCODES[name], [each.strip() for each in rest.split(",")] if rest else []
        if modifier and modifier not in MODIFIERS:
            raise BadRedcode(f"line {number}: .{modifier[:10]} is no modifier; there are .{', .'.join(MODIFIERS)}")
        least = 1 if opcode in ("DAT", "JMP", "SPL", "NOP") else 2
        if not least <= len(operands) <= 2:
            wanted = "one or two operands" if least == 1 else "two operands"
            raise BadRedcode(f"line {number}: {name} takes {wanted}, separated by a comma; here are {len(operands)}")
        modes, values = ["$", "$"], [0, 0]
        first = 1 if opcode == "DAT" and len(operands) == 1 else 0  # a DAT's only operand is its B
        if first:
            modes[0] = "#"
        for place, operand in enumerate(operands, first):
            if operand[:1] and operand[0] in MODES:
                modes[place], operand = operand[0], operand[1:]
            values[place] = self._value(operand, address, number) % self.core
        modifier = modifier or default_modifier(opcode, *modes)
        return Instruction(opcode, modifier, modes[0], values[0], modes[1], values[1])

    def _value(self, text, address, number):
        """The value of an expression in which labels count from `address`."""
        tokens = self._expand(_tokens(text, number), number, 0)
        values = [self._meaning(token, address, number) for token in tokens]
        try:
            return Expression(values).value()
        except BadExpression as error:
            raise BadRedcode(f"line {number}: {error} in {text.strip()[:40]!r}") from None

    def _expand(self, tokens, number, depth):
        """The tokens with every EQU name replaced by what it stands for, as text."""
        found = []
        for token in tokens:
            if token in self.texts:
                if depth >= DEEPEST:
                    raise BadRedcode(f"line {number}: {token[:40]!r} is an EQU within an EQU, more than {DEEPEST} deep")
                self.expansions += 1
                if self.expansions > MOST_EXPANSIONS:
                    raise BadRedcode(f"line {number}: more than {MOST_EXPANSIONS} EQUs are written out")
                found += self._expand(self.texts[token], number, depth + 1)
            else:
                found.append(token)
            if len(found) > MOST_TOKENS:
                raise BadRedcode(f"line {number}: an expression grows beyond {MOST_TOKENS} numbers and signs")
        return found

    def _meaning(self, token, address, number):
        if token in self.labels:
            return self.labels[token] - address
        if token == "CURLINE":
            return address
        if token in self.constants:
            return self.constants[token]
        if _LABEL.match(token):
            raise BadRedcode(f"line {number}: nothing is called {token[:40]!r}")
        return token


def default_modifier(opcode, a_mode, b_mode):
    """The modifier of an instruction written without one, by the standard's table for '88 code."""
    if opcode in ("DAT", "NOP"):
        return "F"
    if opcode in ("JMP", "JMZ", "JMN", "DJN", "SPL"):
        return "B"
    if a_mode == "#":
        return "AB"
    if opcode == "SLT" or b_mode == "#":
        return "B"
    return "I" if opcode in ("MOV", "SEQ", "SNE") else "F"


def _split(text):
    """Numbered lines without comments. Raises BadRedcode for what no editor shows, and for too much of anything."""
    if len(text) > MOST_CHARACTERS:
        raise BadRedcode(f"the source has {len(text)} characters; at most {MOST_CHARACTERS} are read")
    lines = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if len(line) > MOST_COLUMNS:
            raise BadRedcode(f"line {number} has {len(line)} characters; at most {MOST_COLUMNS} are read")
        hidden = _FORBIDDEN.search(line)
        if hidden:
            raise BadRedcode(f"line {number}: the character U+{ord(hidden[0]):04X} may not be in a source; use ASCII")
        line = line.partition(";")[0].strip()
        if line:
            lines.append((number, line))
    return lines


def _parts(number, line):
    """`(labels, word, rest)`: what stands before the opcode or pseudo-opcode, that word, and what follows."""
    labels, rest = [], line
    while rest:
        word, _, rest = rest.replace("\t", " ").partition(" ")
        rest = rest.strip()
        name = word.upper().partition(".")[0]
        if name in _OPCODES or word.upper() in PSEUDO:
            return labels, word, rest
        label = word.removesuffix(":")
        if not _LABEL.match(label):
            raise BadRedcode(f"line {number}: there is no opcode in {line[:40]!r}")
        labels.append(label)
    return labels, "", ""


def _matching(lines, place, number):
    """Where the ROF of a FOR stands, whose body begins at `place`."""
    depth = 1
    for at in range(place, len(lines)):
        kind = _loop_word(lines[at][1])
        depth += (kind == "FOR") - (kind == "ROF")
        if not depth:
            return at
    raise BadRedcode(f"line {number}: FOR without a ROF")


def _loop_word(line):
    """FOR or ROF when a line's first word of meaning is one, else nothing; its labels may still hold an index."""
    for word in line.upper().split():
        if word in ("FOR", "ROF"):
            return word
        if word.partition(".")[0] in _OPCODES:
            break
    return ""


def _with_index(line, name, turn):
    """A line of a FOR's body in one of its turns: the index is a number, and in `label&index` two digits of it."""
    if not name:
        return line
    line = re.sub(rf"&{name}\b", f"{turn:02d}", line)
    return re.sub(rf"\b{name}\b", str(turn), line)


def _tokens(text, number):
    found, place, text = [], 0, text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadRedcode(f"line {number}: {text[place : place + 20].strip()!r} is no part of an expression")
        found.append(match[0].strip())
        place = match.end()
        if len(found) > MOST_TOKENS:
            raise BadRedcode(f"line {number}: more than {MOST_TOKENS} numbers and signs in an expression")
    return found
