# what: reads environment, arguments, memory, descriptors, root and working directory of every process in /proc
# expect: valid
# escaped: 0

import os

NAMES = "environ cmdline maps mem stack syscall auxv io limits mountinfo status net/unix net/tcp".split()
LINKS = "root cwd exe fd/0 fd/3 ns/net ns/user".split()


def solve(numbers):
    escaped = []
    for pid in (pid for pid in range(1, 3000) if pid != os.getpid() and os.path.exists(f"/proc/{pid}")):
        for name in NAMES:
            try:
                os.close(os.open(f"/proc/{pid}/{name}", os.O_RDONLY))
                escaped.append(f"{pid} {name}")
            except OSError:
                pass
        for name in LINKS:
            try:
                escaped.append(f"{pid} {name} is {os.readlink(f'/proc/{pid}/{name}')}")
            except OSError:
                pass
    return {"escaped": escaped}
