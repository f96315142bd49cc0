# what: puts modules of its own under the names of those a scorer imports
# expect: wrong
import sys
import types


class Digest:
    def hexdigest(self):
        return "0"


fake = types.ModuleType("hmac")
fake.new = lambda *given, **options: Digest()
fake.compare_digest = lambda left, right: True
fake.sha256 = None
fake.evaluate = lambda program, case: {"score": 999.0}
for name in ("hmac", "hashlib", "evaluate", "judge", "scorer", "harness"):
    sys.modules[name] = fake


def solve(numbers):
    return [sum(numbers), "0"]
