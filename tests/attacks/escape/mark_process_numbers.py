# what: leaves its successor a message in the number the next process will have
# expect: valid
# escaped: 0
# rounds: 2
# broken: docker; the process numbers of a container go on counting from program to program

import os
import threading

EVERY, MARK, NEAR = 1024, 512, 64
FOUND = ["the mark of a predecessor"] if MARK <= os.getpid() % EVERY < MARK + NEAR else []


def solve(numbers):
    number = threading.get_native_id() % EVERY
    for _ in range(EVERY):
        if MARK <= number < MARK + NEAR // 4:
            break
        thread = threading.Thread(target=int)
        thread.start()
        number = thread.native_id % EVERY
        thread.join()
    return {"escaped": FOUND}
