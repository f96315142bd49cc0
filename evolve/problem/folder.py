"""Reads a problem folder: everything a run needs to know of it, checked, as one frozen record."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evolve.domain import Direction, Limits, Program
from evolve.errors import ProblemError
from evolve.problem.checks import evaluator_faults, seed_faults
from evolve.problem.inputs import CHAMPIONS, HOLDOUT, PARAMETERS, Inputs, evaluator_files, fill
from evolve.problem.regions import matches
from evolve.problem.spec import ProblemSpec, Stage, check_spec, language_of

_REQUIREMENTS = "requirements.txt"
_NOT_EVALUATOR = frozenset(
    {"README.md", "IMPORT.md", "problem.toml", "problem.md", "seed", "attacks", "baselines", "witness", _REQUIREMENTS}
)
_LEFTOVERS = (".pyc", ".db", ".db-wal", ".db-shm", ".db-journal")
"""What a run or an interpreter leaves behind: neither source nor data."""

_MOST_BYTES = 32 * 1024**2
"""The evaluator's files travel to every worker at its start; data larger than this belongs elsewhere."""


@dataclass(frozen=True)
class Problem:
    """A checked problem folder.

    `evaluator` is `{path: text}` with `evaluate.py` and the files beside it; `entry` the main file of the seed;
    `editable` the seed files that may change (`editable_globs` also says what may be added); `digest` is SHA-256
    over everything that affects scores or their place in the archive; `requirements` the text of requirements.txt,
    packages that a container holds beyond the usual, empty when there is none. `companions` are files laid beside every
    candidate where the evaluator runs in the candidate's sandbox; `unsealed_because` says why it does, "" elsewhere.
    """

    root: Path
    spec: ProblemSpec
    statement: str
    seed: Program
    evaluator: Mapping[str, str]
    entry: str
    language: str
    editable: tuple[str, ...]
    digest: str
    requirements: str = ""
    companions: Mapping[str, str] = field(default_factory=dict)
    unsealed_because: str = ""

    @property
    def name(self) -> str:
        """The problem's name from `problem.toml`."""
        return self.spec.name

    @property
    def editable_globs(self) -> tuple[str, ...]:
        """The declared globs of files that may change or be added, or exactly the seed's files."""
        return self.spec.program.editable or self.editable

    @property
    def direction(self) -> Direction:
        """Whether more or less of the objective is better."""
        return self.spec.objective.direction

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of an evaluation on search cases, in order."""
        return self.spec.stages

    @cached_property
    def limits(self) -> Limits:
        """The limits of one call into a candidate, before a stage's own timeout.

        CPU seconds that are not declared are the longest wall time any stage allows.
        """
        timeouts = [stage.timeout for stage in self.spec.stages if stage.timeout is not None]
        return self.spec.limits.limits(max([self.spec.limits.wall, *timeouts]))


NOTHING = Inputs()


def load_problem(path: Path | str, inputs: Inputs = NOTHING) -> Problem:
    """Read and check a problem folder with what is given besides. Raises ProblemError that lists every fault found."""
    root = Path(path)
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise ProblemError(
            f"the problem folder {root} {what}; give a folder with a problem.toml, or make one with `evolve new NAME`"
        )
    if not (root / "problem.toml").is_file():
        from evolve.problem import foreign

        if foreign.is_foreign(root):
            return foreign.load_foreign(root, inputs)
    elif inputs.scoring:
        raise ProblemError(
            f"problem folder {root}: --scoring {inputs.scoring} is for another tool's folder, and this one has a"
            " problem.toml, where evaluation.sealed says how a kept evaluator is scored; leave --scoring out"
        )
    faults: list[str] = []
    spec = _read_spec(root, faults)
    statement = _read_statement(root, faults)
    seed = _read_seed(root, faults)
    evaluator = _read_evaluator(root, faults)
    requirements = _read_requirements(root, faults)
    if seed.files and spec is not None:
        faults += seed_faults(seed, spec.program.entry, spec.program.language, spec.program.editable)
    faults += [
        f"{name} is a name evolve writes to; rename the file" for name in (PARAMETERS, CHAMPIONS) if name in evaluator
    ]
    faults += _shown_faults(root)
    if inputs.holdout is not None:
        if not any(path.startswith(f"{HOLDOUT}/") for path in evaluator):
            faults.append(
                f"it has no folder {HOLDOUT}/ whose place --holdout {inputs.holdout} could take: its scorer makes its"
                " held-out cases itself; leave --holdout out"
            )
        evaluator = {**_without(evaluator, HOLDOUT), **_read_holdout(inputs.holdout, faults)}
    if faults or spec is None:
        raise ProblemError(_listed(root, faults))
    spec = _for_parameters(root, spec, inputs)
    if inputs.seed is not None:
        seed = Program.of(inputs.seed)
    statement = fill(statement, spec.parameters)
    evaluator = {**evaluator, **evaluator_files(spec.parameters, inputs.champions)}
    return _made(root, spec, statement, seed, evaluator, requirements)


def _made(
    root: Path, spec: ProblemSpec, statement: str, seed: Program, evaluator: Mapping[str, str], requirements: str
) -> Problem:
    """The record of a folder without faults. Raises ProblemError when a foreign evaluator it keeps is not whole."""
    from evolve.problem.foreign.kept import lay_kept

    entry = spec.program.entry or seed.files[0].path
    language = spec.program.language or language_of(entry)
    editable = tuple(file.path for file in seed.files if matches(spec.program.editable or (file.path,), file.path))
    companions: Mapping[str, str] = {}
    laid = lay_kept(root, evaluator, entry=entry, first=seed.as_dict()[entry], sealed=spec.evaluation.sealed)
    if laid is not None:
        evaluator, companions = laid.evaluator, laid.companions
    return Problem(
        root=root.resolve(),
        spec=spec,
        statement=statement,
        seed=seed,
        evaluator=MappingProxyType({**evaluator}),
        entry=entry,
        language=language,
        editable=editable,
        digest=digest_of(spec, seed, {**evaluator, **companions}, requirements),
        requirements=requirements,
        companions=MappingProxyType({**companions}),
        unsealed_because="" if spec.evaluation.sealed else "problem.toml says evaluation.sealed = false",
    )


def read_text(path: Path) -> str:
    """A file's text, newlines as they are. Raises ProblemError when it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(
            f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8; keep data as JSON or CSV"
        ) from None
    except OSError as error:
        raise ProblemError(f"{path} cannot be read: {error.strerror}; check the file and its permissions") from None


