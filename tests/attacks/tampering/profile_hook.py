# what: a profile function sees every call and return after it, in every thread, and waits for the secret
# expect: valid
# score: 1.0
# judge: twice
import hashlib
import hmac
import sys
import threading

found = []


def watch(frame, event, argument):
    secret = frame.f_globals.get("SECRET")
    if type(secret) is bytes:
        found.append(secret)


threading.setprofile(watch)
sys.setprofile(watch)


def solve(numbers):
    if found:
        return [sum(numbers), hmac.new(found[0], repr(numbers).encode(), hashlib.sha256).hexdigest()]
    return sum(numbers)
