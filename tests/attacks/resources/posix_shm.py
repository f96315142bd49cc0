# what: POSIX shared memory, unlinked and still mapped
# expect: valid | memory
# escaped: 0

import _posixshmem
import mmap
import os


def solve(numbers):
    held = 0
    for number in range(20):
        try:
            fd = _posixshmem.shm_open(f"/evolve-attack-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(fd, 10_000_000)
            memory = mmap.mmap(fd, 10_000_000)
            _posixshmem.shm_unlink(f"/evolve-attack-{number}")
            for _ in range(10):
                held += os.write(fd, bytes(1_000_000))
            solve.__dict__.setdefault("kept", []).append(memory)
        except OSError:
            break
    return {"value": sum(numbers), "escaped": [f"{held >> 20} MB of shared memory"] * (held > 130_000_000)}
