"""What a foreign configuration says of the search itself, as flags of `evolve run`, and what has no counterpart."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evolve.problem.foreign.config import read_yaml
from evolve.problem.foreign.layout import Kind, Layout, parse, runner

_IN_THE_FOLDER = (
    "prompt.system_message", "evaluator.timeout", "evaluator.memory_limit_mb", "evaluator.cascade_evaluation",
    "evaluator.cascade_thresholds", "database.feature_dimensions", "database.feature_bins", "language", "file_suffix",
    "evo_config.task_sys_msg", "evo_config.language", "evo_config.init_program_path", "job_config.eval_program_path",
)  # fmt: skip
"""Settings that problem.toml, problem.md or the adapter's settings take over."""
_FLAGS = {
    "max_iterations": "--evaluations {}",
    "random_seed": "--seed {}",
    "evaluator.parallel_evaluations": "--workers {}",
    "database.num_islands": "--set search.islands={}",
    "database.migration_rate": "--set search.migration_rate={}",
    "evo_config.num_generations": "--evaluations {}",
    "evo_config.max_api_costs": "--budget {}usd",
    "max_evaluation_jobs": "--workers {}",
    "db_config.num_islands": "--set search.islands={}",
    "db_config.migration_rate": "--set search.migration_rate={}",
}
"""Numbers with one counterpart."""
_INTERVALS = {
    "database.migration_interval": "database.num_islands",
    "db_config.migration_interval": "db_config.num_islands",
}
"""In generations, of which each has a candidate of every island; ours are in candidates."""
_CALLS = {"EvolutionConfig": "evo_config", "DatabaseConfig": "db_config", "LocalJobConfig": "job_config"}
"""ShinkaEvolve's records of settings, as its YAML files call them."""
_LONGEST = 200
"""Characters of a model's name or an address."""


@dataclass(frozen=True, slots=True)
class Carried:
    """`flags` of `evolve run` with the same meaning, and dotted names of settings that were `left` behind."""

    flags: tuple[str, ...]
    left: tuple[str, ...]


def carried(found: Layout) -> Carried:
    """Sort a folder's settings. Values are read of those alone that become flags: the others may be secrets."""
    settings = dict(_settings(found))
    flags: dict[str, None] = {}
    taken = {*_IN_THE_FOLDER}
    for name, form in _FLAGS.items():
        if _is_number(settings.get(name)):
            flags[form.format(settings[name])] = None
            taken.add(name)
    for name, islands in _INTERVALS.items():
        if _is_number(settings.get(name)) and _is_number(settings.get(islands)):
            flags[f"--set search.migration_interval={int(settings[name] * settings[islands])}"] = None
            taken.add(name)
    if isinstance(whole := settings.get("diff_based_evolution"), bool):
        flags[f"--set scaffold.form={'diff' if whole else 'whole'}"] = None
        taken.add("diff_based_evolution")
    for name, flag in _models(settings):
        flags[flag] = None
        taken.add(name)
    return Carried(tuple(flags), tuple(name for name in settings if name not in taken))


def _models(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which setting becomes which flag, of models and of the address they are asked at."""
    address = _word(settings.get("llm.api_base"))
    prefix = "openai/" if address else ""
    for name in ("llm.primary_model", "llm.secondary_model"):
        if model := _word(settings.get(name)):
            yield name, f"--model {shlex.quote(prefix + model)}"
    for name, key in (("llm.models", "name"), ("evo_config.llm_models", "")):
        models = settings.get(name)
        for each in models if isinstance(models, list) else ():
            if model := _word(each.get(key) if isinstance(each, dict) else each):
                yield name, f"--model {shlex.quote(prefix + model)}"
    if address and "@" not in address:  # before an @ stands a password
        yield "llm.api_base", f"--api-base {shlex.quote(address)}"


def _settings(found: Layout) -> Iterator[tuple[str, Any]]:
    yield from _flat(read_yaml(found))
    script = runner(found.root) if found.kind is Kind.SHINKA else None
    for node in ast.walk(parse(script)) if script is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            for keyword in node.keywords:
                if keyword.arg is not None:
                    yield f"{_CALLS[node.func.id]}.{keyword.arg}", _literal(keyword.value)


def _flat(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value and prefix.count(".") < 3:
            yield from _flat(value, f"{prefix}{_word(str(key))}.")
        else:
            yield f"{prefix}{_word(str(key))}", value


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _word(value: object) -> str:
    """Text that is safe in a comment and on a command line; "" for anything else."""
    fits = isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST
    return value.strip() if fits and isinstance(value, str) else ""
