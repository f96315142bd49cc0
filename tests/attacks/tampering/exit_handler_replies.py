# what: leaves with exit handlers that print a score, send a reply and end with exit code 0
# expect: crash
import atexit
import os
import sys
import threading


def last():
    print('{"score": 999.0}', flush=True)
    os._exit(0)


atexit.register(last)
threading._register_atexit(last)
sys.excepthook = threading.excepthook = lambda *given: last()


def solve(numbers):
    raise SystemExit(0)
