"""The value of an expression of whole numbers, + - * / % and parentheses: a parser by precedence, nothing else."""

LARGEST = 2**31 - 1
DEEPEST = 30
"""Parentheses and signs within each other."""
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}


class BadExpression(Exception):
    """Says what is wrong, to be followed by `in` and the text."""


class Expression:
    """A list of tokens, each a number, its digits, or a sign."""

    def __init__(self, tokens):
        self._tokens = tokens
        self._place = 0

    def value(self):
        """The value of all of it. Raises BadExpression."""
        if not self._tokens:
            raise BadExpression("a number is missing")
        value = self._sum(0, 1)
        if self._place < len(self._tokens):
            raise BadExpression(f"{self._tokens[self._place]!r} is one too many")
        return value

    def _sum(self, depth, least):
        """Terms joined by signs that bind at least as strongly as `least`, from left to right."""
        value = self._term(depth)
        while _PRECEDENCE.get(self._peek(), 0) >= least:
            sign = self._tokens[self._place]
            self._place += 1
            value = _joined(sign, value, self._sum(depth, _PRECEDENCE[sign] + 1))
        return value

    def _term(self, depth):
        if depth > DEEPEST:
            raise BadExpression(f"more than {DEEPEST} parentheses and signs within each other")
        token = self._peek()
        self._place += 1
        if isinstance(token, int):
            return token
        if token == "(":
            value = self._sum(depth + 1, 1)
            if self._peek() != ")":
                raise BadExpression("a parenthesis is never closed")
            self._place += 1
            return value
        if token in ("-", "+"):
            value = self._term(depth + 1)
            return -value if token == "-" else value
        if not token or not token.isdigit():
            raise BadExpression(f"a number is missing before {token!r}" if token else "a number is missing at the end")
        return _bounded(int(token)) if len(token) <= 10 else _bounded(LARGEST + 1)

    def _peek(self):
        return self._tokens[self._place] if self._place < len(self._tokens) else ""


def _joined(sign, left, right):
    if sign in "/%":
        if right == 0:
            raise BadExpression("a division by zero")
        # As in C: the quotient is cut towards zero, and the remainder has the sign of the left side.
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if sign == "/" else left - quotient * right
    return _bounded(left + right if sign == "+" else left - right if sign == "-" else left * right)


def _bounded(value):
    if abs(value) > LARGEST:
        raise BadExpression(f"a number beyond {LARGEST}")
    return value
