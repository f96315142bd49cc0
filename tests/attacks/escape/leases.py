# what: takes leases of the machine's files: whoever opens one then waits until the holder lets go or is killed
# expect: valid
# escaped: 0

import errno
import fcntl
import json
import os
import sys

F_SETLEASE = 1024


def solve(numbers):
    escaped = []
    for path in (json.__file__, os.path.realpath(sys.executable)):
        fd = os.open(path, os.O_RDONLY)
        for kind in (fcntl.F_WRLCK, fcntl.F_RDLCK):
            try:
                fcntl.fcntl(fd, F_SETLEASE, kind)
                escaped.append(f"{path} {kind}")
            except OSError as error:
                # Another error than the filter's depends on who the engine runs as.
                escaped += [f"{path} {kind}: {error.strerror}"] if error.errno != errno.EPERM else []
        os.close(fd)
    return {"escaped": escaped}
