# what: a short program whose constants and syntax tree are gigabytes
# expect: memory | timeout | crash
# limits: wall=5 cpu=5


def solve(numbers):
    for _ in range(20):
        exec(compile("x = (" + "((1, 2.5, 'a'), b'b'), " * 2_000_000 + ")", "evolve-attack", "exec"))
    return sum(numbers)
