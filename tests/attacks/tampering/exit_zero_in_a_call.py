# what: prints a score and leaves with exit code 0 in the middle of a call
# expect: crash
import sys


def solve(numbers):
    print('{"status": "valid", "score": 999.0, "metrics": {"score": 999.0}}', flush=True)
    sys.exit(0)
