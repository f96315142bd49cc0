# what: puts such codes into what the evaluator tells of it: names, answers, class names, file names, a syntax error
# expect: valid | crash
# escaped: 2

CODES = "\x1b[2J\x1b]0;pwned\x07\x9b31m\u202e\x00 [bold red]x[/]"


def solve(numbers):
    return {"escaped": [CODES, "\x1b]52;c;cm0=\x07"], "seen": CODES}
