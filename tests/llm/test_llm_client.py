"""The client over real HTTP, against the stand-in with every fault it knows."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from evolve.config import ModelSettings
from evolve.domain import Completion, Finish, Message, Role
from evolve.errors import EvolveError, ModelRefused, ModelUnavailable
from evolve.llm.base import Card, Price, Request
from evolve.llm.ledger import Ledger
from evolve.llm.litellm import LiteLLMClient, card_of, preload
from evolve.llm.pool import Pool
from tests.llm.odd_server import serving
from tests.standin.chat import ChatReply, ChatRequest
from tests.standin.server import StandInServer
from tests.standin.weather import Fault, Faults

NAME = "openai/standin"
STABLE = "You improve programs. " * 300


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    preload()


def request(text: str = "Improve this.", **changes: Any) -> Request:
    given: dict[str, Any] = {"model": NAME, "max_tokens": 200, "seed": 7, **changes}
    messages = (Message(Role.SYSTEM, STABLE, stable=True), Message(Role.USER, text))
    return Request(messages=messages, **given)


def ask(address: str | None, *requests: Request, **settings: Any) -> list[Completion]:
    """The answers of one client, one request after the other."""

    async def main() -> list[Completion]:
        model = ModelSettings.model_validate({"name": NAME, "api_base": address, "timeout": 1.0, **settings})
        client = LiteLLMClient(model)
        try:
            return [await client.call(each) for each in requests or (request(),)]
        finally:
            await client.close()

    return asyncio.run(main())


def failing(fault: Fault, **settings: Any) -> EvolveError:
    with StandInServer(answer, faults=Faults(1.0, (fault,), wait=1.5)) as server, pytest.raises(EvolveError) as raised:
        ask(server.url, **settings)
    return raised.value


def answer(chat: ChatRequest) -> ChatReply:
    return ChatReply("a better program", reasoning="let me think about it")


def test_an_answer_comes_with_its_tokens_and_its_cost() -> None:
    with StandInServer(answer) as server:
        first, second = ask(
            server.url, request(), request("Again."), input_price=2.0, cached_price=0.5, output_price=10.0
        )
        body, reported = server.chats[0].request.body, [call.usage for call in server.chats]  # type: ignore[union-attr]
    assert (first.text, first.finish, first.model) == ("a better program", Finish.STOP, NAME)
    assert body["seed"] == 7
    assert body["max_tokens"] == 200
    assert "temperature" not in body
    usage = second.usage
    assert usage.prompt == reported[1]["prompt_tokens"]  # type: ignore[index]
    assert usage.cached >= 1024
    assert usage.reasoning > 0
    assert usage.output > usage.reasoning
    dollars = ((usage.prompt - usage.cached) * 2.0 + usage.cached * 0.5 + usage.output * 10.0) / 1e6
    assert second.cost == pytest.approx(dollars)


def test_an_unknown_price_is_unknown_and_not_nothing() -> None:
    with StandInServer(answer) as server:
        assert ask(server.url)[0].cost is None


@pytest.mark.parametrize(
    ("fault", "finish", "text"),
    [
        (Fault.EMPTY, Finish.STOP, ""),
        (Fault.TRUNCATED, Finish.LENGTH, "a better"),
        (Fault.FILTERED, Finish.BLOCKED, ""),
        (Fault.OVERFLOW, Finish.OVERFLOW, ""),
    ],
)
def test_an_answer_that_is_none_says_why(fault: Fault, finish: Finish, text: str) -> None:
    with StandInServer(answer, faults=Faults(1.0, (fault,))) as server:
        completion = ask(server.url)[0]
    assert completion.finish is finish
    assert completion.text == text
    assert bool(completion.reason) == (finish is not Finish.STOP)


@pytest.mark.parametrize(
    ("fault", "billed"),
    [
        (Fault.ERROR, False),
        (Fault.UNAVAILABLE, False),
        (Fault.HANG, True),
        (Fault.DRIP, True),
        (Fault.CUT, True),
        (Fault.MALFORMED, True),
        (Fault.CONTENT_TYPE, True),
    ],
)
def test_what_fails_for_the_moment_may_be_tried_again_and_says_whether_it_may_cost(fault: Fault, billed: bool) -> None:
    started = time.monotonic()
    error = failing(fault)
    assert isinstance(error, ModelUnavailable)
    assert error.billed is billed
    assert not error.throttled
    assert NAME in str(error)
    assert time.monotonic() - started < 3, "a slow drip must not outlast the timeout of 1 s"


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [(Fault.RATE, 1.5, 1.5), (Fault.RATE_MS, 1.5, 1.5), (Fault.RATE_DATE, 0.2, 3.0)],
)
def test_a_429_says_how_long_to_wait(fault: Fault, least: float, most: float) -> None:
    error = failing(fault)
    assert isinstance(error, ModelUnavailable)
    assert error.throttled
    assert error.retry_after is not None
    assert least <= error.retry_after <= most
    assert not error.billed


@pytest.mark.parametrize(
    ("fault", "way_out"),
    [(Fault.UNAUTHORIZED, "api_key_env"), (Fault.PAYMENT, "add credit"), (Fault.QUOTA, "add credit")],
)
def test_what_no_retry_will_cure_is_refused_with_the_way_out(fault: Fault, way_out: str) -> None:
    error = failing(fault)
    assert isinstance(error, ModelRefused)
    assert NAME in str(error)
    assert way_out in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.PAYMENT, Fault.QUOTA])
def test_a_wrong_key_or_an_empty_account_costs_one_request_with_eight_slots(fault: Fault) -> None:
    async def main(address: str) -> list[Completion | BaseException]:
        pool = Pool([ModelSettings(name=NAME, api_base=address, concurrency=8)], Ledger())
        try:
            return await asyncio.gather(*(pool.complete(request(f"{n}")) for n in range(8)), return_exceptions=True)
        finally:
            await pool.close()

    with StandInServer(answer, faults=Faults(1.0, (fault,))) as server:
        results = asyncio.run(main(server.url))
        assert len(server.calls) == 1
    assert {type(result) for result in results} == {ModelRefused}


def test_a_server_that_was_never_started_is_said_at_once_and_one_that_restarts_is_waited_for() -> None:
    with pytest.raises(ModelRefused, match=r"nothing listens at http://127\.0\.0\.1:9/v1"):
        ask("http://127.0.0.1:9/v1")

    async def main() -> None:
        with StandInServer(answer) as server:
            client = LiteLLMClient(ModelSettings(name=NAME, api_base=server.url, timeout=2.0))
            await client.call(request())
        try:
            with pytest.raises(ModelUnavailable) as raised:
                await client.call(request())
            assert not raised.value.billed
        finally:
            await client.close()

    asyncio.run(main())


def test_a_model_that_wants_to_be_asked_as_a_reasoning_model_is_asked_so_from_then_on() -> None:
    with StandInServer(answer, reasoning=True) as server:
        completions = ask(server.url, request(temperature=0.5), request(temperature=0.5))
        bodies = [call.request.body for call in server.chats]  # type: ignore[union-attr]
    assert [completion.text for completion in completions] == ["a better program"] * 2
    assert len(bodies) == 3
    assert bodies[-1]["max_completion_tokens"] == 200
    assert "temperature" not in bodies[-1]
    assert "max_tokens" not in bodies[-1]


def test_a_reasoning_model_by_settings_takes_no_temperature() -> None:
    with StandInServer(answer, reasoning=True) as server:
        assert ask(server.url, reasoning=True, temperature=0.7)[0].finish is Finish.STOP
        assert len(server.chats) == 1


def test_temperature_and_seed_follow_request_and_settings() -> None:
    with StandInServer(answer) as server:
        ask(server.url, request(), request(temperature=0.1), temperature=0.9, send_seed=False)
        bodies = [call.request.body for call in server.chats]  # type: ignore[union-attr]
    assert [body["temperature"] for body in bodies] == [0.9, 0.1]
    assert all("seed" not in body for body in bodies)


@pytest.mark.parametrize("name", ["qwen3-coder", "Qwen/Qwen3-Coder-30B"])
def test_with_an_address_any_name_will_do_and_no_real_key_is_sent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-the-real-one")
    with StandInServer(answer) as server:
        completion = ask(server.url, request(model=name), name=name)[0]
        call = server.chats[0]
    assert completion.model == name
    assert call.request is not None
    assert call.request.model == name
    assert "the-real-one" not in str(call.headers)


def test_a_key_is_taken_from_the_variable_that_settings_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret-secret")
    with StandInServer(answer, key="sk-secret-secret") as server:
        assert ask(server.url, api_key_env="MY_KEY")[0].finish is Finish.STOP
    body = {"error": {"message": "sk-secret-secret is not known here"}}
    with serving(body, 401) as (address, _), pytest.raises(ModelRefused) as raised:
        ask(address, api_key_env="MY_KEY")
    assert "sk-secret" not in str(raised.value)
    assert "MY_KEY" in str(raised.value)
    monkeypatch.delenv("MY_KEY")
    with serving(body, 401) as (address, asked), pytest.raises(ModelRefused, match="MY_KEY is not set"):
        ask(address, api_key_env="MY_KEY")
    assert asked == []


def test_without_key_or_address_the_usual_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY"):
        ask(None, name="openai/gpt-x")
    with pytest.raises(ModelRefused, match=r"openai/standing-by.*--api-base"):
        ask(None, name="standing-by")


CHOICE = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "x" * 300}}


def body_of(**changes: Any) -> dict[str, Any]:
    choice = {**CHOICE, **changes.pop("choice", {})}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **changes}


def test_a_server_that_does_not_count_tokens_is_estimated_from_above() -> None:
    with serving(body_of()) as (address, _):
        plain, thinking = ask(address)[0], ask(address, reasoning=True)[0]
    assert len(STABLE) / 4 <= plain.usage.prompt <= len(STABLE) / 2.5
    assert 75 <= plain.usage.output <= 120
    assert thinking.usage.output == 200, "what it thought is not to be seen: all it may have"


def test_half_a_character_neither_stops_a_question_nor_comes_with_an_answer() -> None:
    message = {"role": "assistant", "content": "half \ud800 of one"}
    with serving(body_of(choice={"message": message})) as (address, asked):
        assert ask(address, request("Improve \udfff this."))[0].text == "half ? of one"
    assert len(asked) == 1


def test_a_refusal_in_words_is_an_answer_of_its_own() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    with serving(body_of(choice={"message": message})) as (address, _):
        completion = ask(address)[0]
    assert (completion.finish, completion.text, completion.reason) == (Finish.BLOCKED, "", "I cannot help with that.")


def test_a_request_that_one_time_is_not_accepted_does_not_end_the_run() -> None:
    """A 400 before any answer is a wrong set-up; after one it is about that request."""
    body = {"error": {"message": "invalid unicode in messages"}}
    with serving(body, 400) as (address, _), pytest.raises(ModelRefused, match="invalid unicode"):
        ask(address)

    def picky(chat: ChatRequest) -> str:
        return "fine"

    with StandInServer(picky, models=("standin",)) as server:
        good, bad = ask_with_bad_second(server)
    assert good.finish is Finish.STOP
    assert (bad.finish, bad.cost) == (Finish.FAILED, 0.0)
    assert bad.reason


def ask_with_bad_second(server: StandInServer) -> tuple[Completion, Completion]:
    async def main() -> tuple[Completion, Completion]:
        client = LiteLLMClient(ModelSettings(name=NAME, api_base=server.url, timeout=5.0))
        try:
            good = await client.call(request())
            bad = await client.call(Request(NAME, (), 10))
            return good, bad
        finally:
            await client.close()

    return asyncio.run(main())


def known(name: str, **settings: Any) -> Card:
    return card_of(ModelSettings.model_validate({"name": name, **settings}))


def test_cards_of_known_models_come_from_the_list() -> None:
    card = known("anthropic/claude-sonnet-4-5")
    assert card.price == Price(pytest.approx(3.0), pytest.approx(15.0), pytest.approx(0.3), pytest.approx(3.75))
    assert card.context == 200_000
    assert card.reasoning
    assert known("gpt-4o-mini").price == known("openai/gpt-4o-mini").price
    long = known("gemini/gemini-2.5-pro")
    assert long.price_of(200_000) == long.price
    assert long.price_of(200_001) == long.long_price
    assert long.long_price is not None
    assert long.price is not None
    assert long.long_price.input == 2 * long.price.input


def test_cards_of_unknown_models_are_cautious_and_settings_come_first() -> None:
    card = known("openai/gpt-x")
    assert (card.price, card.context, card.output) == (None, 32_000, 8_192)
    set_up = known("gpt-4o-mini", input_price=1, output_price=2, context=9_000, output=500, reasoning=True)
    assert set_up == Card("gpt-4o-mini", Price(1.0, 2.0), 9_000, 500, reasoning=True)
    assert known("ollama/qwen3-coder").price == Price(0.0, 0.0)


def test_a_zero_that_fills_a_gap_in_the_list_is_no_price() -> None:
    assert known("openrouter/anthropic/claude-sonnet-4.5").price is None


def test_only_the_stable_beginning_is_marked_and_only_where_marks_are_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-nothing")
    body = {
        "id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "hello"}],
        "usage": {"input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 100,
                  "cache_read_input_tokens": 1_000},
    }  # fmt: skip
    name = "anthropic/claude-sonnet-4-5"
    with serving(body) as (address, asked):
        completion = ask(address.removesuffix("/v1"), request(model=name), name=name, timeout=60.0)[0]
    assert asked[0]["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in str(asked[0]["messages"])
    assert (completion.usage.prompt, completion.usage.cached) == (1_110, 1_000)
    assert completion.cost == pytest.approx((10 * 3.0 + 100 * 3.75 + 1_000 * 0.3 + 5 * 15.0) / 1e6)
