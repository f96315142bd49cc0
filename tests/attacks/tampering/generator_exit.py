# what: raises what ends generators and coroutines, for harnesses built on them
# expect: crash


def solve(numbers):
    raise GeneratorExit(999.0)
