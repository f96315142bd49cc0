"""A job that is a conversation: texts of the host go to the program's `answer`, what it returns goes back.

No author's code takes part, so no time but the program's is counted: the host may be silent for an hour.
"""

from __future__ import annotations

from typing import Any

from evolve_guest import words
from evolve_guest.author import derive
from evolve_guest.link import Failure
from evolve_guest.program import Session
from evolve_guest.wire import Channel

FUNCTION = "answer"
"""What a program that is talked with defines: from text to text."""
_SEED = derive("conversation")
"""The program's random modules begin every turn alike: a program that is started anew and told the same is the same."""


def hold(session: Session, supervisor: Channel) -> dict[str, Any]:
    """Pass texts both ways until the program fails: the failure. When the host ends it, so does this process."""
    supervisor.send(words.SAY, words.SAID_HEAD.pack(0.0))
    while True:
        _, payload, _ = supervisor.receive()
        _, seconds = words.HEAR_HEAD.unpack_from(payload)
        try:
            session.begin(_SEED)
            said = _ask(session, payload[words.HEAR_HEAD.size :].decode(), seconds)
        except Failure as failure:
            return {"status": failure.status, "feedback": _explain(session, failure), "wall": session.wall}
        supervisor.send(words.SAY, words.SAID_HEAD.pack(session.wall) + said)


def _ask(session: Session, text: str, seconds: float) -> bytes:
    """One answer as UTF-8. Raises Failure."""
    said = session.call(FUNCTION, (text,), {}, seconds, False)
    if type(said) is not str:
        raise Failure("output", f"{FUNCTION}() returned a {type(said).__name__}; it must return a str")
    session.check_end()
    return said.encode("utf-8", "replace")


def _explain(session: Session, failure: Failure) -> str:
    printed = session.output().strip()
    return failure.text + (f"\n--- printed ---\n{printed}" if printed else "")
