"""Scores a log parser: does it find which lines one statement of a program wrote, and which words in them are values?

Two measures of the literature, each from 0 to 100, and `accuracy` is their mean:

- `grouping`: F1 over templates ("FGA", Jiang et al. 2024, after the grouping accuracy of Zhu et al. 2019). A group of
  lines counts when it is *exactly* the lines of one true template. Precision is the share of the parser's groups that
  count, recall the share of true templates found. Rare templates weigh as much as frequent ones.
- `values`: F1 over values, each the exact place of one value in its line (from character, to character).

A template states which characters never change, so the parser's claims can be checked against the line itself: its
template with its values filled in must give the line back.
"""

import services

LINES = {"search": 300, "holdout": 400}
MARK = "<*>"
SHOWN = 6
"""Mistakes that are shown in the feedback of a case."""


def cases(split):
    made = []
    for name, templates in {"search": services.SEARCH, "holdout": services.HOLDOUT}[split].items():
        written = services.write(templates, services.WORDS[split], f"log_parser:{split}:{name}", LINES[split])
        made.append({"lines": [text for text, _, _ in written], "truth": [row[1:] for row in written]})
    return made


def evaluate(program, case):
    """Both measures of one service's log, and how much of the log is taken for values."""
    lines, truth = case["lines"], case["truth"]
    found = read_answer(program, program.parse(lines), lines)
    grouping = group_f1([template for template, _ in found], [which for _, which in truth])
    values = span_f1([spans for _, spans in found], [spans for spans, _ in truth])
    return {
        "accuracy": 50.0 * (grouping + values),
        "grouping": 100.0 * grouping,
        "values": 100.0 * values,
        "masked": 100.0 * sum(end - start for _, spans in found for start, end in spans) / sum(map(len, lines)),
        "feedback": mistakes(lines, found, truth),
    }


def read_answer(program, answer, lines):
    """`[(template, spans of values), ...]`, one for each line; what does not fit is refused with a sentence."""
    if not isinstance(answer, (list, tuple)) or len(answer) != len(lines):
        what = f"{len(answer)} items" if isinstance(answer, (list, tuple)) else f"a {type(answer).__name__}"
        program.reject(f"parse() returned {what}; it must return a list with a [template, values] for each line")
    found = []
    for number, (row, line) in enumerate(zip(answer, lines, strict=True)):
        if not isinstance(row, (list, tuple)) or len(row) != 2 or not isinstance(row[0], str):
            program.reject(
                f"item {number} of parse() is {shortened(row)}; it must be [template, values], text and a list"
            )
        template, values = row
        if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) and value for value in values):
            program.reject(
                f"the values of item {number} are {shortened(values)}; they must be texts that are not empty"
            )
        found.append((template, read_spans(program, template, values, line)))
    return found


def read_spans(program, template, values, line):
    """Where the values lie in the line. The template with the values filled in must be the line."""
    fixed = template.split(MARK)
    if len(fixed) != len(values) + 1:
        program.reject(f"template {shortened(template)} has {len(fixed) - 1} places {MARK} for {len(values)} values")
    spans, text = [], fixed[0]
    for value, piece in zip(values, fixed[1:], strict=True):
        spans.append((len(text), len(text) + len(value)))
        text += value + piece
    if text != line:
        program.reject(f"template and values give {shortened(text)}, but the line is {shortened(line)}")
    return spans


def shortened(value):
    """As Python writes it, the beginning of it."""
    text = repr(value)
    return text if len(text) <= 160 else text[:160] + "..."


def group_f1(found, true):
    """F1 of groups that are exactly a true one; `found` and `true` name the group of each line."""
    ours, theirs = members(found), members(true)
    return f1(len(ours & theirs), len(ours), len(theirs))


def members(names):
    """The groups as sets of line numbers."""
    groups = {}
    for line, name in enumerate(names):
        groups.setdefault(name, []).append(line)
    return {frozenset(group) for group in groups.values()}


def span_f1(found, true):
    """F1 of values that lie exactly where a true one does."""
    common = sum(len(set(ours) & set(theirs)) for ours, theirs in zip(found, true, strict=True))
    return f1(common, sum(map(len, found)), sum(map(len, true)))


def f1(common, found, true):
    """The harmonic mean of precision and recall; 0 where nothing was found."""
    return 2.0 * common / (found + true) if common else 0.0


def mistakes(lines, found, truth):
    """One example for each of some true templates that came out wrong: what was wanted, and what the parser said."""
    told, seen = [], set()
    for line, (template, spans), (true_spans, which) in zip(lines, found, truth, strict=True):
        if which in seen or set(spans) == set(true_spans) or len(told) == SHOWN:
            continue
        seen.add(which)
        told.append(f"wanted: {marked(line, true_spans)}\n   got: {template}")
    return "\n".join(told)


def marked(line, spans):
    """The line with a mark in place of each value."""
    for start, end in sorted(spans, reverse=True):
        line = line[:start] + MARK + line[end:]
    return line
