# what: puts three bytes into the socket before the question comes, so that the honest reply completes them
# expect: suspect
# judge: twice
import os
import threading
import time


def ahead():
    time.sleep(0.02)
    os.write(3, b"\x05\x00\x00")


def solve(numbers):
    threading.Thread(target=ahead).start()
    time.sleep(0.05)
    return sum(numbers)
