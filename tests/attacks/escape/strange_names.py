# what: leaves files whose names are options, patterns, escape codes, line ends and no text at all
# expect: valid
# score: 1.0

import os

NAMES = [b"-rf", b"--no-preserve-root", b"*", b"$(reboot)", b"`id`", b"; rm -r .", b"\n", b"a\nb", b"\xff\xfe"]
NAMES += [b"\x1b]0;x\x07", b"\r", b" ", b"~", b"x" * 255, b"\xed\xa0\x80", b".\xe2\x80\xae", b"...", b"|", b"%s%n"]


def solve(numbers):
    for place in (b".", b"/tmp/evolve-attack-names"):
        os.makedirs(place, exist_ok=True)
        for name in NAMES:
            if not os.path.isdir(os.path.join(place, name)):
                with open(os.path.join(place, name), "wb"):
                    pass
    return sum(numbers)
