# what: answers with a score, a status and a time of its own beside a wrong answer
# expect: wrong


def solve(numbers):
    return {"value": 0, "score": 999.0, "status": "valid", "metrics": {"score": 999.0}, "seconds": 0.0, "wall": 0.0}
