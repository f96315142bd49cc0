# what: answers with a dict of its own kind that has every key and gives each asker what he wants
# expect: wrong | valid
# score: 0


class Obliging(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return 999.0

    def get(self, key, default=None):
        return 999.0

    def __eq__(self, other):
        return True


def solve(numbers):
    return Obliging(score=999.0)
