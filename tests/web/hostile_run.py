"""A run in which everything that a model, a candidate or a problem may write tries to break out of the page.

Written through the store, so that nothing on the way (length limits of ideas, refused programs) stands between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from evolve.domain import (
    Candidate,
    Completion,
    Direction,
    Estimate,
    Evaluation,
    Finish,
    Measurement,
    Origin,
    Outcome,
    Program,
    Relook,
    Series,
    Split,
    Status,
    Usage,
    Verdict,
)
from evolve.store import Answered, Asked, Evaluated, Event, Looked, NewRun, Proposed, Record, Spent, Store, Told

POISONS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)></svg>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "</script></style></title></textarea><script>alert(1)</script><!-- ",
    "<style>body{display:none}</style><base href=http://evil.test/><meta http-equiv=refresh content=0;url=http://evil.test>",
    "javascript:alert(1)",
    "[click](javascript:alert(1)) data:text/html,<script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[31mred\x1b[2J\x1b[H\x9b31m\x90q\x9c",
    "user\u202egnp.exe\u2066 \u200f\u061c",
    "nul\x00sub\x1a del\x7f",
    "\ud800 lone \udfff\udc00",
    "\u200b\u200d\ufeff\u00ad invisible \U000e0041",
    "$& $1 $` ${alert(1)} {{7*7}} {% raw %} %(x)s %s {0} \\u003cscript\\u003e",
    "'; DROP TABLE runs; --",
    "line\rfeed\r\nX-Injected: yes\u2028next\u2029",
    '=HYPERLINK("http://evil.test")',
    "&lt;b&gt;&#60;script&#62;&amp;",
    "http://evil.test/a.png url(http://evil.test/b.png) //evil.test",
)
"""Every one stands in every field that somebody else than us writes."""
NAMES = ("__proto__", "constructor", "toString", "<img src=x onerror=alert(1)>", "a\u202eb", "x" * 500)
"""Names of metrics, artifacts and files that a page may use as keys."""
LONG_LINE, MANY_LINES, DEEP = 2_000_000, 50_000, 400
"""Characters of the longest line, lines of the longest text, and nested brackets of the deepest program."""
RUN_NAME = f"{POISONS[0]}{POISONS[1]}{POISONS[9]}{POISONS[13]} {'long ' * 40}"


def giants() -> Iterator[tuple[str, str]]:
    """Texts that a page may not draw whole, by name."""
    yield "one long line", f"x = '{'<b>' * (LONG_LINE // 3)}'\n"
    yield "one long word", "a" * LONG_LINE
    yield "many lines", "".join(f"value_{number} = {number}  # <script>\n" for number in range(MANY_LINES))
    yield "escapes alone", "\x1b[31m" * 100_000
    yield "marks alone", "\u202e" * 100_000
    yield "combining", "e" + "\u0301" * 100_000
    yield "deep", "x = " + "(" * DEEP + "[{`${" * DEEP + "'''" + '"""'
    yield "unclosed", "/*" * 50_000 + '"' * 50_001


SPEC: Mapping[str, Any] = {
    "name": "hostile",
    "summary": POISONS[0],
    "objective": {
        "metric": "score",
        "direction": "maximize",
        "unit": POISONS[1],
        "target": None,
        "bound": None,
        "baselines": {
            POISONS[0]: {"value": 1.0, "source": POISONS[3]},
            "__proto__": {"value": 0.5, "source": "x" * 5000},
        },
        "best_known": {"value": 9.0, "source": "javascript:alert(1)"},
    },
    "measures": [
        {"name": "<img src=x onerror=alert(1)>", "low": 0.0, "high": 10.0, "cells": 8},
        {"name": "__proto__", "low": 0.0, "high": 7.0, "cells": 6},
    ],
}
NEW_RUN = NewRun(
    name=RUN_NAME,
    problem="hostile<script>alert(1)</script>",
    problem_path="/tmp/$(reboot)/\u202e",
    problem_digest="hostile",
    objective="score<b>",
    direction=Direction.MAXIMIZE,
    seed=1,
    settings={"search": {"islands": 2}, "budget": {"evaluations": 100}, "llm": {"models": [{"name": POISONS[0]}]}},
    settings_digest="hostile",
    spec=SPEC,
    versions={"evolve": POISONS[1]},
    isolation={
        "backend": POISONS[0],
        "level": "process",
        "layers": [POISONS[1]],
        "missing": [POISONS[8]],
        "note": POISONS[9],
    },
)


