"""`python -m tests.web.screenshots`: pictures of every page at two widths in both themes, for docs/images and for eyes.

They show the runs of tests/web/runs_for_pages.py, which are made anew unless a database of them is named.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from evolve.store import Store, open_store
from tests.web import runs_for_pages
from tests.web.browser import Chromium, Seen, show
from tests.web.served import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = Path(__file__).parent.parent.parent / "docs" / "images"
WIDTHS, HEIGHT, TALLEST = (1280, 420), 900, 2700
THEMES = ("light", "dark")
COMMON = 160
"""Colours of a picture that are kept exactly: backgrounds, lines and most of its text."""
MOST_BYTES = 4_000_000
SETTLE_MS = 400
"""For charts to be drawn once more at the width they got."""


@dataclass(frozen=True)
class Shot:
    """A picture: its name, and the address after the server's."""

    name: str
    place: str


def shots(store: Store) -> Iterator[Shot]:
    """Every page, each with the run that shows most on it."""
    run = {row.name: row for row in reversed(store.runs())}

    def of(name: str, page: str, **params: object) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"#/run/{run[name].id}/{page}{query}"

    path = store.lineage(run["models"].id, run["models"].best_number or 0)
    written = next((row.number for row in path if row.model), 0)  # by a model, so that its conversation is shown
    yield Shot("overview", of("models", "overview"))
    yield Shot("overview-built-in", of("islands", "overview"))
    yield Shot("overview-empty", of("empty", "overview"))
    yield Shot("archive", of("islands", "archive"))
    yield Shot("lineage", of("models", "lineage"))
    yield Shot("tree", of("models", "lineage", view="tree"))
    yield Shot("candidate", of("models", "candidate", n=written))
    yield Shot("candidates", of("models", "candidates"))
    yield Shot("operators", of("models", "operators"))
    yield Shot("failures", of("models", "failures"))
    yield Shot("cost", of("models", "cost"))
    yield Shot("compare", f"#/compare?{urlencode({'arms': 'best-of-n|evolve'})}")
    yield Shot("runs", "#/")


def take(server: Served, browser: Chromium, shot: Shot, width: int, theme: str, folder: Path) -> Path:
    """Make one picture; fails when the page did what no page may do."""
    seen = Seen()
    with browser.page(seen, (width, HEIGHT), device_scale_factor=1) as page:
        show(page, f"{server.address}?theme={theme}{shot.place}")
        page.wait_for_timeout(SETTLE_MS)
        path = folder / f"{shot.name}-{width}-{theme}.png"
        path.write_bytes(small(picture(page, width)))
    seen.check()
    return path


def picture(page: Page, width: int) -> bytes:
    """The whole page, cut where it is taller than anybody would scroll to."""
    height = min(TALLEST, max(HEIGHT, int(page.evaluate("document.documentElement.scrollHeight"))))
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(SETTLE_MS)
    return page.screenshot()


def small(png: bytes) -> bytes:
    """The same picture with 256 colours: the commonest as they are, and among the others those that lie far apart."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGB")
    pixels = np.asarray(image).reshape(-1, 3)
    colours, where, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    common = colours[np.argsort(-counts)[:COMMON]]
    apart = image.quantize(256 - COMMON, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.concatenate([common, np.reshape(apart, (-1, 3))])[:256].astype(np.int32)
    # Not Pillow's own search: it rounds colours first, and white becomes grey.
    nearest = np.array([np.argmin(((palette - colour) ** 2).sum(axis=1)) for colour in colours.astype(np.int32)])
    reduced = Image.fromarray(nearest[where.ravel()].reshape(image.height, image.width).astype(np.uint8), "P")
    reduced.putpalette(palette.astype(np.uint8).tobytes())
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Take them all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="of pictures, such as overview; all by default")
    parser.add_argument("--db", type=Path, help="a database that tests.web.runs_for_pages made")
    parser.add_argument("--out", type=Path, default=IMAGES)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = given.db or Path(folder) / "evolve.db"
        if given.db is None:
            os.environ["EVOLVE_SANDBOX"] = "local"
            runs_for_pages.make(database, say=print)
        with open_store(database, create=False, read_only=True) as store:
            wanted = [shot for shot in shots(store) if not given.names or shot.name in given.names]
        with served(database) as server, closing(Chromium()) as browser:
            taken = [
                take(server, browser, shot, width, theme, given.out)
                for shot in wanted
                for width in WIDTHS
                for theme in THEMES
            ]
    total = sum(path.stat().st_size for path in taken)
    print(f"{len(taken)} pictures, {total / 1e6:.1f} MB of {MOST_BYTES / 1e6:.0f}")


if __name__ == "__main__":
    main()
