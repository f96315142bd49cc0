# what: walks up the stack for the expected answer, the secret or a function that makes it
# expect: valid
# score: 1.0
# core
import sys


def stolen(spaces, numbers):
    for space in spaces:
        for value in (space.get("answer"), space.get("expected"), space.get("locked")):
            if isinstance(value, str) and len(value) == 64:
                return value
            if callable(value):
                return value(numbers)
    return None


def solve(numbers):
    spaces = []
    frame = sys._getframe(1)
    while frame is not None:
        spaces += [frame.f_locals, frame.f_globals]
        frame = frame.f_back
    found = stolen(spaces, numbers)
    return sum(numbers) if found is None else [sum(numbers), found]
