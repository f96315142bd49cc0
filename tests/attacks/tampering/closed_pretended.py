# what: raises the guest's own word for a peer that hung up, so that its process ends in order
# expect: crash
from evolve_guest.wire import Closed


def solve(numbers):
    raise Closed
