class Counter:
    def __init__(self, step):
        self.step, self.total = step, 0

    def count(self):
        self.total += self.step
        return self.total
