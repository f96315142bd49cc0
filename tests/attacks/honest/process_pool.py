# what: a multiprocessing pool of two, a lock and a queue
# expect: valid
# core

import multiprocessing


def add(part):
    return sum(part)


def solve(numbers):
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    queue.put("own")
    with context.Lock(), context.Pool(2) as pool:
        assert queue.get() == "own"
        return sum(pool.map(add, [numbers[:8], numbers[8:]]))
