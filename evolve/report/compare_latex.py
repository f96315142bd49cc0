"""A comparison as a table for a paper: LaTeX with booktabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evolve.report import figures
from evolve.report.compare_words import ON_HELD_OUT, amount, probability
from evolve.report.comparison import Comparison, Track
from evolve.report.contest import Contest
from evolve.report.latex import UNICODE_COMMAND, UNICODE_MACRO, escape, figure
from evolve.statistics import Interval

_NONE = "--"


@dataclass(frozen=True, slots=True)
class _Block:
    """Three columns: median, interval and p of every arm, `where` the arms were held against each other."""

    where: str
    medians: Sequence[Interval]
    contests: Sequence[Contest]


def compare_latex(comparison: Comparison) -> str:
    r"""A `table` environment, one row per arm; it needs `\usepackage{booktabs}` and says so.

    Arms stand where they were at the largest equal amounts, and on held-out cases. Every text is escaped.
    """
    blocks = [_at(track) for track in comparison.tracks]
    held_out = [arm.held_out for arm in comparison.arms]
    known = [interval for interval in held_out if interval is not None]
    if comparison.held_out:
        blocks.append(_Block(ON_HELD_OUT, known, comparison.held_out))
    lines = [
        r"\begin{table}",
        r"  \centering",
        f"  \\caption{{{_caption(comparison, blocks)}}}",
        r"  \label{tab:compare}",
        r"  \small",
        f"  \\begin{{tabular}}{{lr{''.join('r@{ }lr' for _ in blocks)}}}",
        *(f"    {line}" for line in _rows(comparison, blocks)),
        r"  \end{tabular}",
        *(f"  \\par\\smallskip\\footnotesize {escape(remark)}" for remark in comparison.remarks),
        r"\end{table}",
    ]
    text = "\n".join(lines)
    head = ["% needs \\usepackage{booktabs}", *([UNICODE_MACRO] if UNICODE_COMMAND in text else [])]
    return "\n".join([*head, text, ""])


def _at(track: Track) -> _Block:
    last = track.checkpoints[-1]
    return _Block(f"at {amount(track.axis, last.amount)}", last.medians, last.contests)


def _rows(comparison: Comparison, blocks: Sequence[_Block]) -> Iterator[str]:
    yield r"\toprule"
    yield "".join([" &", *(f" & \\multicolumn{{3}}{{c}}{{{escape(block.where)}}}" for block in blocks), r" \\"])
    yield " ".join(f"\\cmidrule(lr){{{3 + 3 * index}-{5 + 3 * index}}}" for index in range(len(blocks)))
    yield "arm & runs" + " & median & interval & $p$" * len(blocks) + r" \\"
    yield r"\midrule"
    for index, arm in enumerate(comparison.arms):
        cells = [escape(arm.label), str(len(arm.entrants))]
        for block in blocks:
            median = block.medians[index]
            p = figure(probability(block.contests[index - 1].p)) if index else _NONE
            cells += [figure(figures.number(median.median)), _interval(median), p]
        yield " & ".join(cells) + r" \\"
    yield r"\bottomrule"


def _interval(interval: Interval) -> str:
    if interval.coverage == 0:
        return ""
    low, high = (figure(figures.number(end)) for end in (interval.low, interval.high))
    return f"({low} to {high})"


def _caption(comparison: Comparison, blocks: Sequence[_Block]) -> str:
    coverages = sorted({interval.coverage for block in blocks for interval in block.medians} - {0.0})
    intervals = ""
    if coverages:
        span = " to ".join(f"{100 * each:.3g}" for each in dict.fromkeys((coverages[0], coverages[-1])))
        intervals = f" with distribution-free intervals of {span}\\,\\% coverage"
    contests = [contest for block in blocks for contest in block.contests]
    tests = [
        name
        for name, paired in (("sign-flip tests by run seed", True), ("permutation tests", False))
        if any(contest.paired is paired for contest in contests)
    ]
    corrected = ", corrected for the number of arms (Holm)" if len(comparison.arms) > 2 else ""
    first = escape(comparison.arms[0].label)
    objective = escape(figures.heading(comparison.objective, comparison.unit))
    return (
        f"{escape(comparison.problem)}, {comparison.direction} {objective}: medians of the best of"
        f" each run{intervals}; $p$ of two-sided {' and '.join(tests)} against {first}{corrected}."
    )
