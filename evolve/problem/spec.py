"""`problem.toml` as frozen records, checked by pydantic; every fault is found in one go."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from evolve.domain import Direction, Limits
from evolve.errors import ProblemError
from evolve.problem.faults import explain
from evolve.problem.inputs import Scalar, fill, merged
from evolve.problem.rules import PassRule

BUILTIN_MEASURES = ("program_length", "structural_complexity", "edit_distance")
"""Measures the engine computes from a program's text; any other measure is a metric of the problem."""

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,63}$"

_LANGUAGES = {
    "py": "python", "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hpp": "cpp", "cu": "cuda",
    "rs": "rust", "go": "go", "js": "javascript", "mjs": "javascript", "ts": "typescript", "java": "java",
    "jl": "julia", "lua": "lua", "rb": "ruby", "sh": "shell", "sql": "sql", "hs": "haskell", "ml": "ocaml",
    "swift": "swift", "zig": "zig",
}  # fmt: skip

_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_DEFAULTS = Limits()
_LEAST_MEMORY = 32 * 1024**2
"""Bytes. A bare Python needs about 10 MB and one with numpy 30: less is almost surely a forgotten unit."""


def language_of(path: str) -> str:
    """The language a file's suffix stands for; `text` when it stands for none."""
    return _LANGUAGES.get(PurePosixPath(path).suffix.lstrip(".").lower(), "text")


