# what: leaves files wherever it can, and looks for those of an earlier candidate
# expect: valid
# score: 1.0
# escaped: 0
# rounds: 3
import os

MARK = "evolve-attack-mark"
FOLDERS = (".", "/tmp", "/dev/shm", "/var/tmp", "/run", "/private", "/")
seen = [folder for folder in FOLDERS if os.path.exists(os.path.join(folder, MARK))]


def solve(numbers):
    for folder in FOLDERS:
        try:
            with open(os.path.join(folder, MARK), "w") as file:
                file.write("999.0")
        except OSError:
            pass
    return {"value": sum(numbers), "escaped": seen}
