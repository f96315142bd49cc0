"""The MCP server as an agent meets it: the SDK's client in memory, and a real server process over stdio."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

from evolve.config import load_settings
from evolve.mcp import server
from evolve.problem import load_problem
from evolve.session import Session
from evolve.store import Holder, RunStatus, open_store
from tests.conftest import EVALUATE, SEED, write_tiny

MCP = ("-c", "from evolve.cli import main; main()", "mcp", "--db")
SECRET = "the held-out word"
TOOLS = {"ask", "tell", "best", "lineage", "status", "runs"}
BETTER = {"curve.py": SEED.replace("a = 1.0", "a = 3.0").replace("b = 2.0", "b = -1.0")}
TELLING = EVALUATE.replace(
    '    return {"error"',
    f'    said = {SECRET!r} if x in (-2.0, 0.5, 3.0) else "a search case"\n    return {{"feedback": said, "error"',
)

Call = Callable[..., Awaitable[Any]]
"""Calls a tool by name and gives its structured result, or the text of its error."""


class Refused(Exception):
    """A tool's error as the agent reads it."""


def calling(client: Client) -> Call:
    async def call(tool: str, **arguments: Any) -> Any:
        result = await client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        if result.is_error:
            assert isinstance(result.content[0], TextContent)
            raise Refused(result.content[0].text)
        return result.structured_content

    return call


def in_memory(db: Path, talk: Callable[[Call], Awaitable[None]]) -> None:
    async def session() -> None:
        async with Client(server(str(db))) as client:
            await talk(calling(client))

    asyncio.run(session())


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(write_tiny(tmp_path / "tiny"))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "evolve.db"


def test_the_tools_have_descriptions_and_typed_results(db: Path) -> None:
    async def look() -> None:
        async with Client(server(str(db))) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == TOOLS
            for tool in tools.values():
                assert tool.description
                assert tool.output_schema
                assert tool.output_schema["type"] == "object"
            reading = {name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint}
            assert reading == {"best", "lineage", "status", "runs"}
            assert "held-out cases are never shown" in (client.instructions or "")

    asyncio.run(look())
    assert not db.exists()


def test_an_agent_asks_edits_tells_and_looks_around(db: Path, folder: str) -> None:
    async def talk(call: Call) -> None:
        work = await call("ask", run=folder)
        assert (work["run"], work["number"], work["files"]) == (1, 1, {"curve.py": SEED})
        assert SEED.strip() in work["prompt"]
        assert (await call("status"))["waiting"][0]["number"] == 1
        report = await call("tell", number=1, files=BETTER, idea="bend it more")
        assert (report["status"], report["verdict"]["new_best"], report["best"]["number"]) == ("valid", True, 1)
        assert report["objective"]["mean"] < 2.25
        best = await call("best", run="last")
        assert (best["number"], best["files"], best["idea"]) == (1, BETTER, "bend it more")
        steps = (await call("lineage", run="1", number=1))["steps"]
        assert [step["number"] for step in steps] == [1, 0]
        assert steps[0]["step"] < 0
        status = await call("status", run="tiny")
        assert (status["outcomes"], status["waiting"]) == ({"valid": 2}, [])
        assert [row["run"] for row in (await call("runs"))["runs"]] == [1]

    in_memory(db, talk)


def test_an_edit_that_cannot_be_used_is_asked_again(db: Path, folder: str) -> None:
    async def talk(call: Call) -> None:
        work = await call("ask", run=folder)
        report = await call("tell", number=1, files={"evaluate.py": "x = 1\n"})
        assert (report["status"], report["verdict"]) == ("asked_again", None)
        assert "evaluate.py" in report["again"]["reason"]
        assert report["again"]["number"] == work["number"]
        assert (await call("tell", number=1, files=BETTER))["status"] == "valid"

    in_memory(db, talk)


def test_what_an_agent_did_wrong_is_told_to_it(db: Path, folder: str) -> None:
    async def talk(call: Call) -> None:
        with pytest.raises(Refused, match=r"evolve\.db"):
            await call("best")
        await call("ask", run=folder)
        with pytest.raises(Refused, match="waits for no answer to 9; numbers that wait for one: 1"):
            await call("tell", number=9, files=BETTER)
        with pytest.raises(Refused, match="give either files or an answer"):
            await call("tell", number=1)
        with pytest.raises(Refused, match="there is no run 7"):
            await call("status", run="7")
        with pytest.raises(Refused, match="number"):
            await call("tell", number="one", files=BETTER)
        await call("tell", number=1, files=BETTER)
        with pytest.raises(Refused, match="answered and scored already"):
            await call("tell", number=1, files=BETTER)

    in_memory(db, talk)


