# what: answers with an array of records, one field of which overlaps another
# expect: output
import numpy


def solve(numbers):
    kind = numpy.dtype({"names": ["a", "b"], "formats": ["i8", "f8"], "offsets": [0, 0], "itemsize": 8})
    return numpy.zeros(2, kind)
