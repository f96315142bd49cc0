# expect: wrong
"""Numbers written as text, which numpy would gladly parse."""


def pack(n):
    return [["0.5", "0.5", "0.5"] for _ in range(n)]
