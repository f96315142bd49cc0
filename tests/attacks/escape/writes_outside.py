# what: makes, changes, renames and marks files everywhere but in its own directory
# expect: valid
# escaped: 0
# core

import json
import os
import sys


def solve(numbers):
    module = json.__file__
    places = [
        "/",
        "/usr",
        "/usr/lib",
        "/usr/local",
        "/usr/bin",
        "/bin",
        "/lib",
        "/etc",
        "/var/tmp",
        "/run",
        "/home",
        "/root",
        "/dev",
        "/dev/mqueue",
        "/proc",
        "/sys",
        os.path.dirname(module),
        os.path.dirname(sys.executable),
    ]
    places += [path for path in sys.path if os.path.isdir(path) and not os.path.samefile(path, ".")]
    tries = {}
    for place in places:
        path = os.path.join(place, "evolve-attack-file")
        tries[f"make {path}"] = lambda path=path: os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        tries[f"nameless in {place}"] = lambda place=place: os.close(os.open(place, os.O_TMPFILE | os.O_WRONLY))
        tries[f"mkdir {path}"] = lambda path=path: os.mkdir(path)
        tries[f"link {path}"] = lambda path=path: os.symlink("/", path)
    for name, act in {
        "append": lambda: os.close(os.open(module, os.O_WRONLY | os.O_APPEND)),
        "chmod": lambda: os.chmod(module, 0o644),
        "chown": lambda: os.chown(module, os.getuid(), os.getgid()),
        "utime": lambda: os.utime(module),
        "xattr": lambda: (
            os.setxattr(module, "user.evolve-attack", b"1") or os.removexattr(module, "user.evolve-attack")
        ),
        "rename": lambda: os.rename(module, module),
        "chmod of a device": lambda: os.chmod("/dev/null", 0o666),
        "times of the root": lambda: os.utime("/"),
    }.items():
        tries[f"{name} {module}"] = act
    escaped = []
    for name, act in tries.items():
        try:
            act()
            escaped.append(name)
        except OSError:
            continue
        tidy(name.partition(" ")[2])
    return {"escaped": escaped}


def tidy(path):
    if path.endswith("evolve-attack-file"):
        os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
