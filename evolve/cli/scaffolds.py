"""Which scaffold a run uses: the one a person named, or else the default of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evolve.errors import ScaffoldError, SettingsError

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.problem import Problem
    from evolve.store import RunRow, Store

ZERO = "zero"


def with_scaffold(store: Store, settings: Settings, named: str | None) -> Settings:
    """Settings of a new run that say which scaffold proposes; one from a folder is stored.

    Raises NotFound and ScaffoldError for a scaffold that is not there, is none or is in quarantine, SettingsError for a
    replay, whose scaffold is that of the recorded run.
    """
    from evolve.meta.standing import check_usable, read_standing

    if settings.llm.source == "replay":
        if named is not None:
            raise SettingsError(f"a replay takes its scaffold from the recorded run; leave --scaffold {named} out")
        return settings
    if named is not None:
        return _with_id(settings, _digest(store, named))
    standing = read_standing(store)
    chosen = settings.scaffold.id or standing.default or ""
    check_usable(standing, chosen)
    return _with_id(settings, chosen)


def check_named_scaffold(named: str | None, problem: Problem, settings: Settings) -> None:
    """See that a scaffold from a folder starts on this problem. Raises ScaffoldError and SandboxUnavailable."""
    from evolve.cli.meta_base import check_folder

    if named is not None and settings.llm.source != "replay":
        check_folder(named, "--scaffold", problem, settings)


def check_kept_scaffold(store: Store, row: RunRow, settings: Settings) -> None:
    """Refuse to go on with a run whose scaffold was put in quarantine since. Raises ScaffoldError."""
    from evolve.meta.standing import read_standing

    if not settings.scaffold.id:
        return
    reason = read_standing(store).quarantined.get(settings.scaffold.id)
    if reason is not None:
        raise ScaffoldError(
            f"run {row.id} uses scaffold {settings.scaffold.id[:12]}, which is in quarantine ({reason}); begin another"
            f" run with evolve run {row.problem_path} --scaffold zero (evolve meta list tells of scaffolds)"
        )


def _digest(store: Store, named: str) -> str:
    if named == ZERO:
        return ""
    from evolve.cli.meta_base import named_scaffold
    from evolve.genome.folder import manifest_of

    genome = named_scaffold(store, named, "--scaffold")
    manifest_of(genome)
    store.keep_program(genome.program)
    return genome.digest


def _with_id(settings: Settings, digest: str) -> Settings:
    return settings.model_copy(update={"scaffold": settings.scaffold.model_copy(update={"id": digest})})
