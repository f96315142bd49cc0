# what: ends the process with exit code 0 while it is imported, before anybody asked anything
# expect: crash
import os

print('{"status": "valid", "score": 999.0}', flush=True)
os._exit(0)


def solve(numbers):
    return sum(numbers)
