"""What a browser loads: vendored files as their makers released them, and code of ours that keeps text text."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import evolve.web

ROOT = Path(__file__).parents[2]
STATIC = Path(evolve.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["libraries"]
LOADED = (".js", ".css", ".html")
MOST_BYTES = 150_000

FORBIDDEN = {
    "text becomes HTML": r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|setHTML|srcdoc|DOMParser"
    r"|createContextualFragment|document\s*\.\s*write",
    "text becomes code": r"\beval\s*\(|\bnew\s+Function\b|\bFunction\s*\(|set(Timeout|Interval)\(\s*[\"'`]|javascript:"
    r"|\bimport\s*\(|importScripts|new\s+(Shared)?Worker|serviceWorker",
    "styles or handlers in strings": r"\sstyle=[\"']|\son[a-z]+=[\"']|\.cssText",
    "something from elsewhere": r"https?:(?!//www\.w3\.org/(2000/svg|1999/xlink)\b)|[\"'(]//[a-z]|\bwss?:|@import"
    r"|url\((?!\s*[\"']?data:)",
}
"""What code and styles of ours must not hold, as regular expressions."""


def own_files() -> list[Path]:
    return [path for path in loaded_files() if VENDOR not in path.parents]


def loaded_files() -> list[Path]:
    return sorted(path for path in STATIC.rglob("*") if path.suffix in LOADED)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_vendored_files_are_the_released_ones() -> None:
    noted = {entry["file"]: entry["sha256"] for library in MANIFEST for entry in library["files"] + library["licenses"]}
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert there == {*noted, "manifest.json"}
    assert {name: digest(VENDOR / name) for name in noted} == noted


@pytest.mark.parametrize("library", MANIFEST, ids=lambda library: library["name"])
def test_every_library_says_whose_it_is(library: dict[str, object]) -> None:
    assert library["licence"]
    assert re.fullmatch(r"npm:[a-z0-9-]+@[0-9.]+", str(library["source"]))
    assert library["licenses"]
    for entry in library["licenses"]:  # type: ignore[attr-defined]
        text = (VENDOR / entry["file"]).read_text(encoding="utf-8")
        assert re.search(r"Permission is hereby granted|Permission to use|Redistribution and use|Apache License", text)


def test_vendored_files_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in loaded_files() if VENDOR in path.parents}
    print(f"vendored: {sum(sizes.values()):,} bytes: {sizes}")
    assert sum(sizes.values()) < MOST_BYTES


def test_all_that_a_browser_loads_is_small() -> None:
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in loaded_files()}
    print(f"a browser loads {sum(sizes.values()):,} bytes, gzipped: {sizes}")
    assert sum(sizes.values()) < MOST_BYTES


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_our_pages_never_do(reason: str) -> None:
    found = [
        f"{path.relative_to(STATIC)}:{number}: {line.strip()[:100]}"
        for path in own_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(FORBIDDEN[reason], line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("box.innerHTML = idea;", "text becomes HTML"),
        ("html`<div dangerouslySetInnerHTML=${x} />`", "text becomes HTML"),
        ("setTimeout('go()', 5)", "text becomes code"),
        ("const f = new Function(text);", "text becomes code"),
        ('html`<p style="color:red">`', "styles or handlers in strings"),
        ("html`<p onclick='go()'>`", "styles or handlers in strings"),
        ('fetch("https://example.org/x")', "something from elsewhere"),
        ('load("//example.org/x.js")', "something from elsewhere"),
        ("body { background: url(/x.png) }", "something from elsewhere"),
    ],
)
def test_what_is_forbidden_would_be_seen(line: str, reason: str) -> None:
    assert re.search(FORBIDDEN[reason], line)


@pytest.mark.parametrize("path", sorted(VENDOR.glob("*.js")), ids=lambda path: path.name)
def test_libraries_need_no_eval(path: Path) -> None:
    """They work where the content security policy allows no code made from text."""
    assert not re.search(r"\beval\(|\bnew Function\b|[^.\w]Function\(", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_wheel_has_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, timeout=170)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        packed = set(file.namelist())
    here = {f"evolve/web/static/{path.relative_to(STATIC)}" for path in STATIC.rglob("*") if path.is_file()}
    assert here <= packed
