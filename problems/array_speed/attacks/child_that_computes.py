# expect: crash
"""Has a child compute, whose time no clock of this process counts, and spin in between, so that the reference waits."""

import os

import numpy as np

ASKED, ASKS = os.pipe()
TOLD, TELLS = os.pipe()


def get(fd, size):
    parts = b""
    while len(parts) < size:
        parts += os.read(fd, size - len(parts))
    return parts


def put(fd, raw):
    while raw:
        raw = raw[os.write(fd, raw) :]


def serve():
    os.set_blocking(ASKED, False)
    while True:
        try:
            head = os.read(ASKED, 24)
        except BlockingIOError:
            continue
        os.set_blocking(ASKED, True)
        count, width, k = np.frombuffer(head, dtype=int)
        flat = np.frombuffer(get(ASKED, 8 * count * (width + 1)))
        put(TELLS, plain(flat[: count * width].reshape(count, width), flat[count * width :], k).tobytes())
        os.set_blocking(ASKED, False)


def plain(points, weights, k):
    heavy = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)) * weights
    absent = np.isnan(points).any(axis=1)
    heavy[:, absent] = np.inf
    np.fill_diagonal(heavy, np.inf)
    found = np.full((len(points), k), np.inf)
    found[:, : len(points)] = np.sort(heavy, axis=1)[:, :k]
    found[absent] = np.nan
    return found


if os.fork() == 0:
    serve()


def lightest(points, weights, k):
    points, weights = (np.asarray(each, dtype=float) for each in (points, weights))
    put(ASKS, np.array([*points.shape, k]).tobytes() + points.tobytes() + weights.tobytes())
    return np.frombuffer(get(TOLD, 8 * len(points) * k)).reshape(len(points), k).copy()
