# what: SysV shared memory, semaphores and message queues, which outlive their makers
# expect: valid
# escaped: 0

import ctypes


def solve(numbers):
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    got = []
    for key in range(8):
        segment = libc.shmget(0x0E0 + key, 16 << 20, 0o1600)
        if segment >= 0:
            got.append("segment")
            place = libc.shmat(segment, None, 0)
            if place not in (None, ctypes.c_void_p(-1).value):
                ctypes.memset(place, 1, 16 << 20)
    got += ["semaphores"] * (libc.semget(0x0E0, 10, 0o1600) >= 0)
    got += ["message queue"] * (libc.msgget(0x0E0, 0o1600) >= 0)
    return {"value": sum(numbers), "escaped": got}
