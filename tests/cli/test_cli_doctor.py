from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Evolve, Ran, Searched
from tests.cli.test_cli_startup import imported
from tests.standin.chat import ChatRequest
from tests.standin.server import StandInServer
from tests.standin.weather import Fault, Faults

SECRET = "sk-proj-abcdefgh12345678"


def answer(request: ChatRequest) -> str:
    return "ready"


@pytest.fixture
def server() -> Iterator[StandInServer]:
    with StandInServer(answer, models=("qwen3-coder", "tiny")) as running:
        yield running


def failing(fault: Fault) -> StandInServer:
    return StandInServer(answer, faults=Faults(1.0, (fault,), seed=1))


def finding(ran: Ran, topic: str) -> dict[str, Any]:
    [found] = [row for row in ran.json()["findings"] if row["topic"] == topic]
    return dict(found)


def test_one_screen_says_what_a_run_would_find(evolve: Evolve, tmp_path: Path) -> None:
    shown = evolve(tmp_path, "doctor", env={"COLUMNS": "120"})
    assert shown.code == 0, shown.out
    for topic in ("python", "packages", "sandbox", "docker", "database", "keys"):
        assert f"\n{topic} " in f"\n{shown.out}"
    assert "evaluator and candidate in separate processes" in shown.out
    assert "evolve.db: none here yet" in shown.out
    assert "ready: evolve run PROBLEM" in shown.out
    assert len(shown.out.splitlines()) < 40


def test_what_is_found_comes_as_json(evolve: Evolve, tmp_path: Path) -> None:
    ran = evolve(tmp_path, "doctor", "--json")
    assert ran.json()["ok"] is True
    assert finding(ran, "packages")["details"]["versions"]["litellm"]
    assert finding(ran, "sandbox")["details"]["layers"]
    assert finding(ran, "database")["details"]["exists"] is False
    assert finding(ran, "docker")["details"]["answers"] in (True, False)


@pytest.mark.slow
def test_nothing_heavy_is_loaded_and_nothing_is_left_behind(tmp_path: Path) -> None:
    assert not imported(tmp_path, "doctor") & {"litellm", "ribs", "scipy", "alembic", "docker"}
    assert list(tmp_path.iterdir()) == []


