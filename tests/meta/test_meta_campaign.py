"""The driver: what it refuses, what stops it, and what is in the database afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evolve.domain import Outcome as Archived
from evolve.domain import Status
from evolve.errors import BudgetSpent, DatabaseError, RunBusy, SandboxUnavailable, UserError
from evolve.meta import sitting
from evolve.meta.bench import Bench, Edited
from evolve.meta.book import MemoryBook, StoreBook, entries_of
from evolve.meta.campaign import Campaign, begin
from evolve.meta.entries import ControlMade, Entry, Started
from evolve.meta.records import Member, Stage, Trial
from evolve.meta.settings import CampaignSettings
from evolve.meta.sitting import choose_campaign, sit_imp
from evolve.meta.state import CampaignState, fold
from evolve.scaffold.base import Prediction
from evolve.store import Holder, RunKind, RunRow, RunStatus, Store, campaign_chain, open_store
from tests.meta.conftest import QUICK, Run, keen, run_toy
from tests.meta.toy import grammar
from tests.meta.toy.bench import MODEL, ToyBench, toy_zero
from tests.meta.toy.mind import PERSONAS, Persona
from tests.meta.toy.sitting import toy_order, toy_sit
from tests.meta.toy.world import toy_suite


def thinks_of(*edits: grammar.ToyEdit) -> Persona:
    """A model that thinks of these edits, and of a comment when none of them applies any more."""
    kinds = tuple((kind, 1.0) for kind in {edit.kind for edit in edits})
    return replace(PERSONAS["medium"], edits=(*edits, grammar.COMMENT), kinds=kinds, clumsy=0.0)


def _has_control(store: Store) -> bool:
    return len(store.runs(10, 0, (RunKind.CAMPAIGN,))) > 1


class TestRefusals:
    def refused(self, edit: grammar.ToyEdit) -> tuple[CampaignState, tuple[Status, str]]:
        outcome, _ = run_toy(ToyBench(thinks_of(edit)), children=1)
        (refusal,) = outcome.state.refusals
        return outcome.state, (refusal.status, refusal.reason)

    @pytest.mark.parametrize(
        ("name", "status", "why"),
        [
            ("syntax", Status.WRONG, "toy.py"),
            ("crash at the start", Status.CRASH, "nothing"),
            ("never an answer", Status.CRASH, "none of its first proposals"),
        ],
    )
    def test_broken_scaffolds_are_refused_before_anything_is_ranked(self, name: str, status: Status, why: str) -> None:
        state, found = self.refused(next(edit for edit in grammar.BROKEN if edit.name == name))
        assert found[0] is status
        assert why in found[1]
        assert not state.of_stage(Stage.RANK)

    @pytest.mark.parametrize("edit", grammar.META_BROKEN, ids=lambda edit: edit.name)
    def test_a_scaffold_that_cannot_edit_itself_is_not_alive(self, edit: grammar.ToyEdit) -> None:
        state, (_, why) = self.refused(edit)
        assert "could not edit itself" in why
        assert not state.of_stage(Stage.RANK)

    def test_the_same_scaffold_twice_is_refused(self) -> None:
        outcome, _ = run_toy(ToyBench(thinks_of(grammar.GOOD)), rule="flat", children=3)
        assert [refusal.status for refusal in outcome.state.refusals] == [Status.DUPLICATE] * 2

    @pytest.mark.parametrize(
        ("prediction", "why"),
        [
            (Prediction("karma", "up"), "karma"),
            (Prediction("area", "sideways"), "sideways"),
            (Prediction("area", "up", ("sealed0",)), "sealed0"),
        ],
    )
    def test_a_prediction_that_cannot_turn_out_wrong_is_refused(self, prediction: Prediction, why: str) -> None:
        outcome, _ = run_toy(keen(predicts=prediction), children=1)
        (refusal,) = outcome.state.refusals
        assert (refusal.status, refusal.prediction) == (Status.NO_EDIT, None)
        assert why in refusal.reason


class TestStops:
    def test_a_changed_manifest_aborts_and_names_what_changed(self, toy_run: Run) -> None:
        _, book = toy_run()
        cut = MemoryBook(book.entries()[:20])
        for digest in book.digests():
            cut.keep(book.genome(digest))
        bench = keen(manifest={"toy": "2"})
        campaign = Campaign(cut, bench)
        with pytest.raises(UserError, match="toy"):
            asyncio.run(campaign.run())
        assert bench.bought == 0

    def test_a_manifest_that_changes_in_the_middle_aborts(self) -> None:
        manifest = {"toy": "1"}

        def change(entry: Entry, state: CampaignState) -> None:
            if isinstance(entry, Member) and entry.number == 1:
                manifest["toy"] = "2"

        with pytest.raises(UserError, match="toy"):
            run_toy(keen(manifest=manifest), watches=[change])

    def test_a_sandbox_that_fails_stops_it_with_all_that_came_before_logged(self) -> None:
        class Failing(ToyBench):
            async def measure(self, *given: object) -> object:  # type: ignore[override]
                if self.bought > 100:
                    raise SandboxUnavailable("no more sandboxes")
                return await super().measure(*given)  # type: ignore[arg-type]

        book = MemoryBook()
        with pytest.raises(SandboxUnavailable):
            run_toy(Failing(PERSONAS["keen"]), book=book)
        outcome, _ = run_toy(book=book)
        assert outcome.state == run_toy()[0].state

    def test_stopped_gently_it_goes_on_to_the_same_end(self) -> None:
        book, bench = MemoryBook(), keen(delay=0.001)
        started = Started(
            toy_suite(3, 5, 1, calls=8),
            CampaignSettings(**{**QUICK, "seed": 1, "children": 3}),
            toy_zero().digest,
            1,
            {"toy": "1"},
        )
        begin(book, started, toy_zero())

        def stop(entry: Entry, state: CampaignState) -> None:
            if isinstance(entry, Trial) and entry.key.stage is Stage.RANK:
                campaign.stop("interrupted")

        campaign = Campaign(book, bench, watches=[stop])
        outcome = asyncio.run(campaign.run())
        assert (outcome.finished, outcome.reason) == (False, "interrupted")
        whole = MemoryBook()
        begin(whole, started, toy_zero())
        for each in (book, whole):
            assert asyncio.run(Campaign(each, keen()).run()).finished
        assert book.entries() == whole.entries()

    def test_other_settings_are_another_campaign(self, toy_run: Run) -> None:
        _, book = toy_run()
        with pytest.raises(UserError, match="other settings"):
            run_toy(book=book, leaders=3)

    def test_an_empty_log_is_no_campaign(self) -> None:
        with pytest.raises(DatabaseError, match="begin"):
            Campaign(MemoryBook(), keen())


class TestDatabase:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return open_store(tmp_path / "evolve.db", create=True)

    def test_a_campaign_is_a_run_with_its_scaffolds_as_candidates(self, store: Store) -> None:
        run, outcome = asyncio.run(toy_sit(store, toy_order(controls=())))
        state = outcome.state
        row = store.run(run.id)
        assert (row.summary.kind, row.status) == (RunKind.CAMPAIGN, RunStatus.FINISHED)
        assert store.verify_chain(campaign_chain(run.id)).ok
        assert fold(entries_of(store, run.id)) == state
        told = list(store.tells(run.id))
        assert [each.number for each in told] == list(range(state.born + 1))
        for member in state.members:
            candidate = store.candidate(run.id, member.number)
            assert candidate.program.digest == member.digest
            assert candidate.origin.track == "scaffold"
            assert candidate.origin.parents == (() if member.parent is None else (member.parent,))
            assert candidate.evaluation is not None
            assert candidate.evaluation.status is Status.VALID
        for refusal in state.refusals:
            verdict = store.candidate(run.id, refusal.number).verdict
            assert verdict is not None
            assert verdict.outcome is Archived.REJECTED

    def test_the_same_order_prints_the_same_certificate_and_buys_nothing(self, store: Store) -> None:
        run, outcome = asyncio.run(toy_sit(store, toy_order(controls=())))
        head, bench = store.head(campaign_chain(run.id)), keen()
        again, second = asyncio.run(toy_sit(store, toy_order(controls=()), bench))
        assert (again.id, second, bench.bought) == (run.id, outcome, 0)
        assert store.head(campaign_chain(run.id)) == head

    def test_another_order_is_another_campaign(self, store: Store) -> None:
        first = choose_campaign(store, toy_order())
        assert choose_campaign(store, toy_order(calls=5000)).id == first.id
        assert choose_campaign(store, toy_order(leaders=3)).id != first.id
        assert choose_campaign(store, toy_order(seed=6)).id != first.id

    def test_controls_are_campaigns_of_the_same_database(self, store: Store) -> None:
        run, outcome = asyncio.run(toy_sit(store, toy_order(controls=("longer", "flat"))))
        longer, flat = outcome.state.controls
        assert isinstance(longer, ControlMade)
        assert longer.finals["longer"] >= longer.finals["first"]
        for control, name in ((flat, "flat"),):
            assert control.campaign is not None
            beside = store.run(control.campaign)
            assert (beside.summary.name, beside.summary.campaign) == (f"toy.{name}", run.id)
            state = fold(entries_of(store, beside.id))
            assert state is not None
            assert state.bill == control.bill
            assert state.settings.calls is not None
            assert control.bill.calls <= state.settings.calls
            assert state.settings.rule == name

    def test_stopped_gently_during_a_control_it_goes_on_to_the_same_end(self, store: Store, tmp_path: Path) -> None:
        order, at_work = toy_order(controls=("flat",)), list[Campaign]()
        bench = keen(purchase=lambda what: at_work[0].stop("interrupted") if _has_control(store) else None)
        _, outcome = asyncio.run(toy_sit(store, order, bench, sitting=at_work.append))
        assert (outcome.finished, outcome.reason, outcome.state.controls) == (False, "interrupted", ())
        statuses = [each.status for each in store.runs(10, 0, (RunKind.CAMPAIGN,))]
        assert statuses == [RunStatus.INTERRUPTED, RunStatus.INTERRUPTED]
        _, outcome = asyncio.run(toy_sit(store, order))
        with open_store(tmp_path / "calm.db", create=True) as calm:
            assert outcome == asyncio.run(toy_sit(calm, order))[1]

    def test_a_control_that_waits_for_a_person_is_not_done(self, store: Store) -> None:
        class Poor(ToyBench):
            async def edit(self, *given: Any) -> Edited:
                if _has_control(store):
                    raise BudgetSpent("nothing is left")
                return await super().edit(*given)

        order = toy_order(controls=("flat",))
        _, outcome = asyncio.run(toy_sit(store, order, Poor(PERSONAS["keen"])))
        assert (outcome.finished, outcome.state.controls) == (False, ())
        assert "control flat (campaign 2)" in outcome.reason
        assert "nothing is left" in outcome.reason
        assert outcome.state.reserved["flat"] > 0  # what it bought so far is nobody else's to spend
        _, outcome = asyncio.run(toy_sit(store, order))
        assert outcome.finished
        assert outcome.state.controls[0].contest is not None

    def test_a_sign_of_life_that_fails_costs_nothing(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        beats, beat = list[int](), store.heartbeat

        def flaky(run: int, holder: Holder, elapsed: float = 0.0) -> None:
            beats.append(run)
            if len(beats) == 1:
                raise DatabaseError("the database is locked")
            beat(run, holder, elapsed)

        monkeypatch.setattr(sitting, "HEARTBEAT_SECONDS", 0.01)
        monkeypatch.setattr(store, "heartbeat", flaky)
        run, outcome = asyncio.run(toy_sit(store, toy_order(controls=()), keen(delay=0.002)))
        assert outcome.finished
        assert store.run(run.id).status is RunStatus.FINISHED
        assert len(beats) > 1

    def test_a_campaign_that_another_process_took_over_stops(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(run: int, holder: Holder, elapsed: float = 0.0) -> None:
            raise RunBusy("somebody else has it")

        monkeypatch.setattr(sitting, "HEARTBEAT_SECONDS", 0.01)
        monkeypatch.setattr(store, "heartbeat", lost)
        _, outcome = asyncio.run(toy_sit(store, toy_order(controls=()), keen(delay=0.002)))
        assert (outcome.finished, outcome.reason) == (False, "somebody else has it")

    def test_a_changed_log_stops_it(self, store: Store) -> None:
        run, _ = asyncio.run(toy_sit(store, toy_order(controls=())))
        from sqlalchemy import text

        with store._writing() as connection:
            connection.execute(text("UPDATE chain_entries SET data = replace(data, '0.1', '0.9') WHERE seq = 9"))
        with pytest.raises(DatabaseError, match="entry 9"):
            StoreBook(store, run.id).entries()

    @pytest.mark.parametrize(("number", "k"), [(0, 0), (99, 1), (0, 1)])
    def test_an_imp_that_is_refused_or_fails_leaves_the_campaign_as_it_was(
        self, store: Store, number: int, k: int
    ) -> None:
        run, _ = asyncio.run(toy_sit(store, toy_order(controls=())))
        before = store.run(run.id)
        opened: list[int] = []

        @asynccontextmanager
        async def bench_for(row: RunRow, _holder: Holder) -> AsyncIterator[Bench]:
            opened.append(row.id)
            raise SandboxUnavailable("no sandbox today")
            yield keen()

        with pytest.raises((UserError, SandboxUnavailable)):
            asyncio.run(sit_imp(store, before, bench_for, (MODEL,), number, k))
        after = store.run(run.id)
        assert (after.status, after.stop_reason) == (RunStatus.FINISHED, before.stop_reason)
        assert bool(opened) is ((number, k) == (0, 1))

    def test_a_campaign_whose_output_nobody_reads_any_more_is_interrupted(self, store: Store) -> None:
        def unread(_entry: Entry, _state: CampaignState) -> None:
            raise BrokenPipeError

        with pytest.raises(BrokenPipeError):
            asyncio.run(toy_sit(store, toy_order(controls=()), watches=(unread,)))
        row = store.run(1)
        assert row.status is RunStatus.INTERRUPTED
        assert "nobody read its output" in row.stop_reason

    def test_imp_measures_the_meta_skill_alone_and_once(self, store: Store) -> None:
        run, _ = asyncio.run(toy_sit(store, toy_order(controls=())))

        async def imp(bench: ToyBench) -> object:
            from contextlib import asynccontextmanager

            @asynccontextmanager
            async def bench_for(*_: object):  # type: ignore[no-untyped-def]
                yield bench

            return await sit_imp(store, store.run(run.id), bench_for, (MODEL,), 0, 4)

        good = ToyBench(thinks_of(grammar.GOOD))
        made = asyncio.run(imp(good))
        assert made.k == 4  # type: ignore[attr-defined]
        assert made.mean > 0.05  # type: ignore[attr-defined]
        state = fold(entries_of(store, run.id))
        assert state is not None
        assert state.imps == (made,)
        assert state.bills["imp"].calls == good.bought
        unused = keen()
        assert asyncio.run(imp(unused)) == made
        assert unused.bought == 0
        assert store.run(run.id).status is RunStatus.FINISHED
