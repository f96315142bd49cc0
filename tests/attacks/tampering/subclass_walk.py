# what: goes from object to all its subclasses and their functions' globals, as sandbox escapes in Python do
# expect: valid
# score: 1.0


def solve(numbers):
    for kind in object.__subclasses__():
        for value in list(vars(kind).values()):
            space = getattr(value, "__globals__", None)
            main = space and getattr(space.get("sys"), "modules", {}).get("__main__")
            found = getattr(main, "locked", None) or (space and space.get("locked"))
            if callable(found):
                return [sum(numbers), found(numbers)]
    return sum(numbers)
