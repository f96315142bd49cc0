"""Who the server answers, what it says besides, and that it cannot write: asked by raw HTTP, as no browser would."""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import run_evolve
from tests.web.served import Served, served

pytestmark = pytest.mark.slow  # the database of pages takes half a minute to make

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def ask(
    ui: Served, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, *, token: bool = True
) -> tuple[int, dict[str, str], bytes]:
    """One request as it stands: paths are sent unchanged; the stream of a run is read to its first message."""
    connection = http.client.HTTPConnection("127.0.0.1", ui.port, timeout=10)
    try:
        connection.putrequest(method, f"/{ui.token}{path}" if token else path, skip_host=True)
        for name, value in {"Host": f"127.0.0.1:{ui.port}", **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        sent = {name.lower(): value for name, value in answer.getheaders()}
        streamed = sent.get("content-type", "").startswith("text/event-stream")
        return answer.status, sent, answer.readline() if streamed else answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/api/runs", "/static/core.js", "/wrong/", "/wrong/api/runs", "//", "/%00/"])
def test_without_the_token_there_is_nothing_and_no_hint(ui: Served, path: str) -> None:
    status, _, body = ask(ui, path, token=False)
    assert (status, body) == (404, b"Not found.\n")


@pytest.mark.parametrize("change", ["", "x", "prefix", "case"])
def test_a_token_that_is_nearly_right_is_wrong(ui: Served, change: str) -> None:
    near = {"": ui.token[:-1], "x": f"{ui.token}x", "prefix": f"x{ui.token}", "case": ui.token.swapcase()}[change]
    status, _, body = ask(ui, f"/{near}/api/runs", token=False)
    assert (status, body) == (404, b"Not found.\n")


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test", "evil.test:80", "127.0.0.1@evil.test", "0.0.0.0", ""]
)
def test_a_foreign_host_is_refused_even_with_the_token(ui: Served, host: str) -> None:
    status, _, body = ask(ui, "/api/runs", headers={"Host": host})
    assert status == 403
    assert b"models" not in body
    assert ui.token.encode() not in body


@pytest.mark.parametrize("host", ["localhost", "[::1]", "127.0.0.1:1"])
def test_this_machine_may_be_called_what_it_is_called_and_ports_forwarded(ui: Served, host: str) -> None:
    assert ask(ui, "/api/runs", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/runs", "/api/run/1/live", "/static/core.js"])
@pytest.mark.parametrize(
    "origin", ["http://evil.test", "null", "https://127.0.0.1.evil.test", "http://evil.test:8080", "file://"]
)
def test_pages_of_other_origins_get_nothing(ui: Served, path: str, origin: str) -> None:
    status, headers, body = ask(ui, path, headers={"Origin": origin})
    assert (status, body) == (403, b"Not for other origins.\n")
    assert "access-control-allow-origin" not in headers


def test_the_stream_of_a_run_needs_the_token_and_is_for_its_own_page(ui: Served) -> None:
    own = {"Origin": ui.origin, "Accept": "text/event-stream"}
    assert ask(ui, "/api/run/1/live", headers=own)[0] == 200
    assert ask(ui, "/api/run/1/live")[0] == 200  # browsers send no Origin to their own
    assert ask(ui, "/api/run/1/live", headers=own, token=False)[0] == 404
    assert ask(ui, "/api/run/999/live")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../serve.py",
        "/static/..%2f..%2fserve.py",
        "/static/%2e%2e/%2e%2e/serve.py",
        "/static/pages/../../../serve.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5c..%5cserve.py",
        "/static/core.js%00.css",
        "/static/",
        "/static/pages",
        "/static/vendor/../../app.py",
    ],
)
def test_static_files_are_those_of_the_page_alone(ui: Served, path: str) -> None:
    status, _, body = ask(ui, path)
    assert status in (404, 405)
    assert b"import" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/api/runs", "/api/run/1/live", "/static/core.js"])