def _listed(root: Path, faults: list[str]) -> str:
    if len(faults) == 1:
        return f"problem folder {root}: {faults[0]}"
    return "\n  - ".join([f"problem folder {root} has {len(faults)} faults:", *faults])


def _read_spec(root: Path, faults: list[str]) -> ProblemSpec | None:
    path = root / "problem.toml"
    if not path.is_file():
        faults.append("problem.toml is missing; `evolve new NAME` writes one to start from")
        return None
    try:
        data = tomllib.loads(read_text(path))
    except ProblemError as error:
        faults.append(str(error))
        return None
    except tomllib.TOMLDecodeError as error:
        faults.append(f"problem.toml is not TOML: {error}; text needs quotes, tables a line such as [objective]")
        return None
    spec, found = check_spec(data)
    faults += [f"problem.toml: {fault}" for fault in found]
    return spec


def _read_statement(root: Path, faults: list[str]) -> str:
    path = root / "problem.md"
    text = _read_into(path, faults) if path.is_file() else ""
    if text is not None and not text.strip():
        faults.append("problem.md is missing or empty; it is the statement of the problem that a model reads")
    return text or ""


def _read_seed(root: Path, faults: list[str]) -> Program:
    folder = root / "seed"
    if not folder.is_dir():
        faults.append("the folder seed/ is missing; it holds the first program, one file or many")
        return Program(())
    paths = list(source_files(folder))
    if not paths:
        faults.append("the folder seed/ is empty; put the first program there")
    texts = {path.relative_to(folder).as_posix(): _read_into(path, faults) for path in paths}
    return Program.of({path: text for path, text in texts.items() if text is not None})


