"""What calls without an answer may have cost: part of no result, but of what a campaign has spent."""

from __future__ import annotations

from evolve.store import Store


class Losses:
    """US dollars that may be lost, over a campaign with its controls, and all their trials.

    A call that was under way when a process was killed, or that failed after it was sent, may be charged for. What a
    campaign logs must not depend on that; its limit must. So grants are cut by what is lost elsewhere. Calls of unknown
    price count as free, as they do for the ledger.

    Args:
        store: Open.
        campaign: The run of the campaign, or of a control of one.
    """

    def __init__(self, store: Store, campaign: int) -> None:
        self._store = store
        self._whole = store.run(campaign).summary.campaign or campaign
        self._lost: dict[int, float] = {}

    def less(self, grant: float | None, run: int | None) -> float | None:
        """What of a grant is left for a run; its own losses are the business of its own ledger. None is no limit."""
        if grant is None:
            return None
        elsewhere = sum(lost for other, lost in self._known().items() if other != run)
        return max(0.0, grant - elsewhere)

    def note(self, run: int) -> None:
        """Look at a run again, after a sitting at it."""
        self._lost[run] = self._of(run)

    def _known(self) -> dict[int, float]:
        """What each run lost: of the others as when first seen, for a control is over before its campaign goes on."""
        for campaign in (self._whole, *(control.id for control in self._store.controls(self._whole))):
            for run in (campaign, *(trial.id for trial in self._store.trials(campaign))):
                if run not in self._lost:
                    self._lost[run] = self._of(run)
        return self._lost

    def _of(self, run: int) -> float:
        money = self._store.money(run)
        return money.lost + money.in_flight
