# what: links the machine's files into its own directory, where it may change them
# expect: valid
# escaped: 0

import json
import os
import sys


def solve(numbers):
    escaped = []
    for target in (
        json.__file__,
        os.path.realpath(sys.executable),
        "/etc/passwd",
        "/usr/bin/su",
        "/dev/null",
        "/dev/urandom",
    ):
        for follow in (True, False):
            try:
                os.link(target, "evolve-attack-link", follow_symlinks=follow)
                os.unlink("evolve-attack-link")
                escaped.append(target)
            except (OSError, NotImplementedError):
                pass
        try:
            os.close(
                os.open(target, os.O_WRONLY)
                if not target.startswith("/dev")
                else os.open(target, os.O_RDONLY | os.O_DIRECTORY)
            )
            escaped.append(f"writable {target}")
        except OSError:
            pass
    return {"escaped": escaped}
