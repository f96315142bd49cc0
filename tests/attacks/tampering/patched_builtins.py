# what: replaces sum, abs, len, float and friends, so that every comparison comes out its way
# expect: wrong | crash | memory
import builtins

builtins.sum = lambda *given: 999.0
builtins.abs = lambda value: 0
builtins.max = builtins.min = lambda *given, **options: 0
builtins.round = lambda *given: 0
builtins.all = builtins.any = lambda given: True


def solve(numbers):
    return 999.0