def test_a_malicious_release_is_a_fault(evolve: Evolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "litellm-1.82.7.dist-info").mkdir()
    (tmp_path / "litellm-1.82.7.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: litellm\nVersion: 1.82.7\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    ran = evolve(tmp_path, "doctor", "--json")
    assert ran.code == 2
    assert finding(ran, "packages")["text"] == "litellm 1.82.7 is a malicious release"


def test_keys_are_named_and_never_shown(evolve: Evolve, tmp_path: Path) -> None:
    env = {"ANTHROPIC_API_KEY": SECRET, "OPENAI_API_KEY": "  "}
    shown = evolve(tmp_path, "doctor", env=env)
    assert "ANTHROPIC_API_KEY (anthropic/...)" in shown.out
    assert "OPENAI_API_KEY (" not in shown.out
    assert SECRET not in shown.out + evolve(tmp_path, "doctor", "--json", env=env).out


# ---------------------------------------------------------------- databases


def test_a_database_with_runs_is_recognised(evolve: Evolve, tmp_path: Path, searched: Searched) -> None:
    database = finding(evolve(searched.folder, "doctor", "--json"), "database")
    assert database["state"] == "ok"
    assert "latest run 1" in database["text"]
    named = finding(evolve(tmp_path, "doctor", "--json", "--db", searched.folder / "evolve.db"), "database")
    # How much room the disk has may change meanwhile.
    assert named["text"].partition("; ")[2] == database["text"].partition("; ")[2]


def test_a_database_of_another_program_is_a_fault(evolve: Evolve, tmp_path: Path) -> None:
    (tmp_path / "evolve.db").write_text("not a database at all, " * 100)
    broken = evolve(tmp_path, "doctor", "--json")
    assert broken.code == 2
    assert finding(broken, "database")["state"] == "fault"
    assert "not a SQLite database" in finding(broken, "database")["text"]


def test_an_older_database_is_no_fault(evolve: Evolve, tmp_path: Path, searched: Searched) -> None:
    shutil.copy(searched.folder / "evolve.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as connection:
        connection.execute("UPDATE evolve_schema SET version_num = '0001'")
        connection.commit()
    older = evolve(tmp_path, "doctor", "--json")
    assert older.code == 0
    assert "schema 0001" in finding(older, "database")["text"]
    assert "upgrade" in finding(older, "database")["way_out"]


def test_a_database_of_a_newer_evolve_is_a_fault(evolve: Evolve, tmp_path: Path, searched: Searched) -> None:
    shutil.copy(searched.folder / "evolve.db", tmp_path)
    with closing(sqlite3.connect(tmp_path / "evolve.db")) as connection:
        connection.execute("UPDATE evolve_schema SET version_num = '9999'")
        connection.commit()
    newer = evolve(tmp_path, "doctor", "--json")
    assert newer.code == 2
    assert "newer evolve" in finding(newer, "database")["text"]


def test_a_database_server_that_does_not_answer_is_a_fault(evolve: Evolve, tmp_path: Path) -> None:
    url = f"postgresql://somebody:{SECRET}@127.0.0.1:{free_port()}/evolve"
    away = evolve(tmp_path, "doctor", env={"EVOLVE_DB": url})
    assert away.code == 2
    assert "1 fault: database" in away.out
    assert SECRET not in away.out


# ---------------------------------------------------------------- model servers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_named_server_lists_its_models_and_says_how_to_use_them(
    evolve: Evolve, tmp_path: Path, server: StandInServer
) -> None:
    shown = evolve(tmp_path, "doctor", "--api-base", server.url)
    assert shown.code == 0
    assert "qwen3-coder, tiny" in shown.out
    assert f"--model openai/qwen3-coder --api-base {server.url}" in shown.out


def test_a_server_that_is_not_there_is_a_fault_with_its_address(evolve: Evolve, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    away = evolve(tmp_path, "doctor", "--api-base", url, "--json")
    assert away.code == 2
    assert finding(away, "server")["state"] == "fault"
    assert f"GET {url}/models" in finding(away, "server")["text"]


# ---------------------------------------------------------------- models (litellm takes five seconds to import)


@pytest.mark.slow
def test_a_model_that_answers_is_shown_with_tokens_and_price(
    evolve: Evolve, tmp_path: Path, server: StandInServer
) -> None:
    arguments = ("doctor", "--model", "openai/standin", "--api-base", server.url)
    shown = evolve(tmp_path, *arguments)
    assert shown.code == 0, shown.out
    assert "openai/standin answers in" in shown.out
    assert "price unknown" in shown.out
    [call] = server.chats
    assert call.request is not None
    assert call.request.max_tokens == 8
    model = finding(evolve(tmp_path, *arguments, "--json"), "model")
    assert model["details"]["tokens"]["output"] > 0
    assert model["details"]["price"] is None


@pytest.mark.slow
def test_models_of_a_settings_file_are_tried_too(evolve: Evolve, tmp_path: Path, server: StandInServer) -> None:
    (tmp_path / "mine.toml").write_text(
        f"[[llm.models]]\nname = 'openai/mine'\napi_base = '{server.url}'\ninput_price = 0.5\noutput_price = 2.0\n"
    )
    shown = evolve(tmp_path, "doctor", "--config", "mine.toml")
    assert shown.code == 0, shown.out
    assert "openai/mine answers in" in shown.out
    assert "$0.50 in, $2 out per million tokens" in shown.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (Fault.UNAUTHORIZED, 401, "Incorrect API key provided"),
        (Fault.QUOTA, 429, "exceeded your current quota"),
        (Fault.ERROR, 500, "had an error while processing"),
        (Fault.MALFORMED, None, ""),
    ],
)
def test_a_model_that_fails_is_shown_with_the_request_that_failed(
    evolve: Evolve, tmp_path: Path, fault: Fault, status: int | None, said: str
) -> None:
    with failing(fault) as server:
        ran = evolve(tmp_path, "doctor", "--model", "openai/standin", "--api-base", server.url, "--json")
        assert len(server.chats) == 1
    assert ran.code == 2
    model = finding(ran, "model")
    assert model["state"] == "fault"
    assert model["details"]["status"] == status
    assert f"POST {server.url}/chat/completions" in model["text"]
    assert said in model["text"]


@pytest.mark.slow
def test_a_key_a_server_repeats_is_not_shown(evolve: Evolve, tmp_path: Path) -> None:
    def parrot(request: ChatRequest) -> str:
        raise ValueError(f"no such key: {SECRET}")

    (tmp_path / "mine.toml").write_text("[[llm.models]]\nname = 'openai/mine'\napi_key_env = 'MY_KEY'\n")
    with StandInServer(parrot) as server:
        arguments = ("--config", "mine.toml", "--set", f"llm.models=[{{name='openai/m', api_base='{server.url}', "
                     "api_key_env='MY_KEY'}]")  # fmt: skip
        ran = evolve(tmp_path, "doctor", *arguments, env={"MY_KEY": SECRET, "COLUMNS": "300"})
        assert [call.headers["authorization"] for call in server.chats] == [f"Bearer {SECRET}"]
    assert ran.code == 2
    assert "no such key: [key]" in ran.out
    assert SECRET not in ran.out + ran.err


@pytest.mark.slow
def test_a_model_nobody_serves_says_what_to_write(evolve: Evolve, tmp_path: Path) -> None:
    ran = evolve(tmp_path, "doctor", "--model", "no-such-model")
    assert ran.code == 2
    assert "openai/no-such-model" in ran.out
