"""How values become columns: programs, prompts and answers compressed, looks as compact JSON, any text storable."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from evolve.domain import Estimate, Evaluation, Measurement, Program, Relook, Series, Split, Status

# Made once: `json.dumps` builds a new encoder per call when given options. ASCII output holds every Python string.
dump_json: Callable[[object], str] = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
"""Compact JSON text. Raises ValueError on NaN and infinities: PostgreSQL refuses them and SQLite would hide them."""

_dump_utf8 = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode


def load_json(text: str) -> Any:
    """The inverse of `dump_json`; twice as fast as `json.loads`, for it looks for no white space."""
    return _decode(text)[0]


# PostgreSQL text holds no NUL and neither database holds lone surrogates; candidates print both.
_UNSAFE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")

# For 5 kB of Python: 47 us and 2,278 bytes; level 6 takes 94 us for 2,123.
_ZLIB_LEVEL = 1


def escape(text: str) -> str:
    """Text a database can hold: NUL, SUB and lone surrogates become SUB and four hex digits."""
    return _UNSAFE.sub(lambda match: f"\x1a{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "\x1a" in text else text


def pack_text(text: str) -> bytes:
    """Any text, zlib-compressed UTF-8."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _ZLIB_LEVEL)


def unpack_text(packed: bytes) -> str:
    """The inverse of `pack_text`. Raises zlib.error or ValueError on damaged bytes."""
    return zlib.decompress(packed).decode("utf-8", "surrogatepass")


def pack_data(data: Mapping[str, Any]) -> bytes:
    """Plain data as zlib-compressed JSON. Raises ValueError on NaN and infinities."""
    # As UTF-8 and not as ASCII: two lone surrogates in a row, written as \uXXXX, would be read back as one character.
    return pack_text(_dump_utf8(data))


def unpack_data(packed: bytes) -> dict[str, Any]:
    """The inverse of `pack_data`. Raises zlib.error or ValueError on damaged bytes."""
    data: dict[str, Any] = load_json(unpack_text(packed))
    return data


def pack_program(program: Program) -> bytes:
    """A program's files as zlib-compressed JSON `{path: text}`."""
    return pack_data(program.as_dict())


def unpack_program(packed: bytes) -> Program:
    """The inverse of `pack_program`. Raises zlib.error or ValueError on damaged bytes."""
    return Program.of(unpack_data(packed))


def finite(value: float | None, what: str) -> float | None:
    """`value` unless it is NaN or infinite. Raises ValueError, for such a number is a failure and not a score."""
    if value is None or math.isfinite(value):
        return value
    raise ValueError(f"{what} is {value}, and only finite numbers are stored")


def finite_numbers(numbers: Mapping[str, float], what: str) -> dict[str, float]:
    """A copy of named numbers. Raises ValueError when one of them is NaN or infinite."""
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ValueError(f"{name!r} in {what} is {value}, and only finite numbers are stored")
    return dict(numbers)


def pack_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Escape keys and values (for artifacts, which candidates influence)."""
    return {escape(key): escape(value) for key, value in texts.items()}


def unpack_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The inverse of `pack_texts`."""
    return {unescape(key): unescape(value) for key, value in texts.items()}


def pack_measurements(measurements: Iterable[Measurement], purpose: Split, what: str) -> list[dict[str, Any]]:
    """Measurements as plain data with every default left out; the view `measurements` expands them again.

    The defaults: split `purpose`, repeat 0, status valid, and nothing for the rest. Raises ValueError on a
    metric that is not finite; `what` then names the whole.
    """
    return [_pack_measurement(measurement, purpose, what) for measurement in measurements]


def _pack_measurement(measurement: Measurement, purpose: Split, what: str) -> dict[str, Any]:
    packed: dict[str, Any] = {"stage": escape(measurement.stage), "case": measurement.case}
    if measurement.split is not purpose:
        packed["split"] = measurement.split.value
    if measurement.repeat:
        packed["repeat"] = measurement.repeat
    if measurement.status is not Status.VALID:
        packed["status"] = measurement.status.value
    if measurement.metrics:
        packed["metrics"] = finite_numbers(measurement.metrics, what)
    if measurement.feedback:
        packed["feedback"] = escape(measurement.feedback)
    if measurement.artifacts:
        packed["artifacts"] = pack_texts(measurement.artifacts)
    if measurement.wall:
        packed["wall"] = measurement.wall
    if measurement.cpu:
        packed["cpu"] = measurement.cpu
    if measurement.peak_rss:
        packed["peak_rss"] = measurement.peak_rss
    return packed


