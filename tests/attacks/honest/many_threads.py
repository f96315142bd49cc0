# what: sixteen threads that are all alive at once
# expect: valid

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
