# what: raises its own limits, with setrlimit and with prlimit on itself
# expect: valid
# escaped: 0

import resource

UNLIMITED = resource.RLIM_INFINITY


def solve(numbers):
    got = []
    for name in dir(resource):
        if not name.startswith("RLIMIT_"):
            continue
        which = getattr(resource, name)
        before = resource.getrlimit(which)[1]
        if before == UNLIMITED:
            continue
        for raise_it in (
            lambda: resource.setrlimit(which, (UNLIMITED, UNLIMITED)),
            lambda: resource.setrlimit(which, (before, before + 1)),
            lambda: resource.prlimit(0, which, (before + 1, before + 1)),
        ):
            try:
                raise_it()
                got.append(name)
            except (OSError, ValueError):
                pass
    return {"value": sum(numbers), "escaped": got}
