# what: answers with a mapped file and an array on top of it, cut short meanwhile
# expect: output | crash
import mmap


def solve(numbers):
    with open("/tmp/evolve-attack-map", "w+b") as file:
        file.write(bytes(4096))
        file.flush()
        mapped = mmap.mmap(file.fileno(), 4096)
        file.truncate(0)
    return [mapped]
