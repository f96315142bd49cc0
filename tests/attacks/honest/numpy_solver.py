# what: linear algebra, an FFT and random numbers of numpy
# expect: valid

import numpy as np


def solve(numbers):
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(60, 60)) + 60 * np.eye(60)
    x = np.linalg.solve(matrix, rng.normal(size=60))
    assert np.isfinite(np.fft.fft(x)).all()
    return np.array(numbers, dtype=np.int64).sum()
