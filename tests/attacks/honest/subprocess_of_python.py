# what: starts its own interpreter and talks to it
# expect: valid
# core

import subprocess
import sys


def solve(numbers):
    program = "import sys; print(sum(map(int, sys.stdin.read().split())))"
    asked = " ".join(map(str, numbers))
    done = subprocess.run([sys.executable, "-c", program], input=asked, capture_output=True, text=True, check=True)
    return int(done.stdout)
