# what: answers with a view of memory that it goes on changing
# expect: wrong
import threading
import time

buffer = bytearray(b"0" * 64)


def write():
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        buffer[:] = b"9" * 64
        time.sleep(0.001)


def solve(numbers):
    threading.Thread(target=write, daemon=True).start()
    return [memoryview(buffer), memoryview(buffer)[::-1]]
