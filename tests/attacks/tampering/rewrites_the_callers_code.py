# what: replaces every function of its callers that may have to do with scoring
# expect: valid
# score: 1.0
import sys


def solve(numbers):
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in list(frame.f_globals.items()):
            if name in ("points", "_points", "evaluate", "score", "locked", "check", "compare") and hasattr(
                value, "__code__"
            ):
                value.__code__ = (lambda *given: 999.0).__code__
        frame = frame.f_back
    return sum(numbers)
