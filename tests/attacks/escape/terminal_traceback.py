# what: raises errors whose class, file and line carry such codes
# expect: crash

CODES = "\x1b[2J\x1b]0;pwned\x07\x9b31m\u202e\x00\r"


def solve(numbers):
    name = {"__name__": CODES, "__file__": CODES}
    failure = type(CODES.replace("\x00", ""), (Exception,), {"__module__": CODES})
    exec(compile("def f(failure, text): raise failure(text)", CODES.replace("\x00", ""), "exec"), name)
    name["f"](failure, CODES)
