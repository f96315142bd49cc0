# what: closes the call socket instead of answering, and stays alive
# expect: crash | memory | suspect
import os
import time


def solve(numbers):
    os.close(3)
    time.sleep(1)
