"""Which programs were proposed before: a registry of fingerprints that ordered runs can repeat exactly."""

from __future__ import annotations

from evolve.domain import Origin


class Seen:
    """Fingerprints, each with the first candidate number that must differ from it.

    In arrival order that is every number from then on. In ordered mode nothing may depend on when a model happened to
    answer: its programs count from the moment they are told, and for numbers asked after that.
    """

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._first: dict[bytes, int] = {}

    def at_once(self, origin: Origin) -> bool:
        """Whether a program counts as soon as it is proposed, and not only once it is told."""
        return not (self._ordered and origin.model)

    def add(self, fingerprint: str, following: int) -> None:
        """Note a program; `following` is the number that is asked next."""
        self._first.setdefault(bytes.fromhex(fingerprint), following if self._ordered else 0)

    def discard(self, fingerprint: str) -> None:
        """Forget a program that nobody will evaluate."""
        self._first.pop(bytes.fromhex(fingerprint), None)

    def before(self, fingerprint: str, number: int) -> bool:
        """Whether candidate `number` would repeat an earlier program."""
        first = self._first.get(bytes.fromhex(fingerprint))
        return first is not None and first <= number
