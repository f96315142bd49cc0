# what: looks for tools of the machine that help to get out: package managers, container and network clients, root shells
# expect: valid
# escaped: 0

import os
import subprocess

COMMANDS = (
    ["/bin/sh", "-c", "cat /etc/shadow /root/.ssh/* /proc/1/environ; ls /root /evaluator /home /var/run"],
    ["/usr/bin/env"],
    ["/bin/mount"],
    ["/bin/ps", "ax"],
    ["/usr/bin/docker", "ps"],
    ["/usr/bin/ip", "addr"],
    ["/usr/bin/unshare", "-Ur", "/usr/bin/id", "-u"],
    ["/usr/bin/nsenter", "-t", "1", "-m", "cat", "/etc/hostname"],
    ["/bin/dmesg"],
    ["/usr/bin/curl", "-m", "0.3", "http://192.0.2.1"],
)


def solve(numbers):
    escaped = []
    for command in COMMANDS:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=1, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired):
            continue
        told = [line for line in done.stdout.splitlines() if not line.startswith(("PWD=", "SHLVL=", "_=", "LC_"))]
        escaped += [f"{command[0]}: {told[0]}"] if told else []
    return {"escaped": escaped}
