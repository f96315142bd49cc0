"""Putting blocks into files: one after another, each where the ladder finds its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evolve.scaffold.edits.bench import Bench
from evolve.scaffold.edits.document import Document, Range
from evolve.scaffold.edits.elision import elided
from evolve.scaffold.edits.indent import refit, retabbed
from evolve.scaffold.edits.lines import content_key, is_blank, mend, trim_blank, variants
from evolve.scaffold.edits.marked import is_import, place_for_imports
from evolve.scaffold.edits.match import Place, loosely, strictly
from evolve.scaffold.edits.parts import Block, Swap, Whole, looser, not_applied, outside
from evolve.scaffold.edits.paths import normal
from evolve.scaffold.edits.pieces import between_elisions, pieces
from evolve.scaffold.edits.whole import new_file, replace_whole, resembles
from evolve.scaffold.regions import END_MARKER, START_MARKER

_SHOWN = 6
"""Most lines quoted in a message."""

_TELLING = 16
"""Characters that a quotation must have to be looked for in other files than the one it names."""


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
        named = self._named()
        blank = all(is_blank(line) for line in self.block.swaps[0].search)
        if named and (self._strictly([named]) or (not blank and self._loosely(named))):
            return named
        others = [path for path in self.bench.paths.editable if path != named]
        # A line or two of no significance may well be in a file that is not meant.
        if (not named or self._telling()) and (path := self._strictly(others)):
            return path
        if blank:
            return self._insert(self.block.swaps[0].replace)
        if not named and len(others) == 1 and self._loosely(others[0]):
            return others[0]
        raise self._missing(named)

    def _named(self) -> str:
        """The file the block names, or else that of the block before, or the only one; "" when there are several."""
        paths, written = self.bench.paths, self.block.path
        if not paths.editable:
            raise outside("no file of this program may change")
        if written and normal(written) in self.bench.added:
            raise not_applied(f"{self._name(normal(written))}: this file is new in this answer; send it whole, once")
        return paths.known(written) if written else self.previous or paths.single

    def _telling(self) -> bool:
        return sum(len(content_key(line)) for line in self.block.swaps[0].search) >= _TELLING

    def _strictly(self, paths: Sequence[str]) -> str:
        """Put the block into the one of these files that has its lines; "" when none has them."""
        for swap in self._readings():
            found = {path: strictly(self.bench.document(path), swap.search, self.block.near) for path in paths}
            homes = [path for path, search in found.items() if search.place or search.rivals]
            if len(homes) > 1:
                message = (
                    f"block {self.number}: these lines are in {' and in '.join(homes)}; put the path above the block"
                )
                raise not_applied(message)
            if homes:
                search = found[homes[0]]
                if search.place:
                    self.bench.settled.add(self.block.swaps[0])
                place = search.place or self._one_of(search.rivals)
                if not place:
                    raise self._ambiguous(homes[0], search.rivals)
                if swap not in self.block.swaps:
                    self.bench.level = looser(self.bench.level, "whitespace")
                self._put(homes[0], place, swap)
                return homes[0]
        return ""

    def _loosely(self, path: str) -> bool:
        """Put the block where the file is nearly what it quotes; False when that is nowhere or not clear."""
        for swap in self._readings():
            if self._around_elisions(path, swap):
                return True
            if place := loosely(self.bench.document(path), swap.search).place:
                self.bench.settled.add(self.block.swaps[0])
                self._put(path, place, swap)
                return True
        return False

    def _readings(self) -> Iterator[Swap]:
        # The longest first half that is in the file: a shorter one may be there too, cut at an underlined heading.
        yield from sorted(self.block.swaps, key=lambda swap: -len(swap.search))
        for swap in self.block.swaps[:2]:
            yield from variants(swap)

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
        region = document.regions[0] if len(document.regions) == 1 else None
        filled = region and any(not is_blank(line) for line in document.lines[region.first : region.last])
        if region is None or (filled and not self.block.floats):
            raise not_applied(f"{self._name(path)} has nothing to find; quote the lines after which it belongs")
        self._check_new(path, lines)
        gap = ["", ""] if filled and lines else []
        place = Range(region.last, region.last) if filled else region
        self.bench.documents[path] = document.swapped(place, [*gap, *self._fit(path, trim_blank(lines))])
        return path

    def _put(self, path: str, place: Place, swap: Swap) -> None:
        document = self.bench.document(path)
        quoted = set(swap.search)
        self._check_new(path, [line for line in swap.replace if line not in quoted])
        for piece, lines in pieces(document, place, _without_markers(document, place, swap)):
            fitted = lines if place.level == "exact" else refit(lines, place.indents, document.lines)
            fitted = self._fit(path, fitted)
            if path in self.bench.python and piece.first == piece.last and all(map(is_import, fitted)):
                piece = place_for_imports(document, piece)
            document = document.swapped(piece, fitted)
        self.bench.documents[path] = document
        self.bench.level = looser(self.bench.level, place.level)

    def _fit(self, path: str, lines: Sequence[str]) -> list[str]:
        mended = mend(lines, self.bench.base.get(path, ""))
        return retabbed(mended, self.bench.document(path).lines) if path in self.bench.python else mended

    def _check_new(self, path: str, lines: Sequence[str]) -> None:
        if line := elided(lines, self.bench.base.get(path, "")):
            raise not_applied(f"{self._name(path)}: the line {line!r} stands for code; write the code out")

    def _around_elisions(self, path: str, swap: Swap) -> bool:
        """Apply a block whose halves both skip over the same stretches with "..." lines, piece by piece."""
        parts = between_elisions(swap)
        places = [strictly(self.bench.document(path), part.search).place for part in parts]
        found = [place.range.first for place in places if place]
        if not parts or len(found) < len(parts) or found != sorted(found):
            return False
        for part, place in reversed(list(zip(parts, places, strict=True))):
            if place and part.search != part.replace:
                self._put(path, place, part)
        return True

    def _ambiguous(self, path: str, rivals: Sequence[Place]) -> Exception:
        rows = ", ".join(str(place.range.first + 1) for place in rivals[:5])
        return not_applied(
            f"{self._name(path)}: these lines are in the file {len(rivals)} times (at lines {rows}); "
            f"quote more lines around them, so that they are there once:\n{_quoted(self.block.swaps[0].search)}"
        )

    def _missing(self, path: str) -> Exception:
        search = self.block.swaps[0].search
        frozen = [path for path in self.bench.base if not self.bench.paths.may_change(path)]
        if found := next((at for at in frozen if strictly(self.bench.document(at), search).place), ""):
            return outside(f"block {self.number}: these lines are in {found}, which may not change:\n{_quoted(search)}")
        if not path:
            return not_applied(f"block {self.number}: these lines are in no file that may change:\n{_quoted(search)}")
        message = f"{self._name(path)}: these lines are not in the file:\n{_quoted(search)}"
        document = self.bench.document(path)
        if nearest := loosely(document, search).nearest:
            first, last = nearest
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


def _quoted(lines: Sequence[str]) -> str:
    kept = list(trim_blank(lines))
    shown = kept[:_SHOWN] + ([f"({len(kept) - _SHOWN} more lines)"] if len(kept) > _SHOWN else [])
    return "\n".join("    " + line[:200] for line in shown)
