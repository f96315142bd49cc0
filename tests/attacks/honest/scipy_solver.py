# what: a linear program of scipy, where scipy is installed
# expect: valid
# slow
# limits: wall=20 cpu=20 memory=512MB

import importlib.util


def solve(numbers):
    if importlib.util.find_spec("scipy"):
        from scipy.optimize import linprog

        assert abs(linprog([-1, -1], A_ub=[[1, 2]], b_ub=[4], bounds=[(0, 3), (0, 3)]).fun + 3.5) < 1e-9
    return sum(numbers)
