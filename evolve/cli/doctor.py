"""The command `doctor`: what a run would find on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from evolve.cli.options import COMMON, Common

if TYPE_CHECKING:
    from evolve.config import Settings
    from evolve.report.findings import Finding

USER_FAULT, SANDBOX_FAULT = 2, 4


def doctor(
    *,
    model: Annotated[
        tuple[str, ...], Parameter(help="A model to send one tiny request to, such as openai/gpt-x; may be repeated.")
    ] = (),
    api_base: Annotated[
        str | None, Parameter(help="Address of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1.")
    ] = None,
    config: Annotated[tuple[Path, ...], Parameter(help="Settings file (TOML); its models are tried, too.")] = (),
    set_: Annotated[tuple[str, ...], Parameter(name="--set", help="One setting; wins over files.")] = (),
    common: Common = COMMON,
) -> int:
    """Show what a run would find: packages, sandbox, Docker, database, keys, model servers, and whether models answer.

    Nothing is changed, and no key is shown. Exits with 0 when a run could start, with 2 when the database or a named
    model cannot be used, with 4 when there is no sandbox.
    """
    import asyncio

    from evolve.config import load_settings
    from evolve.report import console
    from evolve.report.doctor import doctor_json, doctor_view, faults

    models = [{"name": name, "api_base": api_base} for name in model]
    settings = load_settings(config, set_, **({"llm": {"models": models}} if models else {}))
    findings = asyncio.run(_examine(settings, api_base, common.db))
    if common.json:
        console.show_json(doctor_json(findings))
    else:
        console.show(*doctor_view(findings))
    bad = faults(findings)
    if any(finding.topic == "sandbox" for finding in bad):
        return SANDBOX_FAULT
    return USER_FAULT if bad else 0


async def _examine(settings: Settings, api_base: str | None, database: str | None) -> list[Finding]:
    from evolve.report.machine import look_around
    from evolve.report.providers import keys, try_models
    from evolve.report.servers import local_servers, named_server

    findings = [*await look_around(settings, database), keys()]
    findings += await local_servers()
    if api_base is not None:
        findings.append(await named_server(api_base))
    return [*findings, *await try_models(settings.llm.models)]
