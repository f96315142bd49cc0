"""Entry of a sandbox slot: a bare interpreter (`python -I -S -B guest.py`) with frames on stdin and stdout."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Put the guest's own package within reach for as long as its modules load, then serve until stdin closes."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    from evolve_guest import supervisor  # with all it imports: nothing is imported after a fork

    sys.path.remove(here)
    supervisor.main()


if __name__ == "__main__":
    main()
