# what: raises KeyboardInterrupt, which ends many harnesses as if a person had asked for it
# expect: crash


def solve(numbers):
    raise KeyboardInterrupt
