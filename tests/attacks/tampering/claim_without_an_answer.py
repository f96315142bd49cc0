# what: claims scores under every name and gives no answer
# expect: valid
# score: 0


def solve(numbers):
    names = ("score", "points", "fitness", "reward", "combined_score", "metrics", "objective", "result")
    return {name: 999.0 for name in names}
