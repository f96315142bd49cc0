"""What a campaign does next: stages in their order, hard limits, and the same from any point of the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from evolve.domain import Status
from evolve.meta import cells, plan, plan_verdict, purse, verdicts
from evolve.meta.book import MemoryBook
from evolve.meta.entries import EditMade, Entry, Led, Quarantined, Rebudgeted, Released, kind_of
from evolve.meta.records import ZERO, Certificate, Stage, Trial, Use
from evolve.meta.state import CampaignState, fold
from evolve.meta.steps import Note
from tests.meta.conftest import Run, keen, run_toy
from tests.meta.toy import grammar
from tests.meta.toy.bench import ToyBench, toy_zero
from tests.meta.toy.mind import PERSONAS
from tests.meta.toy.world import toy_suite


def trials(entries: Iterable[Entry], stage: Stage) -> list[Trial]:
    return [entry for entry in entries if isinstance(entry, Trial) and entry.key.stage is stage]


def book_of(entries: list[Entry], other: MemoryBook) -> MemoryBook:
    """A log that was cut off, with all the scaffolds of the other one."""
    book = MemoryBook(entries)
    for digest in other.digests():
        book.keep(other.genome(digest))
    return book


class TestStages:
    def test_come_in_their_order(self, toy_run: Run) -> None:
        _, book = toy_run(controls=("longer",))
        order = [entry.key.stage for entry in book.entries() if isinstance(entry, Trial)]
        runs = [stage for stage, following in pairwise([*order, None]) if stage is not following]
        first, last = runs[0], runs[-3:]
        assert first is Stage.CALIBRATE
        assert last == [Stage.CERTIFY, Stage.PROBE, Stage.LONGER]
        assert runs.index(Stage.CONFIRM) > max(place for place, stage in enumerate(runs) if stage is Stage.RANK)

    def test_all_are_ranked_on_the_same_problems_and_seeds(self, toy_run: Run) -> None:
        outcome, _ = toy_run(rank_seeds=2)
        state = outcome.state
        ranked = {
            member.number: {
                (each.key.problem, each.key.seed) for each in state.ranking() if each.key.scaffold == member.number
            }
            for member in state.members
        }
        assert len(ranked) > 2
        assert len({frozenset(found) for found in ranked.values()}) == 1

    def test_confirmation_and_certificate_have_fresh_seeds_for_both_sides(self, toy_run: Run) -> None:
        outcome, book = toy_run()
        seeds = {stage: {each.key.seed for each in trials(book.entries(), stage)} for stage in Stage}
        assert not seeds[Stage.RANK] & seeds[Stage.CONFIRM]
        assert not seeds[Stage.CERTIFY] & (seeds[Stage.RANK] | seeds[Stage.CONFIRM] | seeds[Stage.CALIBRATE])
        sides = {each.key.scaffold for each in trials(book.entries(), Stage.CERTIFY)}
        assert outcome.state.certificate is not None
        assert sides == {ZERO, outcome.state.certificate.scaffold}

    def test_sealed_problems_are_touched_by_the_certificate_only_once_calibrated(self, toy_run: Run) -> None:
        _, book = toy_run()
        sealed = {each.name for each in toy_suite(3, 5, 1).used(Use.SEALED)}
        touched = {each.key.stage for each in book.entries() if isinstance(each, Trial) and each.key.problem in sealed}
        assert touched == {Stage.CALIBRATE, Stage.CERTIFY}

    def test_there_is_one_certificate_and_it_is_final(self, toy_run: Run) -> None:
        outcome, book = toy_run()
        before = book.entries()
        again, _ = run_toy(book=book)
        assert (again.finished, again.state, book.entries()) == (True, outcome.state, before)
        assert sum(isinstance(entry, Certificate) for entry in before) == 1

    def test_problems_without_room_are_left_out(self, toy_run: Run) -> None:
        suite = toy_suite(3, 7, 1, calls=8)
        outcome, _ = toy_run(suite=suite, margin=0.12, rank_seeds=2)
        state = outcome.state
        assert state.left_out
        assert state.usable is not None
        assert {*state.usable, *state.left_out} == {each.name for each in suite.problems if each.use is not Use.PROBE}
        assert not [
            each for each in state.trials if each.key.stage is Stage.RANK and each.key.problem in state.left_out
        ]

    def test_a_suite_that_can_prove_nothing_ends_at_once(self, toy_run: Run) -> None:
        outcome, _ = toy_run(suite=toy_suite(3, 4, 1, calls=8))
        assert outcome.finished
        assert "takes 5" in outcome.reason
        assert not outcome.state.born

    def test_a_problem_that_cannot_be_measured_is_left_out_and_says_why(self, toy_run: Run) -> None:
        bench = keen(fails=lambda key: "no sandbox" if key.problem == "search1" else "")
        outcome, _ = toy_run(bench)
        assert "no sandbox" in outcome.state.left_out["search1"]

    def test_infrastructure_failures_are_no_progress_and_are_counted(self, toy_run: Run) -> None:
        bench = keen(fails=lambda key: "no sandbox" if (key.stage, key.scaffold) == (Stage.CERTIFY, ZERO) else "")
        outcome, _ = toy_run(bench)
        found = outcome.state.certificate
        assert found is not None
        assert found.infrastructure == 10
        assert all(each.area == 0 for each in outcome.state.of_stage(Stage.CERTIFY, ZERO))


class TestLeaders:
    def test_of_scaffolds_whose_runs_went_alike_one_is_measured_again(self, toy_run: Run) -> None:
        state = fold(toy_run()[1].entries())
        assert state is not None
        best, worse = verdicts.leading(state)[0], ZERO
        twin = replace(state.member(best), number=90)
        ranked = [each for each in state.trials if each.key.stage is Stage.RANK and each.key.scaffold == best]
        alike = [replace(each, key=replace(each.key, scaffold=90)) for each in ranked]
        with_twin = replace(state, members=(*state.members, twin), trials=(*state.trials, *alike))
        assert 90 in verdicts.leading(with_twin)
        assert verdicts.distinct(with_twin, [best, 90, worse]) == [best, worse]
        step = plan_verdict.lead(replace(with_twin, settings=state.settings.model_copy(update={"leaders": 2})))
        assert isinstance(step, Note)
        assert isinstance(step.entry, Led)
        assert best in step.entry.numbers
        assert 90 not in step.entry.numbers
        last = alike[-1].measured
        other = replace(alike[-1], measured=replace(last, bests=(*last.bests[:-1], last.bests[-1] + 0.001)))
        apart = replace(with_twin, trials=(*state.trials, *alike[:-1], other))
        assert verdicts.distinct(apart, [best, 90]) == [best, 90]


class TestPurity:
    def test_asked_twice_it_says_the_same_and_changes_nothing(self, toy_run: Run) -> None:
        _, book = toy_run()
        entries = book.entries()
        for length in range(1, len(entries) + 1, 7):
            state = fold(entries[:length])
            assert state is not None
            assert plan.next_step(state) == plan.next_step(state)
            assert state == fold(entries[:length])

    @pytest.mark.parametrize("rule", ["dgm", pytest.param("clade", marks=pytest.mark.slow)])
    def test_cut_off_anywhere_the_log_ends_the_same(self, toy_run: Run, rule: str) -> None:
        settings = {"rule": rule, "controls": ("longer",), "children": 4}
        _, book = toy_run(**settings)
        whole = book.entries()
        for length in [1, 2, *range(5, len(whole), max(1, len(whole) // 5))]:
            _, again = run_toy(book=book_of(whole[:length], book), **settings)
            assert again.entries() == whole, f"cut off after {length} entries"

    def test_parallel_runs_change_nothing(self, toy_run: Run) -> None:
        def entries(parallel: int) -> list[Entry]:
            return toy_run(parallel=parallel)[1].entries()[1:]

        assert entries(1) == entries(7)

    def test_another_seed_is_another_campaign(self, toy_run: Run) -> None:
        assert toy_run(seed=1)[1].entries()[2:] != toy_run(seed=2)[1].entries()[2:]


class TestLimits:
    def begun(self, **settings: object) -> CampaignState:
        _, book = run_toy(**settings)
        state = fold(book.entries()[:1])
        assert state is not None
        return state

    @pytest.mark.parametrize("controls", [(), pytest.param(("longer",), marks=pytest.mark.slow)])
    def test_calls_are_never_exceeded_and_the_verdict_is_always_paid_for(self, controls: tuple[str, ...]) -> None:
        least = purse.least_calls(self.begun(controls=controls))
        certified = 0
        for calls in (least, least + 1, least + 97, 2 * least):
            bench = keen()
            outcome, _ = run_toy(bench, controls=controls, calls=calls, children=50)
            assert bench.bought == outcome.state.bill.calls <= calls
            assert outcome.finished
            assert outcome.state.born >= 1
            certified += outcome.state.certificate is not None
        assert certified

    def test_a_model_that_repeats_itself_ends_the_search(self) -> None:
        persona = replace(PERSONAS["keen"], edits=(grammar.GOOD, grammar.COMMENT), kinds=(("good", 1.0),))
        outcome, _ = run_toy(ToyBench(persona), rule="flat", children=1000)
        assert outcome.finished
        assert outcome.state.born == 1 + plan.BARREN
        assert {refusal.status for refusal in outcome.state.refusals} == {Status.DUPLICATE}

    def test_one_call_too_few_is_said_before_anything_is_spent(self) -> None:
        least = purse.least_calls(self.begun())
        bench = keen()
        outcome, _ = run_toy(bench, calls=least - 1)
        assert (outcome.finished, bench.bought) == (False, 0)
        assert f"({least} calls)" in outcome.reason

    def test_more_calls_make_more_children(self) -> None:
        least = purse.least_calls(self.begun())
        few, more = (run_toy(calls=calls, children=50)[0].state for calls in (least, 2 * least))
        assert few.born < more.born

    def test_money_is_a_hard_limit(self) -> None:
        for money in (0.05, 0.2, 0.6):
            bench = keen()
            outcome, _ = run_toy(bench, money=money, children=50, parallel=3)
            assert bench.bought * 0.001 <= money + 1e-9
            assert outcome.finished or "money" in outcome.reason or "budget" in outcome.reason

    def test_with_more_money_it_goes_on_and_nothing_is_bought_twice(self) -> None:
        bench = keen()
        stopped, book = run_toy(bench, money=0.1)
        assert not stopped.finished
        outcome, _ = run_toy(bench, book=book, money=5.0)
        assert outcome.finished
        assert any(isinstance(entry, Rebudgeted) for entry in book.entries())
        free, _ = run_toy()
        assert outcome.state.trials == free.state.trials

    def test_a_limit_that_was_lowered_stops_it(self) -> None:
        _, whole = run_toy()
        entries = whole.entries()
        place = next(index for index, entry in enumerate(entries) if kind_of(entry) == "chosen")
        book = book_of(entries[: place + 1], whole)
        bench = keen()
        outcome, _ = run_toy(bench, book=book, calls=300)
        assert (outcome.finished, bench.bought) == (False, 0)
        assert "raise the limit" in outcome.reason

    def test_a_control_that_is_not_covered_is_named(self) -> None:
        free, _ = run_toy()
        entries = [entry for entry in run_toy(controls=("longer",))[1].entries() if kind_of(entry) != "control"]
        cut = [entry for entry in entries if not (isinstance(entry, Trial) and entry.key.stage is Stage.LONGER)]
        state = fold([*cut, Rebudgeted(free.state.bill.calls + 10, None)])
        assert state is not None
        step = plan.next_step(state)
        assert isinstance(step, plan.Note)
        assert "not run" in getattr(step.entry, "reason", "")


class TestReview:
    BENCH = ToyBench(replace(PERSONAS["keen"], edits=(grammar.GOOD, grammar.COMMENT), kinds=(("good", 1.0),)))

    def held_at(self, toy_run: Run) -> tuple[MemoryBook, CampaignState]:
        """A campaign with a bound that only scaffolds that show feedback beat, so that they are held."""
        suite = toy_suite(3, 5, 1, calls=8)
        low = replace(suite, problems=tuple(replace(each, bound=-0.2) for each in suite.problems))
        outcome, book = toy_run(self.BENCH, suite=low, children=2)
        return book, outcome.state

    def test_a_score_beyond_a_bound_is_held_and_waits_for_a_person(self, toy_run: Run) -> None:
        book, state = self.held_at(toy_run)
        assert state.held
        assert all("beyond the proven bound" in why for why in state.held.values())
        assert state.leaders is None
        parents = {entry.parent for entry in book.entries() if isinstance(entry, EditMade)}
        assert not parents & set(state.held)

    def test_the_certificate_is_not_spent_on_what_ranks_below_a_held_one(self, toy_run: Run) -> None:
        outcome, _ = toy_run(jump=0.5)
        state = outcome.state
        assert state.held
        assert "held for review" in outcome.reason
        assert state.chosen is None
        assert not state.of_stage(Stage.CONFIRM)

    def test_released_it_goes_on(self, toy_run: Run) -> None:
        book, state = self.held_at(toy_run)
        assert not state.finished
        for number in state.held:
            book.append(Released(number, "me"))
        outcome, _ = run_toy(self.BENCH, book=book, suite=state.suite, children=2)
        assert outcome.finished
        assert outcome.state.chosen is not None
        assert outcome.state.chosen.number in state.held

    def test_quarantined_scaffolds_are_neither_parents_nor_chosen(self, toy_run: Run) -> None:
        _, whole = toy_run(children=6)
        entries = whole.entries()
        place = [index for index, entry in enumerate(entries) if kind_of(entry) == "scaffold"][3]
        members = [entry.number for entry in entries[: place + 1] if kind_of(entry) == "scaffold"][1:]  # type: ignore[union-attr]
        book = book_of([*entries[:place], Quarantined(tuple(members), "odd", "me")], whole)
        outcome, _ = run_toy(book=book, children=6)
        after = [entry for entry in book.entries()[place:] if isinstance(entry, EditMade)]
        assert after
        assert all(entry.parent not in members for entry in after)
        assert outcome.state.chosen is None or outcome.state.chosen.number not in members


class TestRules:
    @pytest.mark.parametrize("rule", ["greedy", "flat", "clade"])
    def test_each_rule_runs_to_its_end(self, toy_run: Run, rule: str) -> None:
        outcome, book = toy_run(rule=rule)
        assert outcome.finished
        assert outcome.state.born == 5
        parents = {entry.parent for entry in book.entries() if isinstance(entry, EditMade)}
        assert (parents == {0}) == (rule == "flat") or rule == "greedy"

    @pytest.mark.slow
    def test_clade_keeps_to_its_calls(self) -> None:
        bench = keen()
        outcome, _ = run_toy(bench, rule="clade", calls=900, children=50)
        assert bench.bought <= 900
        assert outcome.finished


def test_smoke_is_part_of_the_price_of_a_child() -> None:
    outcome, _ = run_toy(ToyBench(PERSONAS["careful"]))
    state = outcome.state
    ranked = cells.calls_of(cells.ranking(state, 1))
    assert purse.child_calls(state) == ranked + 2 * purse.EDIT_CALLS + cells.SMOKE_CALLS
    assert state.base == toy_zero().digest
