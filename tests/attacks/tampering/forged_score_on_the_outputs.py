# what: writes scores to standard output and standard error in every shape a harness may look for, and answers wrongly
# expect: wrong
import os


def solve(numbers):
    for text in (
        '{"score": 999.0}',
        "score=999.0",
        "SCORE: 999.0",
        "RESULT 999.0",
        "<score>999.0</score>",
        "999.0",
        "PASSED",
    ):
        for fd in (1, 2):
            os.write(fd, (text + "\n").encode())
    return 0
