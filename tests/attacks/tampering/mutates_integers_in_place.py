# what: overwrites the digits of the very integers it was given
# expect: wrong | crash
import ctypes


def solve(numbers):
    for number in numbers:
        ctypes.c_uint32.from_address(id(number) + 24).value = 0
    return 0