def unpack_measurements(packed: Iterable[Mapping[str, Any]], purpose: Split) -> tuple[Measurement, ...]:
    """The inverse of `pack_measurements`."""
    return tuple(
        Measurement(
            stage=unescape(item["stage"]),
            split=Split(item.get("split", purpose)),
            case=item["case"],
            repeat=item.get("repeat", 0),
            status=Status(item.get("status", Status.VALID)),
            metrics=item.get("metrics", {}),
            feedback=unescape(item.get("feedback", "")),
            artifacts=unpack_texts(item.get("artifacts", {})),
            wall=item.get("wall", 0.0),
            cpu=item.get("cpu", 0.0),
            peak_rss=item.get("peak_rss", 0),
        )
        for item in packed
    )


def evaluation_columns(number: int, purpose: Split, evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation as the columns of its table, `run_id` excepted. Raises ValueError on a number not finite."""
    objective = evaluation.objective
    what = f"the evaluation of candidate {number}"
    return {
        "number": number,
        "purpose": purpose.value,
        "status": evaluation.status.value,
        "objective": objective and finite(float(objective.mean), f"the objective of candidate {number}"),
        "stderr": objective and finite(objective.stderr, f"the standard error of candidate {number}"),
        "n": objective and objective.n,
        "wall": finite(evaluation.wall, f"the wall time of candidate {number}"),
        "metrics": finite_numbers(evaluation.metrics, what),
        "measures": finite_numbers(evaluation.measures, what),
        "feedback": evaluation.feedback,
        "artifacts": pack_texts(evaluation.artifacts),
        "measurements": pack_measurements(evaluation.measurements, purpose, what),
    }


def evaluation_from(columns: Mapping[str, Any]) -> Evaluation:
    """The inverse of `evaluation_columns`."""
    purpose = Split(columns["purpose"])
    return Evaluation(
        status=Status(columns["status"]),
        objective=estimate_from(columns["objective"], columns["stderr"], columns["n"]),
        metrics=columns["metrics"],
        measures=columns["measures"],
        feedback=columns["feedback"],
        artifacts=unpack_texts(columns["artifacts"]),
        measurements=unpack_measurements(columns["measurements"], purpose),
        wall=columns["wall"],
    )


def estimate_from(mean: float | None, stderr: float | None, n: int | None) -> Estimate | None:
    """An estimate from its three columns; None where there is no objective."""
    return None if mean is None or n is None else Estimate(mean, stderr, n)


def relook_columns(relook: Relook) -> dict[str, Any]:
    """Further looks as the columns of their table, its key and position excepted.

    Raises ValueError on a number that is not finite.
    """
    what = f"a further look at candidate {relook.number}"
    values = finite_numbers({str(look): value for look, value in relook.values.items()}, what)
    estimate = Estimate.of(values.values()) if values else None
    return {
        "number": relook.number,
        "series": relook.series.value,
        "status": relook.status.value,
        "objective": estimate and estimate.mean,
        "stderr": estimate and estimate.stderr,
        "n": len(values) + (relook.status is not Status.VALID and relook.series is not Series.HOLDOUT),
        "looks": values,
        "wall": finite(relook.wall, what),
        "feedback": relook.feedback,
        "measurements": pack_measurements(relook.measurements, Split.SEARCH, what),
    }


def relook_from(columns: Mapping[str, Any]) -> Relook:
    """The inverse of `relook_columns`; without the column, there are no measurements."""
    return Relook(
        columns["number"],
        Status(columns["status"]),
        {int(look): value for look, value in columns["looks"].items()},
        columns["feedback"],
        unpack_measurements(columns.get("measurements", ()), Split.SEARCH),
        columns["wall"],
        Series(columns["series"]),
    )
