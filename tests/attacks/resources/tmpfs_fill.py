# what: fills every directory it can write to
# expect: valid | memory
# escaped: 0
# core
# limits: wall=10 cpu=10


def solve(numbers):
    written = 0
    for place, folder in enumerate(("/tmp", "/dev/shm", "/var/tmp", ".")):
        for number in range(10):
            try:
                with open(f"{folder}/evolve-attack-{place}-{number}", "wb", buffering=0) as file:
                    for _ in range(5):
                        written += file.write(bytes(1 << 20))
            except OSError:
                pass
    return {"value": sum(numbers), "escaped": [f"{written >> 20} MB of files"] * (written > 130_000_000)}
