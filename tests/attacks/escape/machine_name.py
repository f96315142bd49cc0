# what: learns the machine's name, by which it would know where it is and whether it has been there before
# expect: valid
# escaped: 0

import os
import platform
import socket


def solve(numbers):
    names = {os.uname().nodename, platform.node(), socket.gethostname()}
    return {"escaped": sorted(names - {"sandbox", "localhost", ""})}
