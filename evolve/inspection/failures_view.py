"""The failures of a run in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from evolve.inspection.failures import KINDS, MESSAGES, SAMPLE, Failure, Failures, Kind, Message, Share
from evolve.inspection.operators import BUILT_IN
from evolve.inspection.rates import percent, rate_text
from evolve.report import figures
from evolve.report.text import one_line, plain

_NAMED = 4
"""Operators and models that are named."""
_NAME = 40


def failures_view(found: Failures, run_id: int) -> RenderableType:
    """Kinds, their statuses, who made them, and what they were told."""
    if not found.settled:
        return Text("no candidate is scored yet")
    if not found.failed:
        return Text(f"none of {figures.plural(found.settled, 'candidate')} failed")
    parts: list[RenderableType] = [
        Text(
            f"{figures.count(found.failed)} of {figures.plural(found.settled, 'candidate')} failed"
            f" ({percent(found.failed / found.settled)} %)"
        )
    ]
    for kind, group in found.kinds:
        parts += [Text(), _kind(kind, group), *(_failure(failure, run_id) for failure in group)]
    return Group(*parts, Text(), *_notes(found))


def _kind(kind: Kind, group: Sequence[Failure]) -> Text:
    title, meaning = KINDS[kind]
    count = sum(failure.rate.count for failure in group)
    return Text.assemble((title, "bold"), f"  {figures.count(count)}  ", (meaning, "dim"))


def _failure(failure: Failure, run_id: int) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=16, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    who = _who(failure)
    status = Text(f"  {failure.status.value}")
    table.add_row(status, figures.count(failure.rate.count), plain(f"{rate_text(failure.rate)} of all{who}"))
    for message in failure.messages:
        table.add_row("", Text(f"{figures.count(message.candidates)} ×", style="dim"), _message(message, run_id))
    rest = failure.different - len(failure.messages)
    if rest > 0:
        table.add_row("", "", Text(f"and {figures.plural(rest, 'other message')}", style="dim"))
    return table


def _who(failure: Failure) -> str:
    models = [share for share in failure.models if share.name]
    named = _names(failure.operators)
    return f"; {named}{f'; {_names(failure.models)}' if models else ''}"


def _names(shares: Sequence[Share]) -> str:
    names = [f"{one_line(share.name or BUILT_IN, _NAME)} {figures.count(share.rate.count)}" for share in shares]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _message(message: Message, run_id: int) -> Text:
    said = plain(one_line(message.text, 240)) if message.text else Text("(said nothing)", style="dim")
    return Text.assemble(said, (f"  {run_id}/{message.example}", "cyan"))


def _notes(found: Failures) -> Iterator[Text]:
    yield Text(
        f"the {MESSAGES} commonest messages of each, what differs folded away (#, '…'), with the latest candidate;"
        " evolve show RUN/NUMBER shows it",
        style="dim",
    )
    if found.sampled:
        yield Text(f"messages are those of the latest {figures.count(SAMPLE)} candidates of each status", style="dim")
