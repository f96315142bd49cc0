"""The stand-in's server over real HTTP: what clients see of answers, usage, latency, faults and rate limits."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import math
import struct
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from standin import (
    Allowance,
    ChatReply,
    ChatRequest,
    Fault,
    Faults,
    Latency,
    StandInServer,
    count_tokens,
)


def body(text: str = "hello", **further: Any) -> dict[str, Any]:
    return {"model": "standin", "messages": [{"role": "user", "content": text}], **further}


HTTP = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0))
"""One client for all: making one takes longer than most of the tests."""


def ask(server: StandInServer, text: str = "hello", timeout: float = 5.0, **further: Any) -> httpx.Response:
    return HTTP.post(f"{server.url}/chat/completions", json=body(text, **further), timeout=timeout)


def echo(request: ChatRequest) -> str:
    return f"you said {request.messages[-1][1]}"


def content(response: httpx.Response) -> str:
    return str(response.json()["choices"][0]["message"]["content"])


def test_an_answer_has_text_usage_and_a_finish_reason() -> None:
    with StandInServer(echo) as server:
        answer = ask(server, "abcdefgh").json()
    assert answer["choices"][0]["message"]["content"] == "you said abcdefgh"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["completion_tokens"] == count_tokens("you said abcdefgh") == 5
    assert answer["usage"]["prompt_tokens"] == 2 + 4
    assert server.chats[0].usage == answer["usage"]


def test_a_stream_says_the_same_as_a_whole_answer() -> None:
    with StandInServer(lambda _: ChatReply("a" * 100, reasoning="thought")) as server:
        lines = ask(server, stream=True, stream_options={"include_usage": True}).text.split("\n\n")
        whole = ask(server)
    assert lines[-2:] == ["data: [DONE]", ""]
    parts = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    deltas = [part["choices"][0]["delta"] for part in parts if part["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == content(whole)
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "thought"
    assert parts[-1]["usage"] == whole.json()["usage"]
    assert whole.json()["usage"]["completion_tokens_details"]["reasoning_tokens"] == 2


def test_the_token_limit_cuts_an_answer_and_says_so() -> None:
    with StandInServer(lambda _: ChatReply("x" * 400, reasoning="y" * 40)) as server:
        answer = ask(server, max_completion_tokens=20).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["choices"][0]["message"]["content"] == "x" * 40
    assert answer["usage"]["completion_tokens"] == 20


def test_a_common_prefix_is_cached_in_whole_blocks() -> None:
    stable = "the same words " * 500
    with StandInServer(echo) as server:
        cached = [
            ask(server, text).json()["usage"]["prompt_tokens_details"]["cached_tokens"]
            for text in (stable + "one", stable + "two", "other " + stable, "short", "short")
        ]
    assert cached[0] == cached[2] == cached[3] == cached[4] == 0
    assert cached[1] % 128 == 0
    assert len(stable) // 4 - 128 <= cached[1] <= len(stable) // 4 + 16


def test_models_embeddings_and_unknown_addresses() -> None:
    with StandInServer(echo, models=("standin", "other")) as server:
        listed = HTTP.get(f"{server.url}/models").json()["data"]
        texts = ["return a * x + b", "return a * x + c", "while queue: item = queue.pop()"]
        near, same, far = (
            item["embedding"]
            for item in HTTP.post(f"{server.url}/embeddings", json={"model": "e", "input": texts}).json()["data"]
        )
        packed = HTTP.post(
            f"{server.url}/embeddings", json={"model": "e", "input": texts[0], "encoding_format": "base64"}
        ).json()["data"][0]["embedding"]
        assert HTTP.get(f"{server.url}/nothing").status_code == 404
    assert [model["id"] for model in listed] == ["standin", "other"]
    assert dot(near, same) > 0.5 > dot(near, far)
    assert struct.unpack(f"<{len(near)}f", base64.b64decode(packed)) == pytest.approx(near)


def dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def test_a_wrong_key_is_refused() -> None:
    with StandInServer(echo, key="secret") as server:
        assert ask(server).status_code == 401
        headers = {"Authorization": "Bearer secret"}
        assert HTTP.post(f"{server.url}/chat/completions", json=body(), headers=headers).status_code == 200


def test_a_prompt_beyond_the_context_is_refused_as_openai_does() -> None:
    with StandInServer(echo, context=100) as server:
        refused = ask(server, "x" * 500)
        assert ask(server, "x" * 300).status_code == 200
        assert ask(server, "x" * 300, max_tokens=50).status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"


def test_a_reasoning_model_takes_neither_temperature_nor_max_tokens() -> None:
    with StandInServer(echo, reasoning=True) as server:
        assert ask(server, temperature=0.7).json()["error"]["code"] == "unsupported_parameter"
        assert ask(server, max_tokens=100).status_code == 400
        assert ask(server, max_completion_tokens=100).status_code == 200


@pytest.mark.parametrize("sent", [b"no json", b"[]", b"{}", b'{"model": "m"}', b'{"model": "m", "messages": [1]}'])
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    with StandInServer(echo) as server:
        assert HTTP.post(f"{server.url}/chat/completions", content=sent).status_code == 400


STATUS = {
    Fault.RATE: 429, Fault.RATE_DATE: 429, Fault.RATE_MS: 429, Fault.ERROR: 500, Fault.UNAVAILABLE: 503,
    Fault.UNAUTHORIZED: 401, Fault.PAYMENT: 402, Fault.QUOTA: 429, Fault.OVERFLOW: 400,
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(STATUS))
@pytest.mark.parametrize("stream", [False, True])
def test_faults_that_are_a_status(fault: Fault, stream: bool) -> None:
    with StandInServer(echo, faults=Faults(1.0, (fault,), wait=1.5)) as server:
        answer = ask(server, stream=stream)
    assert answer.status_code == STATUS[fault]
    assert answer.json()["error"]["message"]
    assert [call.fault for call in server.chats] == [fault]


def test_a_429_says_when_to_come_back_in_three_ways() -> None:
    headers = {}
    for fault in (Fault.RATE, Fault.RATE_DATE, Fault.RATE_MS):
        with StandInServer(echo, faults=Faults(1.0, (fault,), wait=1.5)) as server:
            headers[fault] = ask(server).headers
    assert headers[Fault.RATE]["retry-after"] == "1.5"
    assert headers[Fault.RATE_MS]["retry-after-ms"] == "1500"
    assert 0 < parsedate_to_datetime(headers[Fault.RATE_DATE]["retry-after"]).timestamp() - time.time() < 3


@pytest.mark.parametrize("stream", [False, True])
def test_faults_of_the_answer_itself(stream: bool) -> None:
    def struck(fault: Fault) -> httpx.Response:
        with StandInServer(lambda _: "hello " * 50, faults=Faults(1.0, (fault,), drip=0.3)) as server:
            return ask(server, stream=stream)

    assert '"finish_reason": "length"' in struck(Fault.TRUNCATED).text
    assert '"finish_reason": "content_filter"' in struck(Fault.FILTERED).text
    assert "hello" not in struck(Fault.EMPTY).text
    page = struck(Fault.CONTENT_TYPE)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        json.loads(struck(Fault.MALFORMED).text.split("\n\n")[-1].removeprefix("data: "))
    with pytest.raises(httpx.RemoteProtocolError):
        struck(Fault.CUT)
    started = time.monotonic()
    assert struck(Fault.DRIP).status_code == 200
    assert time.monotonic() - started > 0.25


def test_a_hung_call_never_ends_by_itself_and_does_not_hold_up_the_others() -> None:
    with StandInServer(echo, faults=Faults(1.0, (Fault.HANG,), first=1)) as server:
        with pytest.raises(httpx.ReadTimeout):
            ask(server, timeout=0.3)
        assert content(ask(server)) == "you said hello"


def test_faults_and_latency_depend_on_the_request_and_its_occurrence_alone() -> None:
    texts = [str(number) for number in range(30)] * 2

    def run(order: Sequence[str]) -> dict[tuple[str, int], str]:
        with StandInServer(echo, faults=Faults(0.4, (Fault.ERROR, Fault.EMPTY), seed=3)) as server:
            for text in order:
                ask(server, text)
            return {(call.request.text, call.request.occurrence): call.fault for call in server.chats if call.request}

    first, second = run(texts), run(texts[::-1])
    assert first == second
    assert 0.2 < sum(1 for fault in first.values() if fault) / len(first) < 0.6
    assert any(first[text, 0] != first[text, 1] for text in texts)


def test_latency_is_log_normal_with_the_median_asked_for() -> None:
    latency = Latency(0.5, 0.4, seed=1)
    drawn = sorted(latency.seconds(str(key)) for key in range(2001))
    assert drawn[1000] == pytest.approx(0.5, rel=0.05)
    logs = [math.log(value / 0.5) for value in drawn]
    assert math.sqrt(sum(value**2 for value in logs) / len(logs)) == pytest.approx(0.4, rel=0.05)
    assert latency.seconds("7") == Latency(0.5, 0.4, seed=1).seconds("7") != Latency(0.5, 0.4, seed=2).seconds("7")


@pytest.mark.parametrize("window", ["fixed", "sliding", "bucket"])
def test_an_allowance_lets_in_as_many_as_it_says(window: str) -> None:
    """A client that comes every 10 ms for 20 s gets in five times a second, and no window of a second holds more."""
    allowance = Allowance(5.0, window)
    times = [step / 100 for step in range(100, 2100)]
    let_in = [now for now in times if allowance.refuse(now) is None]
    assert 100 <= len(let_in) <= 105
    if window == "sliding":
        assert all(later - now >= 1.0 for now, later in zip(let_in, let_in[5:], strict=False))
    if window == "bucket":
        assert all(later - now == pytest.approx(0.2, abs=0.011) for now, later in itertools.pairwise(let_in[5:]))


@pytest.mark.parametrize("window", ["fixed", "sliding", "bucket"])
def test_whoever_waits_as_told_gets_in(window: str) -> None:
    allowance, now = Allowance(3.0, window), 10.0
    for _ in range(50):
        wait = allowance.refuse(now)
        if wait is not None:
            now += wait + 1e-9
            assert allowance.refuse(now) is None
        now += 0.05


def test_beyond_its_allowance_the_server_answers_429() -> None:
    with StandInServer(echo, allow=Allowance(3.0, "sliding")) as server:
        answers = [ask(server, str(number)) for number in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert 0 < float(answers[-1].headers["retry-after-ms"]) <= 1000


def test_sixty_four_calls_wait_at_once_for_little() -> None:
    """64 calls of half a second take about that; the server's own work is a few milliseconds of CPU a call."""

    async def run(server: StandInServer) -> float:
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=64)) as client:
            await client.get(f"{server.url}/models")
            started = time.monotonic()
            url = f"{server.url}/chat/completions"
            answers = await asyncio.gather(*(client.post(url, json=body(str(number))) for number in range(64)))
            assert {answer.status_code for answer in answers} == {200}
            return time.monotonic() - started

    with StandInServer(echo, latency=Latency(0.5)) as server:
        assert 0.5 <= asyncio.run(run(server)) < 5.0
        waiting = [(call.started, 1) for call in server.chats] + [(call.ended or 0.0, -1) for call in server.chats]
    assert max(itertools.accumulate(step for _, step in sorted(waiting))) > 32


def test_a_mistake_in_respond_is_shown_to_the_client() -> None:
    with StandInServer(lambda request: str(1 / (len(request.messages) - 1))) as server:
        answer = ask(server)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text
