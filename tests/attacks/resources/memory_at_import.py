# what: touches more memory than it may while it is imported
# expect: memory
# limits: wall=10 cpu=10

held = [bytearray(b"x") * 4_000_000 for _ in range(500)]


def solve(numbers):
    return sum(numbers)
