from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evolve.report.dockerd import docker_server
from evolve.report.fetch import fetch
from evolve.report.findings import State
from evolve.report.servers import Kind, listed, local_servers, named_server

OLLAMA = {"models": [{"name": "qwen3-coder:30b", "size": 1}, {"name": "tiny:1b"}]}
OPENAI = {"object": "list", "data": [{"id": "qwen3-coder", "object": "model"}]}


@contextmanager
def serving(path: str, body: bytes, status: int = 200) -> Iterator[str]:
    """A server that answers this path alone; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == path
            self.send_response(status if found else 404)
            self.send_header("content-length", str(len(body) if found else 0))
            self.end_headers()
            self.wfile.write(body if found else b"")

        def log_message(self, format: str, *values: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def speaking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does as it likes with its one connection; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # the client has gone, as it should
                speak(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_servers_are_found_by_how_they_list_their_models() -> None:
    with (
        serving("/api/tags", json.dumps(OLLAMA).encode()) as ollama,
        serving("/v1/models", json.dumps(OPENAI).encode()) as vllm,
    ):
        kinds = [
            Kind("Ollama", ollama, "/api/tags", "ollama/", native=True),
            Kind("vLLM", vllm, "/v1/models", "openai/"),
            Kind("LM Studio", free_address(), "/v1/models", "openai/"),
        ]
        first, second = asyncio.run(local_servers(kinds))
    assert (first.topic, first.text) == ("Ollama", f"{ollama}: qwen3-coder:30b, tiny:1b")
    assert first.way_out == "--model ollama/qwen3-coder:30b"
    assert (second.topic, second.way_out) == ("vLLM", f"--model openai/qwen3-coder --api-base {vllm}/v1")


def test_other_web_servers_are_no_model_servers() -> None:
    with serving("/v1/models", b"<html>Welcome</html>") as page, serving("/v1/models", b"{}", 404) as other:
        kinds = [Kind("a", base, "/v1/models", "openai/") for base in (page, other, free_address())]
        [finding] = asyncio.run(local_servers(kinds))
    assert finding.state is State.NOTE
    assert finding.text.startswith("none at the usual ports (a ")


def test_a_server_without_models_says_so() -> None:
    with serving("/v1/models", b'{"data": []}') as base:
        [finding] = asyncio.run(local_servers([Kind("vLLM", base, "/v1/models", "openai/")]))
    assert (finding.state, "no models" in finding.text) == (State.NOTE, True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_a_key_is_no_fault(status: int) -> None:
    with serving("/v1/models", b"{}", status) as base:
        finding = asyncio.run(named_server(f"{base}/v1/"))
    assert finding.state is State.NOTE
    assert f"GET {base}/v1/models: {status}" in finding.text


def test_a_wrong_path_is_told_with_what_the_server_said() -> None:
    with serving("/elsewhere", b"") as base:
        finding = asyncio.run(named_server(base))
    assert f"GET {base}/models: 404" in finding.text
    assert "/v1" in finding.way_out


@pytest.mark.parametrize("address", ["127.0.0.1:8000", "ftp://127.0.0.1/v1", "http://"])
def test_what_is_no_address_is_a_fault(address: str) -> None:
    finding = asyncio.run(named_server(address))
    assert finding.state is State.FAULT
    assert "not an http address" in finding.text


def test_a_server_that_drips_is_not_waited_for() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    with speaking(drip) as base:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(fetch(f"{base}/v1/models", 0.3))
        assert time.monotonic() - began < 2


def test_an_endless_answer_is_cut() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with speaking(flood) as base:
        status, body = asyncio.run(fetch(f"{base}/v1/models", 5))
    assert (status, len(body)) == (200, 2**20)


def test_something_that_is_no_web_server_is_not_understood() -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        connection.recv(1024)

    with speaking(greet) as base, pytest.raises(ValueError, match="not HTTP"):
        asyncio.run(fetch(f"{base}/v1/models", 5))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"data": 3}', b'{"error": "no"}', b"\xff\xfe"])
def test_what_is_no_list_of_models(body: bytes) -> None:
    assert listed(body) is None


def test_odd_rows_of_a_list_are_left_out() -> None:
    assert listed(b'{"data": [{"id": "a"}, {"id": 3}, "b", {}]}') == ["a"]


@pytest.fixture
def no_docker_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_TLS_VERIFY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_docker_host")
def test_a_docker_server_is_asked_through_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = b'HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{"Version": "20.10.24"}'
    with tempfile.TemporaryDirectory(prefix="evolve-docker-") as folder:
        place = f"{folder}/docker.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(place)
            listener.listen()

            def serve() -> None:
                for _ in range(2):
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(4096)
                        connection.sendall(answer)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            found = asyncio.run(docker_server([place]))
            monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
            named = asyncio.run(docker_server([]))
            thread.join(10)
    assert found == named
    assert found.details == {"answers": True, "address": f"unix://{place}", "version": "20.10.24"}


@pytest.mark.usefixtures("no_docker_host")
def test_a_docker_server_that_does_not_answer_is_no_fault(tmp_path: Path) -> None:
    stale = tmp_path / "docker.sock"
    stale.touch()
    for sockets in ([], [str(stale)]):
        found = asyncio.run(docker_server(sockets))
        assert (found.state, found.details) == (State.NOTE, {"answers": False})
        assert "candidates run in the local sandbox" in found.text
