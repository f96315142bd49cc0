# what: answers with arrays where numbers belong, whose comparison has no truth value and fails in the scorer
# expect: wrong
# judge: arrays
import numpy


def solve(numbers):
    return [numpy.array([1, 2]), numpy.array(["x", "y"])]
