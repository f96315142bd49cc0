# what: leaves full folders nobody may enter, and takes its own directory's rights away
# expect: valid
# score: 1.0
# core

import os


def solve(numbers):
    for name in ("evolve-attack-a", "evolve-attack-b/c/d"):
        try:
            os.makedirs(name, exist_ok=True)
            with open(f"{name}/kept", "w") as file:
                file.write("x")
            os.chmod(f"{name}/kept", 0)
            os.chmod(name, 0)
        except OSError:
            pass
    try:
        os.chmod("evolve-attack-b", 0)
        os.chmod(".", 0)
        if not os.stat("/tmp").st_mode & 0o002:  # a private one
            os.chmod("/tmp", 0)
    except OSError:
        pass
    return sum(numbers)
