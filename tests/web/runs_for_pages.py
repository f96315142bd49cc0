"""`python -m tests.web.runs_for_pages FILE`: a small, rich database for looking at pages, made by real searches.

The searches are the engine's own over real problems, evaluated in the local sandbox; models are played by the stand-in
(tests/standin) within this process, so that neither a server nor litellm is needed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from evolve.config import Settings, load_settings
from evolve.domain import Completion, Finish, Usage
from evolve.events import CandidateTold, Event
from evolve.llm.base import Card, Price, Request
from evolve.llm.scripted import ScriptedModel
from evolve.problem import load_problem
from evolve.session import Session, choose_run
from evolve.store import Store, open_store
from tests.conftest import PROBLEM_TOML, write_tiny
from tests.standin.chat import ChatReply, ChatRequest, count_tokens
from tests.standin.mind import PERSONAS, mind

ROOT = Path(__file__).parent.parent.parent
PACKING, NOISY = ROOT / "problems" / "bin_packing", ROOT / "problems" / "noisy_recipe"
LAW = ROOT / "evolve" / "demo" / "oscillator_law"
LARGE = Card("openai/standin-large", Price(2.0, 8.0, cached=0.5), 128_000, 8_192)
SMALL = Card("local/standin-small", Price(0.1, 0.4), 64_000, 4_096)
TROUBLE = 0.08
"""Share of the calls that end in no answer, an empty, a truncated or a blocked one, and of programs that never end."""
ENDLESS = "    while True:\n        pass\n"
GREEDY = '    return "x" * 10**10\n'


def odd_name(length: int = 200) -> str:
    """A legal name of a run that is long and looks like markup in several languages."""
    part = "a name that goes on & on, <b>bold<b> \"quoted\" 'and' 100 % | pipes; ümläute, 数字, 🙂 and {braces} $x^2$ "
    return (part * (length // len(part) + 1))[:length].strip()


@dataclass(frozen=True)
class Plan:
    """A run to make. `stop_after` interrupts it after so many tells; with 0 evaluations it is created and not begun."""

    name: str
    problem: Path
    evaluations: int
    settings: tuple[str, ...] = ()
    models: tuple[Card, ...] = ()
    seed: int = 1
    stop_after: int | None = None


@dataclass(frozen=True)
class Played:
    """The stand-in as a model of the engine: prices, a cache that has half of long prompts, and a little trouble.

    `pace` is the median of the seconds an answer takes.
    """

    pace: float
    minds: dict[str, Callable[[ChatRequest], ChatReply]] = field(
        default_factory=lambda: {LARGE.name: mind(PERSONAS["strong"]), SMALL.name: mind(PERSONAS["weak"])}
    )

    def model(self, settings: Settings) -> ScriptedModel:
        """The models that the settings name."""
        named = {model.name for model in settings.llm.models}
        return ScriptedModel(self.answer, [card for card in (LARGE, SMALL) if card.name in named], self.seconds)

    def seconds(self, request: Request) -> float:
        """How long this answer takes."""
        return self.pace * random.Random(f"pace:{request.digest}").lognormvariate(0.0, 0.5)

    def answer(self, request: Request) -> Completion:
        """What the model says, by the request alone."""
        draw = random.Random(f"trouble:{request.digest}")
        card = LARGE if request.model == LARGE.name else SMALL
        messages = tuple((message.role.value, message.text) for message in request.messages)
        asked = ChatRequest(card.name, messages, request.max_tokens, None, request.seed)
        given = self.minds[card.name](asked).within(request.max_tokens)
        text, finish, reason = given.text, Finish.STOP, ""
        if draw.random() < TROUBLE:
            text, finish, reason = troubled(draw, text)
        prompt = asked.prompt_tokens
        usage = Usage(prompt, prompt // 2 if prompt > 1024 else 0, count_tokens(text), count_tokens(text) // 4)
        if finish is Finish.FAILED:
            seconds = self.seconds(request)
            return Completion("", finish, card.name, cost=0.0, wall=seconds, attempts=4, reason=reason, lost=0.002)
        assert card.price is not None
        cost = card.price.cost(usage.prompt, usage.output, usage.cached)
        return Completion(text, finish, card.name, usage, cost, self.seconds(request), reason=reason)


def troubled(draw: random.Random, text: str) -> tuple[str, Finish, str]:
    """An answer that went wrong at the provider, or whose program does."""
    kind = draw.choice(("failed", "blocked", "empty", "truncated", "endless", "greedy", "greedy", "endless"))
    if kind == "failed":
        return "", Finish.FAILED, "503 from the provider: overloaded, try again later"
    if kind == "truncated":
        return text[: len(text) // 2], Finish.LENGTH, ""
    if kind in ("endless", "greedy"):
        head, found, tail = text.rpartition("    return ")
        return head + (ENDLESS if kind == "endless" else GREEDY) + found + tail, Finish.STOP, ""
    return "", Finish.BLOCKED if kind == "blocked" else Finish.STOP, ""


def plans(tiny: Path, share: float) -> list[Plan]:
    """What a rich database holds; `share` scales the evaluations of its runs, at least some dozens each.

    In small ones the contest of two strategies is shorter, and on the tiny problem, which takes a tenth of the time.
    """
    contest, seeds = (LAW, range(1, 7)) if share >= 1 else (tiny, (1, 2))

    def some(evaluations: int) -> int:
        return max(24, round(evaluations * share))

    islands = ("search.islands=4", f"search.migration_interval={some(60)}", f"search.stagnation={some(120)}")
    asking = ("search.islands=2", f"search.migration_interval={some(60)}", "scaffold.builtin=0.15", "scaffold.tuned=2")
    looks = ("noise.looks=4", "noise.contender_looks=12", "search.islands=2")
    made = [
        Plan("islands", PACKING, some(400), (*islands, "scaffold.polish=20")),
        Plan("learnt-bounds", tiny, some(300), (*islands, "search.learn_first=16", "scaffold.polish=10")),
        Plan("models", LAW, some(260), (*asking, "budget.money=5", "scaffold.polish=10"), (LARGE, SMALL), seed=7),
        Plan("noisy", NOISY, some(240), looks),
    ]
    for seed in seeds:
        made.append(Plan("evolve", contest, some(90), ("scaffold.polish=0",), (LARGE,), seed))
        made.append(
            Plan("best-of-n", contest, some(90), ("scaffold.polish=0", "search.strategy=best-of-n"), (LARGE,), seed)
        )
    made += [
        Plan("interrupted", LAW, some(400), ("budget.seconds=600",), (SMALL,), seed=4, stop_after=some(60)),
        Plan(odd_name(), tiny, 30, ("scaffold.polish=0",), seed=5),
        Plan("empty", PACKING, 0),
    ]
    return made


def impatient(folder: Path) -> Path:
    """The tiny problem, in which endless programs are given half a second."""
    return write_tiny(folder, problem_toml=f"{PROBLEM_TOML}\n[limits]\nwall = 0.5\n")


def make(database: Path, share: float = 1.0, pace: float = 0.3, say: Callable[[str], None] = lambda _: None) -> None:
    """Fill a new database with every run of `plans`; models take `pace` seconds for an answer."""
    with tempfile.TemporaryDirectory() as folder, open_store(database, create=True) as store:
        for plan in plans(impatient(Path(folder) / "tiny"), share):
            began = time.perf_counter()
            run_id = carry_out(store, plan, pace)
            row = store.run(run_id).summary
            say(f"{run_id} {plan.name[:20]}: {row.told} told, {row.valid} valid, {time.perf_counter() - began:.1f} s")


def carry_out(store: Store, plan: Plan, pace: float) -> int:
    """Make one run; its id."""
    problem = load_problem(plan.problem)
    budget = [f"budget.evaluations={plan.evaluations}"] if plan.evaluations else ["budget.evaluations=100"]
    named = ", ".join(f"{{name='{card.name}', concurrency=8}}" for card in plan.models)
    models = [f"llm.models=[{named}]"] if named else []
    settings = load_settings([], [f"seed={plan.seed}", "workers.evaluations=2", *budget, *models, *plan.settings])
    run = choose_run(store, problem, settings, name=plan.name, new=True)
    if not plan.evaluations:
        return run.id
    told = 0

    def observe(event: Event) -> None:
        nonlocal told
        told += isinstance(event, CandidateTold)
        if plan.stop_after is not None and told >= plan.stop_after:
            session.stop("stopped by a person")

    session = Session(store, run, problem, settings, [observe], model_for=Played(pace).model)
    asyncio.run(session.run())
    return run.id


def main() -> None:
    """Make the database a person names."""
    parser = argparse.ArgumentParser(prog="python -m tests.web.runs_for_pages", description=__doc__)
    parser.add_argument("file", type=Path, help="must not be there yet")
    parser.add_argument("--share", type=float, default=1.0, help="scales the number of evaluations")
    parser.add_argument("--pace", type=float, default=0.3, help="median seconds of a model's answer")
    given = parser.parse_args()
    if given.file.exists():
        parser.error(f"{given.file} is there already")
    make(given.file, given.share, given.pace, print)


if __name__ == "__main__":
    main()
