"""Running the server: a socket on the loopback interface, an address with a token, and an end by Ctrl-C."""

from __future__ import annotations

import importlib
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from evolve.errors import SettingsError
from evolve.store import Store
from evolve.web.app import make_app

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 1
"""How long open streams may take to end."""


def serve(store: Store, *, port: int, token: str, ready: Callable[[str], None]) -> None:
    """Serve until the process is interrupted; `ready` gets the address once it answers.

    Raises SettingsError when the port is taken or not ours to have; 0 is any free one.
    """
    with _listening(port) as listener:
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}/{token}/"
        config = uvicorn.Config(
            make_app(store, token),
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=PATIENCE_SECONDS,
            # Nobody stands before it who could vouch for other addresses.
            proxy_headers=False,
        )
        threading.Thread(target=_warm, name="evolve-warm", daemon=True).start()
        ready(address)
        with suppress(KeyboardInterrupt):  # the way a person ends it; uvicorn raises it again once all is closed
            uvicorn.Server(config).run(sockets=[listener])


def _warm() -> None:
    """Import what the first page with an interval would otherwise wait two seconds for."""
    importlib.import_module("scipy.special")


def _listening(port: int) -> socket.socket:
    # Named TCP: only then does asyncio send small answers at once (TCP_NODELAY), instead of 40 ms after the last one.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # So that the same port can be had again at once after a server that had connections ended.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"--port {port} cannot be had: {reason}; leave it out for a free one") from None
    return listener
