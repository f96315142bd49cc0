"""Putting blocks into files: one after another, each where the ladder finds its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import elided, stands_for_code
from evolve.scaffold.edits.indent import refit, retabbed
from evolve.scaffold.edits.lines import is_blank, mend, trim_blank, variants
from evolve.scaffold.edits.match import Place, Search, loosely, strictly
from evolve.scaffold.edits.parts import Block, Swap, Whole, looser, not_applied, outside
from evolve.scaffold.edits.paths import Paths, normal
from evolve.scaffold.edits.whole import is_import, new_file, place_for_imports, replace_whole, resembles
from evolve.scaffold.regions import END_MARKER, START_MARKER

_SHOWN = 6
"""Most lines quoted in a message."""

_MOST_COMPARED = 1_000_000


@dataclass
class Bench:
    """The files of a program while blocks are applied to them, and the loosest level that was needed."""

    base: Mapping[str, str]
    paths: Paths
    python: frozenset[str]
    documents: dict[str, Document] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    settled: set[Swap] = field(default_factory=set)
    level: str = "exact"

    def document(self, path: str) -> Document:
        """A file as it stands now."""
        if path not in self.documents:
            self.documents[path] = Document.of(path, self.base[path], self.paths.may_change(path))
        return self.documents[path]

    def files(self) -> dict[str, str]:
        """All files of the program as they stand now."""
        changed = {path: document.text for path, document in self.documents.items()}
        return {**self.base, **changed, **self.added}


def apply_blocks(blocks: Sequence[Block], bench: Bench) -> None:
    """Apply blocks in order. Raises EditError for the first that cannot be."""
    left = Counter(block.swaps[0] for block in blocks)
    previous = ""
    for number, block in enumerate(blocks, start=1):
        # A block that had its one place is repeated in answers that sum themselves up at the end.
        if block.swaps[0] not in bench.settled:
            previous = _Step(block, number, previous, left[block.swaps[0]], bench).apply()
        left[block.swaps[0]] -= 1


@dataclass(frozen=True, slots=True)
class _Step:
    """One block and what is known when its turn comes."""

    block: Block
    number: int
    previous: str
    equals: int
    bench: Bench

    def apply(self) -> str:
        """Apply the block and return the path of its file."""
        targets = self._targets()
        for swap in self._readings():
            for path in targets:
                found = strictly(self.bench.document(path), swap.search, self.block.near)
                if found.place:
                    self.bench.settled.add(self.block.swaps[0])
                if place := found.place or self._one_of(found.rivals):
                    if swap not in self.block.swaps:
                        self.bench.level = looser(self.bench.level, "whitespace")
                    return self._put(path, place, swap)
                if found.rivals:
                    raise self._ambiguous(path, found.rivals)
        if all(is_blank(line) for line in self.block.swaps[0].search):
            return self._insert(self.block.swaps[0].replace)
        return self._apply_loosely(targets)

    def _apply_loosely(self, targets: Sequence[str]) -> str:
        first: Search | None = None
        for swap in self._readings():
            for path in targets:
                if self._elided_pieces(path, swap):
                    return path
                found = loosely(self.bench.document(path), swap.search)
                if found.place:
                    self.bench.settled.add(self.block.swaps[0])
                    return self._put(path, found.place, swap)
                first = first or found
        raise self._missing(targets[0], first or Search())

    def _readings(self) -> Iterator[Swap]:
        # The longest first half that is in the file: a shorter one may be there too, cut at an underlined heading.
        yield from sorted(self.block.swaps, key=lambda swap: -len(swap.search))
        for swap in self.block.swaps[:2]:
            yield from variants(swap)

    def _targets(self) -> list[str]:
        """Files in which to look, the named one first; it alone when it may not change."""
        paths, written = self.bench.paths, self.block.path
        known = paths.known(written) if written else self.previous or paths.single
        if written and not known and paths.may_add(normal(written)) and normal(written) in self.bench.added:
            raise not_applied(f"{self._name(normal(written))}: this file is new in this answer; send it whole, once")
        if not paths.editable:
            raise outside("no file of this program may change")
        rest = [path for path in paths.editable if path != known]
        return [known, *rest] if known else rest

    def _name(self, path: str) -> str:
        return f"block {self.number} of {path}"

    def _one_of(self, rivals: Sequence[Place]) -> Place | None:
        """The first of several places, when as many blocks say the same."""
        return rivals[0] if rivals and len(rivals) == self.equals and self.equals > 1 else None

    def _insert(self, lines: tuple[str, ...]) -> str:
        """A block with nothing to find: a new file, the whole of an old one, or lines for the end of its region."""
        written = normal(self.block.path)
        paths = self.bench.paths
        if written and not paths.known(written):
            self.bench.added[written] = new_file(written, lines, paths)
            return written
        path = paths.known(written) or self.previous or paths.single
        if not path:
            raise not_applied(f"block {self.number} names no file and has nothing to find; put the path above it")
        document = self.bench.document(path)
        if resembles(lines, document):
            self.bench.documents[path] = replace_whole(Whole(path, "", lines), document, path in self.bench.python)
            return path
        if len(document.regions) != 1:
            raise not_applied(f"{self._name(path)} has nothing to find; quote the lines after which it belongs")
        region = document.regions[0]
        self._check_new(path, lines)
        filled = any(not is_blank(line) for line in document.lines[region.first : region.last])
        gap = ["", ""] if filled and lines else []
        place = Range(region.last, region.last) if filled else region
        self.bench.documents[path] = document.swapped(place, [*gap, *self._fit(path, trim_blank(lines))])
        return path

    def _put(self, path: str, place: Place, swap: Swap) -> str:
        document = self.bench.document(path)
        quoted = set(swap.search)
        self._check_new(path, [line for line in swap.replace if line not in quoted])
        for piece, lines in _pieces(document, place, _without_markers(document, place, swap)):
            fitted = lines if place.level == "exact" else refit(lines, place.indents, document.lines)
            fitted = self._fit(path, fitted)
            if path in self.bench.python and piece.first == piece.last and all(map(is_import, fitted)):
                piece = place_for_imports(document, piece)
            document = document.swapped(piece, fitted)
        self.bench.documents[path] = document
        self.bench.level = looser(self.bench.level, place.level)
        return path

    def _fit(self, path: str, lines: Sequence[str]) -> list[str]:
        mended = mend(lines, self.bench.base.get(path, ""))
        return retabbed(mended, self.bench.document(path).lines) if path in self.bench.python else mended

    def _check_new(self, path: str, lines: Sequence[str]) -> None:
        if line := elided(lines, self.bench.base.get(path, "")):
            raise not_applied(f"{self._name(path)}: the line {line!r} stands for code; write the code out")

    def _elided_pieces(self, path: str, swap: Swap) -> bool:
        """Apply a block whose halves both skip over the same stretches with "..." lines, piece by piece."""
        halves = [_split_at_elisions(half) for half in (swap.search, swap.replace)]
        if len(halves[0]) != len(halves[1]) or len(halves[0]) < 2:
            return False
        pieces = [Swap(tuple(a), tuple(b)) for a, b in zip(*halves, strict=True) if a or b]
        places = [strictly(self.bench.document(path), piece.search).place for piece in pieces]
        found = [place.range.first for place in places if place]
        if len(found) < len(pieces) or found != sorted(found):
            return False
        for piece, place in reversed(list(zip(pieces, places, strict=True))):
            if place and piece.search != piece.replace:
                self._put(path, place, piece)
        return True

    def _ambiguous(self, path: str, rivals: Sequence[Place]) -> Exception:
        rows = ", ".join(str(place.range.first + 1) for place in rivals[:5])
        return not_applied(
            f"{self._name(path)}: these lines are in the file {len(rivals)} times (at lines {rows}); "
            f"quote more lines around them, so that they are there once:\n{_quoted(self.block.swaps[0].search)}"
        )

    def _missing(self, path: str, search: Search) -> Exception:
        message = f"{self._name(path)}: these lines are not in the file:\n{_quoted(self.block.swaps[0].search)}"
        if search.nearest:
            first, last = search.nearest
            document = self.bench.document(path)
            where = f"is line {first + 1}" if last - first == 1 else f"are lines {first + 1}-{last}"
            message += f"\nthe nearest {where}:\n{_quoted(document.lines[first:last])}"
        return not_applied(message)


def _without_markers(document: Document, place: Place, swap: Swap) -> Swap:
    """A swap that does not wrap its new lines into markers which the lines it replaces do not have."""
    markers = [line.strip() for line in swap.replace if _has_marker(line)]
    if not markers or any(_has_marker(line) for line in swap.search):
        return swap
    ours = {line.strip() for line in document.lines if _has_marker(line)}
    if len(markers) > 2 or not set(markers) <= ours:
        return swap
    return Swap(swap.search, tuple(line for line in swap.replace if not _has_marker(line)))


def _has_marker(line: str) -> bool:
    return START_MARKER in line or END_MARKER in line


def _pieces(document: Document, place: Place, swap: Swap) -> list[tuple[Range, tuple[str, ...]]]:
    """What to replace with what, last piece first: only the lines that differ between the two halves.

    Lines that both halves have stay as they are in the file; so context may be quoted from outside a region.
    """
    if place.level == "exact" and document.region_of(place.range):
        return [(place.range, swap.replace)]
    starts, ends = _bounds(place.rows)
    changes = [
        (Range(starts[a1], max(starts[a1], ends[a2])), swap.replace[b1:b2])
        for a1, a2, b1, b2 in _differences(swap.search, swap.replace)
    ]
    return changes[::-1]


def _bounds(rows: Sequence[int | None]) -> tuple[list[int], list[int]]:
    """For every boundary between lines looked for, the row where what follows starts and what precedes ends."""
    starts: list[int] = []
    following = next(row for row in reversed(rows) if row is not None) + 1
    for row in reversed(rows):
        following = following if row is None else row
        starts.append(following)
    starts.reverse()
    ends = [starts[0]]
    for row in rows:
        ends.append(ends[-1] if row is None else row + 1)
    return [*starts, ends[-1]], ends


def _differences(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int, int, int]]:
    short = min(len(left), len(right))
    head = next((index for index in range(short) if left[index] != right[index]), short)
    tail = next((index for index in range(short - head) if left[-1 - index] != right[-1 - index]), short - head)
    ours, theirs = left[head : len(left) - tail], right[head : len(right) - tail]
    if not ours and not theirs:
        return []
    if len(ours) * len(theirs) > _MOST_COMPARED:
        return [(head, head + len(ours), head, head + len(theirs))]
    opcodes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [(a1 + head, a2 + head, b1 + head, b2 + head) for tag, a1, a2, b1, b2 in opcodes if tag != "equal"]


def _split_at_elisions(lines: Sequence[str]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if stands_for_code(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    return pieces


def _quoted(lines: Sequence[str]) -> str:
    kept = list(trim_blank(lines))
    shown = kept[:_SHOWN] + ([f"({len(kept) - _SHOWN} more lines)"] if len(kept) > _SHOWN else [])
    return "\n".join("    " + line[:200] for line in shown)
