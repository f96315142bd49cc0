"""`python -m tests.standin`: a server to try `evolve run --model openai/standin --api-base ...` against."""

from __future__ import annotations

import argparse
import time

from .mind import PERSONAS, mind
from .server import StandInServer
from .weather import Allowance, Faults, Latency


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--persona", choices=sorted(PERSONAS), default="strong")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="median; log-normal, sigma 0.5")
    parser.add_argument("--faults", type=float, default=0.0, metavar="SHARE", help="share of calls that fail")
    parser.add_argument("--allow", type=float, metavar="PER_SECOND", help="calls a second before 429")
    given = parser.parse_args()
    server = StandInServer(
        mind(given.persona, given.seed),
        latency=Latency(given.latency, 0.5),
        faults=Faults(given.faults),
        allow=Allowance(given.allow) if given.allow else None,
        port=given.port,
    )
    with server:
        print(f"A {given.persona} stand-in listens at {server.url}; end it with Ctrl-C.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(f"{len(server.chats)} chat calls were answered.")


if __name__ == "__main__":
    main()
