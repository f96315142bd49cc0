"""Points are sorted into boxes of the same size, and all boxes at once look at the boxes nearest to them.

Where that does not settle a point for sure, it looks at all points. In space too little would be left out that way:
there all points are looked at.
"""

import numpy as np

BOX = 10  # points in a box
BOXES = 14  # boxes that a box looks at, its own among them
FEW = 240  # so few points are all looked at, and all points in space
ROWS = 48  # points that look at all points at a time


def lightest(points, weights, k):
    """Row i: the k smallest of weights[j] * |points[i] - points[j]| over all other j, ascending."""
    points = np.asarray(points, dtype=float)
    found = np.full((len(points), k), np.nan)
    present = np.flatnonzero(~np.isnan(points).any(axis=1))
    if len(present) == 0:
        return found
    columns = np.ascontiguousarray(points[present].T)
    squares = np.asarray(weights, dtype=float)[present] ** 2
    if len(columns) > 2 or len(present) <= FEW or k >= BOX * BOXES:
        found[present] = look_at_all(columns, squares, np.arange(len(present)), k)
        return found
    least, sure = look_near(columns, squares, k)
    left = np.flatnonzero(~sure)
    if len(left):
        least[left] = look_at_all(columns, squares, left, k)
    found[present] = least
    return found


def look_near(columns, squares, k):
    """The rows of all points from their own and the nearest boxes, and whether a row is surely right."""
    count = len(squares)
    members, spare = boxed(columns)
    inside = columns[:, members]
    low, high = inside.min(axis=2), inside.max(axis=2)
    gaps = np.maximum(low[:, None, :] - high[:, :, None], low[:, :, None] - high[:, None, :])
    away = (np.maximum(gaps, 0.0) ** 2).sum(axis=0)
    away[np.arange(len(members)), np.arange(len(members))] = -1.0
    near = np.argpartition(away, BOXES, axis=1)
    horizon = away[np.arange(len(members)), near[:, BOXES]]
    others = members[near[:, :BOXES]].reshape(len(members), BOXES * BOX)
    nobody = spare[near[:, :BOXES]].reshape(others.shape)
    heavy = 0.0
    for column in columns:
        apart = column[members][:, :, None] - column[others][:, None, :]
        apart *= apart
        heavy = apart + heavy
    heavy *= squares[others][:, None, :]
    heavy[(members[:, :, None] == others[:, None, :]) | nobody[:, None, :]] = np.inf
    heavy.partition(k - 1, axis=2)
    rows = np.sort(heavy[:, :, :k], axis=2)
    # What was not looked at is at least as far away as the next box, and no lighter than the lightest.
    sure = rows[:, :, -1] * (1.0 + 1e-12) <= horizon[:, None] * squares.min()
    least, settled = np.empty((count, k)), np.empty(count, dtype=bool)
    least[members] = np.sqrt(rows)
    settled[members] = sure
    return least, settled


def boxed(columns):
    """Rows of BOX points that lie close together, and which places of the last row only fill it up."""
    count = columns.shape[1]
    strips = max(1, round((count / BOX) ** (1.0 / len(columns))))
    order = np.argsort(columns[0], kind="stable")
    for column in columns[1:]:
        size = -(-len(order) // strips)
        place = np.arange(count) // size
        order = order[np.lexsort((column[order], place))]
        strips *= strips
    full = -(-count // BOX)
    places = np.arange(full * BOX)
    return order[np.minimum(places, count - 1)].reshape(full, BOX), (places >= count).reshape(full, BOX)


def look_at_all(columns, squares, mine, k):
    """The rows of some points from all points."""
    found = np.full((len(mine), k), np.inf)
    for top in range(0, len(mine), ROWS):
        rows = mine[top : top + ROWS]
        heavy = 0.0
        for column in columns:
            apart = column[rows, None] - column
            apart *= apart
            heavy = apart + heavy
        heavy *= squares
        heavy[np.arange(len(rows)), rows] = np.inf
        if k < heavy.shape[1]:
            heavy.partition(k - 1, axis=1)
        found[top : top + ROWS, : heavy.shape[1]] = np.sqrt(np.sort(heavy[:, :k], axis=1))
    return found
