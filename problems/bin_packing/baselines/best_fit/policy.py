"""Best fit: the item goes into the fullest bin that has room for it."""

import numpy as np


def table(capacity):
    item, space = np.mgrid[: capacity + 1, : capacity + 1]
    return (item - space).astype(float)
