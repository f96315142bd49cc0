"""What a foreign evaluator's answer means: a score, or a failure of the program that must not look like one."""

from __future__ import annotations

import math
from typing import Any

from .running import MOST, Raw, average

_FAILED = ("error", "stderr", "traceback", "full_traceback", "error_type", "error_message", "failure_stage")
"""Texts by which evaluators say that a program failed; with a score of nothing they are believed."""
_FLAGS = (
    "valid", "validity", "is_valid", "correct", "correctness", "is_correct", "runs_successfully", "compile_success",
    "success", "stage1_passed", "stage2_passed", "stage3_passed",
)  # fmt: skip
"""Metrics that are 0 when a program is not valid."""
FEEDBACK = 4000
_LARGEST = 10**300
"""A whole number beyond this is no float; the driver gives floats."""
UNSEALED = "--scoring unsealed runs the whole evaluator in the program's own sandbox"


class EvaluatorFails(Exception):
    """The foreign evaluator itself is at fault, not the program; the text says all there is to say."""

    without_trace = True


def judge(raw: Any, settings: dict[str, Any], failures: list[Any]) -> tuple[str, str, dict[str, Any]]:
    """`("valid", "", answer)`, or the status and text of the program's failure.

    `raw` may come from the program's own process (unsealed), so nothing in it is believed to have its type. `failures`
    are those of sealed calls: one that the evaluator caught counts when it left nothing of the score.
    """
    raw = _proper(raw)
    if raw is None:
        return "suspect", "the evaluator's answer was not what its driver gives", {}
    for failure in failures:
        if failure.status == "suspect":  # tampering is never let pass, whatever the evaluator made of it
            return "suspect", failure.text, {}
    score, texts = average(raw["metrics"], tuple(settings["features"]), raw["score"]), raw["texts"]
    told = _told(raw)
    if raw["raised"]:
        return _blame(failures, f"{settings['evaluator']} raised: {raw['raised']}")
    if raw["correct"] is False:
        return _blame(failures, raw["error"] or "the evaluator found the program incorrect")
    if not math.isfinite(score):
        return "wrong", "; ".join(filter(None, (f"the score is {score}", told))), {}
    nothing = score <= 0 or raw["score"] is None  # a mean of whatever there is says nothing about a failure
    if nothing and (why := _why_nothing(raw)):
        return _blame(failures, f"{why}\n{told}".strip())
    if nothing and failures:
        return _blame(failures, told)
    absent = [name for name in settings["measures"] if not _finite(raw["metrics"].get(name))]
    if absent:
        return "wrong", f"the evaluator gave no {absent[0]!r}, which feature_dimensions names\n{told}", {}
    metrics = {name: float(value) for name, value in raw["metrics"].items() if _finite(value) and name not in _RESERVED}
    artifacts = {name: text for name, text in list(texts.items())[:32] if name not in ("feedback", "error")}
    feedback = texts.get("feedback", "")
    if failures:
        feedback = f"{feedback}\na call failed, which the evaluator let pass: {failures[-1].text}".strip()
    answer = {**metrics, "combined_score": score, "feedback": feedback[:FEEDBACK], "artifacts": artifacts}
    return "valid", "", answer


_RESERVED = ("feedback", "artifacts")


def _proper(raw: Any) -> Raw | None:
    """The answer with every part of its type, or None."""
    kinds = {"metrics": dict, "texts": dict, "raised": str, "printed": str, "error": str}
    if type(raw) is not dict or any(type(raw.get(name)) is not kind for name, kind in kinds.items()):
        return None
    metrics = {k: v for k, v in raw["metrics"].items() if type(k) is str and type(v) in (bool, float)}
    texts = {k: v for k, v in raw["texts"].items() if type(k) is str and type(v) is str}
    score = raw.get("score")
    if len(metrics) + len(texts) > 2 * MOST or (type(score) is int and abs(score) > _LARGEST):
        return None  # no driver of ours says that
    return {
        **raw,
        "metrics": metrics,
        "texts": texts,
        "score": float(score) if type(score) in (bool, int, float) and score is not None else None,
        "correct": raw.get("correct") if type(raw.get("correct")) is bool else None,
    }


def _blame(failures: list[Any], text: str) -> tuple[str, str, dict[str, Any]]:
    """The program's own failure where a call failed, else a wrong answer."""
    if failures:
        return failures[-1].status, f"{failures[-1].text}\n--- evaluator ---\n{text}"[:FEEDBACK], {}
    return "wrong", text[-FEEDBACK:], {}


def _why_nothing(raw: Raw) -> str:
    """By which of the conventions an evaluator says that a program failed, if by any."""
    for name in _FAILED:
        if text := raw["texts"].get(name, ""):
            return f"{name}: {text}"
    if raw["metrics"].get("timeout") is True:
        return "the evaluator's own time limit was passed"
    for name in _FLAGS:
        if name in raw["metrics"] and not raw["metrics"][name]:
            return f"{name} is 0"
    if raw["score"] is None and set(raw["metrics"]) <= {"error"}:
        return "the evaluator gave no metric" if not raw["metrics"] else "the evaluator gave nothing but an error"
    return ""


def _told(raw: Raw) -> str:
    """What a model can learn from: the evaluator's texts, else what it printed."""
    lines = [f"{name}: {text}" for name, text in raw["texts"].items() if name not in _FAILED]
    return "\n".join(lines)[:FEEDBACK] or raw["printed"][-1000:]


def _finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)