@pytest.mark.slow
def test_a_run_that_is_being_searched_is_said_to_be_busy_and_can_be_looked_at(db: Path, folder: str) -> None:
    async def talk(call: Call) -> None:
        await call("ask", run=folder)
        with open_store(db, create=False) as store:
            engine = Holder.here()
            store.acquire(1, engine)
            with pytest.raises(Refused, match="run 1 is being written by process"):
                await call("ask", run="1")
            assert (await call("status"))["run"]["status"] == "running"
            store.release(1, engine, RunStatus.INTERRUPTED, "")
        assert (await call("ask", run="1"))["number"] == 2

    in_memory(db, talk)


def test_agents_on_one_database_do_not_lock_each_other_out(db: Path, folder: str) -> None:
    async def busy() -> None:
        async with Client(server(str(db))) as one, Client(server(str(db))) as two:
            await calling(one)("ask", run=folder)
            works = await asyncio.gather(*(calling(client)("ask") for client in (one, two, one, two)))
            assert len({work["number"] for work in works}) == 4
            texts = [SEED.replace("a = 1.0", f"a = {2 + index}.0") for index in range(4)]
            tells = (
                calling(client)("tell", number=work["number"], files={"curve.py": text})
                for client, work, text in zip((two, one, two, one), works, texts, strict=True)
            )
            reports = await asyncio.gather(*tells)
            assert [report["status"] for report in reports] == ["valid"] * 4
            assert (await calling(one)("status"))["outcomes"] == {"valid": 5}

    asyncio.run(busy())


def test_no_tool_shows_what_was_measured_on_held_out_cases(db: Path, tmp_path: Path) -> None:
    problem = load_problem(write_tiny(tmp_path / "telling", evaluate_py=TELLING))
    heard: list[str] = []

    async def talk(call: Call) -> None:
        work = await call("ask", run=str(problem.root))
        heard.append(json.dumps([work, await call("tell", number=1, files=BETTER)]))
        settings = load_settings([], ["budget.evaluations=6", "workers.evaluations=1"])
        with open_store(db, create=False) as store:
            result = await Session(store, store.run(1), problem, settings).run()
            assert result.holdout_best is not None
            assert SECRET in result.holdout_best.feedback
            held = store.candidate(1, result.best_number or 0).holdout
            assert held is not None
            assert held.objective is not None
        heard.append(json.dumps([await call(tool) for tool in ("ask", "best", "lineage", "status", "runs")]))
        waiting = json.loads(heard[1])[0]["number"]
        heard.append(json.dumps(await call("tell", number=waiting, files={"curve.py": SEED + "# more\n"})))
        assert str(held.objective.mean) not in "".join(heard)

    in_memory(db, talk)
    assert "a search case" in "".join(heard)
    assert SECRET not in "".join(heard)


@pytest.mark.slow
def test_over_stdio_a_server_process_does_the_same(db: Path, folder: str) -> None:
    async def talk() -> None:
        parameters = StdioServerParameters(command=sys.executable, args=[*MCP, str(db)])
        async with Client(stdio_client(parameters)) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
            call = calling(client)
            work = await call("ask", run=folder)
            report = await call("tell", number=work["number"], files=BETTER)
            assert report["verdict"]["new_best"] is True

    asyncio.run(talk())


@pytest.mark.slow
def test_nothing_but_the_protocol_is_on_standard_output(db: Path, folder: str) -> None:
    said = [
        {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                                                      "clientInfo": {"name": "test", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": {"run": folder}}},
        {"id": 3, "method": "tools/call", "params": {"name": "tell", "arguments": {"number": 77}}},
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, *MCP, str(db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[dict[str, Any]] = []
    try:
        for message in said:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()
            if "id" in message:
                lines.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stdout.close()
        if process.stderr is not None:
            process.stderr.close()
    assert [line["id"] for line in lines] == [1, 2, 3]
    assert lines[1]["result"]["structuredContent"]["number"] == 1
    assert lines[2]["result"]["isError"] is True
    assert rest == ""
