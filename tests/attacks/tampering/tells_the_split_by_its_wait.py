# what: reads off the times of its own pipe how long its process has waited for the program, while cases were made
# expect: valid
# score: 1.0
# judge: holdout
import os
import time

waited = time.time() - os.fstat(1).st_mtime


def solve(numbers):
    return {"value": sum(numbers), "seen": "a long wait" if waited > 0.3 else "a short wait"}
