# what: looks where other candidates, and the sandbox itself, may keep files
# expect: valid
# escaped: 0

import os

FOLDERS = (
    "/tmp",
    "/private",
    "/dev/shm",
    "/var/tmp",
    "/run/lock",
    "/dev/mqueue",
    "/scratch",
    "..",
    "../..",
    "/tmp/..",
    "/private/..",
    "/tmp/evolve-sandbox",
)


def solve(numbers):
    own = os.stat(".")
    outside = {os.path.realpath(folder) for folder in ("/",)}
    escaped = []
    for folder in FOLDERS:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if os.path.realpath(folder) in outside:
                        continue
                    found = entry.stat(follow_symlinks=False)
                    if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino):
                        escaped.append(entry.path)
        except OSError:
            pass
    return {"escaped": escaped}
