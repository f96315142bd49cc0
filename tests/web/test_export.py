"""An exported file: whole, harmless, and never in the place of another by accident."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evolve.errors import UserError
from evolve.store import RunSummary, open_store
from evolve.web import export
from evolve.web.export import Exported, export_csv, export_html, written_whole
from evolve.web.recording_pieces import Recorded
from tests.store.store_samples import steps

pytestmark = pytest.mark.slow  # the database of pages takes half a minute to make


class Inlined(HTMLParser):
    """The elements of a file, and the text of those that stand in it as they are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        self._inside = True

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attrs, text) for (name, attrs), text in zip(self.elements, self.texts, strict=True) if name == tag]


def exported(database: Path, run: RunSummary, path: Path, *, most: int = 100, replace: bool = False) -> Exported:
    with open_store(database, create=False, read_only=True) as store:
        return export_html(store, store.run(run.id), path, most=most, replace=replace)


def test_only_what_was_hashed_may_run(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    exported(database, runs["models"], tmp_path / "report.html")
    found = Inlined((tmp_path / "report.html").read_text(encoding="utf-8"))
    policies = [attrs["content"] for attrs, _ in found.of("meta") if attrs.get("http-equiv")]
    assert len(policies) == 1
    allowed = re.fullmatch(
        r"default-src 'none'; script-src (?P<script>[^;]*); style-src (?P<style>[^;]*);"
        r" img-src data:; font-src data:; base-uri 'none'; form-action 'none'",
        str(policies[0]),
    )
    assert allowed
    for tag in ("script", "style"):
        texts = [text for attrs, text in found.of(tag) if "type" not in attrs]
        assert texts
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]
        assert allowed[tag].split() == hashes
    # The policy holds for what stands after it.
    first = next(name for name, _ in found.elements if name in ("script", "style", "link", "img"))
    assert found.elements.index(("meta", {"http-equiv": "Content-Security-Policy", "content": policies[0]})) < [
        name for name, _ in found.elements
    ].index(first)


def test_it_refers_to_nothing(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    exported(database, runs["models"], tmp_path / "report.html")
    found = Inlined((tmp_path / "report.html").read_text(encoding="utf-8"))
    addresses = [value for _, attrs in found.elements for name, value in attrs.items() if name in ("src", "href")]
    assert [value for value in addresses if not str(value).startswith("data:")] == []


def test_licences_go_with_the_libraries(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    exported(database, runs["empty"], tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for holder in ("Leon Sorokin", "Jason Miller", "Lea Verou", "Kevin Decker", "Mike Bostock", "Apache License"):
        assert holder in text


def test_a_hostile_name_is_a_title(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    name = next(name for name in runs if len(name) > 100)
    exported(database, runs[name], tmp_path / "report.html")
    ((_, title),) = Inlined((tmp_path / "report.html").read_text(encoding="utf-8")).of("title")
    assert title.startswith(name[:50])


def test_it_says_what_it_wrote(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    run = runs["islands"]
    assert exported(database, run, path) == Exported(path, path.stat().st_size, run.candidates, run.candidates)
    few = exported(database, run, path, most=5, replace=True)
    assert (few.whole, few.candidates) == (5, run.candidates)


def test_a_file_that_is_there_stays(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("mine")
    with pytest.raises(UserError, match=r"report\.html is already there; --force replaces it"):
        exported(database, runs["empty"], path)
    assert path.read_text() == "mine"
    exported(database, runs["empty"], path, replace=True)
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [path]


def test_places_where_no_file_can_be(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder; name a file in it"):
        exported(database, runs["empty"], tmp_path, replace=True)
    with pytest.raises(UserError, match="/dev/null is no ordinary file; name one"):
        exported(database, runs["empty"], Path("/dev/null"), replace=True)
    with pytest.raises(UserError, match=r"nowhere/report\.html cannot be written: No such file or directory; choose"):
        exported(database, runs["empty"], tmp_path / "nowhere" / "report.html")


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "latest.html"
    link.symlink_to("folder/report.html")
    for text in (b"first", b"second"):
        with written_whole(link, replace=True) as file:
            file.write(text)
    assert link.is_symlink()
    assert (tmp_path / "folder" / "report.html").read_bytes() == b"second"


def test_writing_that_breaks_off_leaves_what_was(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def broken_off() -> None:
        with written_whole(path, replace=True) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("report.html", "old")]


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "report.html"

    def overtaken() -> None:
        with written_whole(path) as file:
            file.write(b"late")
            path.write_text("early")

    with pytest.raises(UserError, match="already there"):
        overtaken()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("report.html", "early")]


def test_the_table_is_that_of_the_server(database: Path, runs: dict[str, RunSummary], tmp_path: Path) -> None:
    path = tmp_path / "candidates.csv"
    run = runs["models"]
    with open_store(database, create=False, read_only=True) as store:
        assert export_csv(store, store.run(run.id), path) == path.stat().st_size
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("number,")
    assert len(lines) == 1 + run.candidates
    assert path.name == export.CSV


def test_a_run_that_goes_on_is_recorded_as_it_was_at_one_moment(
    database: Path, runs: dict[str, RunSummary], tmp_path: Path
) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(tmp_path / "live.db")) as target:
        source.backup(target)
    answers: dict[str, Any] = {}
    run = runs["islands"]
    began = datetime.now(UTC).replace(microsecond=0)
    with open_store(tmp_path / "live.db", create=False) as store:
        told = len(list(store.tells(run.id)))
        last = 5 * (store.next_number(run.id) // 5 + 1)  # not one of those that fail

        def goes_on(answer: Recorded) -> None:
            if not answers:
                store.append(run.id, steps(last + 1, told + 1, best=True))
            answers.setdefault(f"{answer.topic} {dict(answer.params)}", answer.answer)

        earlier = store.run(run.id)
        store.append(run.id, steps(last, told, best=True))
        done = export_html(store, earlier, tmp_path / "report.html", most=10_000, said=goes_on)
        assert store.run(run.id).summary.candidates == run.candidates + 2
    assert done.candidates == done.whole == run.candidates + 1
    assert answers["run {}"]["candidates"] == run.candidates + 1
    assert answers["run {}"]["best_number"] == last
    assert max(answers["candidates {'all': '1'}"]["lines"]["number"]) == last
    assert not [name for name in answers if f"'n': '{last + 1}'" in name]
    [about] = [
        json.loads(text)
        for attrs, text in Inlined((tmp_path / "report.html").read_text(encoding="utf-8")).of("script")
        if attrs.get("id") == "about"
    ]
    assert about["candidates"] == run.candidates + 1
    assert began <= datetime.fromisoformat(about["as_of"]) <= datetime.now(UTC)
