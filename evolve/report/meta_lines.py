"""A campaign while it runs: one line for every entry of its log that a person wants to hear of."""

from __future__ import annotations

from evolve.domain import Status
from evolve.meta.entries import (
    Calibrated,
    Chosen,
    ControlMade,
    EditMade,
    Entry,
    Finished,
    Held,
    ImpMade,
    Led,
    LifeTested,
)
from evolve.meta.records import Certificate, Member, Trial
from evolve.meta.state import CampaignState
from evolve.report import figures, meta_words
from evolve.report.text import one_line

_TEXT = 200


def line(entry: Entry, state: CampaignState) -> str:
    """What is said of an entry, with the state after it; empty when nothing is."""
    said = _said(entry, state)
    return one_line(f"{figures.count(state.bill.calls):>7} calls  {said}", 4 * _TEXT) if said else ""


def _said(entry: Entry, state: CampaignState) -> str:
    match entry:
        case Trial():
            return _trial(entry)
        case EditMade():
            return _edit(entry)
        case LifeTested(number, Status.VALID):
            return f"scaffold {number} is alive: it runs, and edits itself"
        case LifeTested(number, status, reason):
            return f"scaffold {number} refused, {status}: {one_line(reason, _TEXT)}"
        case Member(number):
            return f"scaffold {number} admitted" if number else ""
        case Calibrated(usable, left_out):
            return f"{figures.plural(len(usable), 'problem')} with room, {len(left_out)} left out"
        case Held(number, reason):
            return f"scaffold {number} held for review: {one_line(reason, _TEXT)}"
        case Led(numbers):
            return f"leaders, measured again on fresh seeds: {', '.join(map(str, numbers))}"
        case Chosen(number, _, confirmed):
            return f"scaffold {number} goes to the certificate, {meta_words.gain(confirmed)} on fresh seeds"
        case Certificate():
            return meta_words.verdict(entry)
        case ControlMade(name):
            return f"control {name}: {one_line(entry.reason, _TEXT) or 'done'}"
        case ImpMade(scaffold, _, k):
            return f"imp@{k} of scaffold {scaffold}: mean gain {meta_words.gain(entry.mean)}"
        case Finished(reason):
            return "" if state.certificate is not None else one_line(reason, _TEXT)
    return ""


def _trial(trial: Trial) -> str:
    key, measured = trial.key, trial.measured
    if measured.failed:
        return f"{key.stage} scaffold {key.scaffold} on {key.problem}: failed, {meta_words.failure(measured)}"
    calls = figures.plural(measured.calls, "call")
    took = figures.seconds(measured.wall)
    return f"{key.stage} scaffold {key.scaffold} on {key.problem}: area {meta_words.area(trial.area)} ({calls}, {took})"


def _edit(made: EditMade) -> str:
    if made.status is not Status.VALID:
        return f"scaffold {made.number} refused, {made.status}: {one_line(made.reason, _TEXT)}"
    idea = one_line(made.idea, _TEXT)
    return f"scaffold {made.number} made of {made.parent}: {idea} (predicts {meta_words.predicted(made.prediction)})"
