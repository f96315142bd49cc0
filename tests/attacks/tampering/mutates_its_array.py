# what: overwrites the array it was given, and the buffer below it
# expect: wrong
# judge: arrays


def solve(numbers):
    numbers[...] = 0
    if numbers.base is not None and hasattr(numbers.base, "setflags"):
        numbers.base.setflags(write=True)
    numbers.resize((1,), refcheck=False)
    return 0
