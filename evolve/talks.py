"""Conversations with models: from a question to a proposal, and from a scored candidate to its lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evolve.asker import Asker
from evolve.domain import Evaluation, Status
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable
from evolve.question import Proposal, Question, Receipt
from evolve.scaffold.conversation import lesson
from evolve.search import Search

SILENT_LIMIT = 24
"""Proposals in a row for which no model gave an answer, after all retries, until the run is broken off."""


class Talks:
    """Leads conversations turn by turn.

    Args:
        search: Makes programs and further questions of answers.
        asker: Puts the questions.
        stopping: Whether no further question may be put.
    """

    def __init__(self, search: Search, asker: Asker, stopping: Callable[[], bool]) -> None:
        self._search = search
        self._asker = asker
        self._stopping = stopping
        self._silent = 0

    async def proposal(self, question: Question) -> Proposal | None:
        """What comes of a question, a failure perhaps; None when the run is stopped before that.

        Raises BudgetSpent, ModelRefused and ReplayMiss as `Asker.ask` does, and ModelUnavailable when no model has
        answered for `SILENT_LIMIT` proposals.
        """
        asked = question
        while asked is question or not self._stopping():
            completion = await self._asker.ask(question.number, asked.island, asked.prompt)
            answered = self._search.answer(asked, completion)
            if isinstance(answered, Proposal):
                self._note_silence(answered, completion.reason)
                return answered
            asked = answered
        return None

    async def receipt(self, proposal: Proposal, evaluation: Evaluation) -> Receipt:
        """What a scored candidate cost and taught; a model is asked for the lesson if the scaffold wants that."""
        return self._asker.settle(proposal.number, await self._lesson(proposal, evaluation))

    async def _lesson(self, proposal: Proposal, evaluation: Evaluation) -> str:
        tab = self._asker.tab(proposal.number)
        reflection = self._search.reflect(self._search.scored(proposal, evaluation), tab.history)
        if isinstance(reflection, str):
            return reflection
        prompt = replace(reflection, turn=tab.turn + 1)
        try:
            return lesson((await self._asker.ask(proposal.number, proposal.origin.island, prompt)).text)
        except (BudgetSpent, ModelRefused):
            return ""  # the candidate counts without it; the next question meets the same obstacle and says so

    def _note_silence(self, proposal: Proposal, reason: str) -> None:
        if proposal.failure is None or proposal.failure.status is not Status.NO_ANSWER:
            self._silent = 0
            return
        self._silent += 1
        if self._silent >= SILENT_LIMIT:
            raise ModelUnavailable(
                f"no model answered {SILENT_LIMIT} times in a row, retries not counted; the last time: {reason}."
                " Nothing is lost: the same command goes on when one answers again"
            )
