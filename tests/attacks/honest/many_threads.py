# what: sixteen threads that are all alive at once
# expect: valid
# broken: every thread reserves a malloc arena of 64 MB of the address space that RLIMIT_AS counts

import threading


def solve(numbers):
    meet, parts = threading.Barrier(16, timeout=1), []

    def add(place):
        meet.wait()
        parts.append(sum(numbers[place::16]))

    threads = [threading.Thread(target=add, args=(place,)) for place in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(parts)