def test_only_reading_is_possible(ui: Served, method: str, path: str) -> None:
    status, headers, _ = ask(ui, path, method)
    assert status == 405
    assert "access-control-allow-methods" not in headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/api/runs", 200),
        ("/api/run/1/run", 200),
        ("/api/run/1/live", 200),
        ("/static/own.js", 200),
        ("/static/all.css", 200),
        ("/static/core.js", 200),
        ("/static/core.css", 200),
        ("/static/none.js", 404),
        ("/api/run/999/run", 404),
        ("/api/run/1/none", 404),
        ("/api/none", 404),
        ("/none", 404),
    ],
)
def test_every_answer_tells_the_browser_to_be_strict(ui: Served, path: str, status: int) -> None:
    answered, headers, _ = ask(ui, path)
    assert answered == status
    strict(headers)


def test_refusals_are_as_strict(ui: Served) -> None:
    for path, more in (("/", {"Host": "evil.test"}), ("/", {"Origin": "http://evil.test"})):
        strict(ask(ui, path, headers=more)[1])
    strict(ask(ui, "/", "POST")[1])
    strict(ask(ui, "/", token=False)[1])


def strict(headers: Mapping[str, str]) -> None:
    policy = {part.split()[0]: part.split()[1:] for part in headers["content-security-policy"].split(";")}
    assert policy["default-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert not {"unsafe-inline", "unsafe-eval"} & {word.strip("'") for words in policy.values() for word in words}
    assert HEADERS.items() <= headers.items()
    assert "server" not in headers


def test_an_error_is_a_sentence_that_quotes_nothing_raw(ui: Served) -> None:
    status, headers, body = ask(ui, "/api/run/999/run")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert "there is no run 999" in json.loads(body)["error"]
    for path in (
        "/api/run/<script>/run",
        "/api/%3Cscript%3E",
        "/api/run/99999999999999999999999/run",
        "/api/run/-1/run",
    ):
        status, _, body = ask(ui, path.replace("<", "%3C").replace(">", "%3E"))
        assert status in (400, 404), path
        assert b"<script>" not in body


def test_the_database_is_only_read(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "evolve.db"
    with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    before = hashlib.sha256(copy.read_bytes()).hexdigest()
    with served(copy) as server:
        for path in ("/api/runs", "/api/run/1/run", "/api/run/1/live", "/"):
            assert ask(server, path)[0] == 200
        descriptors = [link.resolve() for link in Path(f"/proc/{server.process.pid}/fd").iterdir()]
        for number, target_path in zip(Path(f"/proc/{server.process.pid}/fd").iterdir(), descriptors, strict=False):
            if target_path == copy:
                flags = int(
                    (number.parent.parent / "fdinfo" / number.name).read_text().split("flags:")[1].split()[0], 8
                )
                assert flags & 0o3 == 0, "the database is open for writing"
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == before


def test_a_database_nobody_may_write_can_be_looked_at(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    copy = Path(shutil.copy(database, folder / "evolve.db"))
    copy.chmod(0o444)
    folder.chmod(0o555)
    try:
        with served(copy) as server:
            assert ask(server, "/api/runs")[0] == 200
        assert [path.name for path in folder.iterdir()] == ["evolve.db"] or not_ours(folder)
    finally:
        folder.chmod(0o755)


def not_ours(folder: Path) -> bool:
    """Root may write anywhere, and SQLite then keeps its index beside the file while it reads."""
    return {path.suffix for path in folder.iterdir()} <= {".db", ".db-wal", ".db-shm"}


def test_what_is_wrong_with_the_command_is_one_sentence(database: Path, ui: Served, tmp_path: Path) -> None:
    for arguments, says in (
        (("--db", tmp_path / "none.db"), "none.db"),
        (("--db", database, "--port", ui.port), f"--port {ui.port} cannot be had"),
        (("--db", database, "--token", "short"), "--token must have 16"),
    ):
        ran = run_evolve(tmp_path, "ui", *arguments)
        assert ran.code == 2, ran.err
        assert says in ran.err
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize("run", ["9" * 5000, "9" * 26, "-1", "x", "%31"])
def test_a_run_is_a_number_of_a_sensible_length(ui: Served, run: str) -> None:
    status, _, _ = ask(ui, f"/api/run/{run}/run")
    assert status == (200 if run == "%31" else 404)


def test_an_idea_that_is_too_long_to_look_for_is_refused(ui: Served) -> None:
    status, _, body = ask(ui, f"/api/run/1/candidates?idea={'%00' * 2000}")
    assert status == 400
    assert "characters" in json.loads(body)["error"]
