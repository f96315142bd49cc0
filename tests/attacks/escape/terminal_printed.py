# what: prints codes that style, clear, retitle or type into the terminal of a reader, then fails
# expect: crash

CODES = (
    "\x1b[2J\x1b[H",
    "\x1b]0;pwned\x07",
    "\x1b]52;c;cm0gLXJmIH4=\x07",
    "\x1b]8;;http://192.0.2.1\x07click\x1b]8;;\x07",
    "\x1bP$q\x1b\\",
    "\x1b[6n",
    "\x1b[5i",
    "\x9b31m",
    "\x07",
    "\x08" * 40,
    "\r\x1b[K all is well",
    "\u202eevil\u202c",
    "\u2066x\u2069",
    "\u200b",
    "\ufeff",
    "\x00",
    "\ud800",
    "\U000e0041",
)


def solve(numbers):
    for code in CODES:
        print(code.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), flush=True)
    raise RuntimeError("".join(CODES))
