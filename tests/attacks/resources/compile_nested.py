# what: compiles sources nested so deep that a parser runs out of stack
# expect: crash | memory | valid | syntax
# score: 1.0
# limits: wall=10 cpu=10


def solve(numbers):
    for source in ("(" * 100_000, "-" * 1_000_000 + "1", "a." * 300_000 + "b", "[" * 190 + "]" * 190, "x=" * 100_000):
        try:
            compile(source, "evolve-attack", "exec")
        except (SyntaxError, RecursionError, MemoryError):
            pass
    return sum(numbers)
