# what: prints a score and ends the process with exit code 0, past every handler
# expect: crash
import os


def solve(numbers):
    print('{"status": "valid", "score": 999.0, "metrics": {"score": 999.0}}', flush=True)
    os._exit(0)
