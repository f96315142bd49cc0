# what: becomes another user or group
# expect: valid
# escaped: 0

import os


def solve(numbers):
    before = (os.getresuid(), os.getresgid(), os.getgroups())
    escaped = []
    for user in (1, 0, 65534, 60000, 60001, 1000):
        if user in (os.getuid(), os.getgid()):
            continue
        for name in ("setgid", "setegid", "setuid", "seteuid"):
            try:
                getattr(os, name)(user)
                escaped.append(f"{name} {user}")
            except OSError:
                pass
        for name, arguments in (("setresuid", (-1, -1, user)), ("setresgid", (-1, -1, user)), ("setgroups", ([user],))):
            try:
                getattr(os, name)(*arguments)
                escaped.append(f"{name} {user}")
            except OSError:
                pass
    if (os.getresuid(), os.getresgid(), os.getgroups()) != before:
        escaped.append("it is somebody else now")
    return {"escaped": escaped}
