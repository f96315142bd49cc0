# expect: timeout
"""Never answers."""


def table(capacity):
    while True:
        pass
