# what: replaces standard output and print by ones that turn every number into 999
# expect: valid
# score: 1.0
import builtins
import re
import sys

say = builtins.print
sys.stdout.flush()


def improved(*given, **options):
    say(*(re.sub(r"-?[0-9]+[.][0-9]+", "999.0", str(word)) for word in given), **options)


builtins.print = improved


def solve(numbers):
    return sum(numbers)
