"""Conversations with models: from a question to a proposal, and from a scored candidate to its lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evolve.asker import Asker
from evolve.domain import Evaluation, Status
from evolve.errors import BudgetSpent, ModelRefused, ModelUnavailable, NotAsked
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
        stopping: Whether the run is stopped, to be gone on with.
        closing: Whether no further question of a conversation may be put, for that or because the time is up.
    """

    def __init__(self, search: Search, asker: Asker, stopping: Callable[[], bool], closing: Callable[[], bool]) -> None:
        self._search = search
        self._asker = asker
        self._stopping = stopping
        self._closing = closing
        self._silent = 0

    async def proposal(self, question: Question) -> Proposal | None:
        """What comes of a question, a failure perhaps; None when the run ends before that.

        Raises BudgetSpent, ModelRefused and ReplayMiss as `Asker.ask` does, and ModelUnavailable when no model has
        answered for `SILENT_LIMIT` proposals.
        """
        asked = question
        while not self._closing():
            exchange = await self._asker.ask(question.number, asked.island, asked.prompt)
            answered = self._search.answer(replace(asked, prompt=exchange.prompt), exchange.completion)
            if isinstance(answered, Proposal):
                self._note_silence(answered, exchange.completion.reason)
                return answered
            asked = answered
        return None

    async def receipt(self, proposal: Proposal, evaluation: Evaluation) -> Receipt | None:
        """What a scored candidate cost and taught; a model is asked for the lesson if the scaffold wants that.

        None when the run is stopped before the lesson: then the next sitting asks for it, and tells the candidate.
        """
        learnt = await self._lesson(proposal, evaluation)
        return None if learnt is None else self._asker.settle(proposal.number, learnt)

    async def _lesson(self, proposal: Proposal, evaluation: Evaluation) -> str | None:
        talk = self._asker.talk(proposal.number)
        reflection = self._search.reflect(self._search.scored(proposal, evaluation), talk.history)
        if isinstance(reflection, str):
            return reflection
        prompt = replace(reflection, turn=talk.turn + 1)
        try:
            exchange = await self._asker.ask(proposal.number, proposal.origin.island, prompt)
            return lesson(exchange.completion.text)
        except (BudgetSpent, ModelRefused):
            return ""  # the candidate counts without it; the next question meets the same obstacle and says so
        except NotAsked:
            return None if self._stopping() else ""

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
