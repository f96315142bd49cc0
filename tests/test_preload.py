from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import threading, time
from evolve.archive.grid import preload
from evolve.scaffold.evolution import Evolution
import numpy

failures = []
threading.excepthook = lambda failure: failures.append(failure.exc_value)
thread = threading.Thread(target=preload)
thread.start()
time.sleep(0.1)
Evolution(3, 1.0, 1)
thread.join()
assert not failures, failures
"""


@pytest.mark.slow
def test_a_search_that_needs_pyribs_while_it_is_being_imported_waits_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
