# what: files in the default temporary directory, in /tmp, in /dev/shm and where it stands
# expect: valid
# core

import os
import tempfile


def solve(numbers):
    with tempfile.NamedTemporaryFile("w+") as file, tempfile.TemporaryDirectory() as folder:
        file.write(str(sum(numbers)))
        file.seek(0)
        total = int(file.read())
        for path in (os.path.join(folder, "own"), "/tmp/evolve-own", "/dev/shm/evolve-own"):
            with open(path, "wb") as out:
                out.write(bytes(1_000_000))
            assert os.path.getsize(path) == 1_000_000
    return total