def write(store: Store) -> int:
    """Put the run into the store; its id. Candidates 1 to len(POISONS) have one poison each, later ones are giants."""
    run_id = store.create_run(NEW_RUN)
    store.append(run_id, [*candidate(0, "benign", "x = 1\n", "x = 1\n"), *happened()])
    texts = [(poison, poison) for poison in POISONS] + list(giants())
    for number, (name, text) in enumerate(texts, start=1):
        store.append(run_id, candidate(number, name, text, text[:3000]))
    numbers = range(len(texts) + 1, len(texts) + 1 + len(POISONS))
    for number, poison in zip(numbers, POISONS, strict=True):
        store.append(run_id, failed(number, poison))
    return run_id


def candidate(number: int, name: str, text: str, word: str) -> list[Record]:
    """One that scored: `text` where long ones are possible (code, prompt, answer, feedback), `word` everywhere else."""
    parents = () if not number else (number - 1,)
    inspirations = (number // 2,) if number > 2 else ()
    origin = Origin(
        "seed" if not number else f"mutate{word[:60]}", number % 2, parents, inspirations, "main", word, word, word
    )
    program = Program.of({"main.py": text, f"lib/{name[:80]}.py": f"# {name}\n{text[:1000]}"})
    return [
        *(conversation(number, word, text) if number else ()),
        Proposed(Candidate(number, program, origin), f"fingerprint {number}"),
        Evaluated(number, scored(float(number), text, word)),
        Evaluated(number, replace(scored(float(number), text, word), measurements=()), Split.HOLDOUT),
        Told(number, number, Verdict(Outcome.NEW_CELL, number % 2, number % 48, None, True, 1.0), number / 10, word),
        Looked(number, Relook(number, Status.CRASH, {}, text, (), 0.1, Series.FINAL)),
        Spent(word[:60], 1.0, word[:60], number),
    ]


def scored(value: float, text: str, word: str) -> Evaluation:
    """Valid, with hostile names and feedback."""
    metrics = {**dict.fromkeys(NAMES, value), word[:200]: value, "score": value}
    artifacts = {**dict.fromkeys(NAMES, text[:2_000]), word[:200]: text}
    look = Measurement(
        word[:50], Split.SEARCH, 0, 0, Status.VALID, metrics, text[:200_000], {word[:50]: word}, 0.1, 0.1, 2**20
    )
    measures = {"<img src=x onerror=alert(1)>": value % 10, "__proto__": value % 7}
    return Evaluation(Status.VALID, Estimate(value, 0.1, 2), metrics, measures, text, artifacts, (look,), 0.2)


def failed(number: int, poison: str) -> list[Record]:
    """One that failed with a message of somebody else's, each time in another way."""
    statuses = [status for status in Status if status is not Status.VALID]
    evaluation = Evaluation(
        statuses[number % len(statuses)], feedback=f"Traceback\n{poison}", artifacts={poison: poison}
    )
    program = Program.of({"main.py": poison})
    return [
        *conversation(number, poison, poison),
        Proposed(
            Candidate(number, program, Origin("crossover", 0, (0, 1), (2,), "main", "", poison, poison)),
            f"fingerprint {number}",
        ),
        Evaluated(number, evaluation),
        Told(number, number, Verdict(Outcome.REJECTED, 0), number / 10, poison),
    ]


def conversation(number: int, word: str, text: str) -> list[Record]:
    """What a model was asked and what it answered."""
    sections = [{"name": word[:100], "text": text}, {"name": "__proto__", "text": word}]
    prompt = {"operator": word[:60], "model": word[:60], "sections": sections}
    done = Completion(text, Finish.STOP, word[:100], Usage(10, 5, 10, 2), 0.01, 1.0, reason=word)
    digest = f"{number:064x}"
    return [
        Asked(number, 0, 0, f"mutate{word[:60]}", "edit", word[:100], prompt, digest, 0.1, 100),
        Answered(number, 0, digest, done, number / 10),
    ]


def happened() -> list[Record]:
    """Events as the engine writes them, with hostile words in them, and kinds that nobody knows."""
    cards = [{"name": POISONS[0], "price": None, "context": 8_000, "output": 1_000}]
    known = {
        "Migrated": {"source": 0, "target": 1, "numbers": [0]},
        "Restarted": {"island": 1, "founders": [0]},
        "Dismissed": {"number": 0, "status": "crash", "reason": POISONS[0], "descendants": []},
        "models_ready": {"cards": cards},
        POISONS[0]: {"number": 10**9, "sentence": POISONS[8], POISONS[1]: POISONS[9]},
        "__proto__": {"__proto__": {"polluted": True}},
    }
    return [Event(kind, data, 0.1, 1) for kind, data in known.items()]
