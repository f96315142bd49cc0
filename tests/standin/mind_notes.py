"""What prose says about programs: directions, scores, feedback that points somewhere, attempts and how they ended.

General rules of reading, not the wording of anybody's prompts: a number after the objective's name is a score, a list
item below a heading about attempts is an attempt, "too large by 0.3" points down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"

_LESS = r"less|lower|smaller|fewer|shorter"
_MORE = r"more|higher|greater|larger|bigger"
_DIRECTION = re.compile(rf"\b({_LESS}|{_MORE})\b(?:\s+\w+)?\s+is\s+better|\b(minimi[sz]e|maximi[sz]e)", re.IGNORECASE)
_GOAL = re.compile(r"(?:make|objective|score|goal|metric)[^.`\n]{0,20}`(\w+)`", re.IGNORECASE)
_DOWN = re.compile(
    r"too (?:large|high|big|many|much|long|fast|wide|late|strong)|\babove\b|\bover(?:shoots?|estimates?|laps?)?\b"
    r"|\bexceeds?\b|\bbeyond\b|\bleaves\b|\boutside\b|\b(?:decrease|reduce|shrink|smaller)\b",
    re.IGNORECASE,
)
_UP = re.compile(
    r"too (?:small|low|few|little|short|slow|narrow|early|weak)|\bbelow\b|\bunder(?:shoots?|estimates?)?\b|short of"
    r"|\b(?:increase|raise|grow)\b",
    re.IGNORECASE,
)
_SIGNED = re.compile(rf"(?:residual|bias|error|difference|off)\w*[^\d+\n-]{{0,25}}([-+]\s?{NUMBER[5:]})", re.IGNORECASE)
_WHERE = re.compile(
    rf"\b(?:where|when|if|for)\s+`?(\w+)`?\s+(?:is\s+)?(?:(?=(?:above|over|below|under)\s+[-\d])|(?=positive|negative))"
    rf"(above|over|below|under|positive|negative)(?:\s+({NUMBER}))?",
    re.IGNORECASE,
)
_NO_HINT = re.compile(r"is better|\bidea\b|\bscore\b|standard error", re.IGNORECASE)
_GOOD = re.compile(r"\b(?:improved|better than|helped|gained|raised the score|went up to|works)\b", re.IGNORECASE)
_BAD = re.compile(
    r"\b(?:worse|fail\w*|crash\w*|timeout|timed out|rejected|no (?:gain|change|effect)|hurt|duplicate"
    r"|stayed at|did not|not change|tried before)\b",
    re.IGNORECASE,
)
_ATTEMPTS = re.compile(r"attempt|tried|try|lesson|fail|learn|earlier|history|not help|helped", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+)$")
_IDEA = re.compile(r"\bidea\s*:\s*(.+)", re.IGNORECASE)

_VERBS = {
    "up": "raise raised raises increase increased increases larger more higher grow up",
    "down": "lower lowered lowers decrease decreased decreases reduce reduced smaller less shrink down",
    "out": "remove removed removes drop dropped drops delete deleted simplify simpler without",
    "in": "add added adds include included extra plus",
    "swap": "replace replaced replaces swap swapped instead use used change changed",
    "copy": "copy copied take taken combine combined from",
}
_CLASS = {word: kind for kind, listed in _VERBS.items() for word in listed.split()}


@dataclass(frozen=True)
class Hint:
    """Something that should become larger (`way` +1) or smaller (-1): by how much, and the words of the sentence.

    `where` is the condition under which it should, if there is one: a name, and the comparison as it is written.
    """

    way: int
    amount: float | None
    words: frozenset[str]
    indices: tuple[int, ...] = ()
    where: tuple[str, str] | None = None


@dataclass(frozen=True)
class Tried:
    """An attempt in words: which parts of the program it was about, and whether it helped (None: not said)."""

    words: frozenset[str]
    helped: bool | None


def direction(text: str) -> int:
    """+1 when the text says that more is better, -1 for less, 0 when it does not say."""
    found = _DIRECTION.search(text)
    if found is None:
        return 0
    word = (found[1] or found[2]).lower()
    return -1 if word.startswith("min") or re.fullmatch(_LESS, word) else 1


def objective_names(text: str) -> frozenset[str]:
    """Words that stand for the score: the metric the goal names, beside "score" and "objective"."""
    return frozenset({"score", "objective"} | {name.lower() for name in _GOAL.findall(text)})


def score(text: str, names: frozenset[str]) -> tuple[float, float] | None:
    """The first number after a name of the objective and its standard error (0 when not given)."""
    words = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    found = re.search(
        rf"\b(?:{words})\b[^\d\n+-]{{0,40}}?({NUMBER})(?:\s*(?:±|\+/-|\+-)\s*({NUMBER}))?", text, re.IGNORECASE
    )
    return None if found is None else (float(found[1]), abs(float(found[2] or 0.0)))


def words(text: str, known: frozenset[str]) -> frozenset[str]:
    """What a text is about: identifiers of the program, code it quotes, and the kinds of its verbs."""
    found = {"".join(code.split()) for code in re.findall(r"`([^`]+)`", text)}
    for word in re.findall(r"[A-Za-z_]\w*", text):
        if word in known:
            found.add(word)
        kind = _CLASS.get(word.lower())
        if kind:
            found.add(f"~{kind}")
    return frozenset(found)


def likeness(left: frozenset[str], right: frozenset[str]) -> float:
    """Shared words over all words, 0 to 1."""
    return len(left & right) / len(left | right) if left and right else 0.0


def hints(text: str, known: frozenset[str]) -> list[Hint]:
    """Sentences that say what is too large or too small, with amounts where they give them."""
    found: list[Hint] = []
    for sentence in re.split(r"[\n;]|\.\s|,\s(?=[a-z]+ \d)", text):
        if _NO_HINT.search(sentence):
            continue
        hint = _hint(sentence, known)
        if hint is not None:
            found.append(hint)
    return found


def _hint(sentence: str, known: frozenset[str]) -> Hint | None:
    signed = _SIGNED.search(sentence)
    said_where = _WHERE.search(sentence)
    claim = sentence.replace(said_where[0], " " * len(said_where[0])) if said_where else sentence
    down, up = _DOWN.search(claim), _UP.search(claim)
    if signed:
        value = float(signed[1].replace(" ", ""))
        way = -1 if value > 0 else 1
        amount: float | None = abs(value)
    elif down or up:
        first = min((match for match in (down, up) if match), key=lambda match: match.start())
        way = -1 if first is down else 1
        said = re.search(NUMBER, sentence[first.end() : first.end() + 60])
        amount = abs(float(said[0])) if said else None
    else:
        return None
    names = {word for word in re.findall(r"[A-Za-z_]\w*", sentence) if word in known}
    stems = {name for name in known for word in re.findall(r"[a-z]{4,}", sentence.lower()) if _kin(word, name)}
    where = _where(sentence, known)
    if where is not None:
        names.discard(where[0])
    indices = tuple(int(digits) for digits in re.findall(r"\b[A-Za-z]+s? (\d{1,3})\b(?!\.)", sentence))
    return Hint(way, amount, frozenset(names | stems), indices, where)


def _where(sentence: str, known: frozenset[str]) -> tuple[str, str] | None:
    found = _WHERE.search(sentence)
    if found is None or found[1] not in known:
        return None
    if found[3]:
        return found[1], f"{'>' if found[2].lower() in ('above', 'over') else '<'} {found[3]}"
    return found[1], {"positive": "> 0", "negative": "< 0"}[found[2].lower()]


def _kin(word: str, name: str) -> bool:
    return any(part == word or part == word.removesuffix("s") for part in name.lower().split("_") if len(part) >= 4)


def attempts(heading: str, text: str, known: frozenset[str]) -> list[Tried]:
    """The list items of a passage about attempts; a line such as "What helped:" counts for the items below it."""
    if not _ATTEMPTS.search(heading):
        return []
    found: list[Tried] = []
    lead = _verdict(heading)
    for line in text.splitlines():
        item = _ITEM.match(line)
        if item is None:
            lead = _verdict(line) if line.strip().endswith(":") else lead
            continue
        said = _verdict(item[1])
        about = words(item[1], known)
        if about:
            found.append(Tried(about, lead if said is None else said))
    return found


def _verdict(text: str) -> bool | None:
    if _BAD.search(text):
        return False
    return True if _GOOD.search(text) else None


def idea(text: str) -> str:
    """What a program's author says it tried, "" if nothing."""
    found = _IDEA.search(text)
    return found[1].strip() if found else ""
