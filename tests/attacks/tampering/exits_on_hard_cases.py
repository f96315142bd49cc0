# what: answers where it is easy and ends the process where it is not
# expect: crash
import os

asked = []


def solve(numbers):
    asked.append(numbers)
    if len(asked) > 1:
        os._exit(0)
    return sum(numbers)
