# what: answers with a list and a text of its own kinds, whose length, items and comparisons lie
# expect: wrong


class Text(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class List(list):
    def __eq__(self, other):
        return True

    def __len__(self):
        return 2

    def __getitem__(self, place):
        return self

    def __iter__(self):
        return iter([Text("a"), Text("b")])


def solve(numbers):
    return List([0, Text("locked"), 3])
