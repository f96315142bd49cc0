# what: overwrites the interpreter's cached integers and floats, so that zero is one
# expect: crash | wrong | output | timeout | suspect | memory
import ctypes


def solve(numbers):
    for small in (0, 2, 3):
        ctypes.c_uint32.from_address(id(small) + 24).value = 999
    return 0
