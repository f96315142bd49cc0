"""The files a browser loads, in order, and the page they make: the same for the server and for an exported file."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

STATIC = Path(__file__).parent / "static"
VENDORED = ("htm-preact.js", "uPlot.iife.min.js", "prism.js", "diff.min.js", "d3-hierarchy.min.js")
"""Under `vendor/`; none needs another."""
OWN = ("core.js", "parts.js", "chartdraw.js", "chart.js", "code.js")
"""What pages are made of; each may use those before it."""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
{head}
<title>{title}</title>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript; evolve show and evolve top say the same in a terminal.</noscript>
{foot}
</body>
</html>
"""


def styles() -> list[str]:
    """Style sheets below `STATIC`, in order."""
    return ["vendor/uPlot.min.css", "core.css", *_there("chart.css", "code.css"), *_pages("css")]


def scripts() -> list[str]:
    """Scripts below `STATIC`, in order; the last one starts the page."""
    return [*_vendored(), *_own()]


def _vendored() -> list[str]:
    return [f"vendor/{name}" for name in VENDORED]


def _own() -> list[str]:
    return [*_there(*OWN), *_pages("js"), "start.js"]


BUNDLES: Mapping[str, Callable[[], list[str]]] = {"all.css": styles, "vendored.js": _vendored, "own.js": _own}
"""What a browser asks for, and the files that are in it: forty questions would take longer than all else of a page."""


def bundle(name: str) -> str:
    """The files of one of `BUNDLES` as they are, one after the other."""
    between = "\n;\n" if name.endswith(".js") else "\n"
    return between.join((STATIC / part).read_text(encoding="utf-8") for part in BUNDLES[name]())


def _there(*names: str) -> list[str]:
    return [name for name in names if (STATIC / name).exists()]


def _pages(suffix: str) -> list[str]:
    return sorted(f"pages/{path.name}" for path in (STATIC / "pages").glob(f"*.{suffix}"))


def page(title: str, head: Iterable[str], foot: Iterable[str]) -> str:
    """The page: `head` and `foot` are elements as they are, the title is text."""
    return _PAGE.format(title=html.escape(title), head="\n".join(head), foot="\n".join(foot))


def index() -> str:
    """The page of the server, which loads `BUNDLES` from beside it."""
    sheet = '<link rel="stylesheet" href="static/all.css">'
    # The icon is named so that no browser asks for one where there is none.
    icon = '<link rel="icon" href="static/icon.svg" type="image/svg+xml">'
    loaded = [f'<script src="static/{name}"></script>' for name in BUNDLES if name.endswith(".js")]
    return page("evolve", [sheet, icon], loaded)
