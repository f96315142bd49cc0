# what: touches more and more memory
# expect: memory
# limits: wall=10 cpu=10
# core


def solve(numbers):
    held = []
    while len(held) < 500:
        held.append(bytearray(b"x") * 4_000_000)
    return sum(numbers)
