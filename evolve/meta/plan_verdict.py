"""The end of a campaign as a pure function of its state: leaders, the one verdict, and what is printed beside it."""

from __future__ import annotations

from evolve.meta import cells, controls, parents, purse, verdicts
from evolve.meta.entries import Chosen, Finished, Held, Led
from evolve.meta.records import ZERO, Stage, Use
from evolve.meta.state import CampaignState
from evolve.meta.steps import Control, Done, Measure, Note, Pause, Step, measure, unmeasured


def lead(state: CampaignState) -> Step:
    """Those that rank above the first scaffold, best first, are measured again.

    Of several whose runs went alike to the last score one is enough: they differ in nothing that was seen.
    """
    free = [number for number in verdicts.leading(state) if number not in state.quarantined]
    better = verdicts.distinct(state, free)
    leaders = tuple(better[: state.settings.leaders])
    if held := _held(state, leaders):
        return held
    if not state.born:
        return Pause("what is left of the budget does not cover one scaffold and its verdict; raise the limit")
    if not leaders:
        return Note(Finished("no scaffold ranked above the first one: nothing to certify"))
    return Note(Led(leaders))


def _held(state: CampaignState, leaders: tuple[int, ...]) -> Pause | None:
    """A leader that waits for review is waited for: the one certificate is not spent on what ranks below it."""
    for number in leaders:
        if state.barred(number) and number not in state.quarantined:
            return Pause(
                f"scaffold {number} is among the leaders and held for review: {state.member(number).held}; look at it "
                "(evolve meta show, evolve meta diff), release or quarantine it, and repeat the command"
            )
    return None


def confirm(state: CampaignState, leaders: tuple[int, ...]) -> Step:
    """Measure the leaders and the first scaffold again on fresh seeds, then choose one by that alone."""
    if missing := unmeasured(state, cells.confirmation(state, leaders)):
        return measure(state, missing)
    if (held := jump(state)) is not None:
        return Note(held)
    if (waits := _held(state, leaders)) is not None:
        return waits
    gains = verdicts.gains(state, Stage.CONFIRM)
    free = [number for number in leaders if number not in state.quarantined]
    if not free:
        return Note(Finished("all leaders are quarantined: nothing to certify"))
    best = max(free, key=lambda number: (gains[number], -leaders.index(number)))
    if gains[best] <= 0:
        return Note(
            Finished(
                "no leader was better than the first scaffold when measured again on fresh seeds "
                f"(the best by {gains[best]:+.4f}): nothing to certify"
            )
        )
    return Note(Chosen(best, verdicts.gains(state, Stage.RANK)[best], gains[best]))


def certify(state: CampaignState) -> Step:
    """The one test of the chosen scaffold, and its verdict."""
    assert state.chosen is not None
    number = state.chosen.number
    if number in state.quarantined:
        return Note(Finished(f"scaffold {number} was quarantined before its certificate was done: no certificate"))
    if missing := unmeasured(state, cells.certification(state, number)):
        return measure(state, missing)
    return Note(verdicts.certificate(state))


def control(state: CampaignState) -> Step:
    """The next control that is asked for and not there yet. A control that is not covered is named, not begun."""
    done = {made.name for made in state.controls}
    for name in dict.fromkeys(state.settings.controls):
        if name in done:
            continue
        if ZERO in state.quarantined:
            return Note(controls.skipped(name, "the first scaffold is in quarantine"))
        if state.usable is None or not state.problems(Use.SEALED):
            return Note(controls.skipped(name, "no sealed problem has room"))
        if name != "longer":
            calls = purse.control_calls(state)
            covered = purse.affords(state.freed(name), calls)
            return Control(name, calls) if covered else Note(controls.uncovered(state, name, calls))
        keys = cells.longer(state, purse.own(state).calls)
        missing = unmeasured(state, keys)
        if not missing:
            return Note(controls.longer(state, keys))
        calls = cells.calls_of(missing)
        return Measure(missing) if purse.affords(state, calls) else Note(controls.uncovered(state, name, calls))
    return Done()


def jump(state: CampaignState) -> Held | None:
    """The first scaffold whose score has to be looked at by a person, if there is one.

    All are looked at again whenever one more is fully ranked: what is far off depends on the others.
    """
    table, measured = state.ranking(), state.measured()
    latest = state.trials[-1].key
    if latest.stage is Stage.RANK and any(key not in measured for key in cells.ranking(state, latest.scaffold)):
        return None
    for member in state.members[1:]:
        if member.held or member.number in state.released or member.number in state.quarantined:
            continue
        if any(key not in measured for key in cells.ranking(state, member.number)):
            continue
        bounded = (*table, *state.of_stage(Stage.CONFIRM, member.number))
        said = parents.jump(member.number, state.members, bounded, state.suite.problems, limit=state.settings.jump)
        if said:
            return Held(member.number, said)
    return None
