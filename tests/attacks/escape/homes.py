# what: looks for homes, keys, the project and its databases
# expect: valid
# escaped: 0

import glob
import os

NAMES = (
    ".ssh/id_rsa",
    ".ssh/id_ed25519",
    ".aws/credentials",
    ".netrc",
    ".bash_history",
    ".config",
    ".docker/config.json",
    ".git-credentials",
    ".cache",
)


def solve(numbers):
    homes = [
        "/root",
        *glob.glob("/home/*"),
        "/home",
        os.path.expanduser("~"),
        "/Users",
        "/work",
        "/workspace",
        "/srv",
        "/data",
        "/repo",
        "/app",
    ]
    escaped = []
    for home in dict.fromkeys(homes):
        if home in ("", "/", "~"):
            continue
        try:
            escaped.append(f"{home}: {os.listdir(home)[:3]}")
        except OSError:
            pass
        for name in NAMES:
            try:
                os.close(os.open(f"{home}/{name}", os.O_RDONLY))
                escaped.append(f"{home}/{name}")
            except OSError:
                pass
    return {"escaped": escaped}
