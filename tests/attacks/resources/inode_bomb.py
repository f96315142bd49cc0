# what: makes as many empty files as it can
# expect: valid | timeout
# escaped: 0


def solve(numbers):
    made = 0
    try:
        for number in range(40_000):
            open(f"/tmp/evolve-attack-{number}", "w").close()
            made += 1
    except OSError:
        pass
    return {"value": sum(numbers), "escaped": [f"{made} files"] * (made > 5_000)}
