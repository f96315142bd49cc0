# what: answers with what the locked answer would be under empty and obvious secrets
# expect: wrong
import hashlib
import hmac


def solve(numbers):
    for secret in (b"", b"secret", b"evaluators-secret-"):
        guess = hmac.new(secret, repr(numbers).encode(), hashlib.sha256).hexdigest()
    return [sum(numbers), guess]
