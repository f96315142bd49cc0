"""The `evolve` command with models over real HTTP: keys, balances, faults, prices, and `kill -9`."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from evolve.assembly import derived_seed
from evolve.domain import Status
from evolve.store import Store, open_store
from tests.cli.conftest import Ran, environment, run_evolve
from tests.conftest import write_tiny
from tests.standin.chat import ChatRequest
from tests.standin.server import StandInServer
from tests.standin.weather import TRANSIENT, Faults, Latency

EVOLVE = Path(sys.executable).with_name("evolve")
PRICES = "llm.models=[{{name='openai/standin', api_base='{url}', input_price=1.0, output_price=4.0{more}}}]"
KEYLESS = {"OPENAI_API_KEY": "", "EVOLVE_DB": "evolve.db"}


def writes(request: ChatRequest) -> str:
    """A whole file with three other numbers, drawn by the request's seed."""
    rng = random.Random(f"{request.seed}")
    a, b, c = (round(rng.uniform(-4.0, 4.0), 3) for _ in range(3))
    return (
        f"Idea: try {a}, {b} and {c}\n\n```python\ndef curve(x):\n    # a comment that survives\n"
        f"    a = {a}\n    b = {b}\n    c = {c}\n    return a * x * x + b * x + c\n```\n"
    )


def run(folder: Path, url: str, *arguments: str) -> Ran:
    """`evolve run` on the tiny problem in `folder`, asking the server."""
    if not (folder / "tiny").exists():
        write_tiny(folder / "tiny")
    asked = ("--model", "openai/standin", "--api-base", url)
    return run_evolve(folder, "run", "tiny", *asked, "--seed", "3", "--quiet", *arguments, env=KEYLESS)


def one_sentence(text: str) -> bool:
    return text.startswith("evolve: ") and text.count("\n") == 1


@pytest.mark.slow
def test_a_server_without_a_key_is_asked_and_its_prices_are_unknown(tmp_path: Path) -> None:
    with StandInServer(writes) as server:
        ran = run(tmp_path, server.url, "--evaluations", "12", "--json")
        assert ran.code == 0, ran.err
        summary = ran.json()
        assert summary["evaluations"] == 12
        assert summary["models"]["calls"] == len(server.chats) == summary["models"]["unknown"]
        assert summary["models"]["tokens"] == sum(
            call.usage["prompt_tokens"] + call.usage["completion_tokens"] for call in server.chats if call.usage
        )

        refused = run(tmp_path, server.url, "--budget", "2usd", "--new")
        assert refused.code == 2
        assert one_sentence(refused.err)
        assert "price of openai/standin is unknown" in refused.err
        assert "tokens" in refused.err


@pytest.mark.slow
def test_a_wrong_key_stops_after_one_call(tmp_path: Path) -> None:
    with StandInServer(writes, key="sk-right") as server:
        ran = run(tmp_path, server.url, "--evaluations", "12")
        assert ran.code == 2
        assert one_sentence(ran.err), ran.err
        assert "openai/standin" in ran.err
        assert "401" in ran.err
        assert "key" in ran.err
        assert len(server.chats) == 1


@pytest.mark.slow
def test_nobody_listening_stops_at_once(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/v1"
        started = time.monotonic()
        ran = run(tmp_path, url, "--evaluations", "12")
    assert ran.code == 2
    assert one_sentence(ran.err), ran.err
    assert url in ran.err
    assert time.monotonic() - started < 60


@pytest.mark.slow
def test_three_faults_in_ten_lose_no_candidate_and_no_money(tmp_path: Path) -> None:
    faults = Faults(0.3, TRANSIENT, seed=4, wait=0.05, drip=3.0, hang=3.0)
    with StandInServer(writes, faults=faults) as server:
        settings = PRICES.format(url=server.url, more=", timeout=1.0, concurrency=8")
        write_tiny(tmp_path / "tiny")
        ran = run_evolve(
            tmp_path, "run", "tiny", "--set", settings, "--seed", "3", "--quiet",
            "--evaluations", "40", "--budget", "5usd", "--set", "scaffold.tuned=0", "--set", "scaffold.polish=0",
            env=KEYLESS,
        )  # fmt: skip
        assert ran.code == 0, ran.err
        struck = Counter(call.fault for call in server.chats if call.fault)
        billed = [call for call in server.chats if call.usage is not None and not call.fault]
    assert struck.total() >= 10
    with open_store(tmp_path / "evolve.db", create=False, read_only=True) as store:
        rows = list(store.tells(1))
        assert [row.number for row in sorted(rows, key=lambda row: row.number)] == list(range(len(rows)))
        statuses = store.statuses(1)
        assert Status.NO_ANSWER not in statuses
        assert sum(count for status, count in statuses.items() if status.costs_evaluation) == 40
        money = store.money(1)
        assert money.in_flight == 0.0
        at_least = sum((call.usage["prompt_tokens"] + 4 * call.usage["completion_tokens"]) / 1e6 for call in billed)  # type: ignore[index]
        assert money.cost >= at_least - 1e-9
        assert money.lost > 0.0, "calls that hung may be charged for"


def seeds_answered(store: Store) -> set[int]:
    """The seeds of all requests whose answers are on disk: they name a question."""
    run_seed = store.run(1).seed
    found = set()
    for number in range(store.next_number(1) + 64):
        for row in store.asked(1, number):
            if row.completion is not None:
                found.add(derived_seed(run_seed, f"ask:{number}:{row.turn}") % 2**31)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("order", ["arrival", "ordered"])
def test_an_answer_on_disk_is_never_bought_again_whenever_the_engine_is_killed(tmp_path: Path, order: str) -> None:
    write_tiny(tmp_path / "tiny")
    moments = random.Random(order)
    with StandInServer(writes, latency=Latency(0.15, 0.5, seed=1)) as server:
        settings = PRICES.format(url=server.url, more=", concurrency=4")
        command = [
            EVOLVE, "run", "tiny", "--set", settings, "--seed", "3", "--quiet", "--evaluations", "120",
            "--set", f"search.order={order}", "--set", "scaffold.tuned=1", "--db", "evolve.db", "--budget", "1usd",
        ]  # fmt: skip
        bought: set[int] = set()
        for _ in range(4):
            before = len(server.chats)
            process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL)
            target = before + moments.randrange(5, 16)
            deadline = time.monotonic() + 60
            while len(server.chats) < target and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            process.kill()
            process.wait()
            asked = {call.request.seed for call in server.chats[before:] if call.request}
            assert not asked & bought, "an answer that was on disk was bought again"
            with open_store(tmp_path / "evolve.db", create=False, read_only=True) as store:
                bought |= seeds_answered(store)
        before = len(server.chats)
        last = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120)
        assert last.returncode == 0, last.stderr
        assert not {call.request.seed for call in server.chats[before:] if call.request} & bought
        charged = sum(
            (call.usage["prompt_tokens"] + 4 * call.usage["completion_tokens"]) / 1e6
            for call in server.chats
            if call.usage
        )
    with open_store(tmp_path / "evolve.db", create=False, read_only=True) as store:
        assert len(store.runs()) == 1
        money = store.money(1)
        assert charged <= money.spent + money.in_flight <= 1.0, "the ledger never says less than the server charges"
        assert sum(count for status, count in store.statuses(1).items() if status.costs_evaluation) == 120
