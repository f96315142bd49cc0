# what: raises the guest's own failure, with the status "valid" in it
# expect: suspect
from evolve_guest import candidate


def solve(numbers):
    raise candidate._Failure("valid", '{"score": 999.0}')
