"""Answers of many candidates in little room: each piece of their text is kept once, in compressed blocks.

Programs of a run are alike, and prompts hold programs, but gzip looks back 32 kB only. So the JSON text of an answer is
cut after every line feed and every string, and an answer is the list of its pieces by number, neighbours as one run.

A block is gzip of ASCII lines: first `{"first": f, "pieces": k}`, then the pieces number f to f + k - 1 (JSON escapes
line feeds, so a piece is a line), then one line an answer: the runs, `start,length,start,length,...`. The answers of a
block mention its own pieces and those of blocks before it. `recorded.js` reads this.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_BYTES = 256 * 1024
"""New text that fills a block: few enough that one opens in milliseconds, many enough that gzip pays."""
_MOST_ANSWERS = 64
_LARGE_BYTES = 1024 * 1024
"""Longer answers are one piece in a block of their own: like no other, and not needed to open a file."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as a page would get it, or the sentence (`failed`) it would show instead."""

    topic: str
    params: Mapping[str, str]
    answer: Any
    failed: bool = False


@dataclass
class Pieces:
    """Packs answers into blocks, and knows afterwards where each one is."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _firsts: list[int] = field(default_factory=list)
    _places: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def blocks(self, answers: Iterable[Recorded]) -> Iterator[bytes]:
        """Compressed blocks, as soon as they are full."""
        block, lines, fresh, size = 0, list[str](), list[str](), 0
        for recorded in answers:
            text = _text(recorded.answer)
            large = len(text) > _LARGE_BYTES
            if lines and (large or size >= _MOST_BYTES or len(lines) >= _MOST_ANSWERS):
                yield self._block(fresh, lines)
                block, lines, fresh, size = block + 1, [], [], 0
            place = [block, len(lines), 1] if recorded.failed else [block, len(lines)]
            self._places.setdefault(recorded.topic, {})[address(recorded.params)] = place
            before = len(fresh)
            lines.append(self._runs([text] if large else _cut(text), fresh))
            size += sum(map(len, fresh[before:]))
        if lines:
            yield self._block(fresh, lines)

    def index(self) -> bytes:
        """Where every answer is, as compressed JSON.

        `firsts` are the first pieces of the blocks; `places` has, by topic and address, an answer's block and line, and
        a third number if it is a failure.
        """
        return _packed(_text({"firsts": self._firsts, "places": self._places}))

    def _runs(self, pieces: Iterable[str], fresh: list[str]) -> str:
        runs: list[int] = []
        for piece in pieces:
            number = self._numbers.get(piece)
            if number is None:
                number = self._numbers[piece] = len(self._numbers)
                fresh.append(piece)
            if runs and runs[-2] + runs[-1] == number:
                runs[-1] += 1
            else:
                runs += (number, 1)
        return ",".join(map(str, runs))

    def _block(self, fresh: list[str], lines: list[str]) -> bytes:
        first = len(self._numbers) - len(fresh)
        self._firsts.append(first)
        head = _text({"first": first, "pieces": len(fresh)})
        return _packed("\n".join((head, *fresh, *lines)))


def address(params: Mapping[str, str]) -> str:
    """The parameters of a question as one string, whatever their order; those left empty are left out."""
    return "\n".join(f"{name}={value}" for name, value in sorted(params.items()) if value)


def _cut(text: str) -> Iterable[str]:
    # JSON text has no line feeds of its own.
    return filter(None, text.replace("\\n", "\\n\n").replace('",', '",\n').split("\n"))


def _text(data: Any) -> str:
    return json.dumps(data, allow_nan=False, separators=(",", ":"))


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0)
