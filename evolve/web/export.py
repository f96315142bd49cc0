"""One HTML file with the pages and the answers of a run, which opens from disk and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BufferedWriter
from pathlib import Path

from evolve.errors import UserError
from evolve.report.text import one_line
from evolve.store import RunRow, Store
from evolve.web.assets import STATIC, page, scripts, styles
from evolve.web.query import Query
from evolve.web.recording import chosen, recorded
from evolve.web.recording_pieces import Pieces, Recorded
from evolve.web.topics import DOWNLOADS, TOPICS

CSV = "candidates.csv"
"""The download that is all candidates as a table."""
_HERE = "\0"
"""Stands in the page where the answers go: no text of ours has it."""
_ENDS = re.compile(r"</(script|style)|<!--", re.IGNORECASE)
_TITLE = 120


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: `size` in bytes, and how many of the run's candidates it has whole."""

    path: Path
    size: int
    whole: int
    candidates: int


def export_html(
    store: Store,
    run: RunRow,
    path: Path,
    *,
    most: int,
    replace: bool = False,
    said: Callable[[Recorded], None] = lambda _: None,
) -> Exported:
    """Write the file, whole or not at all: the run as it is now, even if it goes on meanwhile.

    Answers about single candidates are there for `most` of them. `said` is called with every answer that is about to be
    written. Raises UserError when there is a file already and `replace` is not set, or none can be written.
    """
    with written_whole(path, replace=replace) as file, store.snapshot() as still:
        run = still.run(run.id)
        kept = chosen(still, run, most)
        total = run.summary.candidates
        whole = total if kept is None else len(kept)
        head, foot = _page(run, whole, datetime.now(UTC)).split(_HERE)
        pieces = Pieces()
        file.write(head.encode())
        answers = _heard(recorded(still, run, TOPICS, kept), said)
        for number, block in enumerate(pieces.blocks(answers)):
            file.write(_data(f"block-{number}", block))
        file.write(_data("index", pieces.index()))
        file.write(foot.encode())
    return Exported(path, path.stat().st_size, whole, total)


def _heard(answers: Iterable[Recorded], said: Callable[[Recorded], None]) -> Iterator[Recorded]:
    for answer in answers:
        said(answer)
        yield answer


@contextmanager
def written_whole(path: Path, *, replace: bool = False) -> Iterator[BufferedWriter]:
    """A file that takes its place at the end, and leaves nothing behind if there is no end.

    Raises UserError when there is one already and `replace` is not set, or none can be written.
    """
    place = path.resolve()  # through links: they stay, and devices are seen for what they are
    part = place.with_name(f".{place.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        check_free(path, replace=replace)
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            check_free(path, replace=replace)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{one_line(str(path))} cannot be written: {error.strerror}; choose another place") from None


def check_free(path: Path, *, replace: bool) -> None:
    """See that a file may be written there. Raises UserError for a folder, a device, or a file without `replace`."""
    place = path.resolve()
    if not place.exists():
        return
    if place.is_dir():
        raise UserError(f"{one_line(str(place))} is a folder; name a file in it")
    if not place.is_file():
        raise UserError(f"{one_line(str(place))} is no ordinary file; name one")
    if not replace:
        raise UserError(f"{one_line(str(place))} is already there; --force replaces it")


def _page(run: RunRow, whole: int, as_of: datetime) -> str:
    """The page without its answers, with `_HERE` in their place."""
    title = one_line(f"{run.summary.name}: evolve run {run.id}", _TITLE)
    sheets = [_inline(name) for name in (*styles(), "recorded.css")]
    *parts, start = [_inline(name) for name in scripts()]
    code = [*parts, _inline("recorded.js"), start]
    policy = (
        f"default-src 'none'; script-src {_hashes(code)}; style-src {_hashes(sheets)};"
        " img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    head = [
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f'<link rel="icon" href="data:image/svg+xml;base64,{_base64((STATIC / "icon.svg").read_bytes())}">',
        *(f"<style>{text}</style>" for text in sheets),
    ]
    body = [_licences(), _about(run, whole, as_of), _HERE, *(f"<script>{text}</script>" for text in code)]
    return page(title, head, body)


def export_csv(store: Store, run: RunRow, path: Path, *, replace: bool = False) -> int:
    """Write the table of all candidates and return its size in bytes. Raises UserError as `export_html` does."""
    with written_whole(path, replace=replace) as file, store.snapshot() as still:
        for line in DOWNLOADS[CSV].lines(Query(still, still.run(run.id))):
            file.write(line.encode("utf-8", "backslashreplace"))
    return path.stat().st_size


def _inline(name: str) -> str:
    # Line ends as a browser makes them, for its hash is of what it read.
    text = (STATIC / name).read_text(encoding="utf-8")
    found = _ENDS.search(text)
    if found or _HERE in text:
        raise ValueError(f"{name} cannot stand inside a page: it has {found and found[0]!r}")
    return text


def _hashes(texts: list[str]) -> str:
    return " ".join(f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'" for text in texts)


def _licences() -> str:
    """Those of the libraries in the file, which go where the libraries go."""
    folder = STATIC / "vendor" / "licenses"
    texts = (f"{path.stem}\n\n{path.read_text(encoding='utf-8')}\n" for path in sorted(folder.iterdir()))
    return f'<script type="text/plain" id="licences">\n{"".join(texts)}</script>'


def _about(run: RunRow, whole: int, as_of: datetime) -> str:
    """Which run this is, how much of it the file has and of which moment, and what wrote it."""
    about = {
        "run": run.id,
        "candidates": run.summary.candidates,
        "whole": whole,
        "as_of": as_of.isoformat(timespec="seconds"),
        "version": version("evolve"),
    }
    return f'<script type="application/json" id="about">{json.dumps(about)}</script>'


def _data(name: str, block: bytes) -> bytes:
    return f'<script type="application/octet-stream" id="{name}">{_base64(block)}</script>\n'.encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
