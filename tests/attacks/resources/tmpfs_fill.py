# what: fills every directory it can write to
# expect: valid | memory
# escaped: 0
# limits: wall=10 cpu=10
# core


def solve(numbers):
    got = []
    for place, folder in enumerate(("/tmp", "/dev/shm", "/var/tmp", ".")):
        written = 0
        try:
            for number in range(10):
                with open(f"{folder}/evolve-attack-{place}-{number}", "wb", buffering=0) as file:
                    for _ in range(10):
                        written += file.write(bytes(1 << 20))
        except OSError:
            pass
        got += [f"{written >> 20} MB in {folder}"] * (written > 64 << 20)
    return {"value": sum(numbers), "escaped": got}
