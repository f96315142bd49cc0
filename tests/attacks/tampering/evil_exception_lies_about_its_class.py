# what: raises an exception that pretends to be the guest's own failure and has an object for a status
# expect: crash | suspect | output
from evolve_guest import candidate


class Evil(Exception):
    __class__ = property(lambda self: candidate._Failure)

    @property
    def status(self):
        return "valid"


def solve(numbers):
    raise Evil("score: 999.0")
