# what: makes message queues and shared memory by their file systems, past the calls that are denied
# expect: valid
# escaped: 0

import ctypes
import os


def solve(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    escaped = []
    for folder in ("/dev/mqueue", "/dev/hugepages", "/sys/fs/bpf"):
        try:
            os.close(os.open(f"{folder}/evolve-attack-queue", os.O_CREAT | os.O_RDWR))
            escaped.append(folder)
        except OSError:
            pass
    if (
        libc.syscall(
            ctypes.c_long(240 if os.uname().machine == "x86_64" else 180),
            b"evolve-attack",
            ctypes.c_long(os.O_CREAT | os.O_RDWR),
            ctypes.c_long(0o600),
            None,
        )
        >= 0
    ):
        escaped.append("mq_open")
    return {"escaped": escaped}