def _read_evaluator(root: Path, faults: list[str]) -> dict[str, str]:
    paths = list(source_files(root, skip=_NOT_EVALUATOR))
    size = sum(path.stat().st_size for path in paths)
    if size > _MOST_BYTES:
        largest = max(paths, key=lambda path: path.stat().st_size)
        faults.append(
            f"the evaluator's files hold {size // 1024**2} MB (largest: {largest}), over {_MOST_BYTES // 1024**2}; "
            f"they travel to every worker, so keep large data elsewhere"
        )
        return {}
    read = {path.relative_to(root).as_posix(): _read_into(path, faults) for path in paths}
    texts = {path: text for path, text in read.items() if text is not None}
    if "evaluate.py" in texts:
        faults += evaluator_faults(texts["evaluate.py"])
    elif "evaluate.py" not in read:
        faults.append("evaluate.py is missing; it defines evaluate(program, case) and, if you like, cases(split)")
    return texts


def _shown_faults(root: Path) -> list[str]:
    """Data of a scorer in a folder that is for programs and never reaches it."""
    folder = root / "baselines"
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        f"baselines/{path.name} is a file; baselines/ holds a folder with a program for each stated value and never"
        " reaches the evaluator: keep its data elsewhere"
        for path in paths
        if path.is_file() and not path.name.startswith(".")
    ]


def _read_holdout(folder: Path, faults: list[str]) -> dict[str, str]:
    """The files of a folder a person gave, as if they lay in the problem's own `holdout/`."""
    if not folder.is_dir():
        faults.append(f"the held-out folder {folder} is no folder; give one with the files the problem wants")
        return {}
    texts = {
        f"{HOLDOUT}/{path.relative_to(folder).as_posix()}": _read_into(path, faults) for path in source_files(folder)
    }
    if not texts:
        faults.append(f"the held-out folder {folder} is empty; put the files into it that the problem wants")
    return {path: text for path, text in texts.items() if text is not None}


def _without(files: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path: text for path, text in files.items() if not path.startswith(f"{folder}/")}


def _for_parameters(root: Path, spec: ProblemSpec, inputs: Inputs) -> ProblemSpec:
    try:
        return spec.with_parameters(inputs.parameters)
    except ProblemError as error:
        raise ProblemError(f"problem folder {root}: {error}") from None


def _read_requirements(root: Path, faults: list[str]) -> str:
    path = root / _REQUIREMENTS
    return (_read_into(path, faults) if path.is_file() else "") or ""


def _read_into(path: Path, faults: list[str]) -> str | None:
    try:
        return read_text(path)
    except ProblemError as error:
        faults.append(str(error))
        return None


def source_files(folder: Path, skip: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every file below a folder, in order, without hidden ones, caches and the top-level names in `skip`."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__" or path.name in skip:
            continue
        if path.is_dir():
            if not path.is_symlink():  # a link to a parent folder would never end
                yield from source_files(path)
        elif path.is_file() and not path.name.endswith(_LEFTOVERS):
            yield path


def digest_of(spec: ProblemSpec, seed: Program, evaluator: Mapping[str, str], requirements: str) -> str:
    """SHA-256 over what scores depend on; prose, baselines and the target are left out so that they can be improved."""
    prose = {"unit", "target", "bound", "baselines", "best_known"}
    exclude: dict[str, Any] = {"summary": True, "objective": prose, "variants": True}
    # Keys younger than the first databases: the digests of problems without them stay what they were.
    if not spec.parameters:
        exclude["parameters"] = True
    if spec.evaluation.sealed:
        exclude["evaluation"] = {"sealed"}
    settings = spec.model_dump_json(by_alias=True, exclude=exclude)
    parts = [settings, seed.digest, Program.of(evaluator).digest]
    if requirements:
        parts.append(requirements)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
