# what: makes every HMAC the same known text, and every comparison of digests true
# expect: wrong
import hashlib
import hmac


class Digest:
    def __init__(self, *given, **options):
        pass

    def update(self, data):
        pass

    def hexdigest(self):
        return "0"

    def digest(self):
        return b"0"


hmac.new = hmac.digest = Digest
hmac.compare_digest = lambda left, right: True
hashlib.sha256 = hashlib.sha1 = hashlib.md5 = Digest


def solve(numbers):
    return [sum(numbers), "0"]
