"""Reading an answer: every block, diff and file in it, in order, and the prose around them."""

from __future__ import annotations

from collections.abc import Sequence

from evolve.scaffold.edits import blocks, unified
from evolve.scaffold.edits.fences import Fence, closing, fence_on
from evolve.scaffold.edits.lines import is_blank, split_lines
from evolve.scaffold.edits.parts import Block, Reading, Whole, not_applied
from evolve.scaffold.edits.paths import Paths

_MARKDOWN = frozenset({"markdown", "md"})
_LOOKED_UP = 3
"""Lines above a block or fence in which its path is looked for."""


def read(text: str, paths: Paths, literal: bool = False) -> Reading:
    """Find the edits of an answer; `literal` takes marker lines for code, not for edits.

    Raises EditError when a block cannot be read although it is there to its end.
    """
    reader = _Reader(split_lines(text), paths, literal)
    reader.run()
    return Reading(tuple(reader.blocks), tuple(reader.wholes), tuple(reader.prose), reader.cut)


class _Reader:
    """One pass over the lines of an answer."""

    def __init__(self, lines: Sequence[str], paths: Paths, literal: bool) -> None:
        self.lines = lines
        self.paths = paths
        self.literal = literal
        self.blocks: list[Block] = []
        self.wholes: list[Whole] = []
        self.prose: list[str] = []
        self.cut = False
        self._inside: Fence | None = None  # a fence around blocks
        self._recent: list[str] = []  # lines since the last edit, for a path

    def run(self) -> None:
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            fence = fence_on(line)
            if not self.literal and blocks.starts(line):
                index = self._block(index)
            elif fence is not None:
                index = self._fence(index, fence)
            elif self._inside is None and unified.opens(self.lines, index):
                end = unified.end_of(self.lines, index)
                self.blocks += unified.hunks(self.lines[index:end], self._path_above())
                self._edit_done()
                index = end
            else:
                self._recent.append(line)
                if self._inside is None:
                    self.prose.append(line)
                index += 1

    def _block(self, index: int) -> int:
        beside = self.paths.on(blocks.path_beside(self.lines[index]))
        path = beside or self._path_above()
        taken = blocks.take(self.lines, index, path, self._inside is not None, lambda line: bool(self.paths.on(line)))
        self._edit_done()
        if taken.block is not None:
            self.blocks.append(taken.block)
        elif taken.cut:
            self.cut = True
        else:
            raise not_applied(f"block {len(self.blocks) + 1} cannot be read: {taken.fault}")
        return taken.after

    def _fence(self, index: int, fence: Fence) -> int:
        if self._inside is not None:
            self._inside = fence if fence.info else None
            self._recent.append(self.lines[index] if fence.info else "")
            return index + 1
        end = closing(self.lines, index, fence)
        stop = self._stop(index) if end is None else end
        inner = self.lines[index + 1 : stop]
        if not self.literal and any(blocks.starts(line) for line in inner):
            self._inside = fence
            self._recent.append(self.lines[index])
            return index + 1
        path = self.paths.in_info(fence.info) if fence.info else ""
        self._code(inner, fence, path or self._path_above(), stop < len(self.lines))
        self._edit_done()
        return stop + (end is not None)

    def _stop(self, index: int) -> int:
        """Where a fence that nothing closes ends: before the next one and the path above it, or at the very end."""
        for place in range(index + 1, len(self.lines)):
            if fence_on(self.lines[place]):
                while place > index + 1 and (is_blank(self.lines[place - 1]) or self.paths.on(self.lines[place - 1])):
                    place -= 1
                return place
        return len(self.lines)

    def _code(self, inner: Sequence[str], fence: Fence, path: str, ended: bool) -> None:
        if not ended and inner and inner[-1].rstrip().endswith(fence.sign):
            inner = [*inner[:-1], inner[-1].rstrip()[: -len(fence.sign)]]
            ended = True
        if all(is_blank(line) for line in inner):
            return
        if fence.language in _MARKDOWN and not path:
            nested = _Reader(inner, self.paths, self.literal)
            nested.run()
            self.blocks += nested.blocks
            self.wholes += nested.wholes
            self.prose += nested.prose
            self.cut = self.cut or nested.cut
        elif unified.is_diff(fence.language, inner):
            self.blocks += unified.hunks(inner, path)
        else:
            self.wholes.append(Whole(path, fence.language, tuple(inner), ended))

    def _edit_done(self) -> None:
        self._recent.clear()
        self.prose.append("")

    def _path_above(self) -> str:
        """The path given in the lines since the last edit, nearest first."""
        looked = 0
        for line in reversed(self._recent):
            fence = fence_on(line)
            path = self.paths.in_info(fence.info) if fence else self.paths.on(line) or self.paths.in_comment(line)
            if path:
                self.prose = [said for said in self.prose if said is not line]
                return path
            if not is_blank(line) and fence is None:
                looked += 1
            if looked >= _LOOKED_UP:
                break
        return ""
