"""The programs of the attack suite and the comments at the head of each that say what must become of it.

    # what: allocates through memfd_create, which no rlimit counts
    # expect: memory | crash | valid     the statuses it may end with
    # escaped: 0                         most it may have got away with when valid (default 0)
    # score: 0.5                         most it may score when valid (default 1.0); `= 1.0` demands exactly that,
                                         which is the default of honest programs
    # seconds: >= 0.05                   least seconds every call must have taken as seen from outside, when valid
    # backends: local; why not the other (default: both)
    # limits: wall=0.5 memory=64MB       overrides of the suite's limits
    # judge: twice holdout every         how it is asked, see `judge.py` (default: plain, on the search split)
    # rounds: 3                          how often it is run, one after the other in the same slot (default 1)
    # core                               part of `make test`; the others run in the slow part
    # slow                               takes longer than about 1.5 s
    # broken: why                        gets through today: expected to fail, and told when it no longer does;
                                         `docker; why` on that backend only

A line that begins with three spaces after the `#` continues the one above. Everything after the head is the program.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from judge_evaluate import MODES

from evolve.domain import Limits, Status

FOLDER = Path(__file__).parent
CATEGORIES = ("resources", "escape", "tampering", "honest")
BACKENDS = ("local", "docker")
LIMITS = Limits(wall=2.0, cpu=2.0, memory=256 * 1024**2)
_UNITS = {"KB": 1024, "MB": 1024**2, "GB": 1024**3}
_FLAGS = ("core", "slow")
_KEYS = ("what", "expect", "escaped", "score", "seconds", "backends", "limits", "judge", "rounds", "broken")
_WAYS = ("holdout", "every")


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile (or honest) program and what must become of it."""

    category: str
    name: str
    source: str
    what: str
    expect: frozenset[Status]
    escaped: int
    least: float
    most: float
    seconds: float
    backends: tuple[str, ...]
    limits: Limits
    mode: str
    ways: frozenset[str]
    rounds: int
    core: bool
    slow: bool
    broken: str

    def broken_on(self, backend: str) -> str:
        """Why it gets through on this backend; empty where it does not."""
        where, _, why = self.broken.partition(";")
        if why and set(where.split()) <= set(BACKENDS):
            return why.strip() if backend in where.split() else ""
        return self.broken

    @property
    def bounded(self) -> bool:
        """Whether its head says how much a valid one may get."""
        return Status.VALID not in self.expect or "score" in _head(self.source) or "escaped" in _head(self.source)


def everything(category: str | None = None) -> list[Attack]:
    """Every program of the suite, in a stable order."""
    wanted = CATEGORIES if category is None else (category,)
    return [read(path) for name in wanted for path in sorted((FOLDER / name).glob("*.py"))]


def read(path: Path) -> Attack:
    """Parse one file. Raises ValueError naming the file and the line at fault."""
    try:
        return _parse(path.parent.name, path.stem, path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.parent.name}/{path.name}: {error}") from None


def _parse(category: str, name: str, source: str) -> Attack:
    head = _head(source)
    for key in ("what", "expect"):
        if key not in head:
            raise ValueError(f"its head has no line '# {key}: ...'")
    least, most = _score(head.get("score", "= 1.0" if category == "honest" else "1.0"))
    mode, ways = _judge(head.get("judge", ""))
    return Attack(
        category=category,
        name=name,
        source=source,
        what=head["what"],
        expect=frozenset(Status(word.strip()) for word in head["expect"].split("|")),
        escaped=int(head.get("escaped", "0")),
        least=least,
        most=most,
        seconds=float(head.get("seconds", ">= 0").removeprefix(">=")),
        backends=_backends(head.get("backends", " ".join(BACKENDS))),
        limits=_limits(head.get("limits", "")),
        mode=mode,
        ways=ways,
        rounds=int(head.get("rounds", "1")),
        core="core" in head,
        slow="slow" in head,
        broken=head.get("broken", ""),
    )


def _head(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        if line.startswith("#   ") and last:
            found[last] += " " + line[1:].strip()
            continue
        last, _, value = (part.strip() for part in line[1:].partition(":"))
        if last not in (*_KEYS, *_FLAGS) or (last in _KEYS and not value):
            raise ValueError(f"{line!r} is no line of a head; there are {', '.join((*_KEYS, *_FLAGS))}")
        found[last] = value
    return found


def _score(text: str) -> tuple[float, float]:
    if text.startswith("="):
        return float(text[1:]), float(text[1:])
    return 0.0, float(text)


def _backends(text: str) -> tuple[str, ...]:
    names, _, why = text.partition(";")
    found = tuple(names.split())
    if not found or set(found) - set(BACKENDS):
        raise ValueError(f"backends are {' and '.join(BACKENDS)}, not {names!r}")
    if len(found) < len(BACKENDS) and not why.strip():
        raise ValueError("'# backends: local; why' must say why not both")
    return found


def _limits(text: str) -> Limits:
    changed: dict[str, float] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        if name not in {field.name for field in fields(Limits)}:
            raise ValueError(f"there is no limit {name!r}")
        scale = _UNITS.get(value[-2:], 0)
        changed[name] = int(value[:-2]) * scale if scale else float(value) if name in ("wall", "cpu") else int(value)
    return replace(LIMITS, **changed)  # type: ignore[arg-type]


def _judge(text: str) -> tuple[str, frozenset[str]]:
    words = text.split()
    modes = [word for word in words if word in MODES]
    if set(words) - {*MODES, *_WAYS} or len(modes) > 1:
        raise ValueError(f"the judge knows one of {', '.join(MODES)}, and {', '.join(_WAYS)}; not {text!r}")
    return (modes or ["plain"])[0], frozenset(words) & set(_WAYS)