def parse_bytes(value: object) -> object:
    """`"512MB"`, `"64 KB"` or `"1.5GiB"` (all powers of 1024) as bytes; anything but text is returned as it is.

    Raises ValueError when the text is no size.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().upper().replace("IB", "B")
    unit = next((unit for unit in ("KB", "MB", "GB", "B") if text.endswith(unit)), "")
    try:
        amount = float(text.removesuffix(unit))
        size = int(amount * _UNITS[unit or "B"])
    except (ValueError, OverflowError):
        raise ValueError('not a size; write a number of bytes or text such as "64KB", "512MB", "2GB"') from None
    return size


def _enough_memory(size: int) -> int:
    if size < _LEAST_MEMORY:
        raise ValueError(f'{size} bytes is less than an interpreter needs; did you forget the unit, as in "512MB"?')
    return size


def _not_a_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a whole number, not true or false")
    return value


def _parse_rule(value: object) -> object:
    return PassRule.parse(value) if isinstance(value, str) else value


def _parse_cases(value: object) -> object:
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    if isinstance(value, (list, tuple)) and value and all(type(item) is int and item >= 0 for item in value):
        return tuple(value)
    raise ValueError('must be "all", how many (the first n, at least 1) or a list of indices from 0')


def _not_empty(items: Any) -> Any:
    if not items:
        raise ValueError("must not be empty; leave the key out for the default")
    return items


def _distinct_names(items: tuple[Any, ...]) -> tuple[Any, ...]:
    names = [item.name for item in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the name {twice[0]!r} is used twice; every name must be its own")
    return items


Text = Annotated[str, Field(min_length=1)]
ParameterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Seconds = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1)]
Bytes = Annotated[int, BeforeValidator(parse_bytes), BeforeValidator(_not_a_bool), Field(ge=1)]
Flag = Annotated[bool, Field(strict=True)]


def _parse_parameter(value: object) -> object:
    if isinstance(value, (bool, int, str)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError("must be a finite number, text, true or false")


Parameter = Annotated[Scalar, PlainValidator(_parse_parameter)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class Reference(_Section):
    """A known value of the objective and where it comes from."""

    value: Number = Field(description="a number in the metric's own unit")
    source: Text = Field(description="a paper, an address or the command that measured it")


class Objective(_Section):
    """What is optimised."""

    metric: Text = Field(description="the key of evaluate()'s result that is optimised")
    direction: Direction = Field(description="whether more or less of the metric is better")
    unit: str = Field(default="", description="printed after values, such as %")
    target: Number | None = Field(default=None, description="a run may stop when it is reached")
    bound: Number | None = Field(default=None, description="a proven limit no honest program can pass")
    baselines: Mapping[str, Reference] = Field(default_factory=dict, description="simple solutions to compare with")
    best_known: Reference | None = Field(default=None, description="the best published value")

    @model_validator(mode="after")
    def _target_within_bound(self) -> Objective:
        if self.target is not None and self.bound is not None and self.direction.better(self.target, self.bound):
            raise ValueError(f"target {self.target} lies beyond the proven bound {self.bound}; one of them is wrong")
        return self


class Variant(_Section):
    """What is known of the objective for other parameters than the declared ones."""

    parameters: Annotated[Mapping[str, Parameter], AfterValidator(_not_empty)] = Field(
        description="the values this holds for, such as {n = 32}"
    )
    target: Number | None = Field(default=None, description="a run may stop when it is reached")
    bound: Number | None = Field(default=None, description="a proven limit no honest program can pass")
    baselines: Mapping[str, Reference] = Field(default_factory=dict, description="simple solutions to compare with")
    best_known: Reference | None = Field(default=None, description="the best published value")


class ProgramSection(_Section):
    """Which files are under search and how they are built and run."""

    entry: Text | None = Field(default=None, description="the main file, as a path inside seed/")
    editable: Annotated[tuple[Text, ...], AfterValidator(_not_empty)] | None = Field(
        default=None, description='globs of files that may change, such as ["*.py"]'
    )
    language: Text | None = Field(default=None, description='a name such as "python" or "cpp"')
    build: tuple[Text, ...] = Field(default=(), description='a list of arguments such as ["cc", "-O2", "main.c"]')
    command: tuple[Text, ...] = Field(default=(), description='a list of arguments such as ["./main"]')


class Measure(_Section):
    """One axis of the archive; bounds left out are learned from the first valid candidates."""

    name: Text = Field(description=f"one of {', '.join(BUILTIN_MEASURES)} or a metric of evaluate()")
    low: Number | None = Field(default=None, description="the lower edge of the first cell")
    high: Number | None = Field(default=None, description="the upper edge of the last cell")
    cells: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Field(default=16, description="cells along this axis")

    @model_validator(mode="after")
    def _ordered(self) -> Measure:
        if (self.low is None) != (self.high is None):
            raise ValueError("give both low and high, or neither (then they are learned)")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low {self.low} must be less than high {self.high}")
        return self


class EvaluationSection(_Section):
    """How the trusted evaluator is run."""

    preload: tuple[Text, ...] = Field(default=(), description='modules imported before forking, such as ["numpy"]')
    resident: Flag = Field(default=False, description="true lets one evaluator process serve many candidates")
    holdout_repeats: Count = Field(default=1, description="how often each held-out case is measured")
    timing: Flag = Field(
        default=False, description="true when scores depend on how fast a program runs: one is measured at a time"
    )
    sealed: Flag = Field(
        default=True, description="false when the scorer runs in the candidate's own process: scores are labelled"
    )


class Stage(_Section):
    """One step of the evaluation, from cheap to dear, on search cases."""

    name: Text = Field(description="shown in reports")
    cases: Annotated[Any, PlainValidator(_parse_cases)] = Field(default="all", description="which search cases")
    repeats: Count = Field(default=1, description="how often each case is measured")
    timeout: Seconds | None = Field(default=None, description="seconds of wall time per call into the candidate")
    pass_rule: Annotated[PassRule | None, BeforeValidator(_parse_rule)] = Field(
        default=None, alias="pass", description='what leads to the next stage: "valid" or such as "excess <= 10"'
    )

    def select(self, available: int) -> tuple[int, ...]:
        """Which of `available` search cases this stage uses; raises ProblemError when it names ones there are not."""
        if self.cases == "all":
            return tuple(range(available))
        wanted: tuple[int, ...] = tuple(range(self.cases)) if isinstance(self.cases, int) else self.cases
        if max(wanted) >= available:
            raise ProblemError(
                f"stage {self.name!r} in problem.toml uses search case {max(wanted)}, but evaluate.py gives "
                f"{available} (numbered from 0); lower stages.cases or add cases"
            )
        return wanted

    def refusal(self, metrics: Mapping[str, float]) -> str | None:
        """Why a valid candidate with these mean metrics does not go on; None when it does.

        Raises EvaluatorError when the rule's metric is not among them.
        """
        return None if self.pass_rule is None else self.pass_rule.refusal(metrics)


class LimitsSection(_Section):
    """What one call into a candidate may use; see `evolve.domain.Limits` for the defaults."""

    wall: Seconds = Field(default=_DEFAULTS.wall, description="seconds")
    cpu: Seconds | None = Field(default=None, description="seconds of CPU; as much as wall when left out")
    memory: Annotated[Bytes, AfterValidator(_enough_memory)] = Field(
        default=_DEFAULTS.memory, description='such as "512MB"'
    )
    output: Bytes = Field(default=_DEFAULTS.output, description='captured stdout and stderr, such as "64KB"')
    file_size: Bytes = Field(default=_DEFAULTS.file_size, description='the largest file it may write, such as "16MB"')
    processes: Count = Field(default=_DEFAULTS.processes, description="processes and threads")

    def limits(self, longest: float) -> Limits:
        """As a record of the domain; `longest` (seconds) stands in for CPU seconds that are not declared."""
        cpu = longest if self.cpu is None else self.cpu
        return Limits(self.wall, cpu, self.memory, self.output, self.file_size, self.processes)


class SandboxSection(_Section):
    """What the container backend needs to know."""

    image: Text | None = Field(default=None, description="a container image")


class ProblemSpec(_Section):
    """The whole of `problem.toml`."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)] = Field(
        description="lower-case letters, digits, _ and -, first a letter"
    )
    summary: Text = Field(description="one line for lists")
    objective: Objective = Field(description="a table [objective] with metric and direction")
    parameters: Mapping[ParameterName, Parameter] = Field(
        default_factory=dict, description="names with numbers, text, true or false, which --parameter may change"
    )
    variants: tuple[Variant, ...] = Field(
        default=(), description="tables [[variants]]: what is known of the objective for other parameters"
    )
    program: ProgramSection = Field(default=ProgramSection(), description="a table [program]")
    measures: Annotated[tuple[Measure, ...], AfterValidator(_distinct_names)] = Field(
        default=(), description="tables [[measures]]"
    )
    evaluation: EvaluationSection = Field(default=EvaluationSection(), description="a table [evaluation]")
    stages: Annotated[tuple[Stage, ...], AfterValidator(_not_empty), AfterValidator(_distinct_names)] = Field(
        default=(Stage.model_validate({"name": "all"}),), description="tables [[stages]]"
    )
    limits: LimitsSection = Field(default=LimitsSection(), description="a table [limits]")
    sandbox: SandboxSection = Field(default=SandboxSection(), description="a table [sandbox]")

    @model_validator(mode="after")
    def _variants_of_parameters(self) -> ProblemSpec:
        for variant in self.variants:
            try:
                merged(self.parameters, variant.parameters)
            except ProblemError as error:
                raise ValueError(f"in a table [[variants]]: {error}") from None
        return self

    def with_parameters(self, given: Mapping[str, Scalar]) -> ProblemSpec:
        """The spec for these values. What is known of the objective comes from the variant that states it, if any.

        Raises ProblemError for a name that is not declared, or a value of another kind.
        """
        values = merged(self.parameters, given)
        summary = fill(self.summary, values)
        if values == self.parameters:
            return self.model_copy(update={"summary": summary})
        known = next((each for each in self.variants if merged(self.parameters, each.parameters) == values), None)
        known = known or Variant(parameters=values)
        kept = {name: getattr(known, name) for name in ("target", "bound", "baselines", "best_known")}
        objective = self.objective.model_copy(update=kept)
        return self.model_copy(update={"parameters": values, "objective": objective, "summary": summary})


def check_spec(data: Mapping[str, object]) -> tuple[ProblemSpec | None, list[str]]:
    """The spec in parsed TOML, or None and one sentence per fault."""
    try:
        return ProblemSpec.model_validate(data), []
    except ValidationError as error:
        return None, [explain(fault, ProblemSpec) for fault in error.errors(include_url=False)]
