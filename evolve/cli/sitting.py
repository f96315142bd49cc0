"""One sitting at a run: a display that keeps up with it, and what Ctrl-C does."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evolve.engine import Progress
from evolve.events import Event
from evolve.report.console import console
from evolve.report.watch import Display, Watch
from evolve.session import Result, Session

TICK_SECONDS = 0.25
"""Between two looks at the run's progress; drawing the live view takes about 10 ms of CPU."""
INTERRUPTED = "interrupted"
"""Why a run stopped that a person stopped."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Silence:
    """Shows nothing."""

    def observe(self, event: Event) -> None:
        """Nothing."""

    def tick(self, progress: Progress | None) -> None:
        """Nothing."""

    def stopping(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def display_for(watch: Watch, *, quiet: bool, json: bool) -> Display:
    """A live view on a terminal and plain lines elsewhere; on standard error when that is all `--json` leaves."""
    if quiet:
        return Silence()
    out = console(stderr=json)
    if out.is_terminal and not out.is_dumb_terminal:
        from evolve.report.live import LiveDisplay

        return LiveDisplay(watch, out)
    from evolve.report.lines import LineDisplay

    return LineDisplay(watch, out)


def sit(session: Session, display: Display) -> Result:
    """Run a session to its end. The first Ctrl-C stops it gently, the second at once.

    Raises KeyboardInterrupt when stopped at once, BrokenPipeError when nobody reads what is displayed, and what
    `Session.run` raises.
    """
    try:
        return asyncio.run(_sit(session, display))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        display.close()


async def _sit(session: Session, display: Display) -> Result:
    running = asyncio.ensure_future(session.run())
    ticking = asyncio.ensure_future(_tick(session, display))

    def gently() -> None:
        session.stop(INTERRUPTED)
        display.stopping()

    try:
        with stop_signals(gently, running.cancel):
            await asyncio.wait({running, ticking}, return_when=asyncio.FIRST_COMPLETED)
            if ticking.done():  # it never ends but by an error; the session then gives its run back, to be gone on with
                running.cancel()
                await asyncio.wait({running})
                await ticking
            return await running
    finally:
        ticking.cancel()


async def _tick(session: Session, display: Display) -> None:
    while True:
        display.tick(session.progress())
        await asyncio.sleep(TICK_SECONDS)


@contextmanager
def stop_signals(gently: Callable[[], object], at_once: Callable[[], object]) -> Iterator[None]:
    """Answer the first stop signal with `gently`, the second with `at_once`, and any further one as Python does."""
    if sys.platform == "win32":  # no signal handlers in its event loops: there, Ctrl-C stops at once
        yield
        return
    loop = asyncio.get_running_loop()
    seen = 0

    def on_signal() -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            gently()
        else:
            at_once()
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
