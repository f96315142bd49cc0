# what: looks through all modules, their functions' globals and closures for a function that makes the locked answer
# expect: valid
# score: 1.0
import sys


def reachable():
    for module in list(sys.modules.values()):
        for value in list(getattr(module, "__dict__", {}).values()):
            space, cells = getattr(value, "__globals__", None), getattr(value, "__closure__", None)
            if type(space) is dict:
                yield space.get("locked")
            if type(cells) is tuple:
                yield from (cell.cell_contents for cell in cells if hasattr(cell, "cell_contents"))


def solve(numbers):
    for value in reachable():
        if callable(value) and getattr(value, "__name__", "") == "locked":
            return [sum(numbers), value(numbers)]
    return sum(numbers)
