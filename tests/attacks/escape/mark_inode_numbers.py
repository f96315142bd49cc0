# what: leaves its successor a message in the number the next new file will have
# expect: valid
# escaped: 0
# rounds: 2
# broken: docker; the file numbers of a container's tmpfs go on counting from program to program

import os

EVERY, MARK, NEAR = 4096, 2048, 64


def number():
    with open("evolve-attack-file", "w") as file:
        found = os.fstat(file.fileno()).st_ino
    os.unlink("evolve-attack-file")
    return found % EVERY


def marked(found):
    return MARK <= found < MARK + NEAR


FOUND = ["the mark of a predecessor"] if marked(number()) else []


def solve(numbers):
    for _ in range(EVERY):
        if marked(number()):
            break
    return {"escaped": FOUND}
